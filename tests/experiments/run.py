"""Runs real frameworks and keeps what was seen: where each kind of handler ran, and which routes the fixtures register.

python tests/experiments/run.py --list
python tests/experiments/run.py --environments ~/frameworks [FRAMEWORK[-LABEL] ...]

A probe is a file `frameworks/<framework>.py` with `REQUIREMENTS`, label to what pip installs, and `observe()`; rules/README.md says more.
Each runs in a process and an environment of its own; its result is `results/<framework>-<label>.json`, which the default tests read.
To be run in fwaudit's own environment; downloads packages.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[2]
FRAMEWORKS = Path(__file__).parent / "frameworks"
FIXTURES = REPOSITORY / "fixtures"
SECONDS = 180
"""For one probe, without the installation."""

sys.path.insert(0, str(REPOSITORY))

from fwaudit.catalog.load import load_catalog  # noqa: E402  the repository comes first
from tests.experiments.observations import make_result, write_result  # noqa: E402


class ExperimentError(Exception):
    """An experiment that could not be made, or a probe that told nothing usable."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One probe with one set of requirements."""

    probe: Path
    label: str
    requirements: tuple[str, ...]

    @property
    def framework(self) -> str:
        """As its table is named: probes are modules and have no dashes."""
        return self.probe.stem.replace("_", "-")

    @property
    def name(self) -> str:
        """As its result is named."""
        return f"{self.framework}-{self.label}"


def find_experiments() -> list[Experiment]:
    """All experiments, by framework and label. A module without `REQUIREMENTS` is no probe but shared by some."""
    found = []
    for probe in sorted(FRAMEWORKS.glob("*.py")):
        specification = spec_from_file_location(f"probe_{probe.stem}", probe)
        assert specification is not None
        assert specification.loader is not None
        module = module_from_spec(specification)
        specification.loader.exec_module(module)
        for label, requirements in sorted(getattr(module, "REQUIREMENTS", {}).items()):
            found.append(Experiment(probe, label, tuple(requirements)))
    return found


def make_environment(folder: Path, experiment: Experiment, python: str) -> Path:
    """The Python of an environment that holds what the experiment requires; made anew if it was made for something else."""
    environment = folder / experiment.name
    executable = environment / "bin" / "python"
    stamp = environment / "requirements.json"
    wanted = json.dumps([python, *experiment.requirements])
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        _run([python, "-m", "venv", "--clear", str(environment)])
        _run([str(executable), "-m", "pip", "install", "-q", "--disable-pip-version-check", *experiment.requirements])
        stamp.write_text(wanted, encoding="utf-8")
    return executable


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ExperimentError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def observe(experiment: Experiment, executable: Path) -> dict[str, Any]:
    """What the probe tells; its process starts in an empty folder and takes all that it started with it."""
    folders = [str(FRAMEWORKS), *(str(folder) for folder in sorted(FIXTURES.iterdir()) if folder.is_dir())]
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "told.json"
        empty = Path(scratch) / "empty"
        empty.mkdir()
        command = [str(executable), "-I", "-B", str(Path(__file__).parent / "observe.py"), str(experiment.probe), str(output), *folders]
        environment = {"HOME": str(empty), "LANG": "C.UTF-8", "PATH": f"{executable.parent}{os.pathsep}{os.defpath}"}
        child = subprocess.Popen(
            command,
            cwd=empty,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = child.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            said = f"no answer within {SECONDS} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if child.returncode or not output.is_file():
            raise ExperimentError(said)
        return dict(json.loads(output.read_text(encoding="utf-8")))


def versions_that_matter(experiment: Experiment, installed: dict[str, str]) -> dict[str, str]:
    """Of the installed distributions those that were asked for and those of all frameworks."""
    asked = {canonicalize_name(Requirement(text).name) for text in experiment.requirements if not text.startswith("-")}
    known = {canonicalize_name(name) for framework in load_catalog().frameworks for name in framework.distributions}
    return {name: version for name, version in installed.items() if canonicalize_name(name) in asked | known}


def chosen(experiments: Sequence[Experiment], names: Sequence[str]) -> Iterator[Experiment]:
    """Those that are named, by framework or by framework and label; all if none is. Raises ExperimentError for a name of none."""
    for name in names:
        if not any(name in (one.framework, one.name) for one in experiments):
            raise ExperimentError(f"no experiment `{name}`; --list shows all")
    return (one for one in experiments if not names or one.framework in names or one.name in names)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="FRAMEWORK", help="a framework, or one experiment of it: flask, flask-3.1")
    parser.add_argument("--list", action="store_true", help="show all experiments and what they install")
    parser.add_argument("--environments", type=Path, help="where environments are made and found again (default: a temporary folder)")
    parser.add_argument("--python", default=sys.executable, help="the Python of the environments")
    parser.add_argument("--today", default=date.today().isoformat(), help="the date of the results")  # noqa: DTZ011  the system's date
    arguments = parser.parse_args()
    try:
        experiments = list(chosen(find_experiments(), arguments.names))
    except ExperimentError as error:
        parser.error(str(error))
    if arguments.list:
        for experiment in experiments:
            print(f"{experiment.name}: {' '.join(experiment.requirements)}")
        return 0

    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.environments.absolute() if arguments.environments else Path(temporary)
        for experiment in experiments:
            try:
                told = observe(experiment, make_environment(folder, experiment, arguments.python))
                versions = versions_that_matter(experiment, told["versions"])
                result = make_result(experiment.framework, experiment.label, arguments.today, versions, told)
            except (ExperimentError, msgspec.ValidationError) as error:
                failed += 1
                print(f"{experiment.name}: FAILED\n{error}", flush=True)
            else:
                write_result(result)
                routes = sum(len(seen) for seen in result.routes.values())
                print(f"{experiment.name}: {len(result.contexts)} handlers, {routes} routes, {versions}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
