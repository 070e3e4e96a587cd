"""Type expressions: the small language in which tables say what a call gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

UNION = "|"
PLAIN_WORDS = frozenset({"self", "own", "element", "None", "unknown"})
GENERIC_WORDS = frozenset({"awaitable", "iterator", "async_iterator", "context", "async_context"})
POSITION_WORDS = frozenset({"argument", "instance", "result", "element", "awaited", "entered"})
"""Words that take an argument: `argument:0`, `argument:key`."""
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class TypeExpression:
    """One type. `name` is

    - a dotted class name, its elements' types in `arguments`;
    - `|`, the members in `arguments`;
    - a word of the language (`self`, `None`, `awaitable`, ...), what stands in its brackets in `arguments`;
    - `argument`, `instance`, `result`, `element`, `awaited` or `entered` of the argument at `position`, or of the one named `keyword`;
    - `class`, the class in `arguments`.
    """

    name: str
    arguments: tuple[TypeExpression, ...] = ()
    position: int = -1
    keyword: str = ""

    def __str__(self) -> str:
        """The expression as a table spells it."""
        if self.name == UNION:
            return " | ".join(str(member) for member in self.arguments)
        if self.name == "class":
            return f"class:{self.arguments[0]}"
        if self.keyword or self.position >= 0:
            return f"{self.name}:{self.keyword or self.position}"
        inner = f"[{', '.join(str(argument) for argument in self.arguments)}]" if self.arguments else ""
        return self.name + inner


@cache
def parse_type(text: str) -> TypeExpression:
    """The expression that `text` spells; raises ValueError that says what is wrong."""
    if text.count("[") + text.count("class:") > _DEEPEST:  # each is read inside the one before, and a workspace may bring tables of its own
        raise ValueError("a type is nested too deeply")
    expression, rest = _union(text.replace(" ", ""))
    if rest:
        raise ValueError(f"`{rest}` is left over in the type `{text}`")
    return expression


def class_names(expression: TypeExpression) -> tuple[str, ...]:
    """Every class that `expression` names, in order."""
    own = (expression.name,) if "." in expression.name else ()
    return own + tuple(name for argument in expression.arguments for name in class_names(argument))


def _union(text: str) -> tuple[TypeExpression, str]:
    first, rest = _single(text)
    members = [first]
    while rest.startswith("|"):
        member, rest = _single(rest[1:])
        members.append(member)
    return (first if len(members) == 1 else TypeExpression(UNION, tuple(members))), rest


def _single(text: str) -> tuple[TypeExpression, str]:
    end = next((index for index, letter in enumerate(text) if letter in "[],|"), len(text))
    word, rest = text[:end], text[end:]
    if word.startswith("class:"):
        inner, _ = _single(word[len("class:") :])
        return TypeExpression("class", (inner,)), rest
    prefix, colon, argument = word.partition(":")
    if colon:
        return _of_argument(prefix, argument), rest
    _check_word(word)
    if not rest.startswith("["):
        if word in GENERIC_WORDS:
            raise ValueError(f"`{word}` needs its type in brackets: `{word}[unknown]`")
        return TypeExpression(word), rest
    arguments, rest = _arguments(rest[1:])
    if word in PLAIN_WORDS:
        raise ValueError(f"`{word}` takes no brackets")
    return TypeExpression(word, arguments), rest


def _of_argument(word: str, argument: str) -> TypeExpression:
    if word not in POSITION_WORDS:
        raise ValueError(f"`{word}:{argument}` is not a type: before the colon stands class, {', '.join(sorted(POSITION_WORDS))}")
    if argument.isdecimal():
        return TypeExpression(word, position=int(argument))
    if argument.isidentifier():
        return TypeExpression(word, keyword=argument)
    raise ValueError(f"`{word}:{argument}` is not a type: after the colon stands a position or a keyword")


def _arguments(text: str) -> tuple[tuple[TypeExpression, ...], str]:
    found: list[TypeExpression] = []
    rest = "," + text
    while rest.startswith(","):
        argument, rest = _union(rest[1:])
        found.append(argument)
    if not rest.startswith("]"):
        raise ValueError("a bracket is not closed in a type")
    return tuple(found), rest[1:]


def _check_word(word: str) -> None:
    if word in PLAIN_WORDS or word in GENERIC_WORDS:
        return
    parts = word.split(".")
    if len(parts) < 2:
        known = ", ".join(sorted(PLAIN_WORDS | GENERIC_WORDS))
        raise ValueError(f"`{word}` is neither a dotted class name (`builtins.str`) nor one of {known}")
    if not all(part.isidentifier() for part in parts):
        raise ValueError(f"`{word}` is not a dotted name")
