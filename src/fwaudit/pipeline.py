"""The program on one page: what an audit does, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from fwaudit import finished
from fwaudit.baseline import Accepted, read_accepted
from fwaudit.cache import Cache
from fwaudit.catalog.files import digest_of, read_tables
from fwaudit.config import Config, load_config
from fwaudit.deep_stack import run_deep
from fwaudit.discover.files import find_workspace
from fwaudit.discover.roots import find_root
from fwaudit.extract.pool import extract_all
from fwaudit.git import head_of
from fwaudit.model.audit import Audit
from fwaudit.model.source import Workspace
from fwaudit.profiles.files import digest_of_files, read_files
from fwaudit.profiles.recording import ProfileError
from fwaudit.renames import follow_renames

_OnProgress = Callable[[int, int], None]
_Stage = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds per stage, in the order in which the stages ran."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time that its body takes."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class _Given:
    """What is audited, and all that the Audit depends on besides the tables and the history."""

    workspace: Workspace
    config: Config
    today: date
    accepted: Accepted
    recorded: Sequence[tuple[str, bytes | ProfileError]]


def audit(
    paths: Sequence[Path],
    config: Config | None = None,
    *,
    jobs: int = 0,
    cache: Cache | None = None,
    today: date | None = None,
    on_progress: _OnProgress | None = None,
    timings: Timings | None = None,
    profiles: Sequence[Path] = (),
) -> Audit:
    """The Audit of `paths` (none: the current folder).

    `config`: None for the nearest settings; `jobs`: worker processes, 0 for one per core; `cache`: None for none;
    `today`: by which suppressions expire, None for the system's date; `on_progress` is told (done, total) files;
    `profiles`: files that a profiler wrote.

    Raises a FwauditError where there is nothing to audit, or settings or tables cannot be used.
    """
    config = config or load_config(Path(find_root(paths)[0]))
    today = today or date.today()  # noqa: DTZ011  the system's date, as the contract says
    stage = (timings or Timings()).stage
    with stage("discover"):
        workspace = find_workspace(paths, config)
    with stage("cache"):
        accepted = follow_renames(read_accepted(config, workspace.root), config, workspace)
        given = _Given(workspace, config, today, accepted, read_files(profiles))
        key = _key_of(given)
        known = finished.decode(cache.load_audit(key)) if cache else None
    if known is not None:
        return known
    result = _audit_anew(given, cache, jobs, on_progress, stage)
    with stage("cache"):
        if cache and (encoded := finished.encode(result)):
            cache.save_audit(key, encoded)
    return result


def _key_of(given: _Given) -> str:
    """Under which the Audit is kept: it changes with all that the Audit depends on."""
    tables = digest_of(read_tables(given.config.table_folders))
    commit, recorded = head_of(given.workspace.root), digest_of_files(given.recorded)
    return finished.key_of(given.workspace, given.config, tables, given.today, given.accepted, commit, recorded)


def _audit_anew(given: _Given, cache: Cache | None, jobs: int, on_progress: _OnProgress | None, stage: _Stage) -> Audit:
    """The stages from the tables to the verdict."""
    workspace, config = given.workspace, given.config
    # Imported late: a run that finds its audit in the cache needs none of them.
    from fwaudit.assemble import filter_findings, make_audit
    from fwaudit.check.run import run_checks
    from fwaudit.configured import read_knowledge
    from fwaudit.history.read import add_histories
    from fwaudit.judge.answers import add_answers, find_contradictions
    from fwaudit.judge.verdict import judge
    from fwaudit.link.build import link
    from fwaudit.manifests.read import read_manifests
    from fwaudit.measure.run import measure

    with stage("tables"):
        catalog, selection = read_knowledge(config)
    with stage("manifests"):
        manifests = read_manifests(workspace, catalog.servers)
    with stage("extract"):
        facts, unread = extract_all(workspace, cache, jobs, config.file_deadline, on_progress)

    with stage("link"):
        project = replace(link(workspace, facts, catalog, config, manifests), today=given.today)
    with stage("check"):
        findings, failures = run_deep(run_checks, project, catalog)
    with stage("history"):
        services, unknown = add_histories(workspace.root, project.services, project.files_of)
    with stage("filter"):
        shown = filter_findings(
            findings, workspace=workspace, facts=facts, config=config, selection=selection, today=given.today, baseline=given.accepted
        )
    with stage("measure"):
        services = run_deep(measure, project, services, shown, workspace=workspace, facts=facts, catalog=catalog)
    if given.recorded:
        from fwaudit.profiles.assign import add_profiles

        with stage("profiles"):
            services, unused = add_profiles(given.recorded, services, project.code.functions, catalog.advice.times)
            unknown += unused
    with stage("judge"):
        services = add_answers(services, config.answers)
        problems = (
            *workspace.problems,
            *manifests.problems,
            *unread,
            *project.problems,
            *failures,
            *unknown,
            *find_contradictions(services, catalog.advice, Path(config.file).name),
        )
        audited = make_audit(shown, facts, services, project.unresolved_calls, problems, mended=given.accepted.mended(selection.chosen))
        return judge(audited, catalog.advice)
