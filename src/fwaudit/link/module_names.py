"""The dotted names under which the files of a workspace can be imported."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet

ROOT_PACKAGE = "__init__"
"""The name of an `__init__.py` in the workspace root: its package has the name of a folder that is not part of the workspace."""
SOURCE_FOLDERS = ("src", "lib", "python")
"""Folders that hold packages without being one."""


def module_name(path: str, paths: AbstractSet[str], imported: AbstractSet[str], is_library: Callable[[str], bool]) -> str:
    """The dotted name of a file: from the topmost folder of the `__init__.py` files above it, else from the workspace root.

    A folder further out counts as a package, too, if only its name is among the `imported` top-level names,
    or if its name is a library's and it lies in another package: then imports of that name mean the library.
    """
    parts = parts_of(path)
    if not parts:
        return ROOT_PACKAGE
    start = len(parts) - 1
    folder = folder_of(path)
    if package_file(folder) not in paths:
        named = [part for part in parts if part.isidentifier()]
        return ".".join(named[1:] if len(named) > 1 and named[0] in SOURCE_FOLDERS else named) or path
    if path.rpartition("/")[2] == "__init__.py":
        folder = folder_of(folder)
    while folder and package_file(folder) in paths:
        folder = folder_of(folder)
        start -= 1
    is_nested = any(package_file("/".join(parts[:end])) in paths for end in range(1, start + 1))
    if parts[start] not in imported or (is_nested and is_library(parts[start])):
        start = next((place for place in range(start - 1, -1, -1) if parts[place] in imported), start)
    return ".".join(parts[start:])


def folder_of(path: str) -> str:
    """The folder of a file or folder; "" for the workspace root."""
    return path.rpartition("/")[0]


def package_file(folder: str) -> str:
    """The file that makes a folder a package."""
    return f"{folder}/__init__.py" if folder else "__init__.py"


def parts_of(path: str) -> tuple[str, ...]:
    """The folders and the module, without `__init__`."""
    parts = path.removesuffix(".py").split("/")
    return tuple(parts[:-1] if parts[-1] == "__init__" else parts)


def spellings(path: str, name: str, has_package: bool) -> set[str]:
    """The names under which a module may be imported.

    Its own, those from each folder further out (namespace packages), and, outside packages, those from each folder further in.
    """
    parts = parts_of(path)
    spellings = {name} if parts else {name, ""}
    for start in range(len(parts)):
        if all(part.isidentifier() for part in parts[start:]) and (not has_package or len(parts) - start > name.count(".") + 1):
            spellings.add(".".join(parts[start:]))
    return spellings


def source_root(place: str, dotted: str) -> str:
    """The folder, with a slash, from which the file at `place` is imported as `dotted`; "" for the workspace root."""
    parts = parts_of(place)
    kept = parts[: max(0, len(parts) - dotted.count(".") - 1)]
    return "/".join(kept) + "/" if kept else ""


def shared_folders(one: str, other: str) -> int:
    """How many folders two paths begin with alike."""
    shared = 0
    for left, right in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if left != right:
            break
        shared += 1
    return shared
