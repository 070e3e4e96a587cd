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


def test_references_are_not_followed() -> None:
    """So that loops of them lead nowhere."""
    text = "paths:\n  /a:\n    $ref: '#/paths/~1b'\n  /b:\n    $ref: '#/paths/~1a'\n  /c:\n    get: {}\n"
    assert _read("openapi.yaml", text) == [("", ["GET /c"])]


def test_what_aliases_multiply_is_read_once() -> None:
    """Nine levels of nine aliases would be hundreds of millions of nodes."""
    lines = ["a0: &a0 {get: {}}"] + [f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]" for one in range(1, 10)]
    assert _read("openapi.yaml", "\n".join([*lines, "paths:", "  /x: *a0"])) in ([("", ["GET /x"])], [])


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"paths": '])
def test_json_that_cannot_be_read(text: str) -> None:
    """It is said, with the place."""
    with pytest.raises(ManifestError):
        _read("openapi.json", text)


@pytest.mark.parametrize("text", ["", "[]", "paths: 1", "{}", "paths:\n  - a"])
def test_documents_without_paths(text: str) -> None:
    """They promise nothing."""
    assert _read("openapi.yaml", text) == []
