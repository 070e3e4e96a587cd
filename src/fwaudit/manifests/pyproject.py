"""What pyproject.toml declares, in the forms of PEP 621, PEP 735, Poetry, PDM, Hatch and uv."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from packaging.utils import canonicalize_name

from fwaudit.manifests.constraints import to_specifier
from fwaudit.manifests.requirements import make_dependency
from fwaudit.manifests.shell import Command, split_commands
from fwaudit.manifests.text import ManifestError, ManifestText
from fwaudit.manifests.toml import TomlText
from fwaudit.model.manifest import Dependency, is_for_developing

_RUNNING_GROUPS = frozenset({"api", "app", "application", "backend", "main", "prod", "production", "runtime", "server", "service", "web"})
"""Names of groups with what a service needs to run; an extra of such a name is something else: what users of a library may want."""
_INCLUDED_LIMIT = 20_000
"""The most dependencies that the groups of one file include from each other: real ones include some tens."""


def read_pyproject(file: ManifestText, toml: TomlText) -> Iterator[Dependency]:
    """All that it declares; a group that includes others has their dependencies too."""
    yield from _of_list(file, toml, "project", toml.texts("project", "dependencies"), "")
    for extra in toml.table("project", "optional-dependencies"):
        texts = toml.texts("project", "optional-dependencies", extra)
        yield from _of_list(file, toml, "project.optional-dependencies", texts, extra)
    yield from _of_groups(file, toml)
    for group in toml.table("tool", "pdm", "dev-dependencies"):
        texts = toml.texts("tool", "pdm", "dev-dependencies", group)
        yield from _of_list(file, toml, "tool.pdm.dev-dependencies", texts, _purpose(toml, group))
    yield from _of_list(file, toml, "tool.uv", toml.texts("tool", "uv", "dev-dependencies"), "dev")
    for environment in toml.table("tool", "hatch", "envs"):
        for key in ("dependencies", "extra-dependencies"):
            texts = toml.texts("tool", "hatch", "envs", environment, key)
            yield from _of_list(file, toml, f"tool.hatch.envs.{environment}", texts, _purpose_of_environment(toml, environment))
    yield from _of_poetry(file, toml)


def names_of(toml: TomlText) -> list[str]:
    """What the project is called: PEP 621, then Poetry."""
    names = (toml.table("project").get("name"), toml.table("tool", "poetry").get("name"))
    return [name for name in names if isinstance(name, str)]


def scripts_of(toml: TomlText) -> dict[str, str]:
    """Console scripts by name, and what each calls (`app.cli:main`)."""
    tables = (toml.table("project", "scripts"), toml.table("tool", "poetry", "scripts"))
    return {name: target for table in tables for name, target in table.items() if isinstance(target, str) and ":" in target}


def read_tasks(file: ManifestText, toml: TomlText) -> Iterator[Command]:
    """The commands of task runners: poe, PDM, Hatch and taskipy."""
    tables = [
        ("tool.poe.tasks", toml.table("tool", "poe", "tasks")),
        ("tool.pdm.scripts", toml.table("tool", "pdm", "scripts")),
        ("tool.taskipy.tasks", toml.table("tool", "taskipy", "tasks")),
    ]
    environments = toml.table("tool", "hatch", "envs")
    tables += [(f"tool.hatch.envs.{name}.scripts", toml.table("tool", "hatch", "envs", name, "scripts")) for name in environments]
    for table, tasks in tables:
        for name, task in tasks.items():
            values = [task, *(task.get(key) for key in ("cmd", "shell"))] if isinstance(task, dict) else [task]
            for value in values:
                if isinstance(value, str):
                    yield from split_commands(value, toml.line_of(table, name), file.folder)


def _purpose(toml: TomlText, group: str) -> str:
    """The group of a dependency: none where it is one of what runs.

    Nobody else can install a project that is never built: whatever its groups are called, they are its own.
    """
    name = canonicalize_name(group)
    return "" if name in _RUNNING_GROUPS or (_is_never_built(toml) and not is_for_developing(name)) else group


def _purpose_of_environment(toml: TomlText, name: str) -> str:
    """The same for an environment of Hatch: its default one is what a program runs in that is not installed there itself."""
    environment = toml.table("tool", "hatch", "envs", name)
    is_uninstalled = environment.get("skip-install") is True or environment.get("detached") is True
    return "" if name == "default" and (is_uninstalled or _is_never_built(toml)) else name


def _is_never_built(toml: TomlText) -> bool:
    """Whether it says that it is no package, or not by what it would be built."""
    is_package = toml.table("tool", "poetry").get("package-mode", True) and toml.table("tool", "uv").get("package", True)
    return "build-system" not in toml.document or not is_package


def _of_list(file: ManifestText, toml: TomlText, table: str, texts: list[str], group: str) -> Iterator[Dependency]:
    for text in texts:
        dependency = make_dependency(text, file.at(toml.line_of_string(table, text)), file.folder, group)
        if dependency is not None:
            yield dependency


def _of_groups(file: ManifestText, toml: TomlText) -> Iterator[Dependency]:
    """The dependencies of each PEP 735 group and of those that it includes, each group once, also in a circle."""
    groups = toml.table("dependency-groups")
    own: dict[str, tuple[list[Dependency], list[str]]] = {}
    for name, items in groups.items():
        listed = items if isinstance(items, list) else []
        texts = [item for item in listed if isinstance(item, str)]
        named = [item["include-group"] for item in listed if isinstance(item, dict) and isinstance(item.get("include-group"), str)]
        of_others = list(dict.fromkeys(str(canonicalize_name(one)) for one in named))
        own[canonicalize_name(name)] = list(_of_list(file, toml, "dependency-groups", texts, name)), of_others
    left = _INCLUDED_LIMIT
    for name in groups:
        first = str(canonicalize_name(name))
        seen, waiting = {first}, [first]
        while waiting:
            current = waiting.pop()
            declared, included = own[current]
            left -= len(declared) + len(included) + 1 if current != first else 0
            if left < 0:
                line = toml.line_of("dependency-groups", name)
                raise ManifestError(
                    line, f"its groups include more than {_INCLUDED_LIMIT:,} dependencies of each other: name them less often"
                )
            yield from (msgspec.structs.replace(one, group=_purpose(toml, name)) for one in declared)
            onward = [one for one in included if one in own and one not in seen]
            seen.update(onward)
            waiting.extend(onward)


def _of_poetry(file: ManifestText, toml: TomlText) -> Iterator[Dependency]:
    sections = [("tool.poetry.dependencies", "", toml.table("tool", "poetry", "dependencies"))]
    sections.append(("tool.poetry.dev-dependencies", "dev", toml.table("tool", "poetry", "dev-dependencies")))
    for group in toml.table("tool", "poetry", "group"):
        table = toml.table("tool", "poetry", "group", group, "dependencies")
        sections.append((f"tool.poetry.group.{group}.dependencies", _purpose(toml, group), table))
    extras = {
        canonicalize_name(member): extra
        for extra in toml.table("tool", "poetry", "extras")
        for member in toml.texts("tool", "poetry", "extras", extra)
    }
    for section, group, table in sections:
        for name, value in table.items():
            if name.lower() != "python":
                yield of_poetry_entry(file, name, value, group or extras.get(canonicalize_name(name), ""), toml.line_of(section, name))


def of_poetry_entry(file: ManifestText, name: str, value: Any, group: str, line: int) -> Dependency:
    """The dependency of `name = value` as Poetry and Pipenv write it: a text, a table, or a list of tables.

    Of several tables each holds for other Pythons or platforms: which version is installed is not known, and only extras of all count.
    """
    entries = value if isinstance(value, list) else [value]
    constraints = [entry.get("version", "") if isinstance(entry, dict) else entry for entry in entries]
    specifier = to_specifier(constraints[0]) if len(constraints) == 1 and isinstance(constraints[0], str) else ""
    extras = frozenset.intersection(*map(_extras_of, entries)) if entries else frozenset()
    return Dependency(
        canonicalize_name(name), specifier, file.folder, group, is_locked=False, evidence=file.at(line), extras=tuple(sorted(extras))
    )


def _extras_of(entry: Any) -> frozenset[str]:
    extras = entry.get("extras") if isinstance(entry, dict) else None
    return frozenset(extra for extra in extras if isinstance(extra, str)) if isinstance(extras, list) else frozenset()
