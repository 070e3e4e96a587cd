from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from fwaudit.config import Config
from fwaudit.discover.files import find_workspace
from fwaudit.extract import pool
from fwaudit.extract.module import extract_module
from fwaudit.extract.pool import extract_all, may_pass
from fwaudit.model.facts import ModuleFacts, encode_facts
from fwaudit.model.source import Problem, Workspace
from tests.extract import faulty_worker

FAULTY = "tests.extract.faulty_worker"
REPOSITORY = Path(__file__).parent.parent.parent


class MemoryCache:
    """A cache that forgets with the test."""

    def __init__(self) -> None:
        self.facts: dict[bytes, bytes] = {}
        self.saves = 0

    def load_facts(self, digests: Collection[bytes]) -> dict[bytes, bytes]:
        """Those that are known."""
        return {digest: data for digest, data in self.facts.items() if digest in digests}

    def save_facts(self, facts: Mapping[bytes, bytes]) -> None:
        """Keeps these."""
        self.facts = dict(facts)
        self.saves += 1


def make_workspace(root: Path, sources: Mapping[str, str]) -> Workspace:
    """The workspace of these files."""
    for path, content in sources.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    return find_workspace([root], Config())


def run(workspace: Workspace, deadline: float = 30, jobs: int = 2, **options: Any) -> tuple[dict[str, ModuleFacts], tuple[Problem, ...]]:
    """Extraction without a cache, in workers that can break."""
    return extract_all(workspace, None, jobs, deadline, worker_module=FAULTY, **options)


def encoded(facts: Mapping[str, ModuleFacts]) -> list[tuple[str, bytes]]:
    """The facts in a form that compares byte by byte, order included."""
    return [(path, encode_facts(module)) for path, module in facts.items()]


def live_processes(group: int) -> list[str]:
    """The processes of the group that are not dead, with their state."""
    listing = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if line.split()[0] == str(group) and not line.split()[1].startswith("Z")]


