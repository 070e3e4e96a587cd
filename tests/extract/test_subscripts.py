"""Item accesses: the implicit calls of `[...]` and `in`."""

from __future__ import annotations

import pytest

from fwaudit.model.facts import read_body
from tests.extract.projection import facts_of, shown


def accesses(source: str) -> list[str]:
    """Every item access, scope by scope: the container, the method, and the text on the first line that its span covers."""
    facts = facts_of(source)
    first = source.partition("\n")[0]
    found = []
    for scope in facts.scopes:
        body = read_body(scope)
        for item in body.items:
            _, column, _, end = facts.span(item.span)
            found.append(f"{shown(body, item.value)} {item.method} {first[column - 1 : end - 1]}")
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = d[k]", ["d __getitem__ d[k]"]),
        ("x = d[1:2, k]", ["d __getitem__ d[1:2, k]"]),
        ("x = a.b[c[k]]", ["c __getitem__ c[k]", "a.b __getitem__ a.b[c[k]]"]),
        ("x = d[k][m]", ["d __getitem__ d[k]", "d[k] __getitem__ d[k][m]"]),
        ("d[k] = e[k]", ["e __getitem__ e[k]", "d __setitem__ d[k]"]),
        ("d[k], *e[m] = v", ["d __setitem__ d[k]", "e __setitem__ e[m]"]),
        ("d[k]: int = v", ["d __setitem__ d[k]"]),
        ("d[k] += e[m]", ["d __getitem__ d[k]", "e __getitem__ e[m]", "d __setitem__ d[k]"]),
        ("del d[k], (e[m], f)", ["d __delitem__ d[k]", "e __delitem__ e[m]"]),
        ("for d[k] in v: pass", ["d __setitem__ d[k]"]),
        ("with v as d[k]: pass", ["d __setitem__ d[k]"]),
        ("[x for d[k] in v]", ["d __setitem__ d[k]"]),
        ("x = (k in d)", ["d __contains__ k in d"]),
        ("if k not in d: pass", ["d __contains__ k not in d"]),
        ("x = a in b < c not in d", ["b __contains__ a in b < c not in d", "d __contains__ a in b < c not in d"]),
        ("x = k in d[m]", ["d __getitem__ d[m]", "d[m] __contains__ k in d[m]"]),
        ("f = lambda: d[k]", ["d __getitem__ d[k]"]),
        ("@d[k]\ndef f(): pass", ["d __getitem__ d[k]"]),
    ],
)
def test_every_access_is_found(source: str, expected: list[str]) -> None:
    """Each access is recorded with its container, its method and its place, in evaluation order."""
    assert accesses(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "x = d.get(k)",
        "x = len(d)",
        "x = a < b is c",
        "for k in d: pass",
        "x = [k]",
        "d[k]: int",
        "x: dict[str, list[int]] = v",
        "x: 'dict[str, int]' = v",
        "x: Annotated[T, f(d[k])] = v",
        "x: Literal['a'] = v",
        "x: 'Annotated[T, f(lambda: d[k])]' = v",
        "x: TypeAlias = dict[str, int]",
        "x = cast('list[int]', v)",
        "def f(a: list[int], *b: tuple[int], **c: 'dict[str, int]') -> set[int]: pass",
        "class C(Base[int], Generic[T]): pass",
        "type X[T: list[int]] = dict[str, T]",
        "def f[T: list[int]](a: T): pass",
        "match d:\n    case {'k': v}: pass",
    ],
)
def test_what_is_no_access(source: str) -> None:
    """Types, base classes, patterns, declarations and other comparisons access no item."""
    assert accesses(source) == []


def test_code_beside_types_is_accessed() -> None:
    """A default and the body are no annotation, nor is a lambda inside one; a class's keyword is no base."""
    assert accesses("def f(a: list[int] = d[k]): return e[m]") == ["d __getitem__ d[k]", "e __getitem__ e[m]"]
    assert accesses("x: Annotated[T, f(lambda: d[k])] = v") == ["d __getitem__ d[k]"]
    assert accesses("class C(Base[int], key=d[k]): pass") == ["d __getitem__ d[k]"]
