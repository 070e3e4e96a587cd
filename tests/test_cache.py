from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fwaudit import cache as cache_module
from fwaudit.cache import Cache, default_folder

FACTS = {bytes([number]) * 32: b"facts %d" % number for number in range(5)}


def pack_of(cache: Cache, suffix: str) -> Path:
    """The one file of that kind in the cache."""
    return next(path for path in cache.folder.iterdir() if path.suffix == suffix)


def test_gives_back_what_was_saved(tmp_path: Path) -> None:
    """Facts come back by digest, those that are asked for and known only; a workspace knows its own alone."""
    cache = Cache(tmp_path / "cache", "/service")
    cache.save_facts(FACTS)
    wanted = [bytes([1]) * 32, bytes([9]) * 32]

    assert Cache(tmp_path / "cache", "/service").load_facts(wanted) == {wanted[0]: b"facts 1"}
    assert Cache(tmp_path / "cache", "/service").load_facts(FACTS) == FACTS
    assert Cache(tmp_path / "cache", "/other").load_facts(FACTS) == {}
    assert cache.warning == ""


def test_keeps_only_the_last_facts(tmp_path: Path) -> None:
    """The pack does not grow with every edit: what was not saved again is gone."""
    cache = Cache(tmp_path, "/service")
    cache.save_facts(FACTS)
    size = pack_of(cache, ".facts").stat().st_size
    cache.save_facts({b"n" * 32: b"facts n"})

    assert cache.load_facts([*FACTS, b"n" * 32]) == {b"n" * 32: b"facts n"}
    assert pack_of(cache, ".facts").stat().st_size < size


def test_an_audit_comes_back_under_its_key_only(tmp_path: Path) -> None:
    """Another key (another input, other settings) is a miss, and a new audit takes the place of the old one."""
    cache = Cache(tmp_path, "/service")
    assert cache.load_audit("key") is None

    cache.save_audit("key", b"audit")
    assert cache.load_audit("key") == b"audit"
    assert cache.load_audit("other key") is None

    cache.save_audit("other key", b"other audit")
    assert cache.load_audit("key") is None
    assert cache.load_audit("other key") == b"other audit"


def test_another_program_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts of another version of extract, and audits of any other code, are misses."""
    cache = Cache(tmp_path, "/service")
    cache.save_facts(FACTS)
    cache.save_audit("key", b"audit")
    monkeypatch.setattr(cache_module, "_facts_stamp", lambda: b"f" * 32)
    monkeypatch.setattr(cache_module, "_audit_stamp", lambda: b"a" * 32)

    assert cache.load_facts(FACTS) == {}
    assert cache.load_audit("key") is None


def test_the_stamp_follows_the_sources(tmp_path: Path) -> None:
    """One changed byte in one source changes the stamp; the same sources give the same one."""
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("x = 1\n")
    two.write_text("x = 1\n")
    before = cache_module._stamp([one, two])

    assert cache_module._stamp([one, two]) == before
    two.write_text("x = 2\n")
    assert cache_module._stamp([one, two]) != before
    assert cache_module._facts_stamp() != cache_module._audit_stamp()


def test_the_stamp_of_facts_has_all_code_that_makes_them() -> None:
    """What extract imports of the package, and what that imports, is in the stamp: else facts of older code would be believed."""
    package = Path(cache_module.__file__).parent
    waiting = sorted((package / "extract").glob("*.py"))
    seen = set(waiting)
    while waiting:
        for module in re.findall(r"^\s*from fwaudit\.([\w.]+) import", waiting.pop().read_text(encoding="utf-8"), re.MULTILINE):
            source = package / f"{module.replace('.', '/')}.py"
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    others = {str(source.relative_to(package)) for source in seen if source.parent.name != "extract"}

    assert others == set(cache_module.MAKING_FACTS)


def test_a_damaged_pack_is_never_believed(tmp_path: Path) -> None:
    """Whatever byte flips and wherever the file is cut: an entry is whole or missing."""
    cache = Cache(tmp_path, "/service")
    cache.save_facts(FACTS)
    path = pack_of(cache, ".facts")
    whole = path.read_bytes()

    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x41]) + whole[position + 1 :])
        found = cache.load_facts(FACTS)
        assert found.items() <= FACTS.items()
        assert len(found) < len(FACTS)
        path.write_bytes(whole[:position])
        assert cache.load_facts(FACTS) == {}
    path.write_bytes(whole)
    assert cache.load_facts(FACTS) == FACTS


@pytest.mark.parametrize("content", [b"", b"x", b"fwaudit1" * 100, b"\x80\x04\x95pickle", bytes(1000)])
def test_a_foreign_file_is_a_miss(tmp_path: Path, content: bytes) -> None:
    """A file that is no pack says nothing, and the next save replaces it."""
    cache = Cache(tmp_path, "/service")
    cache.save_facts(FACTS)
    pack_of(cache, ".facts").write_bytes(content)

    assert cache.load_facts(FACTS) == {}
    cache.save_facts(FACTS)
    assert cache.load_facts(FACTS) == FACTS


def test_a_pack_that_is_no_file_is_a_miss(tmp_path: Path) -> None:
    """A FIFO, a folder or a link in the pack's place neither hangs nor is followed."""
    cache = Cache(tmp_path, "/service")
    cache.save_facts(FACTS)
    path = pack_of(cache, ".facts")
    path.rename(tmp_path / "elsewhere")

    path.symlink_to(tmp_path / "elsewhere")
    assert cache.load_facts(FACTS) == {}
    path.unlink()
    os.mkfifo(path)
    assert cache.load_facts(FACTS) == {}
    path.unlink()
    path.mkdir()
    assert cache.load_facts(FACTS) == {}
    cache.save_facts(FACTS)
    assert "cannot be written" in cache.warning


