"""Runs under any Python: reads names as JSON and writes what is wrong with them there. Needs nothing but the standard library."""

import importlib
import inspect
import json
import sys
import warnings


def instances():
    """Objects of classes that exist only through a function, by the name that the tables give the class."""
    import asyncio
    import multiprocessing
    import threading

    made = {
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
        import select

        made["select.epoll"] = select.epoll()
        made["select.poll"] = select.poll()
    return made


def look_up(name, made):
    owner, _, last = name.rpartition(".")
    if owner in made:
        return getattr(made[owner], last)
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


def wrong_argument(found, condition):
    try:
        parameters = [parameter for parameter in inspect.signature(found).parameters.values() if parameter.name != "self"]
    except (TypeError, ValueError):
        return ""
    names = [parameter.name for parameter in parameters]
    if any(parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) for parameter in parameters):
        return ""
    if condition["keyword"] and condition["keyword"] not in names:
        return "no argument " + condition["keyword"]
    if condition["keyword"] and condition["position"] >= 0 and names.index(condition["keyword"]) != condition["position"]:
        return condition["keyword"] + " is at position " + str(names.index(condition["keyword"]))
    return "" if condition["position"] < len(names) else "no argument at position " + str(condition["position"])


def main():
    warnings.simplefilter("ignore")
    asked, made = json.load(sys.stdin), instances()
    missing, wrong = [], []
    found = {}
    for name in asked["names"]:
        try:
            found[name] = look_up(name, made)
        except (AttributeError, ModuleNotFoundError):
            missing.append(name)
    for name in asked["coroutines"]:
        if name in found and not inspect.iscoroutinefunction(found[name]) and not inspect.isclass(found[name]):
            wrong.append(name + ": no coroutine function")
    for name in asked["blocking"]:
        if name in found and inspect.iscoroutinefunction(found[name]):
            wrong.append(name + ": a coroutine function")
    for name, base in asked["bases"]:
        if name in found and base in found and not issubclass(found[name], found[base]):
            wrong.append(name + ": no subclass of " + base)
    for name, condition in asked["conditions"]:
        reason = wrong_argument(found[name], condition) if name in found else ""
        if reason:
            wrong.append(name + ": " + reason)
    for spelling, means in asked["aliases"]:
        if spelling in found and not inspect.ismodule(found[spelling]) and found[spelling] is not found.get(means):
            wrong.append(spelling + ": not " + means)
    json.dump({"version": sys.version.split()[0], "missing": missing, "wrong": wrong}, sys.stdout)


main()
