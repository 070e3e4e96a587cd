"""What compose files, Kubernetes manifests and the files of hosting platforms run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.manifests.json_text import JsonText
from fwaudit.manifests.shell import WORD_LIMIT, Command, Word, split_commands
from fwaudit.manifests.starts import Started
from fwaudit.manifests.text import ManifestText, inside
from fwaudit.manifests.yaml import Node, read_yaml

_REMOTE = re.compile(r"\w+://|git@")


def read_compose(file: ManifestText, folder: str) -> Iterator[Command]:
    """What each service runs; in the folder that it is built from, if that is told."""
    for document in read_yaml(file.text):
        for service in _services_of(document):
            place = folder_of_build(service, folder)
            place = inside(place, _text_at(service, "working_dir"))
            words = (*_words(service.get("entrypoint")), *_words(service.get("command")))
            if words:
                yield Command(words, place, is_process=True, variables=_environment(service.get("environment")))


def _services_of(document: Node) -> list[Node]:
    """The services of a compose file; in the form of its first version they are not below `services`."""
    services = document.get("services")
    if services is not None:
        return list(services.entries.values())
    return [one for one in document.entries.values() if one.get("image") is not None or one.get("build") is not None]


def builds_of(file: ManifestText) -> Iterator[tuple[str, str]]:
    """The path of each Dockerfile that a compose file names, and the folder that it is built from."""
    for document in read_yaml(file.text):
        for service in _services_of(document):
            if service.get("build") is not None:
                context = folder_of_build(service, file.folder)
                name = _text_at(service, "build", "dockerfile") or "Dockerfile"
                path = inside(context, name)
                yield path if path != context else f"{context}/Dockerfile", context


def folder_of_build(service: Node, folder: str) -> str:
    """The folder that a service of a compose file is built from; `folder` where that is not told."""
    context = _text_at(service, "build", "context") or _text_at(service, "build")
    return folder if _REMOTE.match(context) else inside(folder, context)


def read_kubernetes(file: ManifestText, folder: str) -> Iterator[Command]:
    """What the containers of all documents run."""
    if "containers" not in file.text or not ("command" in file.text or "args" in file.text):
        return
    for document in read_yaml(file.text):
        for mapping in document.mappings():
            for container in (mapping.get("containers") or Node(1, "")).items:
                words = (*_words(container.get("command")), *_words(container.get("args")))
                if words:
                    yield Command(words, inside(folder, _text_at(container, "workingDir")), is_process=True)


def read_app_engine(file: ManifestText, folder: str) -> Iterator[Command]:
    """The entrypoint of App Engine; without one it starts gunicorn with `main:app`."""
    for document in read_yaml(file.text):
        entrypoint = document.get("entrypoint")
        if entrypoint is not None and entrypoint.text:
            yield from split_commands(entrypoint.text, entrypoint.line, folder, is_process=True)
        elif _text_at(document, "runtime").startswith("python3"):
            runtime = document.entries["runtime"].line
            yield Command((Word("gunicorn", runtime), Word("main:app", runtime)), folder, is_process=True)


def read_serverless(file: ManifestText) -> Iterator[Started]:
    """The WSGI app that the plugin serverless-wsgi serves."""
    for document in read_yaml(file.text):
        app = document.get("custom", "wsgi", "app")
        if app is not None and app.text:
            yield Started("serverless-wsgi", app.line, file.folder, app.text)


def read_zappa(file: ManifestText) -> Iterator[Started]:
    """The app of each stage of zappa_settings.json, or the settings of Django."""
    settings = JsonText(file)
    for stage in settings.document.values() if isinstance(settings.document, dict) else ():
        for key in ("app_function", "django_settings"):
            if isinstance(stage, dict) and isinstance(app := stage.get(key), str):
                yield Started("zappa", settings.line_of_string(app), file.folder, app)


def read_vercel(file: ManifestText) -> Iterator[Started]:
    """The Python files that Vercel builds functions from."""
    settings = JsonText(file)
    builds = settings.document.get("builds") if isinstance(settings.document, dict) else None
    for build in builds if isinstance(builds, list) else ():
        if isinstance(build, dict) and str(build.get("use", "")).startswith("@vercel/python") and isinstance(app := build.get("src"), str):
            yield Started("vercel", settings.line_of_string(app), file.folder, app)


def _text_at(node: Node, *path: str) -> str:
    found = node.get(*path)
    return found.text if found is not None else ""


def _words(node: Node | None) -> tuple[Word, ...]:
    """The words of a command that is a list, or a text that no shell reads."""
    if node is None:
        return ()
    if node.items:
        return tuple(Word(item.text, item.line) for item in node.items[:WORD_LIMIT])
    commands = list(split_commands(node.text, node.line, "."))
    if len(commands) > 1:
        return (Word("sh", node.line), Word("-c", node.line), Word(node.text, node.line))
    return commands[0].words if commands else ()


def _environment(node: Node | None) -> tuple[tuple[str, str], ...]:
    """The variables of `environment`, in either of its two forms."""
    if node is None:
        return ()
    pairs = [item.text.partition("=")[::2] for item in node.items] or [(name, value.text) for name, value in node.entries.items()]
    return tuple(sorted(pairs))
