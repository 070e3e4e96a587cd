"""Runs under any Python: reads names as JSON and writes what is wrong with them there. Needs nothing but the standard library."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import json
import multiprocessing
import select
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any


def instances() -> dict[str, Any]:
    """Objects of classes that exist only through a function, by the name that the tables give the class."""
    made: dict[str, Any] = {
        "asyncio.Condition": asyncio.Condition(),
        "multiprocessing.JoinableQueue": multiprocessing.JoinableQueue(),
        "multiprocessing.Queue": multiprocessing.Queue(),
        "multiprocessing.SimpleQueue": multiprocessing.SimpleQueue(),
        "multiprocessing.synchronize.Event": multiprocessing.Event(),
        "multiprocessing.synchronize.Lock": multiprocessing.Lock(),
        "threading.Condition": threading.Condition(),
        "threading.Lock": threading.Lock(),
        "threading.RLock": threading.RLock(),
    }
    if sys.platform == "linux":
        made["select.epoll"] = select.epoll()
        made["select.poll"] = select.poll()
    return made


def look_up(name: str, made: dict[str, Any]) -> Any:
    owner, _, last = name.rpartition(".")
    if owner in made:
        return getattr(made[owner], last)
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


def wrong_argument(found: Any, condition: dict[str, Any]) -> str:
    try:
        parameters = [parameter for parameter in inspect.signature(found).parameters.values() if parameter.name != "self"]
    except (TypeError, ValueError):
        return ""
    names = [parameter.name for parameter in parameters]
    if any(parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) for parameter in parameters):
        return ""
    if condition["keyword"] and condition["keyword"] not in names:
        return f"no argument {condition['keyword']}"
    if condition["keyword"] and condition["position"] >= 0 and names.index(condition["keyword"]) != condition["position"]:
        return f"{condition['keyword']} is at position {names.index(condition['keyword'])}"
    return "" if condition["position"] < len(names) else f"no argument at position {condition['position']}"


def look_up_all(names: list[str]) -> dict[str, Any]:
    """Those of the names that are there."""
    made, found = instances(), {}
    for name in names:
        with contextlib.suppress(AttributeError, ModuleNotFoundError):
            found[name] = look_up(name, made)
    return found


def mistakes(asked: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    for name in asked["coroutines"]:
        if name in found and not inspect.iscoroutinefunction(found[name]):
            yield f"{name}: no coroutine function"
    for name in asked["blocking"]:
        if name in found and inspect.iscoroutinefunction(found[name]):
            yield f"{name}: a coroutine function"
    for name, base in asked["bases"]:
        if name in found and base in found and not issubclass(found[name], found[base]):
            yield f"{name}: no subclass of {base}"
    for name, condition in asked["conditions"]:
        reason = wrong_argument(found[name], condition) if name in found else ""
        if reason:
            yield f"{name}: {reason}"
    for spelling, means in asked["aliases"]:
        if spelling in found and not inspect.ismodule(found[spelling]) and found[spelling] is not found.get(means):
            yield f"{spelling}: not {means}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    questions = json.load(sys.stdin)
    answers = look_up_all(questions["names"])
    missing = [name for name in questions["names"] if name not in answers]
    json.dump({"version": sys.version.split()[0], "missing": missing, "wrong": list(mistakes(questions, answers))}, sys.stdout)
