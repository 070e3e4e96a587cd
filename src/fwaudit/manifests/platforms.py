"""What the files of hosting platforms start: Render, Heroku, Railway, Nixpacks and Fly."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.manifests.json_text import JsonText
from fwaudit.manifests.shell import Command, split_commands
from fwaudit.manifests.text import ManifestText, inside
from fwaudit.manifests.toml import TomlText
from fwaudit.manifests.yaml import Node, read_yaml

_TABLES = {"fly": ("processes", ""), "nixpacks": ("start", "cmd"), "railway": ("deploy", "startCommand")}
"""For each kind of TOML file the table, and the key of the command in it; "" where every key is one."""


def read_render(file: ManifestText, folder: str) -> Iterator[Command]:
    """The start command of each service of render.yaml."""
    for document in read_yaml(file.text):
        for service in (document.get("services") or Node(1, "")).items:
            root = service.get("rootDir")
            place = inside(folder, root.text) if root is not None else folder
            for key in ("startCommand", "dockerCommand"):
                yield from _of_node(service.get(key), place)


def read_heroku(file: ManifestText, folder: str) -> Iterator[Command]:
    """The processes of heroku.yml."""
    for document in read_yaml(file.text):
        for process in (document.get("run") or Node(1, "")).entries.values():
            yield from _of_node(process, folder)
            for command in (process.get("command") or Node(1, "")).items:
                yield from _of_node(command, folder)


def read_platform(file: ManifestText, folder: str) -> Iterator[Command]:
    """The commands of fly.toml, nixpacks.toml and railway.toml, or of railway.json."""
    table, key = _TABLES[file.kind]
    if file.path.endswith(".json"):
        settings = JsonText(file)
        deploy = settings.document.get(table) if isinstance(settings.document, dict) else None
        command = deploy.get(key) if isinstance(deploy, dict) else None
        if isinstance(command, str):
            yield from split_commands(command, settings.line_of_string(key), folder, is_process=True)
        return
    toml = TomlText(file.text)
    for name, command in toml.table(table).items():
        if isinstance(command, str) and key in ("", name):
            yield from split_commands(command, toml.line_of(table, name), folder, is_process=True)


def _of_node(node: Node | None, folder: str) -> Iterator[Command]:
    if node is not None and node.text:
        yield from split_commands(node.text, node.line, folder, is_process=True)
