"""The same input gives the same bytes: whatever the hash seed, the jobs, the cache, the order of files, or what was linked before."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from fwaudit.assemble import filter_findings, make_audit
from fwaudit.catalog.names import Catalog
from fwaudit.check.run import run_checks
from fwaudit.config import Config, choose_rules
from fwaudit.configured import read_catalog
from fwaudit.extract.module import extract_module
from fwaudit.link.build import link
from fwaudit.model.facts import ModuleFacts, decode_facts, encode_facts
from fwaudit.model.source import Role, SourceFile, Workspace
from fwaudit.report.json import render
from tests.link.generated import Generated
from tests.support import REPOSITORY, TODAY

EDITS = 200
COMPARED = 8
"""Every which step is compared with a cold run."""
PARTS = 4
"""The fixtures are audited in so many tests, which run side by side."""
SERVICES = sorted(folder.name for folder in (REPOSITORY / "fixtures").iterdir() if folder.is_dir())


def _options(cache: Path) -> list[str]:
    told = ["--format", "json", "--exit-zero", "--min-confidence", "low", "--today", "2026-11-20"]
    return [*told, "--cache-dir", str(cache)]


def _environment(hash_seed: int) -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONDONTWRITEBYTECODE": "1"}


def run(root: Path, cache: Path, hash_seed: int, *options: str) -> bytes:
    """The JSON report of one run in a process of its own, with the cache in that folder."""
    command = [sys.executable, "-m", "fwaudit", ".", *_options(cache), *options]
    done = subprocess.run(command, cwd=root, env=_environment(hash_seed), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def write(root: Path, files: Mapping[str, str]) -> None:
    """Writes the files, in the order given."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def facts_of(text: str) -> ModuleFacts:
    """The facts of a text as the cache would give them back."""
    return decode_facts(encode_facts(extract_module(text.encode())))


def linked(texts: Mapping[str, str], facts: Mapping[str, ModuleFacts], catalog: Catalog) -> str:
    """The JSON report of a workspace whose facts are known."""
    config = Config()
    digests = {path: hashlib.sha256(text.encode()).digest() for path, text in texts.items()}
    sources = tuple(SourceFile(path, digests[path], len(texts[path]), Role.CODE, True) for path in sorted(texts))
    workspace = Workspace("/workspace", sources, (), ())
    project = link(workspace, facts, catalog, config)
    findings, failures = run_checks(project, catalog)
    assert not failures
    selection = choose_rules(config, {name: page.data.category for name, page in catalog.rules.items()})
    shown = filter_findings(findings, workspace=workspace, facts=facts, config=config, selection=selection, today=TODAY)
    return render(make_audit(shown, facts, project.services, project.unresolved_calls, ()))


def run_each(services: list[str], reports: Path, cache: Path, hash_seed: int, *options: str) -> dict[str, bytes]:
    """The JSON reports of some fixtures, audited one after the other in one process: what the first left there changes no other."""
    program = (
        "import os, sys\n"
        "from fwaudit.cli import run\n"
        "services, fixtures, reports, *options = sys.argv[1:]\n"
        "for service in services.split():\n"
        "    os.chdir(f'{fixtures}/{service}')\n"
        "    assert run(['.', '--output', f'{reports}/{service}', *options]) == 0, service\n"
    )
    reports.mkdir()
    given = [" ".join(services), str(REPOSITORY / "fixtures"), str(reports), *_options(cache), *options]
    done = subprocess.run([sys.executable, "-c", program, *given], env=_environment(hash_seed), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return {service: (reports / service).read_bytes() for service in services}


@pytest.mark.parametrize("part", range(PARTS))
def test_a_service_gives_the_same_bytes_whatever_the_run(part: int, tmp_path: Path) -> None:
    """Two hash seeds, one job and two, with and without what the cache knows."""
    services = SERVICES[part::PARTS]
    cold = run_each(services, tmp_path / "cold", tmp_path / "one", 1, "--jobs", "1")
    warm = run_each(services, tmp_path / "warm", tmp_path / "one", 2)
    by_two = run_each(services[::-1], tmp_path / "by-two", tmp_path / "two", 3, "--jobs", "2")

    for service in services:
        assert b'"findings": [' in cold[service]
        assert warm[service] == cold[service], service
        assert by_two[service] == cold[service], service


@pytest.mark.parametrize("form", ["html", "sarif", "text"])
def test_reports_have_the_same_bytes_whatever_the_run(form: str, tmp_path: Path) -> None:
    """What is made of an audit hangs on the hash seed and the cache as little as the audit itself."""
    root = REPOSITORY / "fixtures" / "fastapi_sync_session"
    first = run(root, tmp_path / "one", 1, "--format", form)

    assert len(first) > 1_000
    assert run(root, tmp_path / "one", 2, "--format", form) == first
    assert run(root, tmp_path / "two", 3, "--format", form, "--jobs", "2") == first


def test_a_large_workspace_gives_the_same_bytes_whatever_the_run(tmp_path: Path) -> None:
    """Two hundred modules that import each other in circles: hash seeds, jobs, cache, and the order in which files were made."""
    files = Generated(seed=1, modules=200).files
    write(tmp_path / "workspace", files)
    write(tmp_path / "reversed", dict(reversed(files.items())))
    cold = run(tmp_path / "workspace", tmp_path / "one", 1, "--jobs", "1")

    assert cold.count(b'"rule": "blocking-call-on-loop"') > 100
    assert run(tmp_path / "workspace", tmp_path / "one", 2) == cold
    assert run(tmp_path / "workspace", tmp_path / "two", 3, "--jobs", "2") == cold
    assert run(tmp_path / "reversed", tmp_path / "three", 4, "--no-cache") == cold


def test_a_relink_after_an_edit_gives_the_bytes_of_a_cold_run(tmp_path: Path) -> None:
    """Edits on disk, one after the other: facts of the other files come from the cache, and a run without cache says the same."""
    workspace = Generated(seed=2, modules=30)
    write(tmp_path / "workspace", workspace.files)
    seen = {run(tmp_path / "workspace", tmp_path / "cache", 1)}
    for step in range(3):
        changed = [workspace.edit() for _ in range(5)]
        write(tmp_path / "workspace", {module.path: module.text for module in changed})
        warm = run(tmp_path / "workspace", tmp_path / "cache", step + 2)
        assert warm == run(tmp_path / "workspace", tmp_path / "none", step + 5, "--no-cache")
        seen.add(warm)
    assert len(seen) == 4


def test_two_hundred_edits_one_after_the_other_are_relinked_as_if_for_the_first_time() -> None:
    """Link keeps nothing between runs: known facts, tables in use and 200 edits give what fresh facts and tables give."""
    workspace = Generated(seed=3, modules=30)
    texts = workspace.files
    facts = {path: facts_of(text) for path, text in texts.items()}
    tables = read_catalog(Config())
    reports = {linked(texts, facts, tables)}
    for step in range(EDITS):
        module = workspace.edit()
        texts[module.path] = module.text
        facts[module.path] = facts_of(module.text)
        relinked = linked(texts, facts, tables)
        reports.add(relinked)
        if step % COMPARED == 0:
            cold = {path: extract_module(text.encode()) for path, text in reversed(texts.items())}
            assert relinked == linked(texts, cold, read_catalog(Config())), f"step {step}: {module.path}"
    assert len(reports) > EDITS / 2
