"""How the code uses databases and clients."""

from __future__ import annotations

import pytest

from tests.support import audit_sources

_ROUTE = """
from fastapi import FastAPI
from sqlalchemy import create_engine

app = FastAPI()
"""


def _found(source: str, rule: str) -> list[tuple[int, str]]:
    """(line below `_ROUTE`, confidence) of each finding of the rule."""
    _, audit = audit_sources({"app.py": _ROUTE + source}, {"min-confidence": "low"})
    start = _ROUTE.count("\n")
    return [(finding.line - start, finding.confidence.value) for finding in audit.findings if finding.rule == rule]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("@app.get('/')\ndef f():\n    create_engine('x')\n", [(3, "high")], id="in the handler"),
        pytest.param("def g():\n    create_engine('x')\n\n@app.get('/')\ndef f():\n    g()\n", [(2, "medium")], id="below it"),
        pytest.param("@app.get('/')\ndef f(url: str):\n    create_engine(url)\n", [(3, "low")], id="of an address that comes along"),
        pytest.param(
            "@app.get('/')\ndef f(host: str):\n    url = 'db://' + host\n    create_engine(url)\n",
            [(4, "low")],
            id="of a part that comes along",
        ),
        pytest.param("def g():\n    create_engine('x')\n", [], id="in no request"),
        pytest.param("def g():\n    create_engine('x')\n\n@app.get('/')\ndef f(a: int):\n    if a:\n        g()\n", [], id="not always"),
        pytest.param("engine = create_engine('x')\n\n@app.get('/')\ndef f():\n    engine.connect()\n", [], id="at import"),
        pytest.param("@keep_once\ndef g():\n    create_engine('x')\n\n@app.get('/')\ndef f():\n    g()\n", [], id="under an unknown memo"),
        pytest.param("@app.on_event('startup')\ndef f():\n    create_engine('x')\n", [], id="at startup"),
        pytest.param("@app.websocket('/')\nasync def f(socket):\n    create_engine('x')\n", [], id="for a connection that stays open"),
        pytest.param(
            "@app.get('/')\ndef f(url: str):\n    fetch(create_engine('x'), url)\n", [(3, "low")], id="for an address that comes along"
        ),
        pytest.param(
            "@app.get('/')\ndef f(plugin):\n    ask(plugin.url)\n\ndef ask(url):\n    fetch(create_engine('x'), url)\n",
            [(6, "low")],
            id="for an address that comes to a helper",
        ),
        pytest.param(
            "@app.get('/')\ndef f(name):\n    ask(f'https://x/{name}')\n\ndef ask(url):\n    fetch(create_engine('x'), url)\n",
            [(6, "medium")],
            id="for an address that is put together for a helper",
        ),
    ],
)
def test_an_engine_is_made_by_each_request(source: str, expected: list[tuple[int, str]]) -> None:
    """Only where a request makes it under no condition; what the request brings makes it less sure."""
    assert _found(source, "engine-per-request") == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("requests.get('u')", ["high"]),
        ("requests.get('u', timeout=None)", ["high"]),
        ("requests.get('u', timeout=5)", []),
        ("requests.get('u', timeout=a)", []),
        ("requests.get('u', **a)", []),
        ("requests.get(*a)", []),
        ("urlopen('u')", ["high"]),
        ("urlopen('u', None, 5)", []),
        ("session.get('u')", ["high"]),
        ("(session.mount('https://', a), session.get('u'))", ["low"]),
        ("(session.mount('https://', a), requests.get('u'))", ["high"]),
    ],
)
def test_a_call_without_a_limit(call: str, expected: list[str]) -> None:
    """What may be limited elsewhere is less sure."""
    source = f"import requests\nfrom urllib.request import urlopen\nsession = requests.Session()\n\ndef f(a):\n    {call}\n"

    assert [confidence for _, confidence in _found(source, "outbound-call-without-timeout")] == expected


