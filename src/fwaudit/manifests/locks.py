"""What lock files pin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from fwaudit.manifests.json_text import JsonText
from fwaudit.manifests.text import ManifestText
from fwaudit.manifests.toml import TomlText
from fwaudit.model.manifest import Dependency

_MAIN_GROUPS = frozenset({"default", "main"})


def read_lock(file: ManifestText) -> Iterator[Dependency]:
    """The pinned versions of uv.lock, poetry.lock, pdm.lock, pylock.toml and Pipfile.lock. The project's own packages are none of them."""
    if file.name == "Pipfile.lock":
        yield from _of_pipenv(file)
        return
    toml = TomlText(file.text)
    key = "packages" if file.name.startswith("pylock") else "package"
    packages = toml.document.get(key)
    lines = toml.headers(key)
    for place, package in enumerate(packages if isinstance(packages, list) else ()):
        if not isinstance(package, dict) or not isinstance(package.get("name"), str) or not isinstance(package.get("version"), str):
            continue
        source = package.get("source")
        if isinstance(source, dict) and not {"editable", "virtual", "directory"}.isdisjoint(source):
            continue
        line = lines[place] if place < len(lines) else 1
        yield _pinned(file, package["name"], package["version"], _group_of(package), line)


def _group_of(package: dict[str, Any]) -> str:
    """The first group that needs the package, unless it is needed to run; "" where the lock file does not tell."""
    groups = package.get("groups")
    names = [name for name in groups if isinstance(name, str)] if isinstance(groups, list) else []
    if not names:
        category = package.get("category")
        names = [category] if isinstance(category, str) else []
    return "" if not names or not _MAIN_GROUPS.isdisjoint(names) else min(names)


def _of_pipenv(file: ManifestText) -> Iterator[Dependency]:
    lock = JsonText(file)
    for category, packages in lock.document.items() if isinstance(lock.document, dict) else ():
        if category.startswith("_") or not isinstance(packages, dict):
            continue
        for name, package in packages.items():
            if isinstance(package, dict) and isinstance(version := package.get("version"), str):
                group = "" if category == "default" else "dev" if category == "develop" else str(category)
                yield _pinned(file, name, version.removeprefix("=="), group, lock.line_of_object(name))


def _pinned(file: ManifestText, name: str, version: str, group: str, line: int) -> Dependency:
    return Dependency(canonicalize_name(name), f"=={version}", file.folder, group, is_locked=True, evidence=file.at(line))
