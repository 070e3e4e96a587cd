"""The whole audit: same bytes every time, a cache that never lies, and nothing of the audited tree is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from fwaudit.cache import Cache
from fwaudit.config import Config
from fwaudit.configured import read_catalog
from fwaudit.errors import ConfigError
from fwaudit.model.audit import Audit
from fwaudit.pipeline import Timings, audit
from fwaudit.report import json

SERVICE = Path(__file__).parent.parent / "fixtures" / "fastapi_sync_session"
BLOCKING = "import time\n\n\nasync def serve() -> None:\n    time.sleep(1)\n"
TODAY = date(2026, 11, 21)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A copy of a fixture, in a folder of its own."""
    return Path(shutil.copytree(SERVICE, tmp_path / "service"))


def places(result: Audit) -> list[tuple[str, int, str | None]]:
    """Where the findings are, and what was called."""
    return [(finding.path, finding.line, finding.callee) for finding in result.findings]


def test_cold_and_warm_runs_are_the_same_bytes(service: Path, tmp_path: Path) -> None:
    """Without a cache, with an empty, a filled and a half-filled one, and with one or two workers, the JSON is the same."""
    cache = Cache(tmp_path / "cache", str(service))

    def run(cache: Cache | None, jobs: int) -> tuple[str, list[str]]:
        timings = Timings()
        return json.render(audit([service], Config(), jobs=jobs, cache=cache, today=TODAY, timings=timings)), list(timings.seconds)

    cold, cold_stages = run(None, 2)
    filling, _ = run(cache, 1)
    warm, warm_stages = run(cache, 1)
    for file in (tmp_path / "cache").glob("*.audit"):
        file.unlink()
    relinked, relinked_stages = run(cache, 1)

    assert cold == filling == warm == relinked
    assert "bookshelf" in cold
    stages = ["discover", "cache", "tables", "manifests", "extract", "link", "check", "history", "filter", "measure", "judge"]
    assert cold_stages == relinked_stages == stages
    assert warm_stages == ["discover", "cache"]


def test_neither_hash_seed_nor_clock_zone_changes_a_byte(service: Path) -> None:
    """Processes with different hash seeds, locales and current folders write the same JSON."""
    command = [sys.executable, "-m", "fwaudit", str(service), "--no-cache", "--format", "json", "--today", "2026-11-21"]
    outputs = {
        subprocess.run(
            command, cwd=folder, env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale}, capture_output=True, timeout=60, check=False
        ).stdout
        for seed, locale, folder in (("1", "C", "/"), ("2", "C.UTF-8", service))
    }

    assert len(outputs) == 1
    assert b"bookshelf" in outputs.pop()


def test_everything_that_matters_makes_a_new_audit(tmp_path: Path) -> None:
    """A changed source, setting, day, named file or own table is never answered from the cache."""
    (tmp_path / "app").mkdir()
    source = tmp_path / "app" / "app.py"
    source.write_text(BLOCKING)
    (tmp_path / "app" / "other.py").write_text("")
    cache = Cache(tmp_path / "cache", "app")
    (tmp_path / "tables" / "libraries").mkdir(parents=True)
    table = tmp_path / "tables" / "libraries" / "own.toml"
    table.write_text('distribution = "own"\nimports = ["own"]\ndocumentation = "x"\n')

    def stages(paths: list[Path] | None = None, config: Config | None = None, today: date = TODAY) -> int:
        timings = Timings()
        audit(paths or [tmp_path / "app"], config or Config(), jobs=1, cache=cache, today=today, timings=timings)
        return len(timings.seconds)

    own = Config(folder=str(tmp_path), rules=("tables",))
    fresh, known = stages(), stages()
    assert (fresh, known) == (11, 2)
    assert stages(config=Config(parity=True)) == 11
    assert stages(today=date(2026, 11, 22)) == 11
    assert stages(paths=[tmp_path / "app" / "app.py", tmp_path / "app" / "other.py"]) == 11
    assert (stages(config=own), stages(config=own)) == (11, 2)
    table.write_text(table.read_text() + "# changed\n")
    assert stages(config=own) == 11
    source.write_text(BLOCKING + "\n")
    assert (stages(), stages()) == (11, 2)


def test_a_damaged_cached_audit_is_a_miss(tmp_path: Path) -> None:
    """An entry that is no audit is not used, and the audit is made anew."""
    (tmp_path / "app.py").write_text(BLOCKING)

    class Liar(Cache):
        """A cache whose audits are something else."""

        def load_audit(self, key: str) -> bytes | None:
            """Give what is no audit."""
            return b"\x81\xa1x\x01"

    assert places(audit([tmp_path], Config(), cache=Liar(tmp_path / "cache", "x"), today=TODAY)) == [("app.py", 5, "time.sleep")]