_DJANGO = """
from django.db import models
from django.urls import path

class Busy(models.Manager): ...
class Publisher(models.Model): ...
class Author(models.Model):
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE)
class Book(models.Model):
    author = models.ForeignKey("Author", on_delete=models.CASCADE, related_name="books")
    next = models.ForeignKey("self", on_delete=models.CASCADE)
    lost = models.ForeignKey("Missing", on_delete=models.CASCADE)
    busy = Busy()

def index(request):
"""
_WSGI = """
import os
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
application = get_wsgi_application()
"""
_DJANGO_END = """
urlpatterns = [path("", index)]
"""


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        pytest.param("for b in Book.objects.all():\n    b.author.id", [2], id="a relation"),
        pytest.param("for b in Book.objects.all():\n    b.author_id", [], id="its key"),
        pytest.param("books = Book.objects.filter(id=1)\nfor b in books:\n    b.author.id", [3], id="under a name"),
        pytest.param("[b.author for b in Book.objects.order_by('id')]", [1], id="a comprehension"),
        pytest.param("for b in Book.objects.select_related('author'):\n    b.author.id", [], id="loaded with it"),
        pytest.param("for b in Book.objects.select_related('author__publisher'):\n    b.author.id", [], id="on the way to another"),
        pytest.param("for b in Book.objects.prefetch_related(models.Prefetch('author')):\n    b.author", [], id="loaded after it"),
        pytest.param("for b in Book.objects.select_related(*request.fields):\n    b.author.id", [], id="who knows what is loaded"),
        pytest.param(
            "books = Book.objects.all()\nif request:\n    books = books.select_related('author')\nfor b in books: b.author",
            [],
            id="perhaps",
        ),
        pytest.param("for b in Book.busy.all():\n    b.author.id", [], id="a manager of the project's own"),
        pytest.param("for b in Book.objects.all():\n    b.next.id", [2], id="a relation to itself"),
        pytest.param("for b in Book.objects.all():\n    b.lost.id", [2], id="a relation to a model that is not there"),
        pytest.param("for a in Author.objects.all():\n    a.books.count()", [2], id="the way back"),
        pytest.param("for a in Author.objects.prefetch_related('books'):\n    a.books.count()", [], id="the way back, loaded"),
        pytest.param("for a in Author.objects.prefetch_related('books'):\n    a.books.filter(id=1).count()", [2], id="another query"),
        pytest.param("for a in Author.objects.all():\n    for b in a.books.all():\n        b.id", [2], id="the way back, gone through"),
        pytest.param("[b.id for a in Author.objects.all() for b in a.books.all()]", [1], id="the way back, in a comprehension"),
        pytest.param(
            "for a in Author.objects.prefetch_related('books'):\n    for b in a.books.all():\n        b.id", [], id="gone through, loaded"
        ),
        pytest.param("for b in Book.objects.select_related('author'):\n    b.author.publisher.id", [2], id="a relation beyond"),
        pytest.param("for b in Book.objects.select_related('author'):\n    b.author.publisher_id", [], id="the key beyond"),
        pytest.param(
            "for b in Book.objects.select_related('author__publisher'):\n    b.author.publisher.id", [], id="a relation beyond, loaded"
        ),
        pytest.param("for b in Book.objects.all():\n    b.author.publisher.id", [2], id="two relations are told by the first"),
        pytest.param("for n in request.ids:\n    Book.objects.get(id=n)", [2], id="a query for each"),
        pytest.param("for n in (1, 2):\n    Book.objects.get(id=n)", [], id="twice"),
        pytest.param("for n in range(3):\n    Book.objects.get(id=n)", [], id="three times"),
        pytest.param("for chunk in request.chunks:\n    Book.objects.get(id=chunk)", [], id="in parts"),
        pytest.param("while True:\n    Book.objects.get(id=1)", [], id="until something happens"),
    ],
)
def test_a_query_in_a_loop(source: str, lines: list[int]) -> None:
    """What is loaded ahead, or may be, is left out."""
    body = "".join(f"    {line}\n" for line in source.splitlines())
    files = {
        "wsgi.py": _WSGI,
        "settings.py": "ROOT_URLCONF = 'app'\n",
        "app.py": _DJANGO + body + _DJANGO_END,
    }
    _, audit = audit_sources(files, {})
    start = _DJANGO.count("\n")

    assert [finding.line - start for finding in audit.findings if finding.rule == "query-in-loop"] == lines


@pytest.mark.parametrize(
    ("body", "is_found"),
    [
        pytest.param("return book.author.name", True, id="always"),
        pytest.param("if short:\n        return ''\n    return book.author.name", False, id="after a branch that leaves"),
        pytest.param("if short:\n        return ''\n    else:\n        return book.author.name", False, id="in an else"),
        pytest.param("return '' if short else book.author.name", False, id="in an arm"),
        pytest.param("return short or book.author.name", False, id="in an operand"),
        pytest.param("if short:\n        print()\n    return book.author.name", True, id="after a branch"),
    ],
)
def test_a_relation_that_a_helper_touches(body: str, is_found: bool) -> None:
    """It counts where the helper touches it whenever it runs: the callers may be those who do not need it."""
    helper = f"def label(book, short):\n    {body}\n"
    loop = "    return [label(book, request) for book in Book.objects.all()]\n"
    source = _DJANGO.replace("def index", helper + "\ndef index") + loop + _DJANGO_END
    _, audit = audit_sources({"wsgi.py": _WSGI, "settings.py": "ROOT_URLCONF = 'app'\n", "app.py": source}, {})

    assert [finding.rule for finding in audit.findings if finding.rule == "query-in-loop"] == ["query-in-loop"] * is_found


