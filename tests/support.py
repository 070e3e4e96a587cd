"""An audit in the test's own process: no workers, no cache, no files on disk."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import pytest

from fwaudit.assemble import filter_findings, make_audit
from fwaudit.catalog.names import Catalog
from fwaudit.check.run import run_checks
from fwaudit.config import Config, choose_rules
from fwaudit.configured import read_catalog
from fwaudit.discover.roles import manifest_kind, role_of
from fwaudit.extract.module import extract_module
from fwaudit.judge.verdict import judge
from fwaudit.link.build import link
from fwaudit.manifests.read import read_manifests
from fwaudit.measure.run import measure
from fwaudit.model.audit import Audit
from fwaudit.model.project import Project
from fwaudit.model.source import Manifest, Role, SourceFile, Workspace
from tests.marks import EXEMPT, Section, differences, read_sections

REPOSITORY = Path(__file__).parent.parent
TODAY = date(2026, 11, 20)


@contextmanager
def quick(seconds: float = 5.0) -> Iterator[None]:
    """Fails if the block takes more of the processor than that: what it does is quadratic, or worse, in the size of hostile input."""
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds


_catalogs: dict[str, Catalog] = {}


def audit_sources(files: Mapping[str, str], settings: Mapping[str, Any] | None = None) -> tuple[Project, Audit]:
    """The linked project and the Audit of `files` (path to text), findings of low confidence included."""
    config = msgspec.convert({"min-confidence": "low", **(settings or {})}, Config)
    catalog = _catalog_for(config)
    workspace = _make_workspace(files, config)
    facts = {source.path: extract_module(files[source.path].encode()) for source in workspace.sources}
    project = replace(link(workspace, facts, catalog, config, read_manifests(workspace, catalog.servers)), today=TODAY)
    findings, failures = run_checks(project, catalog)
    assert not failures, failures
    selection = choose_rules(config, {name: page.data.category for name, page in catalog.rules.items()})
    shown = filter_findings(findings, workspace=workspace, facts=facts, config=config, selection=selection, today=TODAY)
    services = measure(project, project.services, shown, workspace=workspace, facts=facts, catalog=catalog)
    return project, judge(make_audit(shown, facts, services, project.unresolved_calls, ()), catalog.advice)


def _catalog_for(config: Config) -> Catalog:
    """The tables for `config`, read once a process."""
    if config.digest not in _catalogs:
        _catalogs[config.digest] = read_catalog(config)
    return _catalogs[config.digest]


def _make_workspace(files: Mapping[str, str], config: Config) -> Workspace:
    sources, manifests = [], []
    for path, text in sorted(files.items()):
        content = text.encode()
        kind = manifest_kind(str(PurePosixPath(path).parent), PurePosixPath(path).name)
        if path.endswith(".py"):
            role = role_of(path, content)
            reported = role is Role.CODE or (role is Role.TEST and config.include_tests)
            sources.append(SourceFile(path, hashlib.sha256(content).digest(), len(content), role, reported))
        elif kind is not None:
            reported = role_of(path, b"") is Role.CODE
            manifests.append(Manifest(path, kind, content, reported))
    return Workspace("/workspace", tuple(sources), tuple(manifests), ())


def documented_signals() -> set[str]:
    """The signals that docs/signals.md names."""
    lines = (REPOSITORY / "docs" / "signals.md").read_text(encoding="utf-8").splitlines()
    return {name for line in lines if line.startswith("| `") for name in re.findall(r"`(\w+)`", line.split("|")[1])}


def sections_in(*texts: Path) -> list[Any]:
    """A pytest parameter for each section with Python sources, named by its file and headings."""
    return [
        pytest.param(section, id=f"{text.stem}: {section.name}")
        for text in sorted(texts)
        for section in read_sections(text.read_text(encoding="utf-8"))
        if section.is_test
    ]


def assert_marks_hold(section: Section, exempt: frozenset[str] = EXEMPT) -> None:
    """Fail unless the audit of the section's files shows what its marks say, and nothing else."""
    project, audit = audit_sources(section.files, section.settings)
    wrong = differences(section.files, project, audit.findings, exempt)
    assert not wrong, "\n".join(wrong)
