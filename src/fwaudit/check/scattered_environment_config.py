"""Environment variables that are read all over a service: surely so, but what a library or a program reads for itself is no setting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls_of, text
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "scattered-environment-config"
_READERS = ("os.environ.get", "os.getenv")
_FEWEST_FILES = 4
_FEWEST_READS = 8
_OF_THE_SYSTEM = frozenset(("APPDATA", "DISPLAY", "HOME", "LANG", "LOCALAPPDATA", "PATH", "PYTHONPATH", "SHELL", "TEMP", "TMPDIR", "USER"))
_PROGRAMS = "bin"
"""A folder of programs that each read their own when they start."""
_SETTINGS = frozenset(("conf", "config", "configs", "configuration", "constants", "env", "environment", "settings"))


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service that reads them in several files, besides the one that reads most."""
    if not project.services:
        return
    reads = [part for body in project.code.bodies for part in _reads(body) if _PROGRAMS not in part.place.path.split("/")]
    for whole in clusters(project, reads):
        files = Counter(part.place.path for part in whole.parts)
        central = {path for path in files if _is_settings(path)} or {max(files, key=lambda path: (files[path], path))}
        for cluster in clusters(project, (part for part in whole.parts if part.place.path not in central)):
            if cluster.files >= _FEWEST_FILES and len(cluster.parts) >= _FEWEST_READS:
                message = "environment variables are read all over the service, besides where its settings are"
                yield cluster.draft(RULE, message, confidence=Grade.LOW)


def _is_settings(path: str) -> bool:
    return not _SETTINGS.isdisjoint(path.removesuffix(".py").split("/"))


def _reads(body: CodeBody) -> Iterator[Part]:
    if not {"environ", "getenv"} & set(body.scope.mentions):
        return
    for index, call in calls_of(body, _READERS):
        if call.arguments and text(body, call.arguments[0]) not in _OF_THE_SYSTEM:
            yield Part(body.place_of(index), body)
    for expression in body.body.expressions:
        if not isinstance(expression, facts.Subscript) or text(body, expression.index) in _OF_THE_SYSTEM:
            continue
        if "os.environ" in body.names(expression.value):
            yield Part(body.place_of(expression.value), body)