def wait_until_gone(group: int) -> None:
    """Returns when the group's processes have ended; fails after 10 seconds."""
    end = time.monotonic() + 10
    while live := live_processes(group):
        assert time.monotonic() < end, live
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder is not the repository, since workers import nothing from the current folder."""
    monkeypatch.chdir(tmp_path.parent)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every process that the pool starts."""
    processes = []
    real = subprocess.Popen

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        processes.append(real(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr("fwaudit.extract.pool.subprocess.Popen", start)
    return processes


def test_facts_come_in_the_order_of_the_workspace(tmp_path: Path) -> None:
    """Workers finish as they like; paths and facts are the same as when each file is read in turn, whatever the number of jobs."""
    sources = {f"m{number}.py": f"def f{number}():\n    return g({number})\n" + "x = 1\n" * (number * 997 % 50) for number in range(30)}
    workspace = make_workspace(tmp_path, sources)
    expected = [(source.path, encode_facts(extract_module((tmp_path / source.path).read_bytes()))) for source in workspace.sources]

    for jobs in (1, 2, 5, 0):
        facts, problems = extract_all(workspace, None, jobs, 30)
        assert encoded(facts) == expected
        assert problems == ()


def test_one_job_is_one_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`jobs` bounds the worker processes; even one file is parsed in a process of its own."""
    workspace = make_workspace(tmp_path / "tree", {f"m{number}.py": f"x = {number}\n" + "#" * 100_000 for number in range(6)})
    workers = {}
    for jobs in (1, 2, 20):
        log = tmp_path / f"log{jobs}"
        monkeypatch.setenv(faulty_worker.LOG, str(log))
        run(workspace, jobs=jobs)
        workers[jobs] = set(log.read_text().split())

    assert len(workers[1]) == 1
    assert len(workers[2]) == 2
    assert 2 <= len(workers[20]) <= 6
    assert str(os.getpid()) not in workers[1]


def test_what_is_cached_starts_no_process(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Facts come from the cache by content: a renamed file needs no parse, one changed file needs one."""
    cache = MemoryCache()
    make_workspace(tmp_path, {"a.py": "x = 1\n", "b.py": "y = 1\n", "empty.py": "", "empty2.py": ""})
    cold, _ = extract_all(find_workspace([tmp_path], Config()), cache, 2, 30)
    assert len(started) == 1
    assert cache.saves == 1

    (tmp_path / "b.py").rename(tmp_path / "c.py")
    progress: list[tuple[int, int]] = []
    warm, problems = extract_all(find_workspace([tmp_path], Config()), cache, 2, 30, lambda done, total: progress.append((done, total)))
    assert [path for path, _ in encoded(warm)] == ["a.py", "c.py", "empty.py", "empty2.py"]
    assert encode_facts(warm["c.py"]) == encode_facts(cold["b.py"])
    assert problems == ()
    assert progress == [(4, 4)]
    assert len(started) == 1
    assert cache.saves == 1

    (tmp_path / "a.py").write_text("x = 2\n")
    progress.clear()
    changed, _ = extract_all(find_workspace([tmp_path], Config()), cache, 2, 30, lambda done, total: progress.append((done, total)))
    assert len(started) == 2
    assert progress == [(3, 4), (4, 4)]
    assert encode_facts(changed["a.py"]) == encode_facts(extract_module(b"x = 2\n"))
    assert len(cache.facts) == 3


def test_a_bad_cached_entry_is_a_miss(tmp_path: Path) -> None:
    """Bytes that are no facts are thrown away, and the file is read again."""
    workspace = make_workspace(tmp_path, {"a.py": "x = 1\n", "b.py": "y = 1\n"})
    cache = MemoryCache()
    good = extract_all(workspace, cache, 1, 30)[0]
    for bad in (b"", b"nonsense", b"\x90", b"\x80\x04\x95pickle"):
        cache.facts[workspace.sources[0].digest] = bad
        assert encoded(extract_all(workspace, cache, 1, 30)[0]) == encoded(good)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("segfault", "its worker process was ended by SIGSEGV"),
        ("kill", "its worker process was ended by SIGKILL"),
        ("abort", "its worker process needed more than 2,048 MiB of memory, or crashed"),
        ("exit", "its worker process ended without an answer"),
        ("memory", "its worker process needed more than 2,048 MiB of memory, or crashed"),
        ("panic", "the analysis failed: PanicException: the parser panicked"),
        ("recursion", "nested too deep"),
    ],
)
def test_a_file_that_breaks_its_worker_is_named(tmp_path: Path, fault: str, message: str) -> None:
    """Whatever happens in a worker: the file is named with the reason, and all others have their facts."""
    others = {f"m{number}.py": f"x = {number}\n" for number in range(20)}
    workspace = make_workspace(tmp_path, {**others, "bad.py": f"# {fault}\nx = 1\n", "bad2.py": f"# {fault}\ny = 1\n"})
    facts, problems = run(workspace)

    assert list(facts) == sorted(others)
    assert problems == (Problem("bad.py", 1, message), Problem("bad2.py", 1, message))


@pytest.mark.parametrize("fault", ["hang", "hang with the lock"])
def test_a_file_that_hangs_is_named_in_time(tmp_path: Path, fault: str) -> None:
    """The deadline holds for each file, also when the parser never lets go of the interpreter; the others are analysed."""
    others = {f"m{number}.py": f"x = {number}\n" for number in range(20)}
    workspace = make_workspace(tmp_path, {**others, "bad.py": f"# {fault}\nx = 1\n", "bad2.py": f"# {fault}\ny = 1\n"})
    start = time.monotonic()
    facts, problems = run(workspace, deadline=0.8)

    assert time.monotonic() - start < 8
    assert list(facts) == sorted(others)
    assert problems == tuple(Problem(path, 1, "took longer than the deadline of 0.8 s") for path in ("bad.py", "bad2.py"))
    assert all(may_pass(problem) for problem in problems)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell the processor time of other processes")
