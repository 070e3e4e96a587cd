"""OpenAPI and Swagger documents: which operations they promise. What they refer to in other files is not followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from fwaudit.manifests.json_text import JsonText
from fwaudit.manifests.text import ManifestError, ManifestText
from fwaudit.manifests.yaml import Node, read_yaml
from fwaudit.model.manifest import Operation, Specification

_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})
_MOST_OPERATIONS = 5000
_MOST_PARAMETERS = 200
_LONGEST_PATH = 500
_CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")
_DOTTED = re.compile(r"[^\W\d]\w{0,100}(?:\.[^\W\d]\w{0,100}){0,20}")


def read_specification(file: ManifestText) -> Iterator[Specification]:
    """The document, if it has paths; raises ManifestError for what cannot be read."""
    root = _json(file) if file.name.endswith(".json") else next(iter(read_yaml(file.text)), None)
    paths = root.get("paths") if root is not None else None
    if root is None or paths is None:
        return
    told = tuple(sorted(set(_operations(root, paths)))[:_MOST_OPERATIONS])
    if told:
        yield Specification(file.path, _base(root), told)


def _json(file: ManifestText) -> Node:
    """The document; a path has the line on which it stands first."""
    json = JsonText(file)
    try:
        return _node(json.document, json, 1)
    except RecursionError as error:
        raise ManifestError(1, "is nested too deeply") from error


def _node(value: Any, json: JsonText, line: int) -> Node:
    if isinstance(value, dict):
        lines = {key: json.line_of_object(key, line) if key.startswith("/") else line for key in value}
        return Node(line, {key: _node(one, json, lines[key]) for key, one in value.items()})
    if isinstance(value, list):
        return Node(line, [_node(one, json, line) for one in value])
    return Node(line, value if isinstance(value, str) else "")


def _operations(root: Node, paths: Node) -> Iterator[Operation]:
    for path, item in paths.entries.items():
        if path.startswith("/") and len(path) <= _LONGEST_PATH:
            shared = _query_parameters(root, item.get("parameters"))
            for method, node in item.entries.items():
                if method in _METHODS:
                    own = _query_parameters(root, node.get("parameters"))
                    known = None if shared is None or own is None else tuple(sorted(shared | own))
                    controller = next((word for key in _CONTROLLERS if (word := _dotted(node.get(key)))), "")
                    yield Operation(path, method.upper(), node.line, known, _dotted(node.get("operationId")), controller)


def _dotted(node: Node | None) -> str:
    """The dotted name that stands there; "" for anything else."""
    return node.text if node is not None and _DOTTED.fullmatch(node.text) else ""


def _query_parameters(root: Node, given: Node | None) -> frozenset[str] | None:
    """Their names; None where one is referred to that is not in the document."""
    names = set()
    for one in given.items[:_MOST_PARAMETERS] if given is not None else ():
        parameter, reference = one, one.get("$ref")
        if reference is not None:
            target = root.get(*reference.text.removeprefix("#/").split("/")) if reference.text.startswith("#/") else None
            if target is None or target.get("name") is None:
                return None
            parameter = target
        name, place = parameter.get("name"), parameter.get("in")
        if name is None or place is None:
            return None
        if place.text == "query":
            names.add(name.text)
    return frozenset(names)


def _base(root: Node) -> str:
    """The path before all others: of Swagger 2 or of the first server."""
    servers = root.get("servers")
    first = servers.items[0].get("url") if servers is not None and servers.items else root.get("basePath")
    return _path_of(first.text) if first is not None else ""


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""
