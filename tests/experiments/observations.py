"""What the experiments saw: the form of `results/<framework>-<label>.json`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import msgspec

from fwaudit.catalog.schema import Context

FOLDER = Path(__file__).parent / "results"


class Observation(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True, omit_defaults=True):
    """One handler that was registered in the way that `name` is, a name of a `handlers` row, and the place where it ran.

    `interface` is how it was served, where that makes a difference: `asgi` or `wsgi`.
    `served_by` names a server of rules/servers.toml and its worker class, where a real one served it: `gunicorn gevent`.
    `ran` is a context, or `not-awaited`: called, and its coroutine lost; or `refused`: the framework takes no such handler.
    """

    name: str
    kind: str
    is_async: bool
    ran: Context | Literal["not-awaited", "refused"]
    interface: Literal["asgi", "wsgi", ""] = ""
    served_by: str = ""


class SeenRoute(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A route in the framework's own table; `handler` is module and qualified name."""

    path: str
    methods: tuple[str, ...]
    handler: str


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one probe saw in one environment. `versions` holds the distributions that it was run for, `routes` a list for each fixture."""

    framework: str
    label: str
    date: str
    python: str
    versions: dict[str, str]
    contexts: tuple[Observation, ...]
    routes: dict[str, tuple[SeenRoute, ...]]
    first_route_answers: bool | None = None
    """Of two routes for one method and path; None where the probe does not tell."""

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.framework}-{self.label}"


def make_result(framework: str, label: str, date: str, versions: dict[str, str], told: dict[str, Any]) -> Result:
    """The Result of what a probe's process told, sorted; raises msgspec.ValidationError where it has not the form that is asked for."""
    contexts = msgspec.convert(told["observed"].get("contexts", []), set[Observation])
    routes = msgspec.convert(told["observed"].get("routes", {}), dict[str, set[SeenRoute]])
    return Result(
        framework=framework,
        label=label,
        date=date,
        python=told["python"],
        versions=dict(sorted(versions.items())),
        contexts=tuple(sorted(contexts)),
        first_route_answers=msgspec.convert(told["observed"].get("first_route_answers"), bool | None),
        routes={fixture: tuple(sorted({_normal(route) for route in seen})) for fixture, seen in sorted(routes.items())},
    )


def _normal(route: SeenRoute) -> SeenRoute:
    return SeenRoute(route.path, tuple(sorted(route.methods)), route.handler.replace(".<locals>", ""))


def read_results() -> list[Result]:
    """All committed results, by name."""
    return [msgspec.json.decode(path.read_bytes(), type=Result) for path in sorted(FOLDER.glob("*.json"))]


def write_result(result: Result) -> Path:
    """Writes the file of a result, whole or not at all."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{result.name}.json"
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(_lines(result), encoding="utf-8")
    os.replace(unfinished, path)
    return path


def _lines(result: Result) -> str:
    """JSON with one observation or route a line."""
    fields = msgspec.to_builtins(result)
    rows = ["  " + _pair(key, fields[key]) for key in ("framework", "label", "date", "python", "versions")]
    if result.first_route_answers is not None:
        rows.append("  " + _pair("first_route_answers", result.first_route_answers))
    rows.append('  "contexts": ' + _list(fields["contexts"], "    "))
    fixtures = [f"    {msgspec.json.encode(name).decode()}: {_list(seen, '      ')}" for name, seen in fields["routes"].items()]
    rows.append('  "routes": {' + ("\n" + ",\n".join(fixtures) + "\n  }" if fixtures else "}"))
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _pair(key: str, value: object) -> str:
    return f'"{key}": {msgspec.json.encode(value).decode()}'


def _list(rows: list[object], indent: str) -> str:
    if not rows:
        return "[]"
    return "[\n" + ",\n".join(indent + msgspec.json.encode(row).decode() for row in rows) + "\n" + indent[2:] + "]"
