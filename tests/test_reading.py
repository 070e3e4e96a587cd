from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path

import pytest

from fwaudit import reading
from fwaudit.reading import UnreadableError, line_reader, read_source


def test_gives_the_content_of_a_regular_file(tmp_path: Path) -> None:
    """A file of exactly the limit is read whole; one byte more is refused with both numbers."""
    (tmp_path / "a.py").write_bytes(b"x" * 1000)

    assert read_source(str(tmp_path), "a.py", 1000) == b"x" * 1000
    with pytest.raises(UnreadableError, match=r"^has 1,000 bytes, more than the limit of 999$"):
        read_source(str(tmp_path), "a.py", 999)


def test_reads_a_file_that_says_it_has_no_bytes(tmp_path: Path) -> None:
    """A special file system may say a size of 0: what is there is read, up to the limit."""
    (tmp_path / "empty.py").touch()
    (tmp_path / "a.py").write_bytes(b"x" * 1000)

    assert read_source(str(tmp_path), "empty.py", 10) == b""
    with (tmp_path / "a.py").open("rb", buffering=0) as stream:
        assert reading._read_whole(stream.fileno(), 0, 1000) == b"x" * 1000
    with (
        (tmp_path / "a.py").open("rb", buffering=0) as stream,
        pytest.raises(UnreadableError, match="has more bytes than the limit of 999"),
    ):
        reading._read_whole(stream.fileno(), 0, 999)


def test_refuses_a_sparse_giant_without_reading_it(tmp_path: Path) -> None:
    """A sparse file of 100 GB costs no memory and no time."""
    with (tmp_path / "giant.py").open("wb") as stream:
        stream.truncate(100 << 30)

    with pytest.raises(UnreadableError, match="more than the limit"):
        read_source(str(tmp_path), "giant.py", 1_000_000)


def test_refuses_what_is_no_regular_file(tmp_path: Path) -> None:
    """A FIFO, a socket, a device, a folder and a link are named for what they are, without waiting and without being followed."""
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "target.py").write_text("secret")
    (tmp_path / "link.py").symlink_to("target.py")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.py"))
    expected = {
        "fifo.py": "is a FIFO, not a file",
        "folder.py": "is a folder, not a file",
        "link.py": "is a symbolic link, not a file",
        "socket.py": "is a socket, not a file",
    }

    for name, message in expected.items():
        with pytest.raises(UnreadableError) as caught:
            read_source(str(tmp_path), name, 1000)
        assert str(caught.value) == message
        assert caught.value.is_special
    with pytest.raises(UnreadableError, match="is a character device, not a file"):
        read_source("/dev", "zero", 1000)


def test_says_why_a_file_cannot_be_opened(tmp_path: Path) -> None:
    """A missing file is no special file: the system's reason is given, without the absolute path."""
    with pytest.raises(UnreadableError) as caught:
        read_source(str(tmp_path), "gone.py", 1000)

    assert str(caught.value) == "cannot be read: No such file or directory"
    assert not caught.value.is_special


def test_a_growing_file_is_read_to_the_limit_at_most(tmp_path: Path) -> None:
    """While another thread keeps appending, the read ends: with content of the limit at most, or with a refusal."""
    path = tmp_path / "growing.py"
    path.write_bytes(b"x" * 1000)
    stop = threading.Event()

    def append() -> None:
        with path.open("ab", buffering=0) as stream:
            while not stop.is_set():
                stream.write(b"x" * 1000)

    thread = threading.Thread(target=append)
    thread.start()
    lengths = []
    try:
        for _ in range(50):
            with contextlib.suppress(UnreadableError):
                lengths.append(len(read_source(str(tmp_path), "growing.py", 20_000_000)))
    finally:
        stop.set()
        thread.join()

    assert lengths
    assert all(1000 <= length <= 20_000_000 for length in lengths)


def test_lines_are_those_of_python(tmp_path: Path) -> None:
    """Only line feeds and carriage returns end a line; a mark at the start and bad bytes do no harm, a missing file has no lines."""
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfa\x0cb\r\nc\xe2\x80\xa8\xff\rd\n")
    read = line_reader(str(tmp_path))

    assert read("a.py") == ["a\x0cb", "c\u2028\ufffd", "d"]
    assert read("gone.py") is None
