"""Where reports go: colour, stdout, whole files."""

from __future__ import annotations

import io
import os
import stat
import threading
from pathlib import Path

import pytest

from fwaudit.errors import ReportError
from fwaudit.output import Progress, speaks_unicode, wants_color, write_file, write_stdout


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Tell that it is one."""
        return True


@pytest.mark.parametrize(
    ("choice", "environment", "on_terminal", "elsewhere"),
    [
        ("auto", {}, True, False),
        ("auto", {"NO_COLOR": "1"}, False, False),
        ("auto", {"NO_COLOR": ""}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ("auto", {"TERM": "dumb"}, False, False),
        ("auto", {"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ("always", {"NO_COLOR": "1"}, True, True),
        ("never", {"FORCE_COLOR": "1"}, False, False),
    ],
)
def test_color(choice: str, environment: dict[str, str], on_terminal: bool, elsewhere: bool) -> None:
    """`--color` decides, then NO_COLOR, FORCE_COLOR, TERM=dumb, and last the terminal."""
    assert wants_color(choice, Terminal(), environment) is on_terminal
    assert wants_color(choice, io.StringIO(), environment) is elsewhere
    assert wants_color(choice, None, environment) is elsewhere


def test_which_streams_take_box_characters() -> None:
    """A stream in UTF-8 takes them, one in ASCII does not."""
    assert speaks_unicode(io.TextIOWrapper(io.BytesIO(), "utf-8"))
    assert not speaks_unicode(io.TextIOWrapper(io.BytesIO(), "ascii"))


def test_a_file_is_written_whole_with_the_usual_rights(tmp_path: Path) -> None:
    """A report replaces the file in one step; a new file has the rights that the umask leaves, an old one keeps its own."""
    new, old = tmp_path / "new.txt", tmp_path / "old.txt"
    old.write_text("old")
    old.chmod(0o600)
    mask = os.umask(0o022)
    try:
        write_file(new, "größe\n")
        write_file(old, "x")
    finally:
        os.umask(mask)

    assert new.read_bytes() == "größe\n".encode()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (new, old)] == [0o644, 0o600]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.txt", "old.txt"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    """A report written to a link replaces what the link leads to, and the link stays."""
    (tmp_path / "link").symlink_to("target")

    write_file(tmp_path / "link", "x")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "x"


@pytest.mark.parametrize("name", ["missing/report.txt", "file/report.txt", "folder"])
def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, name: str) -> None:
    """A report that cannot be written is an error that exits 3, names the file, and leaves no half of it."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()

    with pytest.raises(ReportError, match="was not written") as caught:
        write_file(tmp_path / name, "report")

    assert caught.value.exit_code == 3
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_full_disk_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the new report cannot be put into place, the old one is still there, whole."""
    (tmp_path / "report.txt").write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ReportError, match="No space left on device"):
        write_file(tmp_path / "report.txt", "new")

    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.txt", "old")]


def test_a_fifo_is_written_to(tmp_path: Path) -> None:
    """A FIFO or device is no file to replace: the report goes into it."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()))
    reader.start()

    write_file(fifo, "report")

    reader.join(10)
    assert read == ["report"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_stdout_that_is_closed_or_full_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed stdout and a full device are errors that exit 3; nothing is silently lost."""
    monkeypatch.setattr("sys.stdout", None)
    with pytest.raises(ReportError, match="stdout is closed"):
        write_stdout("x")

    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(ReportError, match="No space left"):
            write_stdout("x")


def test_stdout_in_another_encoding_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stdout's encoding cannot say is written as an escape, never an error."""
    content = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(content, "ascii"))

    write_stdout("größe")

    assert content.getvalue() == rb"gr\xf6\xdfe"


def test_a_pipe_that_does_not_block_is_written_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit into the pipe waits until somebody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    read: list[bytes] = []
    with open(reading, "rb") as source, open(writing, "w", encoding="utf-8") as stream:
        reader = threading.Thread(target=lambda: read.append(source.read(1_000_000)))
        reader.start()
        monkeypatch.setattr("sys.stdout", stream)
        write_stdout("x" * 1_000_000)
        reader.join(10)

    assert read == [b"x" * 1_000_000]


def test_progress_is_silent_unless_it_takes_long(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No bar in the first second nor where none is to be shown; afterwards there is one."""
    monkeypatch.setenv("TERM", "xterm")
    with Progress(is_shown=True) as progress:
        progress(1, 10)
    assert capsys.readouterr().err == ""

    monkeypatch.setattr("fwaudit.output._BAR_DELAY", 0.0)
    with Progress(is_shown=False) as progress:
        progress(1, 10)
    assert capsys.readouterr().err == ""

    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress(is_shown=True) as progress:
        progress(1, 10)
        progress(10, 10)
    assert "files" in capsys.readouterr().err
