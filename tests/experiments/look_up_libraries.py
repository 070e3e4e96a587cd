"""Looks every name of `rules/libraries` up in the real packages and keeps what it saw.

python tests/experiments/look_up_libraries.py --environments ~/libraries [TABLE ...]
python tests/experiments/look_up_libraries.py --list

Each release gets an environment of its own, made with uv if that is there (quicker), else with venv and pip. The results,
`results/libraries/<table>.json`, are compared with the tables by the default tests. To be run in fwaudit's own environment.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

REPOSITORY = Path(__file__).parents[2]
SECONDS = 180
sys.path.insert(0, str(REPOSITORY))

from tests.experiments.library_questions import (  # noqa: E402  the repository comes first
    Claims,
    LibraryResult,
    Questions,
    Release,
    contradictions,
    read_tables,
    twins_by_table,
    write_result,
)

EXTRAS = {
    "azure-cosmos": ["aiohttp"],
    "authlib": ["requests", "httpx", "starlette"],
    "clickhouse-connect": ["clickhouse-connect[async]"],
    "influxdb-client": ["influxdb-client[async]"],
    "google-auth": ["google-auth[requests]"],
    "httpcore": ["httpcore[asyncio]"],
    "huey": ["redis"],
    "tweepy": ["tweepy[async]"],
    "tritonclient": ["tritonclient[grpc,http]"],
    "zeep": ["zeep[async]"],
    "dask": ["dask[dataframe]"],
    "gql": ["gql[aiohttp,requests]"],
    "elasticsearch": ["elasticsearch[async]"],
    "flask-marshmallow": ["marshmallow-sqlalchemy"],
    "hypercorn": ["hypercorn[trio]"],
    "flask-sqlalchemy": ["flask"],
    "newspaper3k": ["lxml_html_clean"],
    "opensearch-py": ["opensearch-py[async]"],
    "psycopg": ["psycopg[binary]"],
    "psycopg-pool": ["psycopg[binary]"],
    "psycopg2": ["psycopg2-binary"],
    "sanic-ext": ["sanic", "pydantic"],
    "slack-sdk": ["aiohttp"],
    "sqlmodel": ["sqlalchemy[asyncio]"],
    "webargs": ["aiohttp", "bottle", "django", "falcon", "flask", "pyramid", "tornado"],
    "sqlalchemy": ["sqlalchemy[asyncio]"],
}
"""What else to install for a table."""

INSTEAD = {"opencv-python": "opencv-python-headless", "psycopg2": "psycopg2-binary", "pydantic-ai": "pydantic-ai-slim"}
"""Distributions that bring the same modules with less: no compiler, no display, no clients of other libraries."""


def requirements_of(stem: str, distribution: str, versions: str) -> list[str]:
    """What pip installs for one release."""
    name = INSTEAD.get(stem, distribution)
    return [f"{name}{versions}", *(one for one in EXTRAS.get(stem, []) if one != name)]


def make_environment(folder: Path, name: str, requirements: list[str], python: str) -> Path:
    """The Python of an environment that holds the requirements; made anew if it was made for others."""
    environment = folder / name
    executable = environment / "bin" / "python"
    stamp = environment / "requirements.json"
    wanted = json.dumps([python, *requirements])
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        uv = shutil.which("uv")
        if uv:
            _run([uv, "venv", "-q", "--clear", "-p", python, str(environment)])
            _run([uv, "pip", "install", "-q", "-p", str(executable), *requirements])
        else:
            _run([python, "-m", "venv", "--clear", str(environment)])
            _run([str(executable), "-m", "pip", "install", "-q", "--disable-pip-version-check", *requirements])
        stamp.write_text(wanted, encoding="utf-8")
    return executable


def _run(command: list[str]) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)


def ask(executable: Path, questions: Questions) -> Release:
    """What the packages beside that Python answer."""
    with tempfile.TemporaryDirectory() as scratch:
        asked, answered = Path(scratch) / "asked.json", Path(scratch) / "answered.json"
        asked.write_bytes(msgspec.json.encode(questions))
        child = Path(__file__).with_name("look_up_library.py")
        command = [str(executable), "-I", "-B", "-W", "ignore", str(child), str(asked), str(answered)]
        settings = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "OPENAI_API_KEY": "x", "GIT_PYTHON_REFRESH": "quiet"}
        environment = {"HOME": scratch, "LANG": "C.UTF-8", "PATH": f"{executable.parent}{os.pathsep}{os.defpath}", **settings}
        subprocess.run(
            command, cwd=scratch, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=SECONDS
        )
        return msgspec.json.decode(answered.read_bytes(), type=Release)


def without(questions: Questions, known: set[str]) -> Questions:
    """Only what newer releases could not answer."""
    missing = [name for name in questions.names if name not in known]
    kept: dict[str, Any] = {
        "names": missing,
        "parameters": questions.parameters,
        "wildcards": [name for name in questions.wildcards if name in missing],
        "gives": {name: classes for name, classes in questions.gives.items() if name in missing},
        "bases": [pair for pair in questions.bases if set(pair) & set(missing)],
        "aliases": [alias for alias in questions.aliases if alias[0] not in known],
    }
    needed = {name for classes in kept["gives"].values() for name in classes} | {name for pair in kept["bases"] for name in pair}
    needed |= {*questions.parameters, *(alias[1] for alias in kept["aliases"])}
    return msgspec.structs.replace(questions, **{**kept, "names": sorted({*missing, *needed})})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="names of files in rules/libraries; all if none is given")
    parser.add_argument("--list", action="store_true", help="show what would be installed")
    parser.add_argument("--environments", type=Path, help="where environments are made and found again (default: temporary ones)")
    parser.add_argument("--python", default=sys.executable, help="the Python of the environments")
    parser.add_argument("--today", default=date.today().isoformat(), help="the date of the results")  # noqa: DTZ011  the system's date
    arguments = parser.parse_args()
    tables = read_tables()
    twins = twins_by_table(tables)
    failed = 0
    for stem in arguments.tables or tables:
        table = tables[stem]
        wanted = [(versions, requirements_of(stem, table.distribution, versions)) for versions in table.versions or [""]]
        if arguments.list:
            print(stem, *(" ".join(requirements) for _, requirements in wanted), sep=": ")
            continue
        claims = Claims(table, twins[stem])
        if not claims.is_looked_up:
            print(f"{stem}: not looked up: {table.not_looked_up[0].why}")
            continue
        questions = msgspec.structs.replace(claims.questions(), distribution=INSTEAD.get(stem, table.distribution))
        releases: list[Release] = []
        try:
            for number, (_, requirements) in enumerate(wanted):
                with tempfile.TemporaryDirectory() as temporary:
                    folder = arguments.environments.absolute() if arguments.environments else Path(temporary)
                    executable = make_environment(folder, f"{stem}-{number}" if number else stem, requirements, arguments.python)
                    known = {name for release in releases for name in (*release.names, *release.aliases)}
                    releases.append(ask(executable, without(questions, known) if releases else questions))
        except subprocess.SubprocessError as error:
            failed += 1
            print(f"{stem}: FAILED {error}\n{getattr(error, 'stderr', '')}", flush=True)
            continue
        result = LibraryResult(table.distribution, arguments.today, releases)
        write_result(stem, result)
        problems = contradictions(claims, result)
        failed += bool(problems)
        asked = sum(len(release.names) for release in releases)
        print(f"{stem}: {asked} names in {', '.join(release.version for release in releases)}", *problems, sep="\n  ", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
