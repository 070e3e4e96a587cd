"""The part of YAML that manifests are written in, with lines.

An own reader, because PyYAML's C loader dies of deep nesting, its Python loader needs seconds for a megabyte and hangs on what
aliases multiply, and neither reads a template of Helm. This one is linear and bounded, and what it does not know it leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fwaudit.manifests.text import ManifestError, lines_of

_DEPTH_LIMIT = 50
_LINE_LIMIT = 20_000
"""The most characters of one line that are read, and of one bracket or quote over several lines."""
_VISIT_LIMIT = 50_000
_ALIASED_LIMIT = 100_000
"""The most nodes that stand in place of the aliases of a stream, each counted as often as it is named: real files hold some thousands."""
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'\[\]{},#&*!|>%@`][^#\n]{0,500}?)[ \t]{0,20}:(?=[ \t]|$)""")
_PROPERTY = re.compile(r"(?:&(?P<anchor>\S+)|!\S*)(?:\s+|$)")
_BLOCK = re.compile(r"(?P<style>[|>])[-+0-9]{0,3}\s*(?:#.*)?")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_TEMPLATE = re.compile(r"\s*\{\{.*\}\}\s*")
_FLOW = re.compile(
    r"""
    \s*(?:
        (?P<comment>\#[^\n]*)
        |(?P<open>[\[{])
        |(?P<close>[\]}])
        |(?P<mark>[,:])
        |"(?P<double>(?:[^"\\]|\\[\s\S])*)"
        |'(?P<single>(?:[^']|'')*)'
        |(?P<plain>(?:[^\s,\[\]{}:"']|:(?!\s|$|[,\[\]{}])|[ \t]+(?=[^\s,\[\]{}:\#])|(?<=\S)["'])+)
    )
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r'\\(["\\/ nt])')


@dataclass(slots=True)
class Node:
    """A scalar, sequence or mapping, and its line. All scalars are texts."""

    line: int
    value: str | list[Node] | dict[str, Node]

    def get(self, *path: str) -> Node | None:
        """What stands under the keys; None if nothing does."""
        found: Node | None = self
        for key in path:
            found = found.value.get(key) if found is not None and isinstance(found.value, dict) else None
        return found

    @property
    def text(self) -> str:
        """The scalar; "" for anything else."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def items(self) -> list[Node]:
        """The items of a sequence; none for anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def entries(self) -> dict[str, Node]:
        """The entries of a mapping; none for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def mappings(self) -> Iterator[dict[str, Node]]:
        """Every mapping in it, a bounded number: an alias is visited where it stands."""
        waiting = [self]
        for _ in range(_VISIT_LIMIT):
            if not waiting:
                return
            node = waiting.pop()
            if isinstance(node.value, dict):
                yield node.value
                waiting.extend(reversed(list(node.value.values())))
            elif isinstance(node.value, list):
                waiting.extend(reversed(node.value))


def read_yaml(text: str) -> list[Node]:
    """The documents of a stream. Raises ManifestError for a bracket or quote without an end, and for what is nested too deeply."""
    documents: list[list[_Line]] = [[]]
    for number, line in enumerate(lines_of(text), start=1):
        if line.startswith("---") and not line[3:4].strip():
            documents.append([])
            line = "   " + line[3:]  # noqa: PLW2901  what may follow on the same line
        documents[-1].append(_Line(number, len(line) - len(line.lstrip(" ")), line.strip()[:_LINE_LIMIT], line))
    budget = _Budget(_ALIASED_LIMIT)
    parsed = [_Parser(lines, _Anchors(budget)).document() for lines in documents]
    return [node for node in parsed if node is not None]


@dataclass(slots=True)
class _Budget:
    """How many nodes may still stand in place of aliases."""

    left: int


@dataclass(slots=True)
class _Anchors:
    """The nodes of a document that have names. An alias stands for its node, and counts as all that is in it."""

    budget: _Budget
    nodes: dict[str, tuple[Node, int]] = field(default_factory=dict)

    def note(self, name: str, node: Node) -> None:
        """Gives the node a name, and remembers its size."""
        self.nodes[name] = node, self._size_of(node)

    def find(self, alias: str, line: int) -> Node:
        """The node that `*name` stands for; an empty text if there is none. Raises ManifestError where aliases multiply."""
        node, size = self.nodes.get(alias.removeprefix("*"), (Node(line, ""), 0))
        self.budget.left -= size
        if self.budget.left < 0:
            raise ManifestError(line, f"its aliases stand for more than {_ALIASED_LIMIT:,} nodes: write out what they repeat")
        return node

    def _size_of(self, node: Node) -> int:
        """How many nodes are in it. What aliases stand for was paid for when they were read, and is there to be counted again."""
        size, waiting = 0, [node]
        while waiting:
            found = waiting.pop()
            size += 1
            waiting.extend(found.items or found.entries.values())
        return size


@dataclass(slots=True)
class _Line:
    number: int
    indent: int
    content: str
    raw: str

    @property
    def is_blank(self) -> bool:
        return not self.content or self.content[0] in "#%" or _TEMPLATE.fullmatch(self.content) is not None


@dataclass(slots=True)
class _Parser:
    lines: list[_Line]
    anchors: _Anchors
    place: int = 0

    def document(self) -> Node | None:
        line = self._next()
        return self._block(line.indent, 0) if line is not None else None

    def _next(self) -> _Line | None:
        """The next line that says something."""
        while self.place < len(self.lines) and self.lines[self.place].is_blank:
            self.place += 1
        return self.lines[self.place] if self.place < len(self.lines) else None

    def _block(self, indent: int, depth: int) -> Node:
        line = self._next()
        assert line is not None, "asked for only where a line follows"
        if depth > _DEPTH_LIMIT:
            raise ManifestError(line.number, f"is nested more than {_DEPTH_LIMIT} deep")
        if line.content == "-" or line.content.startswith("- "):
            return self._sequence(line.indent, depth)
        if _KEY.match(line.content):
            return self._mapping(line.indent, depth)
        self.place += 1
        return self._value(line.content, line, indent - 1, depth)

    def _sequence(self, indent: int, depth: int) -> Node:
        items: list[Node] = []
        start = self.lines[self.place].number
        while (line := self._next()) is not None and line.indent == indent and (line.content == "-" or line.content.startswith("- ")):
            rest = line.content[1:].lstrip()
            if not rest or rest.startswith("#"):
                self.place += 1
                items.append(self._nested(line, indent, depth))
            elif _KEY.match(rest) or rest.startswith("- "):
                inner = indent + len(line.content) - len(rest)
                self.lines[self.place] = _Line(line.number, inner, rest, line.raw)
                items.append(self._block(inner, depth + 1))
            else:
                self.place += 1
                items.append(self._value(rest, line, indent, depth))
        return Node(start, items)

    def _mapping(self, indent: int, depth: int) -> Node:
        entries: dict[str, Node] = {}
        bases: list[Node] = []
        start = self.lines[self.place].number
        while (line := self._next()) is not None and line.indent == indent:
            key = _KEY.match(line.content)
            self.place += 1
            if key is None:
                continue
            name = key[1].strip("\"'") if key[1][0] in "\"'" else key[1]
            value = self._value(line.content[key.end() :].strip(), line, indent, depth)
            if name == "<<":
                bases.append(value)
            else:
                entries[name] = value
        # A line that stands deeper or between is no entry: it is left out, so that the rest can be read.
        while (line := self._next()) is not None and line.indent > indent:
            self.place += 1
        for base in bases:
            _merge(entries, base)
        return Node(start, entries)

    def _nested(self, line: _Line, indent: int, depth: int) -> Node:
        """The block below a key or a dash; an empty text if there is none."""
        below = self._next()
        if below is not None and below.indent > indent:
            return self._block(below.indent, depth + 1)
        if below is not None and below.indent == indent and below.content.startswith("- ") and not line.content.startswith("-"):
            return self._sequence(indent, depth + 1)
        return Node(line.number, "")

    def _value(self, rest: str, line: _Line, indent: int, depth: int) -> Node:
        """What stands after a key or a dash, with the lines that it goes on in."""
        anchor = ""
        while (found := _PROPERTY.match(rest)) is not None:
            anchor = found["anchor"] or anchor
            rest = rest[found.end() :]
        if not rest or rest.startswith("#"):
            node = self._nested(line, indent, depth)
        elif rest.startswith("*"):
            node = self.anchors.find(rest.split()[0], line.number)
        elif block := _BLOCK.fullmatch(rest):
            node = self._scalar_block(line, indent, is_folded=block["style"] == ">")
        elif rest[0] in "[{" and not rest.startswith("{{"):
            node = _read_flow(self._until_closed(rest, line), line.number, self.anchors)
        elif rest[0] in "\"'":
            node = Node(line.number, _unquote(self._until_closed(rest, line)))
        else:
            node = Node(line.number, self._plain(rest, indent))
        if anchor:
            self.anchors.note(anchor, node)
        return node

    def _plain(self, rest: str, indent: int) -> str:
        parts = [_COMMENT.sub("", rest).strip()]
        while (line := self._next()) is not None and line.indent > indent and not _KEY.match(line.content):
            parts.append(_COMMENT.sub("", line.content).strip())
            self.place += 1
        return " ".join(parts)

    def _scalar_block(self, line: _Line, indent: int, *, is_folded: bool) -> Node:
        lines: list[str] = []
        first = self.place
        while self.place < len(self.lines):
            below = self.lines[self.place]
            if below.raw.strip() and below.indent <= indent:
                break
            lines.append(below.raw.strip() if is_folded else below.raw)
            self.place += 1
        start = self.lines[first].number if first < len(self.lines) else line.number
        return Node(start, (" " if is_folded else "\n").join(lines).strip("\n"))

    def _until_closed(self, rest: str, line: _Line) -> str:
        """`rest` with the lines up to where its brackets or its quote are closed."""
        parts = [rest]
        size = len(rest)
        state = _Closing()
        while not state.is_closed_after(parts[-1]):
            size += len(self.lines[self.place].content) + 1 if self.place < len(self.lines) else 0
            if self.place >= len(self.lines) or size > _LINE_LIMIT:
                raise ManifestError(line.number, "a bracket or quote is never closed")
            parts.append(self.lines[self.place].content)
            self.place += 1
        return "\n".join(parts)


@dataclass(slots=True)
class _Closing:
    """Whether all brackets and quotes of the text so far are closed."""

    depth: int = 0
    quote: str = ""

    def is_closed_after(self, text: str) -> bool:
        escaped = False
        for place, character in enumerate(text):
            if escaped:
                escaped = False
            elif self.quote:
                escaped = character == "\\" and self.quote == '"'
                self.quote = "" if character == self.quote else self.quote
            elif character in "\"'" and (place == 0 or text[place - 1] in " [{,:"):
                self.quote = character
            elif character == "#" and (place == 0 or text[place - 1] == " "):
                break
            else:
                self.depth += (character in "[{") - (character in "]}")
        return self.depth <= 0 and not self.quote


def _unquote(text: str) -> str:
    """The text in the quotes that it begins with."""
    quote = text[0]
    if quote == "'":
        end = re.match(r"'((?:[^']|'')*)'", text)
        return end[1].replace("''", "'").replace("\n", " ") if end else text[1:]
    end = re.match(r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    body = end[1] if end else text[1:]
    return _ESCAPE.sub(lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), body.replace("\\\n", "").replace("\n", " "))


def _merge(entries: dict[str, Node], given: Node | None) -> None:
    """Adds what the value of a key `<<` holds, a mapping or a sequence of them: own entries count before it, earlier ones before later."""
    for base in (given, *given.items) if given is not None else ():
        for name, value in base.entries.items():
            entries.setdefault(name, value)


def _read_flow(text: str, first: int, anchors: _Anchors) -> Node:
    """The sequence or mapping that is written in brackets. Raises ManifestError for what is nested too deeply."""
    root = Node(first, [])
    stack = [root]
    keys: list[str | None] = [None]
    position = 0
    while (token := _FLOW.match(text, position)) is not None and token.end() > position:
        line = first + text.count("\n", 0, token.end()) if len(text) < 5_000 else first
        position = token.end()
        if token["open"]:
            node = Node(line, [] if token["open"] == "[" else {})
            _put(stack[-1], keys, node)
            stack.append(node)
            keys.append(None)
            if len(stack) > _DEPTH_LIMIT:
                raise ManifestError(line, f"is nested more than {_DEPTH_LIMIT} deep")
        elif token["close"]:
            _merge(stack[-1].entries, stack[-1].entries.pop("<<", None))
            if len(stack) == 2:
                break
            stack.pop()
            keys.pop()
        elif token["mark"] is None and token["comment"] is None:
            scalar = token["double"] if token["double"] is not None else token["single"]
            written = token["plain"].strip() if scalar is None else _unquote(token[0].strip())
            is_alias = written.startswith("*") and scalar is None
            _put(stack[-1], keys, anchors.find(written, line) if is_alias else Node(line, written))
        elif token["mark"] == ",":
            keys[-1] = None
    return root.items[0] if root.items else root


def _put(owner: Node, keys: list[str | None], node: Node) -> None:
    """Adds the node to a sequence; in a mapping it is a key, or the value of the last one."""
    if isinstance(owner.value, list):
        owner.value.append(node)
    elif isinstance(owner.value, dict):
        key = keys[-1]
        if key is None:
            keys[-1] = node.text
            owner.value[node.text] = Node(node.line, "")
        else:
            owner.value[key] = node
