"""OpenAPI and Swagger documents: which operations they promise. Nothing that they refer to is followed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from fwaudit.manifests.text import ManifestError, ManifestText
from fwaudit.manifests.yaml import Node, read_yaml
from fwaudit.model.manifest import Operation, Specification

_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})
_MOST_OPERATIONS = 5000
_LONGEST_PATH = 500


def read_specification(file: ManifestText) -> Iterator[Specification]:
    """The document, if it has paths; raises ManifestError for what cannot be read."""
    if file.name.endswith(".json"):
        document = _plain(file)
        paths = document.get("paths")
        operations = _of_json(paths) if isinstance(paths, dict) else ()
        base = _base(document)
    else:
        roots = read_yaml(file.text)
        root = roots[0] if roots else None
        found = root.get("paths") if root is not None else None
        operations = _of_yaml(found) if found is not None else ()
        base = _base_of_yaml(root) if root is not None else ""
    told = tuple(sorted(set(operations))[:_MOST_OPERATIONS])
    if told:
        yield Specification(file.path, base, told)


def _plain(file: ManifestText) -> Mapping[str, Any]:
    try:
        document = json.loads(file.text)
    except ValueError as error:
        raise ManifestError(getattr(error, "lineno", 1), f"is not JSON: {error}") from error
    except RecursionError as error:
        raise ManifestError(1, "is nested too deeply") from error
    return document if isinstance(document, dict) else {}


def _of_json(paths: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in paths.items():
        if isinstance(item, dict) and path.startswith("/") and len(path) <= _LONGEST_PATH:
            yield from (Operation(path, method.upper(), 1) for method in item if method in _METHODS)


def _of_yaml(paths: Node) -> Iterator[Operation]:
    for path, item in paths.entries.items():
        if path.startswith("/") and len(path) <= _LONGEST_PATH:
            yield from (Operation(path, method.upper(), node.line) for method, node in item.entries.items() if method in _METHODS)


def _base(document: Mapping[str, Any]) -> str:
    """The path before all others: of Swagger 2 or of the first server."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    url = first.get("url") if isinstance(first, dict) else document.get("basePath")
    return _path_of(url) if isinstance(url, str) else ""


def _base_of_yaml(root: Node) -> str:
    servers = root.get("servers")
    first = servers.items[0].get("url") if servers is not None and servers.items else root.get("basePath")
    return _path_of(first.text) if first is not None else ""


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""
