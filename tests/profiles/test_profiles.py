"""What profilers wrote, as functions of the workspace. The recordings are of real runs of the program in `data`, paths shortened."""

from __future__ import annotations

import contextlib
import cProfile
import json
import marshal
import os
import random
import re
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fwaudit.catalog.load import load_advice
from fwaudit.model.code import CodeBody
from fwaudit.model.service import Service
from fwaudit.profiles import recording
from fwaudit.profiles.assign import add_profiles
from fwaudit.profiles.files import digest_of_files, read_files
from fwaudit.profiles.read import read_recording
from fwaudit.profiles.recording import ProfileError
from tests.support import audit_sources

DATA = Path(__file__).parent / "data"
SERVED = """
import time
from fastapi import FastAPI
import sqlalchemy

app = FastAPI()


@app.get("/slow")
async def slow():
    time.sleep(1)


class Reports:
    def get(self):
        pass


class Items:
    def get(self):
        pass


@app.get("/quick")
async def quick():
    helper()


def helper():
    print()
"""


@cache
def program() -> tuple[CodeBody, ...]:
    """The functions of the measured program."""
    files = {f"shop/{name}.py": (DATA / f"{name}.py.txt").read_text() for name in ("app", "store")}
    return audit_sources(files)[0].code.functions


@cache
def served() -> tuple[tuple[Service, ...], tuple[CodeBody, ...]]:
    """A service with two routes, and its functions."""
    project, _ = audit_sources({"src/shop/main.py": SERVED})
    return project.services, project.code.functions


