"""How time and memory grow with the lines: a service doubled three times.

    python tests/benchmarks/growth.py [--packages FOLDER] [--fwaudit COMMAND] [--name open_webui_0520] [--rounds 3]

The workspace holds 1, 2, 4, then 8 copies of the package, each under its own package name with its imports renamed, so that every copy
resolves to itself and the work, not only the reading, doubles. Cold runs, `--jobs 2`, median of the rounds. Exits 1 where a doubling costs
more than 2.3 times the seconds or the memory of the one before.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fetch import DEFAULT_FOLDER, PACKAGES, count_lines, fetch, python_files
from measuring import machine, median, peak_memory, run

DOUBLINGS = 3
BOUND = 2.3


@dataclass(frozen=True, slots=True)
class Size:
    """One size of the workspace. `memory` is in bytes, None where the system does not tell."""

    copies: int
    lines: int
    seconds: float
    memory: int | None


def add_copy(root: Path, package: str, number: int, workspace: Path) -> None:
    """Writes a copy of the package to the workspace, under the name `package_number` everywhere in its text."""
    renamed = f"{package}_{number}"
    word = re.compile(rf"\b{re.escape(package)}\b".encode())
    for path in python_files(root / package):
        target = workspace / renamed / path.relative_to(root / package)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(word.sub(renamed.encode(), path.read_bytes()))


def measure(workspace: Path, copies: int, command: list[str], rounds: int) -> Size:
    """A cold audit of the workspace as it is."""
    audit = [*command, "--jobs", "2", "--no-cache", "--format", "json", "--exit-zero", "."]
    seconds = median([run(audit, workspace) for _ in range(rounds)]).seconds
    return Size(copies, count_lines(python_files(workspace)), seconds, peak_memory(audit, workspace))


def ratios(before: Size, after: Size) -> tuple[float, float | None]:
    """How many times the seconds and the memory of the size before."""
    memory = after.memory / before.memory if after.memory and before.memory else None
    return after.seconds / before.seconds, memory


def main() -> None:
    """Print a row for each size; exit 1 above the bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, default=DEFAULT_FOLDER, metavar="FOLDER", help="where fetch.py put the packages")
    parser.add_argument("--fwaudit", default="fwaudit", metavar="COMMAND")
    parser.add_argument("--name", default="open_webui_0520", choices=[package.name for package in PACKAGES])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    root = fetch(next(package for package in PACKAGES if package.name == arguments.name), arguments.packages)
    package = min(path.parent.name for path in root.glob("*/__init__.py"))
    print(f"{machine()}\n\n| copies | lines | seconds | times | memory, MB | times |\n|---|---|---|---|---|---|")
    worst, sizes = 0.0, list[Size]()
    with tempfile.TemporaryDirectory(prefix="fwaudit-growth-") as scratch:
        made = 0
        for doubling in range(DOUBLINGS + 1):
            for number in range(made, 2**doubling):
                add_copy(root, package, number, Path(scratch))
            made = 2**doubling
            sizes.append(measure(Path(scratch), made, arguments.fwaudit.split(), arguments.rounds))
            time_ratio, memory_ratio = ratios(sizes[-2], sizes[-1]) if doubling else (0.0, 0.0)
            worst = max(worst, time_ratio, memory_ratio or 0.0)
            _print_row(sizes[-1], time_ratio, memory_ratio)
    print(f"\nat most {BOUND} times for each doubling: {'yes' if worst <= BOUND else 'NO'}, {worst:.2f}")
    sys.exit(worst > BOUND)


def _print_row(size: Size, time_ratio: float, memory_ratio: float | None) -> None:
    memory = f"{size.memory / 1e6:.0f}" if size.memory else ""
    print(f"| {size.copies} | {size.lines:,} | {size.seconds:.2f} | {_shown(time_ratio)} | {memory} | {_shown(memory_ratio)} |", flush=True)


def _shown(ratio: float | None) -> str:
    return f"{ratio:.2f}" if ratio else ""


if __name__ == "__main__":
    main()
