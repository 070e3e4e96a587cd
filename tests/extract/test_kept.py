"""Items of tables that outlive a call: which calls are made only until one is stored."""

from __future__ import annotations

import textwrap

import pytest

from fwaudit.model.facts import Call
from tests.extract.projection import body_named, facts_of, shown

_IN_MODULE = "def f(p, q=None):\n"
_IN_CLASS = "class C:\n    def f(self, p):\n"
_IN_CLASS_METHOD = "class C:\n    @classmethod\n    def f(cls, p):\n"


def _first_time(source: str, header: str = _IN_MODULE) -> list[str]:
    """What is called the first time in the function whose `def` ends the header."""
    last = header.splitlines()[-1]
    indent = " " * (len(last) - len(last.lstrip()) + 4)
    return _first_time_in("C.f" if header.startswith("class") else "f", header + textwrap.indent(source, indent))


def _first_time_in(qualified_name: str, source: str) -> list[str]:
    body = body_named(facts_of(source), qualified_name)
    calls = [body.expressions[index] for index in body.first_time]
    return [shown(body, call.function) for call in calls if isinstance(call, Call)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("if 'k' not in D:\n    D['k'] = a()\nb()", ["a"], id="not in"),
        pytest.param("if not 'k' in D:\n    D['k'] = a()\nb()", ["a"], id="not ... in"),
        pytest.param("if 'k' in D: return D['k']\nD['k'] = a()\nreturn D['k']", ["a"], id="an early return if it is in"),
        pytest.param("if 'k' in D: b()\nelse: D['k'] = a()", ["a"], id="else"),
        pytest.param("x = D.get('k')\nif not x:\n    x = a()\n    D['k'] = x\nb()", ["a"], id="get and untruth"),
        pytest.param("x = D.get('k')\nif x is None:\n    x = D['k'] = a()\nb()", ["a"], id="get and None"),
        pytest.param("x = D.get('k', None)\nif x: return x\nD['k'] = a()", ["a"], id="get with None and an early return"),
        pytest.param("x = D.get('k')\nif x is not None: return x\nD['k'] = a()", ["a"], id="get and an early return if it is there"),
        pytest.param("if (x := D.get('k')) is None:\n    x = D['k'] = a()", ["a"], id="get in the test against None"),
        pytest.param("if not (x := D.get('k')):\n    x = D['k'] = a()", ["a"], id="get in the test for truth"),
        pytest.param("if not D.get('k'):\n    D['k'] = a()", ["a"], id="get without a name"),
        pytest.param("if 'k' not in D:\n    return D.setdefault('k', a())", ["a", "D.setdefault"], id="setdefault"),
        pytest.param("if 'k' not in D:\n    with b():\n        if 'k' not in D: D['k'] = a()\nc()", ["b", "a"], id="under a lock"),
        pytest.param("if 'k' not in D:\n    if p: D['k'] = a()\n    else: raise b()", ["a", "b"], id="the other way raises"),
        pytest.param("global D\nif D is None: D = {}\nif 'k' not in D: D['k'] = a()", ["a"], id="a table made the first time"),
    ],
)
def test_items_stored_the_first_time(source: str, expected: list[str]) -> None:
    """Calls made only while an item of a global table is missing, which is then stored, are made the first time."""
    assert _first_time(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("if 'k' not in D:\n    a()", id="never stored"),
        pytest.param("if 'k' not in D:\n    D['l'] = a()", id="stored under another key"),
        pytest.param("if 'k' not in D:\n    E['k'] = a()", id="stored in another table"),
        pytest.param("if 'k' not in D:\n    E.setdefault('k', a())", id="another table's setdefault"),
        pytest.param("if 'k' not in D:\n    x = D['k'] + a()", id="only read"),
        pytest.param("if 'k' not in D:\n    a()\n    del D['k']", id="deleted"),
        pytest.param("if 'k' not in D:\n    x = a()\n    if x: D['k'] = x", id="stored on one way only"),
        pytest.param("if 'k' not in D:\n    pass\nD['k'] = a()", id="stored after the branch"),
        pytest.param("if 'k' in D:\n    D['k'] = a()", id="while it is there"),
        pytest.param("if 'k' not in D or p:\n    D['k'] = a()", id="or for another reason"),
        pytest.param("x = D.get('k')\nif x:\n    D['k'] = a()", id="while what was got is true"),
        pytest.param("x = D.get('k')\nif x and x.is_fresh(): return x\nD['k'] = a()", id="or when it is old"),
        pytest.param("x = D.get('k', 1)\nif x is None:\n    D['k'] = a()", id="a default that is not None"),
        pytest.param("x = D.pop('k')\nif x is None:\n    D['k'] = a()", id="taken out"),
        pytest.param("x = D.get('k')\nx = b()\nif x is None:\n    D['k'] = a()", id="another value in between"),
        pytest.param("x, y = D.get('k')\nif x is None:\n    D['k'] = a()", id="a part of what was got"),
        pytest.param("D = {}\nif 'k' not in D:\n    D['k'] = a()", id="a local table"),
        pytest.param("if 'k' not in p:\n    p['k'] = a()", id="a table that was passed"),
        pytest.param("if 'k' not in p.x:\n    p.x['k'] = a()", id="a table of what was passed"),
        pytest.param("if 'k' not in D.x.y:\n    D.x.y['k'] = a()", id="a table further away"),
        pytest.param("global D\nD = {}\nif 'k' not in D:\n    D['k'] = a()", id="a table made anew"),
        pytest.param("D.x = {}\nif 'k' not in D.x:\n    D.x['k'] = a()", id="an attribute made anew"),
    ],
)
def test_items_not_stored_the_first_time(source: str) -> None:
    """Calls that may be made again, or that fill a table of one call, are not of the first time."""
    assert _first_time(source) == []


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("KEY", id="a global"),
        pytest.param("settings.key", id="an attribute of a global"),
        pytest.param("('k', KEY)", id="a tuple"),
        pytest.param("KEY + 'k'", id="a sum"),
        pytest.param("get_ident()", id="a call"),
    ],
)
def test_keys_that_stay(key: str) -> None:
    """A key that nothing passed goes into is the same on each call, in a local name too."""
    assert "a" in _first_time(f"if {key} not in D:\n    D[{key}] = a()")
    assert "a" in _first_time(f"k = {key}\nif k not in D:\n    D[k] = a()")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("p", id="a parameter"),
        pytest.param("p.x", id="an attribute of a parameter"),
        pytest.param("('k', p)", id="a tuple"),
        pytest.param("KEY + p", id="a sum"),
        pytest.param("p or KEY", id="a choice"),
        pytest.param("b(p)", id="a call with a parameter"),
        pytest.param("b(x=p)", id="a call with a parameter by keyword"),
        pytest.param("p.b()", id="a method of a parameter"),
        pytest.param("KEYS[p]", id="looked up by a parameter"),
        pytest.param("type(p)", id="a parameter's type"),
        pytest.param("f'{p}'", id="a text made of a parameter"),
        pytest.param("tuple(x for x in p)", id="a generator over a parameter"),
        pytest.param("[x for x in p][0]", id="a list made of a parameter"),
    ],
)
def test_keys_that_change(key: str) -> None:
    """A key that a parameter goes into makes a cache that grows, in a local name too."""
    assert _first_time(f"if {key} not in D:\n    D[{key}] = a()") == []
    assert _first_time(f"k = {key}\nif k not in D:\n    D[k] = a()") == []
    assert _first_time(f"l = {key}\nk = l\nx = D.get(k)\nif x is None:\n    D[k] = a()") == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("k = 'k'\nk += p\nif k not in D:\n    D[k] = a()", id="updated by a parameter"),
        pytest.param("k = 'k'\nif q: k = p\nif k not in D:\n    D[k] = a()", id="perhaps a parameter"),
        pytest.param("k = 'k'\nfor x in y:\n    if k not in D: D[k] = a()\n    k = p", id="a parameter from the second turn on"),
        pytest.param("k = 'k'\nif k not in D:\n    k = 'l'\n    D[k] = a()", id="another key at the store"),
        pytest.param("for k in b():\n    if k not in D: D[k] = a()", id="each of many"),
        pytest.param("k = await queue.get()\nif k not in D:\n    D[k] = a()", id="awaited"),
        pytest.param("with b() as k:\n    if k not in D: D[k] = a()", id="entered"),
        pytest.param("global k\nk = p\nif k not in D:\n    D[k] = a()", id="a global that the function sets"),
    ],
)
def test_names_whose_key_changes(source: str) -> None:
    """A name is no fixed key if a parameter, or what is not known, may be behind it."""
    assert _first_time(source) == []


