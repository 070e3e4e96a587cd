"""LibCST's parser, told to build no more of the tree than facts are read from.

LibCST makes a Python object of every blank and comment, and checks each node that it makes as if a person had put it together.
Without both a parse takes a quarter less time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import libcst as cst

_BLANK = cst.SimpleWhitespace("")
_WHITE_SPACE = ("Comment", "EmptyLine", "Newline", "ParenthesizedWhitespace", "SimpleWhitespace", "TrailingWhitespace")
"""The nodes that nobody reads; the parser looks their classes up in `libcst`, by name, whenever it makes one."""


def parse_for_facts(content: bytes) -> cst.Module:
    """The tree of the content, with one and the same blank in place of all white space and comments.

    It must not be printed, and `PositionProvider` cannot measure it: that takes `libcst.parse_module`.
    """
    with _building_less():
        return cst.parse_module(content)


@contextmanager
def _building_less() -> Iterator[None]:
    replaced: list[tuple[object, str, Callable[..., object]]] = [(cst, name, _blank) for name in _WHITE_SPACE]
    replaced.append((cst.CSTNode, "__post_init__", _trust))
    usual = [getattr(owner, name) for owner, name, _ in replaced]
    for owner, name, instead in replaced:
        setattr(owner, name, instead)
    try:
        yield
    finally:
        for (owner, name, _), before in zip(replaced, usual, strict=True):
            setattr(owner, name, before)


def _blank(**_: object) -> cst.SimpleWhitespace:
    return _BLANK


def _trust(_: cst.CSTNode) -> None:
    """Takes the place of the check of a node's parts."""
