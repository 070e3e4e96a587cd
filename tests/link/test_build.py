"""The link stage as a whole: what it leaves behind in the process, and how it fails."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

from fwaudit.link import build
from tests.support import audit_sources

SOURCE = {"app.py": "import time\n\n\nasync def main():\n    time.sleep(1)\n"}


def settings() -> tuple[int, int, bool]:
    """What link changes while it runs: recursion limit, stack size, collector."""
    return sys.getrecursionlimit(), threading.stack_size(), gc.isenabled()


def test_link_leaves_the_process_as_it_was() -> None:
    """Recursion limit, stack size and garbage collector."""
    before = settings()
    audit_sources(SOURCE)
    assert settings() == before


def test_a_collector_that_was_off_stays_off() -> None:
    """The caller had its reasons."""
    gc.disable()
    try:
        audit_sources(SOURCE)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_failure_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though link runs in a thread of its own; the process is left as it was."""

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    before = settings()
    monkeypatch.setattr(build, "Symbols", fail)
    with pytest.raises(RuntimeError, match="broken"):
        audit_sources(SOURCE)
    assert settings() == before


def test_a_line_without_a_call_has_no_target() -> None:
    """The question is not an error."""
    project, _ = audit_sources(SOURCE)
    assert (project.targets_at("app.py", 1), project.targets_at("app.py", 5)) == ((), ("time.sleep",))


@pytest.mark.parametrize("wrapper", ["asgiref.sync.async_to_sync", "asyncer.runnify"])
def test_a_wrapper_that_runs_a_loop_is_named(wrapper: str) -> None:
    """The one that the code uses, not another one of its kind."""
    module, _, name = wrapper.rpartition(".")
    source = f"from {module} import {name}\n\nasync def fetch():\n    pass\n\nasync def main():\n    {name}(fetch)()\n"
    _, audit = audit_sources({"app.py": source})
    assert [finding.callee for finding in audit.findings] == [wrapper]