def test_key_from_the_function_around() -> None:
    """What the function around binds may be another on each call, unlike a global."""
    inner = "def f():\n    if k not in D: D[k] = a()"
    assert _first_time_in("f", inner) == ["a"]
    assert _first_time_in("g.f", "def g(k):\n" + textwrap.indent(inner, "    ")) == []


@pytest.mark.parametrize("table", ["self.x", "C.x", "X"])
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("'k'", ["a"], id="a constant"),
        pytest.param("self.k", ["a"], id="an attribute of the instance"),
        pytest.param("type(self)", ["a"], id="the class"),
        pytest.param("self", [], id="the instance"),
        pytest.param("id(self)", [], id="the instance's identity"),
        pytest.param("p", [], id="a parameter"),
        pytest.param("self.k(p)", [], id="a method with a parameter"),
    ],
)
def test_tables_of_instances(table: str, key: str, expected: list[str]) -> None:
    """A table of the instance, its class or the module is kept; the instance's attributes are keys that stay."""
    source = f"k = {key}\nif k not in {table}:\n    {table}[k] = a()"
    assert _first_time(source, _IN_CLASS) == expected
    assert _first_time(f"{table} = {{}}\n{source}", _IN_CLASS) == []


@pytest.mark.parametrize(("key", "expected"), [("cls", ["a"]), ("cls.__name__", ["a"]), ("p", [])])
def test_tables_of_classes(key: str, expected: list[str]) -> None:
    """A class is a key that stays."""
    assert _first_time(f"if {key} not in cls.x:\n    cls.x[{key}] = a()", _IN_CLASS_METHOD) == expected