def test_an_incomplete_audit_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a check failed, the next run tries again, and what it finds then is whole."""
    (tmp_path / "app.py").write_text(BLOCKING)
    cache = Cache(tmp_path / "cache", "x")

    def fail(_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("fwaudit.check.blocking_call_on_loop.check", fail)
        broken = audit([tmp_path], Config(), cache=cache, today=TODAY)
    whole = audit([tmp_path], Config(), cache=cache, today=TODAY)

    assert [problem.kind for problem in broken.problems] == ["incomplete"]
    assert places(broken) == []
    assert (places(whole), whole.problems) == ([("app.py", 5, "time.sleep")], ())


def test_names_of_the_settings_are_known(tmp_path: Path) -> None:
    """`blocking` names a project's own leaves, `offloaders` its own way into a thread; without them nothing is said."""
    (tmp_path / "app.py").write_text(
        "import store\nimport pool\nimport time\n\n\n"
        "async def serve() -> None:\n    store.load()\n    await pool.run_blocking(time.sleep, 1)\n    store.other()\n"
    )
    settings = Config(blocking=("store.load",), offloaders=("pool.run_blocking",))

    assert places(audit([tmp_path], Config(), today=TODAY)) == []
    assert places(audit([tmp_path], settings, today=TODAY)) == [("app.py", 7, "store.load")]


@pytest.mark.parametrize("name", ["shop.database.load", "shop.database.*"])
def test_functions_of_the_project_can_be_named(tmp_path: Path, name: str) -> None:
    """The settings may name functions of the audited project itself, whose bodies say nothing; in a thread they are fine."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "database.py").write_text("def load(key):\n    return driver.call(key)\n")
    (tmp_path / "shop" / "app.py").write_text(
        "import asyncio\nfrom shop import database\n\n\n"
        "async def serve() -> None:\n    database.load(1)\n    await asyncio.to_thread(database.load, 1)\n"
    )

    assert places(audit([tmp_path], Config(), today=TODAY)) == []
    assert places(audit([tmp_path], Config(blocking=(name,)), today=TODAY)) == [("shop/app.py", 6, "shop.database.load")]


def test_tables_of_the_settings_come_with_the_shipped_ones(tmp_path: Path) -> None:
    """The catalog for some settings knows the shipped names, and the ones that the settings tell."""
    catalog = read_catalog(Config(blocking=("shop.store.load",)))

    assert all(catalog.callable(name) is not None for name in ("time.sleep", "shop.store.load"))
    assert read_catalog(Config()).callable("shop.store.load") is None


def test_an_unknown_rule_stops_before_any_file_is_parsed(tmp_path: Path) -> None:
    """A wrong rule name is an error, not an audit without that rule."""
    (tmp_path / "app.py").write_text(BLOCKING)
    timings = Timings()

    with pytest.raises(ConfigError, match="did you mean"):
        audit([tmp_path], Config(select=("blocking-cal-on-loop",)), today=TODAY, timings=timings)
    assert "extract" not in timings.seconds


def test_the_nearest_settings_are_the_default(tmp_path: Path) -> None:
    """Without a Config, `audit` reads the nearest settings."""
    (tmp_path / "app.py").write_text(BLOCKING)
    (tmp_path / "fwaudit.toml").write_text('ignore = ["blocking-call-on-loop"]')

    assert places(audit([tmp_path])) == []
    assert places(audit([tmp_path], Config())) == [("app.py", 5, "time.sleep")]


WATCH = """
import sys
tree, wanted = sys.argv[1], ("import", "compile", "exec", "open", "socket", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
seen = []
def hook(event, arguments):
    if event.split(".")[0] in wanted or event in wanted:
        seen.append((event, repr(arguments)))
sys.addaudithook(hook)
from fwaudit.cli import run
code = run([tree, "--no-cache", "--jobs", "1", "--format", "concise"])
bad = []
for event, arguments in seen:
    if event.startswith("socket") or event in ("os.system", "os.exec", "os.posix_spawn"):
        bad.append((event, arguments))
    if event in ("compile", "exec", "import") and ("bookshelf" in arguments or tree in arguments):
        bad.append((event, arguments))
    if event == "subprocess.Popen" and sys.executable not in arguments:
        bad.append((event, arguments))
    if event == "open" and tree in arguments and ("'w" in arguments or "'a" in arguments):
        bad.append((event, arguments))
print("code", code, "events", len(seen) > 10, "bad", bad)
"""


def test_nothing_of_the_tree_is_run_and_nothing_is_sent(service: Path) -> None:
    """An audit hook sees no import, compilation or execution of the tree, no socket, no program but our own interpreter, no write."""
    (service / "sitecustomize.py").write_text("raise SystemExit('imported')\n")
    (service / "conftest.py").write_text("raise SystemExit('imported')\n")
    (service / "libcst.py").write_text("raise SystemExit('imported')\n")
    before = {path: path.stat().st_mtime_ns for path in service.rglob("*")}

    result = subprocess.run(
        [sys.executable, "-P", "-c", WATCH, str(service)], cwd=service, capture_output=True, text=True, timeout=60, check=False
    )

    assert result.stdout.splitlines()[-1] == "code 1 events True bad []", result.stderr
    assert {path: path.stat().st_mtime_ns for path in service.rglob("*")} == before
