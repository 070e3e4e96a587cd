"""The files of `rules/` and of users' own folders of tables, unparsed: what a finished audit is looked up by needs no more."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fwaudit.errors import CatalogError


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file of a rules folder: `kind` is libraries, frameworks, servers, advice or pages; `shown` is its name in messages."""

    folder: int
    kind: str
    name: str
    shown: str
    content: bytes


def read_tables(extra_folders: Sequence[Path] = ()) -> tuple[TableFile, ...]:
    """The files of the shipped rules and of `extra_folders`, unparsed, in the order in which they count."""
    shipped = _shipped_folder()
    files = [file for kind in ("libraries", "frameworks", "servers", "advice", "pages") for file in _read(0, shipped, kind, "rules")]
    for number, folder in enumerate(extra_folders, start=1):
        own = [file for kind in ("libraries", "frameworks", "servers") for file in _read(number, folder, kind, str(folder))]
        if not own:
            raise CatalogError(f"{folder}: no libraries/*.toml, no frameworks/*.toml and no servers.toml there")
        files += own
    return tuple(files)


def read_kind(kind: str) -> tuple[TableFile, ...]:
    """The shipped files of one kind."""
    return tuple(_read(0, _shipped_folder(), kind, "rules"))


def digest_of(files: Sequence[TableFile]) -> str:
    """A sha256 over names and contents: a key for what was made with these tables."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.folder}/{file.kind}/{file.name}\0{len(file.content)}\0".encode("utf-8", "surrogateescape"))
        digest.update(file.content)
    return digest.hexdigest()


def _shipped_folder() -> Path:
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "rules", package.parent.parent / "rules"):
        if (candidate / "libraries").is_dir():
            return candidate
    raise CatalogError(f"{package}: the folder rules/ is missing; install fwaudit again")


def _read(folder: int, root: Path, kind: str, shown: str) -> list[TableFile]:
    pattern = {"pages": "pages/*.md", "servers": "servers.toml"}.get(kind, f"{kind}/*.toml")
    try:
        paths = [path for path in sorted(root.glob(pattern)) if path.is_file()]
        return [TableFile(folder, kind, path.stem, f"{shown}/{path.relative_to(root).as_posix()}", path.read_bytes()) for path in paths]
    except OSError as error:
        raise CatalogError(f"{error.filename}: {error.strerror}") from error