def test_a_pack_of_another_user_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else put into the folder is not believed."""
    cache = Cache(tmp_path, "/service")
    cache.save_facts(FACTS)
    owner = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)

    assert cache.load_facts(FACTS) == {}


def test_the_folder_is_for_its_user_alone(tmp_path: Path) -> None:
    """Folder and packs are readable by their owner only, whatever the umask is."""
    cache = Cache(tmp_path / "a" / "cache", "/service")
    old = os.umask(0)
    try:
        cache.save_facts(FACTS)
    finally:
        os.umask(old)

    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(pack_of(cache, ".facts").stat().st_mode) == 0o600


def test_the_default_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without --cache-dir the cache lives in the user's cache folder, never in the audited tree."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)

    assert default_folder().is_relative_to(tmp_path / "home")
    assert Cache(None, str(tmp_path)).folder == default_folder()


def test_a_full_disk_costs_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half-way leaves the old pack, no half one, and one warning that says what it means."""
    cache = Cache(tmp_path, "/service")
    cache.save_facts(FACTS)

    def fail(descriptor: int, data: memoryview) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.write", fail)
        cache.save_facts({b"n" * 32: b"n"})
        cache.save_audit("key", b"audit")

    assert cache.warning == f"the cache in {tmp_path} cannot be written, so the next run will be slow: No space left on device"
    assert [path.suffix for path in tmp_path.iterdir()] == [".facts"]
    assert cache.load_facts(FACTS) == FACTS


def test_a_folder_that_cannot_be_made_costs_one_warning(tmp_path: Path) -> None:
    """A file where the folder would be: reads are misses, writes a warning, nothing is raised."""
    (tmp_path / "cache").write_text("a file")
    cache = Cache(tmp_path / "cache" / "deeper", "/service")

    assert cache.load_facts(FACTS) == {}
    assert cache.load_audit("key") is None
    assert cache.clean() == 0
    cache.save_facts(FACTS)
    assert "cannot be written" in cache.warning


def test_clean_removes_packs_and_nothing_else(tmp_path: Path) -> None:
    """A folder that the user chose may hold other files; they stay."""
    for root in ("/one", "/two"):
        Cache(tmp_path, root).save_facts(FACTS)
        Cache(tmp_path, root).save_audit("key", b"audit")
    (tmp_path / "notes.facts").write_text("mine")
    (tmp_path / "a.tmp").write_text("mine")

    assert Cache(tmp_path).clean() == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tmp", "notes.facts"]


def test_old_half_written_files_are_removed(tmp_path: Path) -> None:
    """What a killed process left an hour ago goes with the next save; what another one writes just now stays."""
    cache = Cache(tmp_path, "/service")
    old, new = tmp_path / f"{'a' * 32}-old.tmp", tmp_path / f"{'a' * 32}-new.tmp"
    old.touch()
    new.touch()
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    cache.save_facts(FACTS)

    assert not old.exists()
    assert new.exists()


def _write_for_ever(folder: str, seed: int, rounds: int) -> None:
    """Saves facts that all hold the same random number, so that a mixed pack would show."""
    numbers = random.Random(seed)
    for _ in range(rounds):
        filling = b"%09d" % numbers.randrange(10**9) * 2000
        Cache(Path(folder), "/service").save_facts({bytes([key]) * 32: filling for key in range(20)})


def _is_of_one_write(found: dict[bytes, bytes]) -> bool:
    return len(found) in (0, 20) and len(set(found.values())) <= 1


def test_concurrent_runs_leave_one_complete_pack(tmp_path: Path) -> None:
    """Four writers and a reader at once: every read sees one whole write, never a mix."""
    context = multiprocessing.get_context("spawn")
    keys = [bytes([key]) * 32 for key in range(20)]
    writers = [context.Process(target=_write_for_ever, args=(str(tmp_path), seed, 50)) for seed in range(4)]
    for writer in writers:
        writer.start()
    reads = 0
    while any(writer.is_alive() for writer in writers):
        found = Cache(tmp_path, "/service").load_facts(keys)
        reads += bool(found)
        assert _is_of_one_write(found)
    for writer in writers:
        writer.join()

    assert reads > 0
    assert len(Cache(tmp_path, "/service").load_facts(keys)) == 20


def test_a_killed_writer_leaves_a_complete_pack(tmp_path: Path) -> None:
    """SIGKILL at random moments: what is read afterwards is one whole write, old or new."""
    keys = [bytes([key]) * 32 for key in range(20)]
    Cache(tmp_path, "/service").save_facts(dict.fromkeys(keys, b"first"))
    program = "import sys; from tests.test_cache import _write_for_ever as write; print(flush=True); write(sys.argv[1], 1, 10**6)"
    numbers = random.Random(7)
    for _ in range(10):
        writer = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
        with writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(numbers.uniform(0, 0.02))
            writer.send_signal(signal.SIGKILL)
        found = Cache(tmp_path, "/service").load_facts(keys)
        assert len(found) == 20
        assert _is_of_one_write(found)
