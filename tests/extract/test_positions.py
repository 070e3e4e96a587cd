"""Spans, against LibCST's own positions."""

from __future__ import annotations

import ast
import sys
import textwrap

import libcst as cst
import pytest

from fwaudit.extract import positions
from fwaudit.extract.module import extract_module
from fwaudit.extract.scope import FileReading, ScopeReading
from fwaudit.extract.statements import read_module

SOURCE = '''
import os, sys as system
from . import a
@decorator(one(), two=2)
async def function(p: T[int], /, q=default(), *args: A, k: K = key(), **rest) -> list[R]:
    """Text."""
    global g
    async with enter(x) as y, other: pass
    async for i in each(y), z:
        await call(i)(j).attribute.more(k=b(), *c())
    return [f(a) async for a in b if c.d], h(
        k for k in l
    )
class C(Base[int], metaclass=Meta()):
    x: "Text[str]" = field(default_factory=lambda n=make(), *, m: n.go())
    async   def spaced(self): yield self.x
def g():
    x.y += f(z) ; x[i.j] -= 1 ; x *= 2 * 3 + 4 ** 5
    got = yield from source(x for x in items if (y := x.y))
    return {a(): b(), **c()}, {k(): v() for k in l}, {s.t for s in u}, (p.q for p in r.s), ((t.u) for t in (1, 2))
    assert test.one, message.two()
    del a.b, c.d[e.f]
    try:
        raise error() from cause.x
    except (A.b, C) as e:
        pass
    else:
        other.call()
    finally:
        last.call()
    while a.b() if c.d else e.f: pass
    else: no.more()
    for o.p, q[r.s] in t: pass
    match subject.x:
        case Class(a, k=Color.RED) if guard.x: pass
        case {"k": Color.BLUE, **more} | [1, *_] | -1 | 1+2j: pass
    d[k], e[f.g][h] = (i in j), k.l not in (m[n]) in o; p[q] += r[s[t]] in u
    del a[b], (c[d], e.f[g])
    for d[k] in l: pass
    with a[b] as c[d], (e in f) as g: pass
    z[k]: list[int]; y: dict[str, "list[int]"] = {k[1:2]: v[...] for k[0] in w if (a in b) if not (c not in d)}
    def typed(a: Literal["x"], b: Annotated[T[int], m[n], lambda: o[p]] = d[k], *c: *Ts[int]) -> "R[int]": return (yield a[b])
    class D(Base[int], Generic[T], keyword=d[k]): pass
    return f"é {a[b]:{w[x]}} {c in d}" "plain", a[b,], a[(b, c)], (a)[b], (a[b]), (a[
        b]), (c
        in d)
    return f"é {a.b!r:>{width.x}} {c()}" "plain" f"{d()}", a[1:b.c, d.e], not a.b < c.d <= e.f, (-a.b)
'''


def spans_both_ways(content: bytes) -> tuple[bytes, bytes]:
    """The spans by `ast`, and by LibCST's provider."""
    module = cst.parse_module(content)
    file = FileReading()
    read_module(ScopeReading(file, "module", "", None), module)
    by_ast = positions.pack_spans(content, module.encoding, file.placed)
    assert by_ast is not None
    return by_ast, positions.provided_spans(content, module, file.placed)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SOURCE.encode(), id="everything"),
        pytest.param(SOURCE.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(SOURCE.replace("    ", "\t").encode(), id="tabs"),
        pytest.param(b"\xef\xbb\xbf" + SOURCE.encode(), id="byte order mark"),
        pytest.param("# coding: latin-1\nx = 'é' + f('é', g.h)\n".encode("latin-1"), id="latin-1"),
        pytest.param("x = 'äöü🦊' + f('日本', a.b)\ndef é(): pass\n".encode(), id="characters of several bytes"),
        pytest.param(b'x = f"""\n{a.b}\n  {c(d)!r}"""\n', id="f-string over lines"),
        pytest.param(b"x = a + \\\n  b.c \\\n  .d()\n", id="continued lines"),
        pytest.param(b"x = (\n  a.b\n  # c\n  .d(\n e,\n)\n)\n", id="parentheses"),
    ],
)
def test_same_as_the_provider(content: bytes) -> None:
    """Every span of `ast` is the one that LibCST's provider gives."""
    by_ast, by_provider = spans_both_ways(content)
    assert by_ast
    assert by_ast == by_provider


def test_spans_of_a_chain_too_long_for_ast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `ast` gives up on a long chain of `elif`s, every span is as without it, and LibCST's provider is not asked."""
    links = "".join(f"elif é in a[{number}]:\n        b.c(d[{number}])\n    " for number in range(10))
    content = f'def f(x):\n    if a: pass\n    {links}else: x = \'é\', e.g\n    return """\n  elif x""".h\n'.encode()
    expected = spans_both_ways(content)
    parse = ast.parse

    def parse_short(source: bytes) -> ast.Module:
        if b"elif \xc3" in source:
            raise MemoryError
        return parse(source)

    monkeypatch.setattr(ast, "parse", parse_short)
    assert spans_both_ways(content) == expected
    assert expected[0] == expected[1]


def test_form_feed_counts_as_a_column() -> None:
    """A form feed is one column, which LibCST's provider leaves out."""
    facts = extract_module(b"\x0cf(x)\n")
    assert facts.span(0) == (1, 2, 1, 6)


def test_definition_ends_with_its_name() -> None:
    """The span of a definition goes from its first keyword to the end of its name."""
    facts = extract_module(b"@d\nasync  def f(): pass\nclass \\\n  C: pass\n")
    assert facts.span(facts.scopes[1].span) == (2, 1, 2, 13)
    assert facts.span(facts.classes[0].span) == (3, 1, 3, 6)


@pytest.mark.parametrize("failure", [SyntaxError("new grammar"), ValueError("null bytes"), MemoryError(), RecursionError()])
def test_fallback(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    """Where `ast` cannot parse the file, LibCST's provider gives the same spans."""
    content = SOURCE.encode()
    expected = extract_module(content)

    def fail(*_arguments: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", fail)
        by_provider = extract_module(content)
    assert by_provider == expected


def test_fallback_on_a_mismatch(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the two trees disagree about a kind, LibCST's provider is asked."""
    content = b"f(x)\n"
    other = ast.parse("a.b\n")
    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", lambda _content: other)
        facts = extract_module(content)
    assert facts.span(0) == (1, 1, 1, 5)


def test_grammar_newer_than_this_python() -> None:
    """Syntax of Python 3.15 is placed too, whatever Python runs the audit."""
    facts = extract_module(textwrap.dedent("lazy import a.b as c\nx = t'{f(y)}'\n").encode())
    assert sys.version_info < (3, 15)
    assert facts.span(facts.imports[0].span) == (1, 1, 1, 21)
    assert facts.span(1) == (2, 8, 2, 12)