def measured(
    files: Sequence[tuple[str, bytes | ProfileError]], functions: Sequence[CodeBody] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The profile of one service that holds the whole workspace, and the problems."""
    service = Service(name="shop", root=".", frameworks=(), interface=None, servers=(), apps=(), routes=())
    services = (service,) if functions is None else served()[0]
    found, problems = add_profiles(files, services, program() if functions is None else functions, load_advice().times)
    return found[0].profile, [problem.message for problem in problems]


def seconds_by_function(profile: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Function to its seconds, and those on the loop."""
    return {row["function"]: (row["seconds"], row["loop_seconds"]) for row in profile["functions"]}


@pytest.mark.parametrize(
    ("name", "form", "unit"),
    [("py_spy.speedscope.json", "speedscope", 1.0), ("py_spy.collapsed", "collapsed", 1 / 200), ("pyinstrument.json", "pyinstrument", 1.0)],
)
def test_stacks_tell_what_ran_on_the_loop_and_what_it_was(name: str, form: str, unit: float) -> None:
    """`dump` serializes on the loop; `load` waits for the database, half of it in a thread where the profiler sees threads."""
    profile, problems = measured(read_files([DATA / name]))
    assert problems == []
    assert profile["forms"] == [form]
    times = seconds_by_function(profile)
    assert 0.5 < times["shop.store.dump"][1] * unit < 1.5
    assert times["shop.store.dump"][0] == times["shop.store.dump"][1]
    load, on_loop = times["shop.store.load"]
    assert on_loop == load if form == "pyinstrument" else 0 < on_loop < load
    assert 0.2 < profile["database_share"] < 0.5
    assert 0.1 < profile["serialization_share"] < 0.4
    assert "bottleneck" not in profile


def test_a_log_of_asyncio_tells_what_held_up_the_loop() -> None:
    """A line for each callback that was too slow; the other lines of the log are nothing to it."""
    profile, problems = measured(read_files([DATA / "asyncio.log"]))
    assert (problems, profile["slow_callbacks"], seconds_by_function(profile)) == ([], 1, {"shop.app.main": (0.3, 0.3)})


@pytest.mark.parametrize(
    "line",
    [
        "Executing <Task pending coro=<slow() running at /app/src/shop/main.py:11> created at /x/t.py:1> took 1.250 seconds",
        "Executing <Handle slow(<Future at 0x1>) at /app/src/shop/main.py:10 created at /x/y.py:3> took 1.250 seconds",
        "Executing <TimerHandle when=12.5 slow() at /app/src/shop/main.py:10> took 1.250 seconds",
        '{"event": "Executing <Task finished coro=<slow() done, defined at src/shop/main.py:10> result=None> took 1.250 seconds"}',
    ],
)
def test_each_form_of_asyncios_line_is_read(line: str) -> None:
    """Tasks and handles, in logs of any form."""
    profile, problems = measured([("log", line.encode())], served()[1])
    assert problems == []
    assert profile["routes"] == {"GET /slow": {"seconds": 1.25, "loop_seconds": 1.25}}


def test_a_file_of_cprofile_is_read_without_marshal(tmp_path: Path) -> None:
    """What this very Python writes: own times by library, and each function's time with what it calls."""
    source = (DATA / "store.py.txt").read_text().split("def load")[0].count("\n")
    code = compile(
        "\n" * source + "\n\ndef dump(rows):\n    return sorted(rows)\n\ndump(list(range(100000)))\n", "/srv/shop/store.py", "exec"
    )
    profiler = cProfile.Profile()
    with profiler:
        exec(code, {})
    profiler.dump_stats(tmp_path / "run.pstats")
    profile, problems = measured(read_files([tmp_path / "run.pstats"]))
    assert problems == []
    assert profile["forms"] == ["pstats"]
    assert list(seconds_by_function(profile)) == ["shop.store.dump"]


def test_tables_of_cprofile_are_what_marshal_reads() -> None:
    """Every kind of value that such a file holds."""
    table = {
        ("a.py", 1, "f"): (1, 2**40, 0.5, 1.5, {("~", 0, "<built-in é>"): (1, 1, 0.0, 0.0)}),
        ("a.py", 9, "x" * 300): (1, 1, 0.25, 0.25, {}),
    }
    for version in (2, 3, 4):
        found = read_recording(marshal.dumps(table, version))
        assert [(frame.name, seconds) for frame, seconds in found.totals] == [("f", 1.5), ("x" * 300, 0.25)]


def test_files_may_have_lain_elsewhere() -> None:
    """In an image, installed as a package, or named by their ends; a method by its line; library files and other versions are no match."""

    def route_seconds(*frames: str) -> dict[str, Any]:
        profile, _ = measured([("p", f"{';'.join(frames)} 4\n".encode())], served()[1])
        return seconds_by_function(profile) if profile else {}

    for file in (
        "/app/src/shop/main.py",
        "C:\\app\\src\\shop\\main.py",
        "shop/main.py",
        "/usr/lib/python3.12/site-packages/shop/main.py",
        "main.py",
    ):
        assert [name.rpartition(".")[2] for name in route_seconds(f"slow ({file}:11)")] == ["slow"]
    assert [name.rpartition("main.")[2] for name in route_seconds("get (shop/main.py:21)")] == ["Items.get"]
    assert [name.rpartition("main.")[2] for name in route_seconds("Reports.get (shop/main.py:16)")] == ["Reports.get"]
    assert route_seconds("slow (/usr/lib/python3.12/site-packages/other/main.py:11)") == {}
    assert route_seconds("slow (shop/main.py:900)") == {}
    assert route_seconds("gone (shop/main.py:11)") == {}


def test_a_route_has_the_time_of_its_handler() -> None:
    """With all that it calls, on the loop or not; idle time is nobody's; one kind with half of the time is the bottleneck."""
    loop = "run (/usr/lib/python3.12/asyncio/runners.py:1);_run_once (/usr/lib/python3.12/asyncio/base_events.py:1)"
    pool = "_bootstrap (/usr/lib/python3.12/threading.py:1);run (/usr/lib/python3.12/concurrent/futures/thread.py:59)"
    database = "execute (/v/site-packages/sqlalchemy/engine/base.py:9)"
    text = (
        f"{loop};quick (/app/src/shop/main.py:25);helper (/app/src/shop/main.py:29) 10\n"
        f"{loop};quick (/app/src/shop/main.py:25);{database} 15\n"
        f"{pool};helper (/app/src/shop/main.py:29);{database} 5\n"
        f"{loop};select (/usr/lib/python3.12/selectors.py:4) 1000\n"
    )
    profile, problems = measured([("p", text.encode())], served()[1])
    assert problems == []
    assert profile["routes"] == {"GET /quick": {"seconds": 25.0, "loop_seconds": 25.0}}
    assert (profile["seconds"], profile["loop_share"], profile["database_share"], profile["bottleneck"]) == (30.0, 0.83, 0.67, "database")


def test_how_full_the_workers_were() -> None:
    """The share of the time in which threads of a pool, or sync workers, had work; told only where waiting was recorded, too."""
    begin = "run (/usr/lib/python3.12/threading.py:1);_worker (/usr/lib/python3.12/concurrent/futures/thread.py:83)"
    job = f"{begin};run (/usr/lib/python3.12/concurrent/futures/thread.py:59)"
    anyio = "run (/v/site-packages/anyio/_backends/_asyncio.py:9)"
    queue = "get (/usr/lib/python3.12/queue.py:171);wait (/usr/lib/python3.12/threading.py:355)"
    gunicorn = "/v/site-packages/gunicorn/workers/sync.py"
    sync = f"run ({gunicorn}:1)"
    own, foreign = "helper (/app/src/shop/main.py:29)", "send (/v/site-packages/pika/channel.py:3)"

    def saturation(*lines: str) -> Any:
        return measured([("p", "\n".join(lines).encode())], served()[1])[0].get("worker_saturation")

    assert saturation(f"{job};{own} 60", f"{job};{foreign} 30", f"{begin} 10") == 0.9
    assert saturation(f"{anyio};{own} 3", f"{anyio};{queue} 1") == 0.75
    assert saturation(f"{sync};handle_request ({gunicorn}:9);{own} 1", f"{sync};wait ({gunicorn}:3) 4") == 0.2
    assert saturation(f"{job};{own} 60") is None
    assert saturation(f"{own};{queue} 5", f"{own} 5") is None


def test_the_workspaces_own_code_is_not_its_callers_library() -> None:
    """A validator that pydantic calls is own time, not serialization."""
    text = b"f (/v/site-packages/pydantic/main.py:1);helper (/app/src/shop/main.py:29) 3\n"
    profile, _ = measured([("p", text)], served()[1])
    assert (profile["seconds"], profile["serialization_share"]) == (3.0, 0.0)


def test_several_profiles_are_added_up_and_a_bad_one_is_left_out() -> None:
    """A message for the bad one, the time of the good ones."""
    good = ("good", b"slow (shop/main.py:11) 2\n")
    profile, problems = measured([good, ("bad", b"{"), good], served()[1])
    assert profile["seconds"] == 4.0
    assert len(problems) == 1


SPEEDSCOPE = (DATA / "py_spy.speedscope.json").read_bytes()
PYINSTRUMENT = (DATA / "pyinstrument.json").read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (SPEEDSCOPE[:3000], "is not a whole speedscope file"),
        (PYINSTRUMENT[:3000], "is not a whole file of pyinstrument"),
        (
            b'{"shared": {"frames": []}, "profiles": [{"type": "sampled", "unit": "seconds", "samples": [[7]], "weights": [1]}]}',
            "a frame that it does not have",
        ),
        (
            b'{"shared": {"frames": []}, "profiles": [{"type": "sampled", "unit": "seconds", "samples": [[0]], "weights": []}]}',
            "as many weights",
        ),
        (b'{"x": 1}', "is JSON, and not of a form that is known"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not of a form that is known"),
        (b"just some text\n", "does not end in a number of samples"),
        (b"a;b -5\n", "does not end in a number of samples"),
        (b"f (/other/program.py:3) 9\n", "has no function of this workspace"),
        (b'{"duration": 1, "sample_count": 0, "root_frame": null}', "has no function of this workspace"),
        (b'{"duration": 1, "root_frame": ' + b'{"function": "f", "time": 1, "children": [' * 5000, "nested too deeply|not a whole"),
        (b'{"shared": {"frames": []}, "profiles": [], "x": ' + b"[" * 100_000, "nested too deeply|not a whole"),
        (b"Executing <nothing that is known> took 5 seconds\n", "no line of asyncio about a slow callback"),
        (b"\xfb" + b"\xa9\x02" * 1000, "is not a(?: whole)? file of cProfile"),
        (b"\xfb" + b"\xa8" + struct.pack("<i", 2**31 - 1), "is not a(?: whole)? file of cProfile"),
        (b"\xfbr" + struct.pack("<i", 0), "holds itself"),
        (b"\xfbr" + struct.pack("<i", -1), "is not a whole file of cProfile"),
        (marshal.dumps(compile("1", "x", "exec")), "form that is known|does not end"),
        (marshal.dumps({"a": compile("1", "x", "exec")}), "holds a value of the type 'c'"),
        (marshal.dumps({("a", 1, "f"): (1, 1, "x", 1.0, {})}), "a row of its table has another form"),
    ],
)
def test_what_cannot_be_used_is_said(content: bytes, message: str) -> None:
    """Empty, cut off, of another program or no profile at all: a problem, and the service has no profile."""
    profile, problems = measured([("p", content)])
    assert profile == {}
    (problem,) = problems
    assert problem.startswith("the profile is not used: it ")
    assert re.search(message, problem)