def test_a_file_whose_worker_gets_no_processor_is_analysed(tmp_path: Path) -> None:
    """What counts is work: on a machine with too much to do the same files are analysed, and what works for too long is named as soon."""
    workspace = make_workspace(tmp_path, {"wait.py": "# wait\nx = 1\n", "work.py": "# work\nx = 1\n"})
    facts, problems = run(workspace, deadline=0.8)

    assert list(facts) == ["wait.py"]
    assert problems == (Problem("work.py", 1, "took longer than the deadline of 0.8 s"),)


def test_a_worker_that_dies_once_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that the system ends for reasons of its own: the file gets a second chance, and no file is missing."""
    monkeypatch.setenv(faulty_worker.LOG, str(tmp_path / "log"))
    workspace = make_workspace(tmp_path / "tree", {"a.py": "# die once\n", "b.py": "x = 1\n", "c.py": "y = 1\n"})
    facts, problems = run(workspace, jobs=1)

    assert list(facts) == ["a.py", "b.py", "c.py"]
    assert problems == ()
    assert (tmp_path / "log.died").exists()


def test_workers_work_where_they_cannot_be_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS each worker is a new interpreter: the same facts, the same problems."""
    monkeypatch.setenv("FWAUDIT_TEST_SPAWN", "1")
    workspace = make_workspace(tmp_path, {"a.py": "x = 1\n", "bad.py": "# segfault\n", "hang.py": "# hang\n", "z.py": "def f(:\n"})
    facts, problems = run(workspace, deadline=3)

    assert list(facts) == ["a.py"]
    assert [(problem.path, problem.message[:30]) for problem in problems] == [
        ("bad.py", "its worker process was ended b"),
        ("hang.py", "took longer than the deadline "),
        ("z.py", problems[2].message[:30]),
    ]
    assert not may_pass(problems[2])


def test_a_syntax_error_is_named_with_its_line(tmp_path: Path) -> None:
    """A file that is no Python stays no Python: the audit that says so may be kept."""
    workspace = make_workspace(tmp_path, {"a.py": "x = 1\n", "bad.py": "x = 1\ny = 2\ndef f(:\n"})
    facts, problems = extract_all(workspace, None, 1, 30)

    assert list(facts) == ["a.py"]
    assert [(problem.path, problem.kind) for problem in problems] == [("bad.py", "not-analysed")]
    assert problems[0].line in (3, 4)
    assert not may_pass(problems[0])


def test_a_file_that_changes_is_not_analysed(tmp_path: Path) -> None:
    """Changed, gone, grown or replaced by a link since it was hashed: said, and never analysed as something else."""
    paths = ("changed.py", "gone.py", "grown.py", "link.py")
    workspace = make_workspace(tmp_path, {"a.py": "x = 1\n", **{path: f"# {path}\n" for path in paths}})
    (tmp_path / "changed.py").write_text("# chanced.py\n")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "grown.py").write_text("# grown.py\n# more\n")
    (tmp_path / "link.py").unlink()
    (tmp_path / "link.py").symlink_to("a.py")
    facts, problems = extract_all(workspace, None, 2, 30)

    assert list(facts) == ["a.py"]
    assert [(problem.path, problem.message) for problem in problems] == [
        ("changed.py", "changed while it was audited"),
        ("gone.py", "changed while it was audited (cannot be read: No such file or directory)"),
        ("grown.py", "changed while it was audited (has 18 bytes, more than the limit of 11)"),
        ("link.py", "changed while it was audited (is a symbolic link, not a file)"),
    ]
    assert all(may_pass(problem) for problem in problems)


