"""Workspaces of many small modules, made by a seeded generator: imports in circles, classes, decorators, dispatch, routes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

_HEAD = """\
import asyncio
import functools
import subprocess
import time

import requests
"""
_DECORATORS = """

def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        time.monotonic()
        return function(*args, **kwargs)

    return wrapper


def threaded(function):
    async def wrapper(*args, **kwargs):
        return await asyncio.to_thread(function, *args, **kwargs)

    return wrapper
"""
_LEAVES = ("time.sleep(1)", 'requests.get("http://service")', 'open("data").read()', 'subprocess.run(["true"])', "len(value)", "str(value)")


@dataclass
class Source:
    """One module of a generated workspace."""

    number: int
    imports: list[str] = field(default_factory=list)
    functions: dict[str, list[str]] = field(default_factory=dict)
    classes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The file that holds the module."""
        return f"package{self.number % 7}/module{self.number}.py"

    @property
    def dotted(self) -> str:
        """The module's name."""
        return self.path.removesuffix(".py").replace("/", ".")

    @property
    def text(self) -> str:
        """The module's source."""
        blocks = [_HEAD + "\n".join(self.imports), *("\n".join(lines) for lines in (*self.classes.values(), *self.functions.values()))]
        return "\n\n\n".join(blocks) + "\n"


class Generated:
    """A workspace that can be edited, module by module. The same seed gives the same sources and the same edits."""

    def __init__(self, seed: int, modules: int) -> None:
        self._random = random.Random(seed)
        self._made = 0
        self.modules = [Source(number) for number in range(modules)]
        for module in self.modules:
            for _ in range(3):
                self._add_class(module)
                self._add_function(module)
        for module in self.modules:
            for _ in range(4):
                self._add_import(module)
            for name in list(module.functions):
                self._write_function(module, name)
            for name in list(module.classes):
                self._write_class(module, name)

    @property
    def files(self) -> dict[str, str]:
        """Path to text."""
        packages = {f"package{number}/__init__.py": "" for number in range(7)}
        return {**packages, "package0/decorators.py": _HEAD + _DECORATORS, **{module.path: module.text for module in self.modules}}

    def edit(self) -> Source:
        """Changes one module in one way, and gives it back."""
        module = self._random.choice(self.modules)
        change = self._random.choice(
            (
                self._change_body,
                self._add_function,
                self._remove_function,
                self._add_import,
                self._remove_import,
                self._add_class,
                self._remove_class,
            )
        )
        change(module)
        return module

    def _change_body(self, module: Source) -> None:
        if module.functions:
            self._write_function(module, self._random.choice(sorted(module.functions)))

    def _add_function(self, module: Source) -> None:
        name = f"function{self._next()}"
        module.functions[name] = []
        self._write_function(module, name)

    def _remove_function(self, module: Source) -> None:
        if module.functions:
            del module.functions[self._random.choice(sorted(module.functions))]

    def _add_class(self, module: Source) -> None:
        name = f"Class{self._next()}"
        module.classes[name] = []
        self._write_class(module, name)

    def _remove_class(self, module: Source) -> None:
        if module.classes:
            del module.classes[self._random.choice(sorted(module.classes))]

    def _add_import(self, module: Source) -> None:
        other = self._random.choice(self.modules)
        names = sorted((*other.functions, *other.classes))
        if names:
            module.imports.append(f"from {other.dotted} import {self._random.choice(names)}")

    def _remove_import(self, module: Source) -> None:
        if module.imports:
            module.imports.remove(self._random.choice(module.imports))

    def _write_function(self, module: Source, name: str) -> None:
        pick = self._random
        decorator = pick.choice(("", "", "", "timed", "threaded"))
        is_async = not decorator and pick.random() < 0.3
        lines = [f"from package0.decorators import {decorator}", f"@{decorator}"] if decorator else []
        lines.append(f"{'async def' if is_async else 'def'} {name}(value):")
        lines += [f"    {self._statement(module, is_async)}" for _ in range(pick.randint(1, 3))]
        module.functions[name] = [*lines, f"    return {self._call(module)}"]

    def _write_class(self, module: Source, name: str) -> None:
        bases = [one for one in self._visible(module) if one.startswith("Class") and one != name]
        base = f"({self._random.choice(bases)})" if bases and self._random.random() < 0.6 else ""
        module.classes[name] = [
            f"class {name}{base}:",
            "    def __init__(self, value=None):",
            f"        self.part = {self._call(module)}",
            "    def load(self, value):",
            f"        {self._statement(module, is_async=False)}",
            "        return self.part",
            "    @property",
            "    def size(self):",
            f"        return {self._call(module)}",
            "    async def fetch(self, value):",
            f"        {self._statement(module, is_async=True)}",
        ]

    def _statement(self, module: Source, is_async: bool) -> str:
        call = self._call(module)
        plain = (
            call,
            f"value = {call}",
            f"value = [{call} for value in (1, 2)]",
            f"value = value or {call}",
            "value.load(value)",
            "value.size",
        )
        return self._random.choice((*plain, f"await {call}", "await value.fetch(value)") if is_async else plain)

    def _call(self, module: Source) -> str:
        visible = self._visible(module)
        if not visible or self._random.random() < 0.4:
            return self._random.choice(_LEAVES)
        name = self._random.choice(visible)
        if name.startswith("function"):
            return f"{name}(value)"
        return self._random.choice((f"{name}(value)", f"{name}().load(value)", f"{name}({name}()).part", f"{name}().size"))

    def _visible(self, module: Source) -> list[str]:
        """The names of functions and classes that the module defines or imports."""
        return sorted({*module.functions, *module.classes, *(line.rpartition(" ")[2] for line in module.imports)})

    def _next(self) -> int:
        self._made += 1
        return self._made