def test_a_huge_file_and_what_is_no_file_are_not_read(tmp_path: Path) -> None:
    """500 MB, a folder, a FIFO and a name that leads nowhere are answered at once."""
    huge = tmp_path / "huge"
    with huge.open("wb") as stream:
        stream.truncate(500_000_000)
    os.mkfifo(tmp_path / "fifo")
    found = read_files([huge, tmp_path, tmp_path / "fifo", tmp_path / "none"])
    messages = [str(content) for _, content in found]
    assert "has 500,000,000 bytes, more than the limit of 64,000,000" in messages[0]
    assert [isinstance(content, ProfileError) for _, content in found] == [True] * 4
    assert "No such file" in messages[3]


def test_damaged_recordings_never_do_more_than_fail() -> None:
    """Bytes changed, cut or doubled in files of every form: a recording or a ProfileError."""
    rows = {("a.py", number, f"f{number}"): (1, 1, 0.5, 1.5, {("b.py", 1, "g"): (1, 1, 0.1, 0.1)}) for number in range(20)}
    seeds = [SPEEDSCOPE, PYINSTRUMENT, (DATA / "py_spy.collapsed").read_bytes(), (DATA / "asyncio.log").read_bytes(), marshal.dumps(rows)]
    chance = random.Random(404)
    for _ in range(600):
        content = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(content))
            content[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        with contextlib.suppress(ProfileError):
            read_recording(bytes(content[: chance.choice([len(content), chance.randrange(len(content))])]))


def test_the_digest_changes_with_name_and_content() -> None:
    """What a cached Audit hangs on."""
    digests = [digest_of_files(files) for files in ([], [("a", b"1")], [("b", b"1")], [("a", b"2")], [("a", ProfileError("x"))])]
    assert len(set(digests)) == 5
    assert digests[0] == ""


def test_begun_and_ended_functions_are_stacks_too() -> None:
    """The second form of speedscope's files."""
    frames = [{"name": "quick", "file": "shop/main.py", "line": 25}, {"name": "helper", "file": "shop/main.py", "line": 29}]
    events = [{"type": kind, "at": at, "frame": frame} for kind, at, frame in (("O", 0, 0), ("O", 1, 1), ("C", 4, 1), ("C", 6, 0))]
    document = {"shared": {"frames": frames}, "profiles": [{"type": "evented", "unit": "milliseconds", "events": events}]}
    profile, _ = measured([("p", json.dumps(document).encode())], served()[1])
    times = {name.rpartition(".")[2]: times for name, times in seconds_by_function(profile).items()}
    assert times == {"quick": (0.006, 0.0), "helper": (0.003, 0.0)}


def test_stacks_that_are_too_many_and_too_deep_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal stacks are one; different ones have a bound together, which a small file of events could pass."""
    frames = [{"name": f"f{number}"} for number in range(40)]
    deep = [{"type": "O", "at": 0, "frame": number} for number in range(30)]

    def with_ends(*names: int) -> bytes:
        ends = [{"type": kind, "at": 2 * at + (kind == "C") + 1, "frame": name} for at, name in enumerate(names) for kind in ("O", "C")]
        profile = {"type": "evented", "unit": "seconds", "events": [*deep, *ends]}
        return json.dumps({"shared": {"frames": frames}, "profiles": [profile]}).encode()

    monkeypatch.setattr(recording, "MOST_FRAMES", 100)
    assert len(read_recording(with_ends(*[30] * 50)).stacks) == 2
    with pytest.raises(ProfileError, match="stacks of more than 100 frames together"):
        read_recording(with_ends(*range(30, 40)))


def test_the_command_takes_profiles(tmp_path: Path) -> None:
    """They are in the JSON; one of another program is a problem, and a cached audit without them is not taken for one with them."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/main.py").write_text(SERVED)
    (tmp_path / "good.txt").write_text("slow (app/main.py:11) 2\n")
    (tmp_path / "other.txt").write_text("f (x.py:11) 2\n")

    def run(*arguments: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "fwaudit", "app", "--format", "json", "--exit-zero", "--cache-dir", "cache", *arguments]
        document: dict[str, Any] = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout)
        return document

    assert run()["services"][0]["profile"] == {}
    found = run("--profile", "good.txt", "--profile", "other.txt")
    assert found["services"][0]["profile"]["seconds"] == 2.0
    assert [(one["path"], one["kind"]) for one in found["problems"]] == [("other.txt", "skipped")]
