"""Shell text to its simple commands, tolerantly and in one pass.

Not `shlex`: it keeps no line for a word, loses all that follows an open quote, and takes no here-documents.
Nothing is expanded: `${PORT:-80}` and `$(nproc)` stay the text that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile

from fwaudit.manifests.text import inside

_TOKEN = re.compile(
    r"""
    (?P<continued>\\\r?\n)
    |(?P<escaped>\\.)
    |'(?P<single>[^']*)'
    |"(?P<double>(?:\\.|[^"\\])*)"
    |(?P<expansion>\$\{[^}\n]{0,500}\}|`[^`\n]{0,500}`)
    |(?P<blank>[ \t\r\f\v]+)
    |(?P<comment>\#[^\n]*)
    |<<-?[ \t]*(?P<quote>['"]?)(?P<document>\w+)(?P=quote)
    |(?P<redirect>\d?(?:>>|>\||>&|<&|<<<|>|<|&>>|&>))
    |(?P<end>\n|&&|\|\||;;|;|\||&|\(|\))
    |(?P<plain>[^\s\\'"$`\#<>|&;()]+(?:\(\))?|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PARENTHESIS = re.compile(r"[()\n]")
_ESCAPED_IN_QUOTES = re.compile(r'\\(["\\$`])')
_KEYWORDS = frozenset({"if", "then", "else", "elif", "while", "until", "do", "!", "{", "}", "fi", "done"})
WORD_LIMIT = 2_000
"""The most words of one command that are kept."""
_DOCUMENT_LIMIT = 50
"""The most here-documents of one text: the end of each is looked for."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command line, without its quotes, and its line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command, and the folder where it runs, as far as that is known."""

    words: tuple[Word, ...]
    folder: str
    is_process: bool = False
    """Whether the manifest says that this is what a process runs: Procfile, CMD, ExecStart; not one step of a script."""
    variables: tuple[tuple[str, str], ...] = ()
    """What is known of its environment."""
    image: str = ""
    """The image of a container that is started without a command; then there are no words but the image's."""
    stage: str = ""
    """The name of the stage of a Dockerfile that runs it."""


def split_commands(text: str, line: int, folder: str, *, is_process: bool = False) -> Iterator[Command]:
    """The simple commands of `text`, whose first line is `line`; each runs where the `cd`s before it lead.

    A `cd` in parentheses holds there only.
    """
    folders = [folder]
    for written, end in _simple_commands(text, line):
        words = tuple(dropwhile(lambda word: word.text in _KEYWORDS, written))
        if words and words[0].text in ("cd", "pushd"):
            folders[-1] = inside(folders[-1], words[1].text if len(words) > 1 else "")
        elif words:
            yield Command(words, folders[-1], is_process)
        if end == "(" and len(folders) < 50:
            folders.append(folders[-1])
        elif end == ")" and len(folders) > 1:
            folders.pop()


def _simple_commands(  # noqa: C901, PLR0912  one scanner, one loop
    text: str, line: int
) -> Iterator[tuple[list[Word], str]]:
    """The words between two operators, and the operator after them. Redirections are left out."""
    words: list[Word] = []
    parts: list[str] = []
    is_word = is_target = False
    waiting: list[str] = []
    position, length = 0, len(text)
    start, documents = line, 0
    closed = _closed_parentheses(text) if "$(" in text else {}
    while position < length:
        token = _TOKEN.match(text, position)
        assert token is not None, "the last branch takes any character"
        kind, position = token.lastgroup or "", token.end()
        if token[0] == "$" and position in closed:
            kind, position = "expansion", closed[position]
        if kind == "comment" and is_word:
            kind, position = "plain", token.start() + 1
        written = text[token.start() : position]
        if kind in ("single", "double", "escaped", "expansion", "plain"):
            if not is_word:
                is_word, start = True, line
            parts.append(_unquoted(kind, token, written))
        else:
            if is_word and kind != "continued":
                if not is_target and len(words) < WORD_LIMIT:
                    words.append(Word("".join(parts), start))
                parts, is_word, is_target = [], False, False
            if kind == "redirect":
                is_target = True
            elif kind == "document":
                documents += 1
                if documents <= _DOCUMENT_LIMIT:
                    waiting.append(token["document"])
            elif kind == "end":
                is_target = False
                yield words, written
                words = []
                if written == "\n" and waiting:
                    position, skipped = _after_documents(text, position, waiting)
                    line += skipped
                    waiting = []
        line += written.count("\n")
    if is_word and not is_target:
        words.append(Word("".join(parts), start))
    yield words, ""


def _closed_parentheses(text: str) -> dict[int, int]:
    """For each parenthesis that is closed in its line, where it begins and the place after its end."""
    closed: dict[int, int] = {}
    opened: list[int] = []
    for mark in _PARENTHESIS.finditer(text):
        if mark[0] == "(":
            opened.append(mark.start())
        elif mark[0] == "\n":
            opened.clear()
        elif opened:
            closed[opened.pop()] = mark.end()
    return closed


def _unquoted(kind: str, token: re.Match[str], written: str) -> str:
    """What the token adds to its word."""
    if kind == "single":
        return token["single"]
    if kind == "double":
        return _ESCAPED_IN_QUOTES.sub(r"\1", token["double"])
    return written[1:] if kind == "escaped" else written


def _after_documents(text: str, position: int, names: list[str]) -> tuple[int, int]:
    """Where the here-documents that begin at `position` end, and how many lines they have; one without an end is none."""
    lines = 0
    for name in names:
        end = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*\r?$", re.MULTILINE).search(text, position)
        if end is None:
            break
        after = min(end.end() + 1, len(text))
        lines += text.count("\n", position, after)
        position = after
    return position, lines
