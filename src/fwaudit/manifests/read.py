"""From the manifests of a workspace to what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from packaging.utils import canonicalize_name

from fwaudit.catalog.servers import ServerIndex
from fwaudit.manifests.deployments import (
    builds_of,
    read_app_engine,
    read_compose,
    read_kubernetes,
    read_serverless,
    read_vercel,
    read_zappa,
)
from fwaudit.manifests.folders import Folders
from fwaudit.manifests.locks import read_lock
from fwaudit.manifests.platforms import read_heroku, read_platform, read_render
from fwaudit.manifests.processes import read_dockerfile, read_makefile, read_procfile, read_script, read_units
from fwaudit.manifests.pyproject import names_of, read_pyproject, read_tasks, scripts_of
from fwaudit.manifests.requirements import read_requirements
from fwaudit.manifests.server_files import read_server_file, with_server_files
from fwaudit.manifests.setup_files import SetupCfg, SetupPy, read_conda, read_pipfile
from fwaudit.manifests.shell import Command
from fwaudit.manifests.specifications import read_specification
from fwaudit.manifests.starts import CommandReader, Started
from fwaudit.manifests.text import ManifestError, ManifestText, read_text
from fwaudit.manifests.toml import TomlText
from fwaudit.model.manifest import Dependency, Distribution, Manifests, ServerStart
from fwaudit.model.source import Problem, Workspace

_Said = TypeVar("_Said")
_COMMANDS: Mapping[str, Callable[[ManifestText, str], Iterable[Command]]] = {
    "app-engine": read_app_engine,
    "compose": read_compose,
    "dockerfile": read_dockerfile,
    "fly": read_platform,
    "heroku": read_heroku,
    "kubernetes": read_kubernetes,
    "makefile": read_makefile,
    "nixpacks": read_platform,
    "procfile": read_procfile,
    "railway": read_platform,
    "render": read_render,
    "shell": read_script,
    "supervisor": read_units,
    "systemd": read_units,
}
_STARTS: Mapping[str, Callable[[ManifestText], Iterable[Started]]] = {
    "serverless": read_serverless,
    "vercel": read_vercel,
    "zappa": read_zappa,
}
_DEPENDENCIES: Mapping[str, Callable[[ManifestText], Iterable[Dependency]]] = {
    "conda": read_conda,
    "lock": read_lock,
    "pipfile": read_pipfile,
}
_ROUTED_BY_DOCUMENTS = "connexion"
"""The distribution that registers the routes of OpenAPI documents, whatever these are called."""
_SERVER_FILES = ("gunicorn", "paste", "uwsgi")


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
        self._folders = Folders((*(source.path for source in workspace.sources), *(manifest.path for manifest in workspace.manifests)))
        self._tomls: dict[str, TomlText] = {}
        self._setups: dict[str, SetupPy | SetupCfg] = {}
        for file in self._of_kinds("pyproject", "setup.cfg", "setup.py"):
            try:
                if file.kind == "pyproject":
                    self._tomls[file.path] = TomlText(file.text)
                else:
                    self._setups[file.path] = SetupPy(file) if file.kind == "setup.py" else SetupCfg(file)
            except ManifestError as error:
                self._note(file.path, error)

    def manifests(self) -> Manifests:
        """All that they say."""
        dependencies = sorted(set(self._dependencies()))
        starts = sorted(set(self._starts()), key=lambda start: (start.evidence, start.server, start.app, start.folder))
        is_routed = any(one.name == _ROUTED_BY_DOCUMENTS for one in dependencies)
        documents = self._of_kinds("openapi", *(["description"] if is_routed else []))
        specifications = sorted(one for file in documents for one in self._read(file, partial(read_specification, file)))
        distributions = sorted(set(self._distributions()))
        return Manifests(
            tuple(dependencies), tuple(starts), tuple(sorted(set(self._problems))), tuple(specifications), tuple(distributions)
        )

    def _of_kinds(self, *kinds: str) -> Iterator[ManifestText]:
        return (file for file in self._files.values() if file.kind in kinds)

    def _note(self, path: str, error: ManifestError) -> None:
        self._problems.append(Problem(path, error.line, str(error), "skipped"))

    def _read(self, file: ManifestText, read: Callable[[], Iterable[_Said]]) -> list[_Said]:
        """What `read` gives, up to where the manifest is wrong, which is a problem."""
        said: list[_Said] = []
        try:
            said.extend(read())
        except ManifestError as error:
            self._note(file.path, error)
        return said

    def _dependencies(self) -> Iterator[Dependency]:
        for file in self._files.values():
            if file.path in self._tomls:
                yield from self._read(file, partial(read_pyproject, file, self._tomls[file.path]))
            elif file.path in self._setups:
                yield from self._read(file, self._setups[file.path].dependencies)
            elif (read := _DEPENDENCIES.get(file.kind)) is not None:
                yield from self._read(file, partial(read, file))

        requirements = {file.path: file for file in self._of_kinds("requirements")}
        if requirements:
            constraints = {file.path: file for file in self._of_kinds("constraints")}
            yield from self._read(next(iter(requirements.values())), partial(read_requirements, requirements, constraints))

    def _starts(self) -> Iterator[ServerStart]:
        files: dict[str, Started] = {}
        for file in self._of_kinds(*_SERVER_FILES):
            for started in self._read(file, partial(read_server_file, file, self._servers)):
                files[file.path] = started
        for path, started in with_server_files(self._started(), files):
            file = self._files[path]
            yield _make_start(file, replace(started, folder=self._folders.find(started.folder, file.folder)))

    def _started(self) -> Iterator[tuple[ManifestText, Started]]:
        """What each manifest that holds commands starts."""
        reader = CommandReader(self._servers, self._scripts())
        folders = {path: folder for file in self._of_kinds("compose") for path, folder in self._read(file, partial(builds_of, file))}
        for file in self._files.values():
            if file.path in self._tomls:
                commands = list(read_tasks(file, self._tomls[file.path]))
            elif (read := _COMMANDS.get(file.kind)) is not None:
                commands = self._read(file, partial(read, file, folders.get(file.path, file.folder)))
            else:
                commands = []
                if (read_starts := _STARTS.get(file.kind)) is not None:
                    yield from ((file, started) for started in self._read(file, partial(read_starts, file)))
            for command in commands:
                yield from ((file, started) for started in reader.started_by(command))

    def _distributions(self) -> Iterator[Distribution]:
        """What each project is called."""
        for path, toml in self._tomls.items():
            yield from (Distribution(canonicalize_name(name), self._files[path].folder) for name in names_of(toml))
        for path, setup in self._setups.items():
            file = self._files[path]
            yield from (Distribution(canonicalize_name(name), file.folder) for name in self._read(file, setup.names))

    def _scripts(self) -> dict[str, str]:
        """The console scripts of all projects, and what each calls."""
        scripts = {name: target for toml in self._tomls.values() for name, target in scripts_of(toml).items()}
        for path, setup in self._setups.items():
            scripts |= self._read(self._files[path], setup.scripts)
        return scripts


def _make_start(file: ManifestText, started: Started) -> ServerStart:
    return ServerStart(
        server=started.server,
        app=started.app,
        folder=started.folder,
        evidence=file.at(started.line),
        worker_class=started.worker_class,
        workers=started.workers,
        options=started.options,
        config=started.config,
        stage=started.stage,
        is_open=started.is_open,
    )