_MODELS = """
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Session, joinedload, relationship, selectinload

class Base(DeclarativeBase): ...
class Author(Base):
    books = relationship("Book")
class Book(Base):
    author = relationship(Author)
    store = relationship("Store", lazy="selectin")
    def shown(self):
        return self.author.name

session = Session()
def show(number, book):
    return number, book.author
def may_show(book, author):
    if author:
        return book.author
    return book.id

@app.get('/')
def f(a: int):
"""


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("    return [b.author for b in session.query(Book)]", True),
        ("    return [b.author for b in session.query(Book).filter_by(id=1).order_by(Book.id).all()]", True),
        ("    return [b.author for b in session.scalars(select(Book))]", True),
        ("    return [b.author for b in session.execute(select(Book)).scalars().all()]", True),
        ("    return list(b.author for b in session.query(Book))", True),
        ("    q = select(Book)\n    if a:\n        q = q.where(Book.id == a)\n    return [b.author for b in session.scalars(q)]", True),
        ("    return [x.books for x in session.query(Author)]", True),
        ("    return [b.shown() for b in session.query(Book)]", True),
        ("    return [show(1, b) for b in session.query(Book)]", True),
        ("    for b in session.query(Book):\n        show(1, b)", True),
        ("    return [may_show(b, a) for b in session.query(Book)]", False),
        ("    return [b.store for b in session.query(Book)]", False),
        ("    return [b.id for b in session.query(Book)]", False),
        ("    return [b.author for b in session.query(Book.author)]", False),
        ("    return [b.author for b in session.execute(select(Book))]", False),
        ("    return [b.author for b in session.query(Book).options(joinedload(Book.author))]", False),
        ("    return [b.author for b in session.query(Book).options(selectinload(Book.store), selectinload(Book.author))]", False),
        (
            "    return [b.shown() for b in session.scalars(select(Book).options(joinedload(Book.author).selectinload(Author.books)))]",
            False,
        ),
        (
            "    q = select(Book)\n    if a:\n        q = q.options(joinedload(Book.author))\n    [b.author for b in session.scalars(q)]",
            False,
        ),
        ("    return [b.author for b in session.query(Book).options(*a)]", False),
        ("    return [b.author for b in a]", False),
        ("    return [b.author for b in session.query(Book).filter_by(author_id=a)]", False),
        ("    return [b.author for b in session.query(Book).filter(Book.author_id == a).order_by(Book.id)]", False),
        ("    return [b.author for b in session.scalars(select(Book).where(Book.author == a))]", False),
        ("    return [b.author for b in session.scalars(select(Book).where(Book.author_id.in_(a)))]", True),
        ("    return [b.author for b in session.query(Book).filter(Book.id == a)]", True),
        ("    return [b.author for b in session.query(Book).values(Book.author)]", False),
    ],
)
def test_a_relation_of_sqlalchemy_in_a_loop(source: str, found: bool) -> None:
    """Only where the loop's query is known to the end, and nothing in it may load the relation; also in functions that get the object."""
    assert bool(_found(f"{_MODELS}{source}\n", "query-in-loop")) is found


def test_a_relation_is_told_once_for_each_loop() -> None:
    """The first read loads it; each other relation is told, too."""
    loop = "    for b in session.query(Book):\n        b.author\n        b.author\n        b.shown()\n        show(1, b)\n"
    source = f"{loop}    [x.books for x in session.query(Author)]"
    assert len(_found(f"{_MODELS}{source}\n", "query-in-loop")) == 2


def test_models_that_relate_to_each_other_and_to_none() -> None:
    """A graph with cycles, a model that is its own parent, one that is not there, and a class that is its own base."""
    models = (
        "from sqlalchemy.orm import DeclarativeBase, Session, relationship\nfrom django.db import models\n"
        "class Base(DeclarativeBase): ...\n"
        "class A(Base):\n    b = relationship('B')\n    up = relationship('A')\n    gone = relationship('Gone')\n"
        "class B(Base):\n    a = relationship(A)\nclass C(C): ...\n"
        "class D(models.Model):\n    e = models.ForeignKey('E', related_name='ds')\n    gone = models.ForeignKey('shop.Gone')\n"
        "class E(models.Model):\n    d = models.ForeignKey(D, related_name='es')\n    own = models.ForeignKey('self')\n"
        "@app.get('/')\ndef f():\n"
        "    [(a.b.a.b, a.up.up.up, a.gone.x) for a in Session().query(A)]\n    return [d.e.d.e.ds for d in D.objects.all()]\n"
    )
    assert len(_found(models, "query-in-loop")) == 4
