"""What a change brings: the audit of the workspace as it is, without what the audit of the merge base shows already."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from fwaudit import finished
from fwaudit.assemble import keep_only
from fwaudit.cache import Cache
from fwaudit.catalog.files import digest_of, read_tables
from fwaudit.config import Config
from fwaudit.discover.past import Past, lay_out
from fwaudit.errors import NothingToAuditError, UsageError
from fwaudit.git import GitError, Repository, open_repository
from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding
from fwaudit.pipeline import audit
from fwaudit.renames import renames_since


@dataclass(frozen=True, slots=True)
class Change:
    """An audit of what is new since the merge base with `ref`, and what is to be said of the comparison."""

    audit: Audit
    base: str
    """The id of the merge base."""
    left_out: int
    """Findings that the merge base has too."""
    notes: tuple[str, ...]
    """What could not be compared."""


def keep_new(
    present: Audit,
    ref: str,
    root: str,
    *,
    config: Config,
    today: date,
    cache: Cache | None = None,
    jobs: int = 0,
) -> Change:
    """`present`, the audit of the workspace at `root`, without the findings of its merge base with `ref`.

    UsageError where that commit cannot be told or read.
    """
    try:
        with open_repository(root) as repository:
            base = _merge_base(repository, ref)
            renames = renames_since(repository, base, root, config)
            old, notes = _findings_at(repository, base, root, config=config, today=today, cache=cache, jobs=jobs)
    except GitError as error:
        raise UsageError(f"--diff {ref}: {error}") from None
    known = {name for finding in old if finding.silenced is None for name in (finding.fingerprint, *renames.fingerprints_of(finding))}
    new = [finding for finding in present.findings if finding.fingerprint not in known]
    hidden = sum(finding.silenced is None for finding in present.findings) - sum(finding.silenced is None for finding in new)
    return Change(keep_only(present, new), base, hidden, notes)


def _merge_base(repository: Repository, ref: str) -> str:
    """The commit from which the work in the working tree started."""
    remedy = "; this clone is shallow: fetch the history (`git fetch --unshallow`, in GitHub Actions `fetch-depth: 0`)"
    missing = remedy if repository.is_shallow else ""
    try:
        other = repository.resolve(ref)
    except GitError as error:
        raise GitError(f"{error}{missing}") from None
    try:
        return repository.merge_base(other, repository.head)
    except GitError:
        raise GitError(f"no commit is known from which both it and HEAD come{missing}") from None


def _findings_at(
    repository: Repository,
    commit: str,
    root: str,
    *,
    config: Config,
    today: date,
    cache: Cache | None,
    jobs: int,
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings of the whole workspace at a commit, with the settings and tables of now; and what is to be said of it."""
    config = msgspec.structs.replace(config, baseline=None)
    past_cache = None if cache is None else _PastCache(cache, root)
    tables = digest_of(read_tables(config.table_folders))
    key = finished.key_of_commit(commit, root, config, tables, today)
    if past_cache is not None and (known := finished.decode(past_cache.load_audit(key))) is not None:
        return known.findings, ()
    with tempfile.TemporaryDirectory(prefix="fwaudit-past-", ignore_cleanup_errors=True) as folder:
        past = lay_out(repository, commit, root, os.path.realpath(folder), config.max_file_size)
        settings = _settings_in(config, os.path.realpath(folder))
        try:
            result = audit([Path(past.root)], settings, jobs=jobs, cache=past_cache, today=today)
        except NothingToAuditError:
            return (), ()
    notes = _notes(past, result, commit)
    if past_cache is not None and not notes and (encoded := finished.encode(result)):
        past_cache.save_audit(key, encoded)
    return result.findings, notes


def _settings_in(config: Config, folder: str) -> Config:
    """The same settings for a workspace that lies below `folder` under its own path; tables are read where they are now."""
    if not config.folder:
        return config
    return msgspec.structs.replace(config, folder=folder + config.folder, rules=tuple(str(path) for path in config.table_folders))


def _notes(past: Past, result: Audit, commit: str) -> tuple[str, ...]:
    """What the comparison does not see."""
    notes = [f"submodule {path}: its files are taken for unchanged" for path in past.submodules]
    if any(problem.kind == "incomplete" for problem in result.problems):
        notes.append(f"the audit of {commit[:12]} is incomplete, so that old findings may look new")
    return tuple(notes)


class _PastCache(Cache):
    """The cache of a past workspace, which knows the facts of the present one too: most files are the same."""

    def __init__(self, present: Cache, root: str) -> None:
        super().__init__(present.folder, f"{root}\0past")
        self._present = present

    def load_facts(self, digests: Collection[bytes]) -> dict[bytes, bytes]:
        """The encoded facts of those sources that are known to either."""
        known = self._present.load_facts(digests)
        return {**super().load_facts({digest for digest in digests if digest not in known}), **known}
