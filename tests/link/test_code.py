"""What checks can ask about the code: calls, functions and classes, with their names resolved."""

from __future__ import annotations

from fwaudit.model.code import ParameterUse
from tests.support import audit_sources

SOURCES = {
    "app/db.py": """
import sqlalchemy


def make(url: str = "x") -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(url, pool_size=5)
""",
    "app/main.py": """
from fastapi import FastAPI
from sqlalchemy import create_engine as engine_for
from app.db import make

app = FastAPI()


class Base:
    pass


class Item(Base):
    size: int = 3
    made = make()

    def grow(self):
        return self.size


@app.get("/items")
async def items(limit: int, name: str | None = None, rest=None):
    engine_for("sqlite://", echo=True, **options)
    make()
""",
    "tests/test_main.py": "import sqlalchemy\nsqlalchemy.create_engine('x')\n",
}


def test_calls_by_dotted_name_under_any_spelling() -> None:
    """An alias counts, tests do not; literals are told, with the routes and the context of the function around the call."""
    project, _ = audit_sources(SOURCES)
    first, second = project.code.calls(["sqlalchemy.create_engine"])

    assert (first.place.path, first.place.function, first.keywords, first.routes) == (
        "app/db.py",
        "app.db.make",
        (("pool_size", "5"),),
        ("GET /items",),
    )
    assert (second.place.function, second.arguments) == ("app.main.items", ("sqlite://",))
    assert second.keywords == (("echo", "True"), ("", ""))
    assert (second.contexts, second.routes) == (("event-loop",), ("GET /items",))
    assert (second.keyword("echo"), second.keyword("pool_size")) == ("True", None)


def test_calls_below_a_name() -> None:
    """`sqlalchemy.*` stands for everything in it; a name that is only longer does not count."""
    project, _ = audit_sources(SOURCES)

    assert len(project.code.calls(["sqlalchemy.*"])) == 2
    assert project.code.calls(["sqlalchem.*"]) == ()
    assert [call.place.function for call in project.code.calls(["app.db.make"])] == ["app.main", "app.main.items"]


def test_functions_with_what_their_annotations_and_decorators_name() -> None:
    """Types and decorators are dotted names; None stands for no class."""
    project, _ = audit_sources(SOURCES)
    make, grow, items = project.code.functions

    assert (make.name, make.returns, make.parameters) == (
        "app.db.make",
        ("sqlalchemy.engine.Engine",),
        (ParameterUse("url", ("builtins.str",), has_default=True, is_annotated=True),),
    )
    assert (grow.name, grow.owner, "size" in grow.mentions) == ("app.main.Item.grow", "app.main.Item", True)
    assert (items.is_async, items.decorators, items.lines, items.routes) == (True, ("fastapi.FastAPI.get",), 3, ("GET /items",))
    assert [(one.name, one.types, one.has_default) for one in items.parameters] == [
        ("limit", ("builtins.int",), False),
        ("name", ("builtins.str",), True),
        ("rest", (), True),
    ]


def test_classes_with_their_bases_fields_and_methods() -> None:
    """A field tells its type and what it is made by."""
    project, _ = audit_sources(SOURCES)
    base, item = project.code.classes

    assert (base.name, base.bases, base.fields) == ("app.main.Base", (), ())
    assert item.bases == ("app.main.Base",)
    assert [(field.name, field.types, field.made_by) for field in item.fields] == [
        ("size", ("builtins.int",), ""),
        ("made", (), "app.db.make"),
    ]
    assert item.methods == ("grow",)


def test_bodies_say_what_is_written_and_what_it_resolves_to() -> None:
    """Each function, class and module, with its literals; an expression is resolved when it is asked for."""
    project, _ = audit_sources(SOURCES)
    bodies = {body.name: body for body in project.code.bodies}
    made, items = bodies["app.db.make"], bodies["app.main.items"]

    assert list(bodies) == ["app.db", "app.db.make", "app.main", "app.main.Base", "app.main.Item", "app.main.Item.grow", "app.main.items"]
    assert [(bodies[name].kind, bodies[name].lines) for name in ("app.db", "app.main.Item")] == [("module", 0), ("class", 6)]
    assert bodies["app.main.Item.grow"].owner == "app.main.Item"
    assert (items.routes, items.decorators) == (("GET /items",), ("fastapi.FastAPI.get",))
    assert items.texts == {"sqlite://"}
    assert (made.names(made.body.returns[0]), made.place_of(made.body.returns[0]).line) == (("sqlalchemy.engine.Engine",), 6)
    assert (items.place.line, items.place.function) == (22, "app.main.items")


def test_a_text_is_looked_for_without_decoding_the_body() -> None:
    """Whatever stands among a body's texts may be said in it, in any case; what stands nowhere may not."""
    source = 'def alter(c):\n    c.execute("ALTER Table items")\n    c.log(f"Paths{c.x}", 429)\n\n\ndef other(c):\n    c.execute("x")\n'
    project, _ = audit_sources({"app.py": source})
    alter, other = project.code.functions

    assert alter.texts == {"alter table items", "paths", ""}
    assert [one for one in ("alter table", "paths", "429", "drop table") if alter.may_say(one)] == ["alter table", "paths", "429"]
    assert not other.may_say("alter table")
