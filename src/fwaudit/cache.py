"""The cache: facts and finished audits of each workspace, in one folder outside it that only its user can read.

A pack file holds the facts of one workspace, a second one its last audit. A pack is written whole and then renamed into place,
so concurrent runs and killed processes leave a complete one; what is damaged, foreign or from another version is a miss.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import stat
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from fwaudit import __version__

_MAGIC = b"fwaudit1"
_HEAD = struct.Struct(">8s32sQII")
"""Magic, what wrote it, where the index starts, how many entries it has, its checksum."""
_ENTRY = struct.Struct(">32sQII")
"""Key, offset, length, checksum."""
_SUFFIXES = (".facts", ".audit", ".tmp")
_STALE = 3600
"""Seconds after which the half-written file of a killed process is removed."""


class Cache:
    """The cache of the workspace at `root`, in `folder` (None: the user's cache folder).

    It never raises: what cannot be read is a miss, what cannot be written is said once, in `warning`.
    """

    def __init__(self, folder: Path | None = None, root: str = "") -> None:
        self.folder = folder or default_folder()
        self.warning = ""
        self._name = hashlib.sha256(os.fsencode(root)).hexdigest()[:32]

    def load_facts(self, digests: Collection[bytes]) -> dict[bytes, bytes]:
        """The encoded facts of those sources that are known, by the digest of their content."""
        pack = self._read(".facts")
        return {} if pack is None else _unpack(pack, _facts_stamp(), digests)

    def save_facts(self, facts: Mapping[bytes, bytes]) -> None:
        """Keeps these facts for the workspace, and no others."""
        self._write(".facts", _pack(_facts_stamp(), facts))

    def load_audit(self, key: str) -> bytes | None:
        """The finished audit that was saved under `key`."""
        pack = self._read(".audit")
        digest = _key_digest(key)
        return None if pack is None else _unpack(pack, _audit_stamp(), (digest,)).get(digest)

    def save_audit(self, key: str, data: bytes) -> None:
        """Keeps the workspace's finished audit; the one before is forgotten."""
        self._write(".audit", _pack(_audit_stamp(), {_key_digest(key): data}))

    def clean(self) -> int:
        """Removes all packs of all workspaces; how many there were."""
        removed = 0
        for path in self._packs():
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
        return removed

    def _packs(self) -> list[Path]:
        try:
            return sorted(path for path in self.folder.iterdir() if _is_pack(path.name))
        except OSError:
            return []

    def _read(self, suffix: str) -> bytes | None:
        """The content of the workspace's pack, if it is a regular file of this very user."""
        try:
            descriptor = os.open(self.folder / f"{self._name}{suffix}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                return None
            with open(descriptor, "rb", buffering=0, closefd=False) as stream:
                return stream.read()
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def _write(self, suffix: str, content: bytes) -> None:
        """Puts a pack into place, whole or not at all."""
        try:
            self._prepare_folder()
            descriptor, name = tempfile.mkstemp(suffix=".tmp", prefix=f"{self._name}-", dir=self.folder)
            try:
                with open(descriptor, "wb", buffering=0) as stream:
                    _write_all(stream.fileno(), content)
                os.replace(name, self.folder / f"{self._name}{suffix}")
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)
                raise
        except OSError as error:
            self.warning = self.warning or f"the cache in {self.folder} cannot be written, so the next run will be slow: {error.strerror}"

    def _prepare_folder(self) -> None:
        """Makes the folder, for its user alone, and removes what killed processes left in it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        oldest = time.time() - _STALE
        for path in self._packs():
            if path.suffix == ".tmp":
                with contextlib.suppress(OSError):
                    if path.lstat().st_mtime < oldest:
                        path.unlink()


def default_folder() -> Path:
    """The user's cache folder, by the system's conventions."""
    import platformdirs

    return platformdirs.user_cache_path("fwaudit", appauthor=False)


def _is_pack(name: str) -> bool:
    """Whether a file of that name is ours: no other file in a folder that the user chose is ever removed."""
    stem, suffix = os.path.splitext(name)
    return suffix in _SUFFIXES and len(stem) >= 32 and set(stem[:32]) <= set("0123456789abcdef")


def _write_all(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def _pack(stamp: bytes, entries: Mapping[bytes, bytes]) -> bytes:
    """The entries as the content of a pack: head, blobs, index."""
    offset = _HEAD.size
    index = []
    for key, data in entries.items():
        index.append(_ENTRY.pack(key, offset, len(data), zlib.crc32(data)))
        offset += len(data)
    table = b"".join(index)
    head = _HEAD.pack(_MAGIC, stamp, offset, len(index), zlib.crc32(table))
    return b"".join((head, *entries.values(), table))


def _unpack(pack: bytes, stamp: bytes, wanted: Collection[bytes]) -> dict[bytes, bytes]:
    """The wanted entries that are whole; none of a pack that something else wrote."""
    if len(pack) < _HEAD.size:
        return {}
    magic, found_stamp, start, count, checksum = _HEAD.unpack_from(pack)
    table = pack[start:]
    if magic != _MAGIC or found_stamp != stamp or len(table) != count * _ENTRY.size or zlib.crc32(table) != checksum:
        return {}
    entries = {}
    for key, offset, length, entry_checksum in _ENTRY.iter_unpack(table):
        if key in wanted:
            data = pack[offset : offset + length]
            if len(data) == length and zlib.crc32(data) == entry_checksum:
                entries[key] = data
    return entries


def _key_digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


MAKING_FACTS = ("directives.py", "model/facts.py", "model/source.py", "reading.py")
"""The modules that extract is made of besides its own."""


@cache
def _facts_stamp() -> bytes:
    """What the form and content of facts depend on besides the source: the code that makes them, the parser's version, Python's."""
    package = Path(__file__).parent
    return _stamp([*sorted((package / "extract").glob("*.py")), *(package / name for name in MAKING_FACTS)])


@cache
def _audit_stamp() -> bytes:
    """What a finished audit depends on besides its key: all code."""
    return _stamp(sorted(Path(__file__).parent.rglob("*.py")))


def _stamp(sources: list[Path]) -> bytes:
    """A digest over versions and source files. The parser is not imported for it, which would take 140 ms."""
    state = hashlib.sha256(repr((__version__, sys.implementation.cache_tag, sys.version_info[:3])).encode())
    parser = importlib.util.find_spec("libcst")
    if parser is not None and parser.origin is not None:
        sources = [*sources, Path(parser.origin).with_name("_version.py")]
    for source in sources:
        with contextlib.suppress(OSError):  # an installation without sources: the version must do
            content = source.read_bytes()
            state.update(b"%d:" % len(content) + content)
    return state.digest()
