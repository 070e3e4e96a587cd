"""Imports."""

from __future__ import annotations

from tests.extract.projection import body_named, facts_of, scope_named, shown_binding


def test_forms() -> None:
    """Every form of import binds what Python binds."""
    facts = facts_of(
        "import a.b\nimport c.d as e\nfrom f.g import h, i as j\nfrom . import k\nfrom ..l import m\nlazy import n\nlazy from o import p"
    )
    body = body_named(facts, "")
    bound = {name: shown_binding(body, body.bindings[index]) for name, (index,) in scope_named(facts, "").names.items()}
    assert bound == {
        "a": "import a", "e": "import c.d", "h": "import f.g:h", "j": "import f.g:i", "k": "import .:k", "m": "import ..l:m",
        "n": "import n", "p": "import o:p",
    }  # fmt: skip
    assert [(item.module, item.name, item.level) for item in facts.imports] == [
        ("a.b", "", 0), ("c.d", "", 0), ("f.g", "h", 0), ("f.g", "i", 0), ("", "k", 1), ("l", "m", 2), ("n", "", 0), ("o", "p", 0),
    ]  # fmt: skip


def test_star() -> None:
    """A star import binds no name that is written here, and is kept in order."""
    facts = facts_of("from a import *\nfrom .b import *")
    assert facts.star_imports == (("a", 0), ("b", 1))
    assert scope_named(facts, "").names == {}
    assert [item.name for item in facts.imports] == ["*", "*"]


def test_inside_a_function() -> None:
    """An import in a function is that function's name, and the file's import."""
    facts = facts_of("def f():\n    import a")
    assert set(scope_named(facts, "f").names) == {"a"}
    assert [item.module for item in facts.imports] == ["a"]
