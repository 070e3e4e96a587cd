from __future__ import annotations

import signal

import pytest

from fwaudit.extract.frames import Task
from fwaudit.extract.supervisor import CHUNK_BYTES, CHUNK_FILES, _describe_end, make_chunks


def make_tasks(*sizes: int) -> list[Task]:
    """One task per size."""
    return [Task(index, b"a.py", size, b"") for index, size in enumerate(sizes)]


def test_chunks_hold_every_file_once_the_biggest_first() -> None:
    """No file is lost or doubled, and a big file is never left for the end."""
    tasks = make_tasks(*(number * 7919 % 90_000 for number in range(500)))
    chunks = make_chunks(tasks)
    handed_out = [task for chunk in chunks for task in chunk]

    assert sorted(task.index for task in handed_out) == list(range(500))
    assert [task.size for task in handed_out] == sorted((task.size for task in tasks), reverse=True)
    assert all(sum(task.size for task in chunk) <= CHUNK_BYTES for chunk in chunks)


def test_a_file_larger_than_a_chunk_is_one() -> None:
    """Size never keeps a file out."""
    assert [[task.size for task in chunk] for chunk in make_chunks(make_tasks(10, 900_000, 400_000, 20))] == [
        [900_000],
        [400_000],
        [20, 10],
    ]


def test_chunks_of_empty_files_are_bounded() -> None:
    """Thousands of empty files are handed out in parts."""
    assert {len(chunk) for chunk in make_chunks(make_tasks(*[0] * (CHUNK_FILES * 3)))} == {CHUNK_FILES}
    assert not make_chunks([])


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (signal.SIGSEGV, "was ended by SIGSEGV"),
        (signal.SIGABRT, "needed more than 2,048 MiB of memory, or crashed"),
        (77 << 8, "needed more than 2,048 MiB of memory, or crashed"),
        (0, "ended without an answer"),
    ],
)
def test_the_end_of_a_worker_is_described(status: int, text: str) -> None:
    """A wait status becomes words that a person can act on."""
    assert _describe_end(int(status), 2 << 30) == text
