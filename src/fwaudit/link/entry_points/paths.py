"""Paths as registrations write them."""

from __future__ import annotations

import re

from fwaudit.catalog.index import HandlerRow
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.texts import UNKNOWN_TEXT, is_writable
from fwaudit.model import facts

UNKNOWN_PATH = UNKNOWN_TEXT
_VERSION = re.compile("/\0([^\0]*)\0")
"""A version where a router or a route writes it; it is put first when the path is whole."""


def paths_written(row: HandlerRow, call: Arguments) -> tuple[str, ...]:
    """The paths that a registration writes, `<unknown>` for those that are no literals; none where the row names no argument for them."""
    position, keyword = row.row.path_position, row.row.path_keyword
    if position < 0 and not keyword:
        return () if row.row.default_path is None else (row.row.default_path,)
    first = call.index(position, keyword)
    if first is None or call.frame is None or call.expression is None:
        if position < 0:
            return ()
        return (UNKNOWN_PATH if row.row.default_path is None else row.row.default_path,)
    written = call.expression.arguments[position:] if row.row.more_paths and position >= 0 else ()
    found: list[str] = []
    for index in written or (first,):
        frame, place = call.place_of(index)
        expression = frame.function.body.expressions[place]
        for item in expression.items if isinstance(expression, facts.Display) else (place,):
            text = call.text_at(frame, item)
            found.append(UNKNOWN_PATH if text is None else text)
    return tuple(dict.fromkeys(found))


def prefix_written(arguments: Arguments, position: int, keyword: str) -> str | None:
    """The prefix that an argument gives: None where there is none, `<unknown>` where it is no literal."""
    index = arguments.index(position, keyword)
    if index is None or arguments.frame is None:
        return None
    frame, place = arguments.place_of(index)
    expression = frame.function.body.expressions[place]
    if isinstance(expression, facts.Constant):
        if expression.kind != "str":
            return None
        return expression.text if is_writable(expression.text) else UNKNOWN_PATH
    text = arguments.text_at(frame, place)
    return UNKNOWN_PATH if text is None else text


def mentions_text(body: facts.Body, text: str) -> bool:
    """Whether the body writes `text` as a keyword of a call or as a string: `kwargs.setdefault("url_prefix", name)`."""
    return any(
        (isinstance(one, facts.Constant) and one.kind == "str" and one.text == text)
        or (isinstance(one, facts.Call) and any(name == text for name, _ in one.keywords))
        for one in body.expressions
    )


def version_written(keyword: str, arguments: Arguments) -> str:
    """The version that an argument gives, to stand in a path until `with_version`; "" where there is none."""
    index = arguments.index(-1, keyword) if keyword else None
    if index is None or arguments.frame is None:
        return ""
    expression = arguments.frame.function.body.expressions[index]
    if isinstance(expression, facts.Constant):
        if expression.kind == "None":
            return ""
        if is_writable(expression.text):
            return f"/\0{expression.text.strip('/').lstrip('v')}\0"
    return f"/\0{UNKNOWN_PATH}\0"


def with_version(path: str) -> str:
    """The whole path with the innermost of its versions first."""
    versions = _VERSION.findall(path)
    return f"/v{versions[-1]}{_VERSION.sub('', path)}" if versions else path


def join_path(prefix: str, path: str) -> str:
    """A path below a prefix, with one slash between them; "" where both are."""
    return prefix.rstrip("/") + ("/" + path.lstrip("/") if path else "")
