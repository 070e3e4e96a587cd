"""OpenAPI documents that are too large, go round, or explode; models that relate in circles; tables of a user that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hostile.run import Run, fwaudit, write_tree

APP = """\
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)

class Node(db.Model):
    parent = db.relationship("Node")
    leaf = db.relationship("Leaf")
    gone = db.relationship("Gone")

class Leaf(db.Model):
    node = db.relationship(Node)

class Own(Own): ...

@app.get("/items")
def items():
    return [node.parent.leaf.node.gone.x for node in Node.query.all()]
"""
_ALIASES = ["a0: &a0 {get: {parameters: [{name: q, in: query}]}}"]
_ALIASES += [f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]" for one in range(1, 12)]
DOCUMENTS = {
    "big/openapi.json": json.dumps({"paths": {f"/{number}": {"get": {}} for number in range(900_000)}}),
    "deep/openapi.json": '{"paths": ' + "[" * 200_000,
    "nested/openapi.yaml": "paths:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 700)),
    "aliases/openapi.yaml": "\n".join([*_ALIASES, "paths:", "  /items: *a0", "  /x: *a11"]),
    "round/swagger.yaml": (
        "paths:\n  /items:\n    get:\n      parameters: [{$ref: '#/parameters/A'}]\n    $ref: '#/paths/~1items'\n"
        "parameters:\n  A: {$ref: '#/parameters/B'}\n  B: {$ref: '#/parameters/A'}\n"
    ),
    "own/swagger.yaml": "a: &a\n  b: *a\npaths: *a\n",
    "keys/openapi.json": '{"paths": {"/' + "a" * 100_000 + '": {"get": {}}, "/\\ud800": {"get": {}}, "": {"get": 1}, "/b": 3}}',
    "wide/openapi.yaml": "paths:\n" + "".join(f"  /p{number}: {{get: {{}}}}\n" for number in range(30_000)),
}


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All of them in one tree."""
    tree = write_tree(tmp_path_factory.mktemp("documents"), {**DOCUMENTS, "app.py": APP})
    assert (tree / "big" / "openapi.json").stat().st_size > 20_000_000
    return fwaudit("--no-cache", "--format", "json", "--exit-zero", folder=tree)


def test_documents_that_are_too_much_are_named_and_the_others_read(audited: Run) -> None:
    """Each is read or is a problem with its name; nothing takes minutes, and nothing is called incomplete."""
    problems = {one["path"]: one for one in audited.audit["problems"]}

    assert audited.code == 0
    assert audited.seconds < 60
    assert set(problems) == {"aliases/openapi.yaml", "big/openapi.json", "deep/openapi.json", "nested/openapi.yaml"}
    assert {one["kind"] for one in problems.values()} == {"skipped"}


def test_models_in_circles_are_read(audited: Run) -> None:
    """The relation that the loop reads is found, once."""
    assert [one["line"] for one in audited.audit["findings"] if one["rule"] == "query-in-loop"] == [19]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('distribution = "x"\nimports = ["x"]\ndocumentation = ""\nblokking = []\n', "blokking"),
        (
            'distribution = "x"\nimports = ["x"]\ndocumentation = ""\n[[blocking]]\ncalls = ["x.{a,b"]\nwaits_for = "file"\nsource = "s"',
            "x.toml",
        ),
        ("distribution = [\n", "x.toml"),
    ],
)
def test_a_table_of_a_user_that_is_wrong_stops_the_start(tmp_path: Path, table: str, said: str) -> None:
    """With the file and what is wrong in it, and exit code 2."""
    write_tree(tmp_path, {"tables/libraries/x.toml": table, "app.py": "x = 1\n", "fwaudit.toml": 'rules = ["tables"]\n'})
    result = fwaudit("--no-cache", folder=tmp_path)

    assert result.code == 2
    assert said in result.err.decode()
