"""Speed and memory on the pinned packages, beside LibCST's bare parse and two peers, in one run.

    python tests/benchmarks/speed.py [--packages FOLDER] [--fwaudit COMMAND] [--peers VENV] [--rounds 5] [--peer-rounds 1] [NAME ...]

Whole processes, from start to exit, `--jobs 2`, the median of the rounds. LibCST alone and cold audits take turns, so noise falls on both.
- cold: an empty cache, which the run fills; then nothing changed; then a function is added to the file of the 90th percentile of size;
- LibCST alone: `parse_alone.py`, 2 processes, with the Python that runs this script, which needs libcst;
- flake8-async: its own command with the blocking rules alone (`--enable=ASYNC2`), one process, as it runs; blockpath: `blockpath check`.
Memory is the peak of all processes together (PSS), from a cold run of its own.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fetch import DEFAULT_FOLDER, PACKAGES, count_lines, fetch, python_files
from measuring import Run, machine, median, medians, peak_memory, run

MEASURED = ("open_webui_0124", "django", "homeassistant")
JOBS = "2"
PARSE_BOUND = 1.4
"""Cold seconds over those of LibCST alone."""
_TIMING = re.compile(r"^\W*(?:fwaudit: )?(?P<stage>[a-z][a-z ()-]*?)[:\s]+(?P<seconds>\d+\.\d+) ?s(?:econds)?$")


@dataclass(frozen=True, slots=True)
class Tools:
    """The commands that are measured. `peers` is a virtual environment, or None."""

    fwaudit: list[str]
    peers: Path | None
    rounds: int
    peer_rounds: int

    def audit(self, cache: Path) -> list[str]:
        """The command line of an audit with this cache."""
        return [*self.fwaudit, "--jobs", JOBS, "--cache-dir", str(cache), "--format", "json", "--exit-zero", "--timings", "."]


def measure(name: str, tools: Tools, packages: Path) -> None:
    """Prints the table of one package."""
    root = fetch(next(package for package in PACKAGES if package.name == name), packages)
    files = python_files(root)
    lines = count_lines(files)
    with tempfile.TemporaryDirectory(prefix="fwaudit-speed-") as scratch:
        cold = _against_parse(root, tools, Path(scratch))
        warm = _warm(root, tools, Path(scratch))
        memory = peak_memory(tools.audit(Path(scratch) / "memory"), root)
    print(f"\n### {name}: {len(files):,} files, {lines:,} lines\n")
    _print_rows(lines, cold | warm | _peers(root, files, tools))
    print(f"\npeak memory, all processes: {f'{memory / 1e9:.2f} GB' if memory else 'not told by this system'}")
    print(f"seconds per stage, cold: {_stages(cold['fwaudit, cold'])}")
    print(f"seconds per stage, one file changed: {_stages(warm['fwaudit, one file changed'])}", flush=True)


def _against_parse(root: Path, tools: Tools, scratch: Path) -> dict[str, Run]:
    """LibCST alone and cold audits, in turn."""
    alone = [sys.executable, str(Path(__file__).with_name("parse_alone.py")), str(root), "--jobs", JOBS]

    def audit_cold() -> Run:
        shutil.rmtree(scratch / "cold", ignore_errors=True)
        return run(tools.audit(scratch / "cold"), root)

    return medians(tools.rounds, {"LibCST alone": lambda: run(alone, root), "fwaudit, cold": audit_cold})


def _warm(root: Path, tools: Tools, scratch: Path) -> dict[str, Run]:
    """Audits with a full cache: nothing changed, then one file changed each time."""
    copy, cache = scratch / "workspace", scratch / "warm"
    shutil.copytree(root, copy)
    by_size = sorted(python_files(copy), key=lambda path: (path.stat().st_size, path))
    changing = by_size[len(by_size) * 9 // 10]
    run(tools.audit(cache), copy)
    unchanged = [run(tools.audit(cache), copy) for _ in range(tools.rounds)]
    changed = []
    for number in range(tools.rounds):
        with changing.open("a", encoding="utf-8") as file:
            file.write(f"\n\nasync def added_by_benchmark_{number}():\n    import time\n    time.sleep({number})\n")
        changed.append(run(tools.audit(cache), copy))
    return {"fwaudit, nothing changed": median(unchanged), "fwaudit, one file changed": median(changed)}


def _peers(root: Path, files: list[Path], tools: Tools) -> dict[str, Run]:
    if not tools.peers:
        return {}
    programs = tools.peers.absolute() / "bin"
    names = [str(path.relative_to(root)) for path in files]
    commands: dict[str, Callable[[], Run]] = {
        "flake8-async": lambda: run([str(programs / "flake8-async"), "--enable=ASYNC2", *names], root),
        "blockpath": lambda: run([str(programs / "blockpath"), "check", "."], root),
    }
    return medians(tools.peer_rounds, commands)


def _print_rows(lines: int, runs: dict[str, Run]) -> None:
    parse, cold = runs["LibCST alone"].seconds, runs["fwaudit, cold"].seconds
    print("| | seconds | lines/s | times LibCST alone | times fwaudit, cold |\n|---|---|---|---|---|")
    for name, each in runs.items():
        print(f"| {name} | {each.seconds:.2f} | {lines / each.seconds:,.0f} | {each.seconds / parse:.2f} | {each.seconds / cold:.2f} |")
    print(f"\ncold at most {PARSE_BOUND} times LibCST alone: {'yes' if cold <= PARSE_BOUND * parse else 'NO'}, {cold / parse:.2f}")


def _stages(timed: Run) -> str:
    """What `--timings` said."""
    found = [match for line in timed.stderr.splitlines() if (match := _TIMING.match(line))]
    return ", ".join(f"{match['stage']} {match['seconds']}" for match in found) or "not said"


def main() -> None:
    """Measure the packages that were named, all three by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, default=DEFAULT_FOLDER, metavar="FOLDER", help="where fetch.py put the packages")
    parser.add_argument("--fwaudit", default="fwaudit", metavar="COMMAND")
    parser.add_argument("--peers", type=Path, metavar="VENV", help="where flake8-async and blockpath are; without: not measured")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-rounds", type=int, default=1, help="a round of flake8-async takes minutes")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURED))
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {package.name for package in PACKAGES}
    if unknown:
        parser.error(f"not a pinned package: {', '.join(sorted(unknown))}")
    print(machine())
    tools = Tools(arguments.fwaudit.split(), arguments.peers, arguments.rounds, arguments.peer_rounds)
    for name in arguments.names or MEASURED:
        measure(name, tools, arguments.packages)


if __name__ == "__main__":
    main()
