"""`__all__`."""

from __future__ import annotations

import pytest

from tests.extract.projection import facts_of


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", None),
        ("__all__ = []", ()),
        ("__all__ = ['a', 'b']", ("a", "b")),
        ("__all__ = ('a',) + ('b',)", ("a", "b")),
        ("__all__: list[str] = ['a']", ("a",)),
        ("__all__ = ['a']\n__all__ += ['b']\n__all__.extend(['c'])\n__all__.append('d')", ("a", "b", "c", "d")),
        ("__all__ = ['a'] + sub.__all__", None),
        ("__all__ = ['a']\n__all__ += sub.__all__", None),
        ("__all__ = ['a', *sub.__all__]", None),
        ("__all__ = ['a']\n__all__.append(name)", None),
        ("__all__ = ['a'] + sub.__all__\n__all__ = ['b']", ("b",)),
        ("__all__ = sub.__all__", None),
        ("__all__ = [*sub.__all__]", None),
        ("__all__ = ['a']\n__all__ = ['b']", ("b",)),
        ("def f():\n    __all__ = ['a']", None),
        ("other = ['a']\nother.extend(['b'])", None),
    ],
)
def test_exported(source: str, expected: tuple[str, ...] | None) -> None:
    """The names of a module's `__all__`; None where any part of it is no literal, for nothing tells what that has."""
    assert facts_of(source).exported == expected