def test_an_interrupt_leaves_no_process(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Ctrl-C while a worker hangs: the interrupt comes through, and supervisor and workers are gone."""
    workspace = make_workspace(tmp_path, {"a.py": "x = 1\n" * 10, "b.py": "# hang with the lock\n"})

    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(workspace, on_progress=interrupt)

    assert started[0].returncode == 0
    wait_until_gone(started[0].pid)


def test_a_killed_audit_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL of the audit itself, with a worker that hangs and one that waits: both and the supervisor end by themselves."""
    make_workspace(tmp_path / "tree", {"a.py": "# hang with the lock\n", "b.py": "x = 1\n"})
    monkeypatch.setenv(faulty_worker.LOG, str(tmp_path / "log"))
    program = (
        "import sys; from pathlib import Path; from fwaudit.config import Config; from fwaudit.discover.files import find_workspace\n"
        "from fwaudit.extract.pool import extract_all\n"
        f"extract_all(find_workspace([Path(sys.argv[1])], Config()), None, 2, 60, worker_module={FAULTY!r})"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "tree")], env={**os.environ, "PYTHONPATH": str(REPOSITORY)}
    ) as audit:
        end = time.monotonic() + 20
        while not (tmp_path / "log").exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        worker = int((tmp_path / "log").read_text().split()[0])
        group = os.getpgid(worker)
        assert len(live_processes(group)) >= 2
        audit.send_signal(signal.SIGKILL)

    wait_until_gone(group)


def test_a_killed_supervisor_is_started_again(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """The system may end any process: what is missing is done by a second one."""
    workspace = make_workspace(tmp_path, {f"m{number}.py": f"x = {number}\n" + "#" * 150_000 for number in range(8)})

    def kill_first(done: int, total: int) -> None:
        if done == 1:
            started[0].send_signal(signal.SIGKILL)

    facts, problems = run(workspace, on_progress=kill_first)

    assert len(started) == 2
    assert len(facts) == 8
    assert problems == ()
    wait_until_gone(started[0].pid)


def test_workers_that_cannot_run_make_the_audit_incomplete(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A broken installation is not silence: each file says so, the audit is incomplete, and the reason stands on stderr."""
    workspace = make_workspace(tmp_path, {"a.py": "x = 1\n"})
    facts, problems = extract_all(workspace, None, 1, 30, worker_module="fwaudit.no_such_module")

    assert facts == {}
    assert problems == (Problem("a.py", 1, "no worker process could be run for it", "incomplete"),)
    assert may_pass(problems[0])
    assert "no_such_module" in capfd.readouterr().err


def test_nothing_of_the_audited_tree_can_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules named like ours in the current folder, on the environment's path or on this process's own are never run by a worker."""
    marker = tmp_path / "executed"
    attack = f"open({str(marker)!r}, 'a').write(__name__ + chr(10))\n"
    names = ("libcst/__init__", "fwaudit/__init__", "msgspec", "hashlib", "site", "sitecustomize", "usercustomize", "encodings/__init__")
    tree = tmp_path / "tree"
    workspace = make_workspace(tree, {f"{name}.py": attack for name in names})
    monkeypatch.chdir(tree)
    monkeypatch.setattr("sys.path", ["", ".", str(tree), *sys.path])
    monkeypatch.setenv("PYTHONPATH", f"{tree}:")
    monkeypatch.setenv("PYTHONSTARTUP", str(tree / "msgspec.py"))
    facts, problems = extract_all(workspace, None, 2, 30)

    assert len(facts) == len(names)
    assert problems == ()
    assert not marker.exists()


def test_the_import_path_keeps_environments_inside_the_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment in the audited tree is where our own packages live; a plain folder in it is not trusted."""
    monkeypatch.setattr("sys.prefix", str(tmp_path / ".venv"))
    monkeypatch.setattr(
        "sys.path", ["", str(tmp_path), str(tmp_path / "lib"), str(tmp_path / ".venv" / "lib"), "/usr/lib/python3", "relative"]
    )

    assert pool._import_path(str(tmp_path)) == [str(tmp_path / ".venv" / "lib"), "/usr/lib/python3"]


def test_the_collector_is_as_it_was(tmp_path: Path) -> None:
    """Pausing the cyclic collector ends with the extraction."""
    workspace = make_workspace(tmp_path, {"a.py": "x = 1\n"})
    assert gc.isenabled()
    extract_all(workspace, MemoryCache(), 1, 30)
    assert gc.isenabled()
