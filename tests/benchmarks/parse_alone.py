"""The yardstick: `libcst.parse_module` and nothing else over the files of a folder, in a pool of forkserver workers.

    python tests/benchmarks/parse_alone.py FOLDER [--jobs 2]

Needs libcst. Files go out in chunks of about 150 kB, the biggest first, as a careful tool would do it.
A file that LibCST refuses is passed over.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import sys
import threading
from pathlib import Path

import libcst

CHUNK_BYTES = 150_000
STACK_BYTES = 64 * 1024 * 1024
RECURSION_LIMIT = 20_000


def chunks(folder: Path) -> list[list[str]]:
    """The folder's Python files, the biggest first, in chunks of about the same size."""
    sizes = sorted(((path.stat().st_size, str(path)) for path in folder.rglob("*.py") if path.is_file()), reverse=True)
    made: list[list[str]] = []
    room = 0
    for size, path in sizes:
        if size > room:
            made.append([])
            room = CHUNK_BYTES
        made[-1].append(path)
        room -= size
    return made


def parse(paths: list[str]) -> int:
    """How many of the files LibCST parsed, in a thread with a stack that deep nesting does not exhaust."""
    parsed: list[str] = []
    sys.setrecursionlimit(RECURSION_LIMIT)
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=_parse_each, args=(paths, parsed))
    thread.start()
    thread.join()
    return len(parsed)


def _parse_each(paths: list[str], parsed: list[str]) -> None:
    for path in paths:
        source = Path(path).read_bytes()
        with contextlib.suppress(libcst.ParserSyntaxError, UnicodeDecodeError):
            libcst.parse_module(source)
            parsed.append(path)


def main() -> None:
    """Parse, and say how many files were."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["libcst"])
    with context.Pool(arguments.jobs) as pool:
        print(f"{sum(pool.imap_unordered(parse, chunks(arguments.folder))):,} files parsed")


if __name__ == "__main__":
    main()
