"""OpenAPI documents: what they promise, and what is wrong with them."""

from __future__ import annotations

import json

import pytest

from fwaudit.manifests.specifications import read_specification
from fwaudit.manifests.text import ManifestError, ManifestText


def _read(name: str, text: str) -> list[tuple[str, list[str]]]:
    read = read_specification(ManifestText(name, "openapi", text))
    return [(one.base, [f"{operation.method} {operation.path}" for operation in one.operations]) for one in read]


def test_json_of_swagger() -> None:
    """Its base path goes before all paths; what is no method is none."""
    text = json.dumps({"basePath": "/v1/", "paths": {"/b": {"get": {}, "parameters": []}, "/a": {"post": {}}}})
    assert _read("swagger.json", text) == [("/v1", ["POST /a", "GET /b"])]


def test_yaml_of_openapi() -> None:
    """The path of the first server goes before all paths."""
    text = "servers:\n  - url: https://x.org/api\npaths:\n  /a/{id}:\n    get:\n      summary: x\n    delete: {}\n"
    assert _read("openapi.yaml", text) == [("/api", ["DELETE /a/{id}", "GET /a/{id}"])]


def test_query_parameters() -> None:
    """Those of the path hold for each operation, those referred to in the document are looked up; one from elsewhere makes all unknown."""
    text = (
        "paths:\n  /a:\n    parameters: [{name: p, in: query}, {name: h, in: header}]\n    get:\n      parameters:\n"
        "        - $ref: '#/components/parameters/Q'\n    put:\n      parameters: [{$ref: 'other.yaml#/x'}]\n"
        "components:\n  parameters:\n    Q: {name: q, in: query}\n"
    )
    (read,) = read_specification(ManifestText("openapi.yaml", "openapi", text))
    assert {one.method: one.parameters for one in read.operations} == {"GET": ("p", "q"), "PUT": None}


def test_lines_of_json() -> None:
    """An operation has the line of its path."""
    (read,) = read_specification(ManifestText("openapi.json", "openapi", '{"paths": {\n"/a": {"get": {}},\n"/b": {"get": {}}}}'))
    assert [(one.path, one.line) for one in read.operations] == [("/a", 2), ("/b", 3)]


def test_references_that_go_round() -> None:
    """Parameters that refer to each other are not known; nobody follows them."""
    text = (
        "paths:\n  /a:\n    get:\n      parameters: [{$ref: '#/components/parameters/A'}]\n"
        "components:\n  parameters:\n    A: {$ref: '#/components/parameters/B'}\n    B: {$ref: '#/components/parameters/A'}\n"
    )
    (read,) = read_specification(ManifestText("openapi.yaml", "openapi", text))
    assert [one.parameters for one in read.operations] == [None]


def test_references_are_not_followed() -> None:
    """So that loops of them lead nowhere."""
    text = "paths:\n  /a:\n    $ref: '#/paths/~1b'\n  /b:\n    $ref: '#/paths/~1a'\n  /c:\n    get: {}\n"
    assert _read("openapi.yaml", text) == [("", ["GET /c"])]


def test_what_aliases_multiply_is_not_read() -> None:
    """Nine levels of nine aliases would be hundreds of millions of nodes; a path that is an alias is read."""
    lines = ["a0: &a0 {get: {}}"] + [f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]" for one in range(1, 10)]
    with pytest.raises(ManifestError, match="its aliases stand for more than"):
        _read("openapi.yaml", "\n".join([*lines, "paths:", "  /x: *a0"]))
    assert _read("openapi.yaml", "\n".join([lines[0], "paths:", "  /x: *a0"])) == [("", ["GET /x"])]


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"paths": '])
def test_json_that_cannot_be_read(text: str) -> None:
    """It is said, with the place."""
    with pytest.raises(ManifestError):
        _read("openapi.json", text)


@pytest.mark.parametrize("text", ["", "[]", "paths: 1", "{}", "paths:\n  - a"])
def test_documents_without_paths(text: str) -> None:
    """They promise nothing."""
    assert _read("openapi.yaml", text) == []


def test_operations_name_functions_and_their_modules() -> None:
    """What is no dotted name is left out."""
    operations = {
        "get": {"operationId": "api.dogs.search"},
        "post": {"operationId": "add", "x-openapi-router-controller": "api.dogs"},
        "put": {"operationId": "put a dog", "x-swagger-router-controller": 1},
    }
    (read,) = read_specification(ManifestText("openapi.json", "openapi", json.dumps({"paths": {"/dogs": operations}})))

    assert [(one.name, one.controller) for one in read.operations] == [("api.dogs.search", ""), ("add", "api.dogs"), ("", "")]