def test_self_that_is_no_owner() -> None:
    """A function's parameter called self is a parameter like others, and a second one called cls too."""
    source = "if 'k' not in self.x: self.x['k'] = a()"
    assert _first_time(source, _IN_CLASS) == ["a"]
    assert _first_time(source, "def f(self):\n") == []
    assert _first_time(source.replace("self", "p"), _IN_CLASS) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("if self.x is None or self.x.expired:\n    self.x = a()", ["a"], id="missing or no longer of use"),
        pytest.param("if self.x is not None and self.x.old == 0: return\nself.x = a()", ["a"], id="an early return if it is of use"),
        pytest.param("if not self.x or not self.x.ping() or self.x.old: self.x = a()", ["a"], id="several tests of it"),
        pytest.param("global x\nif x is None or x.closed or not x.ping(): x = a()", ["a"], id="a global"),
        pytest.param("if self.x is None or p:\n    self.x = a()", [], id="missing or something else"),
        pytest.param("if self.x is None or self.y.expired:\n    self.x = a()", [], id="missing or a test of another"),
        pytest.param("if self.x is None or self.x.expired:\n    a()", [], id="never stored"),
    ],
)
def test_places_stored_again_when_what_is_there_no_longer_does(source: str, expected: list[str]) -> None:
    """Where a place is missing, or a test of it decides, what fills it is called now and then: not only the first time."""
    body = body_named(facts_of(_IN_CLASS + textwrap.indent(source, " " * 8)), "C.f")
    calls = [body.expressions[index] for index in body.unlikely]
    assert [shown(body, call.function) for call in calls if isinstance(call, Call)] == expected
    assert not body.first_time
    assert not body.first_of_instance


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("global x\nif x is None or x.closed:\n    x = a()", id="closed"),
        pytest.param("global x\nif x is not None and not x.is_closed(): return x\nx = a()", id="an early return"),
        pytest.param("global x\nif x is None or not x.thread.is_alive() or not x.running:\n    x = a()", id="threads"),
    ],
)
def test_places_stored_once_and_after_an_end(source: str) -> None:
    """What is made again only after something has ended what was there is made the first time, for all that code tells."""
    assert _first_time(source) == ["a"]
