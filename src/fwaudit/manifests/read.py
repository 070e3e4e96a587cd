"""From the manifests of a workspace to what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from fwaudit.catalog.servers import ServerIndex
from fwaudit.manifests.processes import read_dockerfile, read_makefile, read_procfile, read_script, read_units
from fwaudit.manifests.pyproject import read_pyproject, read_tasks, scripts_of
from fwaudit.manifests.requirements import read_requirements
from fwaudit.manifests.shell import Command
from fwaudit.manifests.starts import CommandReader, Started
from fwaudit.manifests.text import ManifestError, ManifestText, read_text
from fwaudit.manifests.toml import TomlText
from fwaudit.model.manifest import Dependency, Manifests, ServerStart
from fwaudit.model.source import Problem, Workspace

_COMMANDS: Mapping[str, Callable[[ManifestText, str], Iterable[Command]]] = {
    "dockerfile": read_dockerfile,
    "makefile": read_makefile,
    "procfile": read_procfile,
    "shell": read_script,
    "supervisor": read_units,
    "systemd": read_units,
}


def read_manifests(workspace: Workspace, servers: ServerIndex) -> Manifests:
    """What all manifests say, sorted; what cannot be read is a problem."""
    return _Reading(workspace, servers).manifests()


class _Reading:
    """One workspace's manifests while they are read. A manifest that cannot be read is a problem, and the others go on."""

    def __init__(self, workspace: Workspace, servers: ServerIndex) -> None:
        self._servers = servers
        self._problems: list[Problem] = []
        self._files: dict[str, ManifestText] = {}
        for manifest in workspace.manifests:
            try:
                self._files[manifest.path] = read_text(manifest)
            except ManifestError as error:
                self._note(manifest.path, error)
        self._tomls: dict[str, TomlText] = {}
        for file in self._of_kinds("pyproject"):
            try:
                self._tomls[file.path] = TomlText(file.text)
            except ManifestError as error:
                self._note(file.path, error)

    def manifests(self) -> Manifests:
        """All that they say."""
        dependencies = sorted(set(self._dependencies()))
        starts = sorted(set(self._starts()), key=lambda start: (start.evidence, start.server, start.app, start.folder))
        return Manifests(tuple(dependencies), tuple(starts), tuple(sorted(self._problems)))

    def _of_kinds(self, *kinds: str) -> Iterator[ManifestText]:
        return (file for file in self._files.values() if file.kind in kinds)

    def _note(self, path: str, error: ManifestError) -> None:
        self._problems.append(Problem(path, error.line, str(error), "skipped"))

    def _dependencies(self) -> Iterator[Dependency]:
        for path, toml in self._tomls.items():
            yield from read_pyproject(self._files[path], toml)
        for file in self._of_kinds("requirements"):
            yield from read_requirements(file, self._files)

    def _starts(self) -> Iterator[ServerStart]:
        scripts = {name: target for toml in self._tomls.values() for name, target in scripts_of(toml).items()}
        reader = CommandReader(self._servers, scripts)
        for file in self._files.values():
            for command in self._commands(file):
                for started in reader.started_by(command):
                    yield _make_start(file, started)

    def _commands(self, file: ManifestText) -> Iterable[Command]:
        if file.path in self._tomls:
            return read_tasks(file, self._tomls[file.path])
        read = _COMMANDS.get(file.kind)
        return read(file, file.folder) if read is not None else ()


def _make_start(file: ManifestText, started: Started) -> ServerStart:
    return ServerStart(
        server=started.server,
        app=started.app,
        folder=started.folder,
        evidence=file.at(started.line),
        worker_class=started.worker_class,
        workers=started.workers,
        options=started.options,
    )
