"""A finished Audit in the cache: what it depends on, and its form there."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import msgspec

from fwaudit.baseline import Accepted, render
from fwaudit.config import Config
from fwaudit.discover.files import workspace_digest
from fwaudit.extract.pool import may_pass
from fwaudit.model.audit import Audit
from fwaudit.model.source import Workspace


def key_of(workspace: Workspace, config: Config, tables: str, today: date, accepted: Accepted, *more: str) -> str:
    """A sha256 over all that an Audit depends on, besides this program, which the cache looks after.

    `more`: what history hangs on, and the like.
    """
    place = config.place_of(Path(workspace.root))
    parts = (config.digest, place, tables, today.isoformat(), workspace_digest(workspace).hex(), render(accepted.entries), *more)
    parts += tuple(f"{now} {old}" for now, old in sorted(accepted.aliases.items()))
    return _digest(*parts)


def key_of_commit(commit: str, root: str, config: Config, tables: str, today: date) -> str:
    """The same for the workspace at `root` as it was at a commit, which tells all its files."""
    return _digest("commit", commit, config.digest, config.place_of(Path(root)), tables, today.isoformat())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def encode(audit: Audit) -> bytes | None:
    """`audit` for the cache; None if it is not to be kept: what failed or took too long may succeed the next time."""
    if any(may_pass(problem) for problem in audit.problems):
        return None
    try:
        return msgspec.msgpack.encode(audit)
    except UnicodeEncodeError:  # a file name that is not UTF-8; rare, and a full run is its only cost
        return None


def decode(data: bytes | None) -> Audit | None:
    """The Audit that `encode` wrote; None for anything else."""
    if data is None:
        return None
    try:
        return msgspec.msgpack.decode(data, type=Audit)
    except msgspec.MsgspecError:
        return None
