"""Shell text to its simple commands, tolerantly and in one pass.

Not `shlex`: it keeps no line for a word, loses all that follows an open quote, and takes no here-documents.
Nothing is expanded: `${PORT:-80}` and `$(nproc)` stay the text that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
_GIVEN = re.compile(r"(?P<name>[A-Za-z_]\w*)\+?=(?P<value>.*)", re.DOTALL | re.ASCII)
_USED = re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)\}?", re.ASCII)
_USED_LIST = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*)\[[@*]\]\}", re.ASCII)
_DECLARING = ("declare", "export", "local", "readonly", "typeset")
_VARIABLES_LIMIT = 200
_VALUES_LIMIT = 4
_VALUE_LIMIT = 4_000
_USES_LIMIT = 1_000
"""Variables of one text that are noted, values of one (of a condition's branches), characters of a value, and commands made of them."""
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

    A `cd` in parentheses holds there only. A variable in the place of the command is what the text gave it, each of the values in turn.
    """
    folders = [folder]
    variables = _Variables()
    for written, end in _simple_commands(text, line):
        words = tuple(dropwhile(lambda word: word.text in _KEYWORDS, written))
        variables.note(words, end)
        if words and words[0].text in ("cd", "pushd"):
            folders[-1] = inside(folders[-1], words[1].text if len(words) > 1 else "")
        elif words:
            yield from (Command(one, folders[-1], is_process) for one in variables.put_into(words))
        if end == "(" and len(folders) < 50:
            folders.append(folders[-1])
        elif end == ")" and len(folders) > 1:
            folders.pop()


class _Variables:
    """The command lines and lists of words that a text gives variables: `cmd="exec gunicorn app:app"`, `args=(app:app --reload)`."""

    def __init__(self) -> None:
        self._lines: dict[str, list[tuple[Word, ...]]] = {}
        self._lists: dict[str, list[Word]] = {}
        self._growing: set[str] = set()
        self._open = ""
        self._uses = 0

    def note(self, words: tuple[Word, ...], end: str) -> None:
        """Notes what one simple command gives a variable, also after `export` and the like; `end` is the operator after it."""
        if self._open:
            if self._open not in self._growing and len(self._lists[self._open]) < WORD_LIMIT:
                self._lists[self._open] += words
            self._open = self._open if end == "\n" else ""
            return
        if len(words) > 2 or not words or "=" not in words[-1].text:
            return
        told = words[1:] if words[0].text in _DECLARING else words
        given = _GIVEN.fullmatch(told[0].text) if len(told) == 1 else None
        if given is None or len(self._lines) + len(self._lists) >= _VARIABLES_LIMIT:
            return
        name, value = given["name"], given["value"]
        if not value and end == "(":
            self._open = name
            if name in self._lists:  # what is put in later may hang on a condition
                self._growing.add(name)
            self._lists.setdefault(name, [])
        elif len(value) < _VALUE_LIMIT and len(values := self._lines.setdefault(name, [])) < _VALUES_LIMIT:
            inner = next(_simple_commands(value, told[0].line), ([], ""))[0] if value else []
            values.append(tuple(replace(word, line=told[0].line) for word in inner))

    def put_into(self, words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
        """The command with its lists, and with each value of the variable that stands in its place or behind `exec` and `eval`."""
        if self._uses >= _USES_LIMIT or not (self._lines or self._lists):
            return [words]
        full = tuple(one for word in words for one in self._items(word))[:WORD_LIMIT]
        place = 1 if len(full) > 1 and full[0].text in ("eval", "exec") else 0
        used = _USED.fullmatch(full[place].text) if full else None
        found = [(*full[:place], *value, *full[place + 1 :])[:WORD_LIMIT] for value in self._lines.get(used["name"], ())] if used else []
        found = [one for one in found if one] or ([full] if full else [words])
        self._uses += len(found) if found != [words] else 0
        return found

    def _items(self, word: Word) -> tuple[Word, ...]:
        """The words of a list in its place; behind those of one that grows stands its name, for those that are not known."""
        used = _USED_LIST.fullmatch(word.text)
        if used is None or used["name"] not in self._lists:
            return (word,)
        items = tuple(self._lists[used["name"]])
        return (*items, word) if used["name"] in self._growing else items


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
