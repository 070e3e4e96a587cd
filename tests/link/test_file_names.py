"""Names that clients give to files: where they name one of the server's, and what makes them safe."""

from __future__ import annotations

import textwrap

import pytest

from tests.support import audit_sources

_HEAD = """
import os
from pathlib import Path
from uuid import uuid4
import bottle
from fastapi import FastAPI, UploadFile
from flask import Flask, abort, request
from werkzeug.utils import secure_filename

app = Flask(__name__)
api = FastAPI()

"""


def _found(source: str) -> list[str]:
    _, audit = audit_sources({"app.py": _HEAD + source})
    return [(one.callee or "").rpartition(".")[2] for one in audit.findings if one.rule == "unvalidated-query-or-form"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("f.save(os.path.join('up', f.filename))", ["save"], id="joined"),
        pytest.param("f.save('up/' + f.filename)", ["save"], id="added"),
        pytest.param("f.save(Path('up') / f.filename)", ["save"], id="path"),
        pytest.param("open(f'up/{f.filename}', 'wb').write(f.read())", ["open"], id="opened"),
        pytest.param("name = f.filename\nf.save(f'up/{name}')", ["save"], id="through a name"),
        pytest.param("if f.filename == '':\n    abort(400)\nf.save('up/' + f.filename)", ["save"], id="only asked whether it is there"),
        pytest.param(
            "if not f or not f.filename:\n    return ''\nf.save('up/' + f.filename)", ["save"], id="only asked whether it is none"
        ),
        pytest.param("open(request.args['name'])", ["open"], id="a parameter"),
        pytest.param("open(os.path.join('up', request.args['name']))", ["open"], id="a parameter, joined"),
        pytest.param("f.save(os.path.join('up', secure_filename(f.filename)))", [], id="made safe"),
        pytest.param("f.save(os.path.join('up', os.path.basename(f.filename)))", [], id="without folders"),
        pytest.param("f.save(Path('up') / Path(f.filename).name)", [], id="without folders, by pathlib"),
        pytest.param("f.save(f\"up/{uuid4()}.{f.filename.split('.')[-1]}\")", [], id="its ending"),
        pytest.param('f.save(f"up/{uuid4()}{os.path.splitext(f.filename)[1]}")', [], id="its ending, by os.path"),
        pytest.param("if f.filename not in ('a.csv', 'b.csv'):\n    abort(400)\nf.save('up/' + f.filename)", [], id="one of some"),
        pytest.param("if '/' in f.filename:\n    abort(400)\nf.save('up/' + f.filename)", [], id="looked into"),
        pytest.param("if allowed(f.filename):\n    f.save('up/' + f.filename)", [], id="tested by a function"),
        pytest.param(
            "path = os.path.join('up', request.args['a'])\nif not os.path.exists(path):\n    abort(404)\nopen(path)",
            [],
            id="a path that is asked for",
        ),
        pytest.param("f.save('up/one')", [], id="a name of its own"),
        pytest.param("return f.filename", [], id="only told"),
    ],
)
def test_uploaded_to_flask(body: str, expected: list[str]) -> None:
    """A raw name that names a file is found, one that nothing can hide a folder in is not."""
    handler = "@app.post('/')\ndef add():\n    f = request.files['f']\n"
    assert (
        _found(handler + textwrap.indent(body, "    ") + "\n    return ''\ndef allowed(name): return name.endswith('.csv')\n") == expected
    )


@pytest.mark.parametrize(
    ("parameter", "body", "expected"),
    [
        pytest.param("f: UploadFile", "open(f'up/{f.filename}', 'wb')", ["open"], id="one"),
        pytest.param("files: list[UploadFile]", "for f in files:\n    open(f'up/{f.filename}', 'wb')", ["open"], id="several"),
        pytest.param("f: UploadFile", "open(f\"up/{uuid4()}.{f.filename.split('.')[-1]}\", 'wb')", [], id="its ending"),
        pytest.param(
            "f: UploadFile", "if not f.filename.endswith('.csv'):\n    return ''\nopen(f'up/{f.filename}', 'wb')", [], id="tested"
        ),
        pytest.param("f: UploadFile", "return {'name': f.filename}", [], id="only told"),
    ],
)
def test_uploaded_to_fastapi(parameter: str, body: str, expected: list[str]) -> None:
    """The framework checks that there is a file, not what it is called."""
    assert _found(f"@api.post('/')\ndef add({parameter}):\n" + textwrap.indent(body, "    ") + "\n") == expected


def test_a_framework_that_cleans_names() -> None:
    """Bottle drops the folders itself."""
    assert not _found("@bottle.post('/')\ndef add():\n    f = bottle.request.files['f']\n    open('up/' + f.filename, 'wb')\n")


def test_names_of_files_say_nothing_of_validation() -> None:
    """A handler with typed parameters stays one, and a model would not replace a test of what a file is called."""
    source = "@api.post('/')\ndef add(f: UploadFile, g: UploadFile):\n"
    for one in "fg":
        source += f"    if not {one}.filename.endswith('.csv'):\n        raise HTTPException(400)\n"
    project, audit = audit_sources({"app.py": _HEAD.replace("FastAPI,", "FastAPI, HTTPException,") + source})
    assert [route.validated for service in project.services for route in service.routes] == [True]
    assert not audit.findings
