"""Runs a function with a deep stack: expressions are evaluated recursively, and audited code may nest them deeply."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_STACK = 256 * 1024 * 1024
_RECURSION = 200_000
_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def run_deep(function: Callable[_Parameters, _Result], *args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
    """What `function` gives, or raises, when it runs in a thread of its own with a stack of 256 MB."""
    results: list[_Result] = []
    failures: list[BaseException] = []

    def run() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(_RECURSION)
        try:
            results.append(function(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  handed to the caller's thread, which raises it
            failures.append(error)
        finally:
            sys.setrecursionlimit(limit)

    before = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=run, name=function.__name__)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failures:
        raise failures[0]
    return results[0]
