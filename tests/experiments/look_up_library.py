"""Looks names up in the packages that are installed beside this Python. Needs nothing but the standard library, and them.

python -I -B look_up_library.py QUESTIONS ANSWERS: JSON files; `library_questions.py` has their form.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import importlib.util
import inspect
import json
import platform
import sys
import threading
import types
import typing
import warnings
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

_connections: list[int] = []
_OPENS = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"})

ABSTRACT = frozenset({"collections.abc", "contextlib", "typing"})
"""Where classes are defined that only say how something is used."""

REMOVED = frozenset({"APIRemovedInV1Proxy"})
"""Classes of objects that stand where something was and raise an error when that is used."""


def notice(event: str, arguments: tuple[Any, ...]) -> None:
    """Notes the thread of each connection, and of each name that is resolved."""
    if event in _OPENS and not (event == "socket.getaddrinfo" and arguments[0] in ("127.0.0.1", "::1", b"127.0.0.1")):
        _connections.append(threading.get_ident())


class Objects:
    """What `library_objects.py` makes: instances of classes that show more than their class, and what factories give."""

    def __init__(self) -> None:
        specification = importlib.util.spec_from_file_location("library_objects", Path(__file__).with_name("library_objects.py"))
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        self._instances, self._made = module.INSTANCES, module.MADE
        self._known: dict[str, list[Any]] = {}
        self.error: Exception | None = None

    def instances_of(self, name: str) -> list[Any]:
        """Instances of the class; [] if it needs none to be looked at."""
        if name not in self._known:
            self._known[name] = self._instances[name]() if name in self._instances else []
        return self._known[name]

    def made_by(self, names: Sequence[str]) -> Iterator[tuple[str, Any, bool]]:
        """What those of the calls give that can be called without a server, and whether they opened a connection on this thread."""
        for name in names:
            if name in self._made:
                del _connections[:]
                made = None
                try:
                    made = self._made[name]()
                except Exception as error:  # noqa: BLE001 nobody answers
                    self.error = error
                yield name, made, threading.get_ident() in _connections


OBJECTS = Objects()


@cache
def is_module(name: str) -> bool:
    """Whether it can be imported; an error inside of it is raised."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        return False
    return True


def is_hidden(parts: Sequence[str]) -> bool:
    """Whether the package has a class or function under the name of the module (`yt_dlp.YoutubeDL`, `whois.whois`)."""
    *package, last = parts
    found = getattr(importlib.import_module(".".join(package)), last, None) if package else None
    return inspect.isroutine(found) or inspect.isclass(found)


def look_up(name: str) -> Any:
    """The object of a dotted name; raises AttributeError or ImportError."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        if is_module(module) and not is_hidden(parts[:length]):
            return attribute(importlib.import_module(module), parts[length:], module)
    raise ImportError(f"no module for {name}")


def attribute(found: Any, parts: Sequence[str], name: str) -> Any:
    for part in parts:
        if found is None or isinstance(found, (property, cached_property)):
            classes = annotated(name, found) or set()
            if len(classes) != 1:
                raise AttributeError(f"{name} has no class that can be told")
            found = classes.pop()
        owner, owner_name, name = found, name, f"{name}.{part}"
        if not part.startswith("__") and OBJECTS.instances_of(owner_name):
            found = of_instances(OBJECTS.instances_of(owner_name), part, owner_name)
        elif hasattr(owner, part):
            found = getattr(owner, part)
        elif inspect.isclass(owner) and is_declared(owner, part):
            found = None
        else:
            raise AttributeError(f"{owner_name} has no {part}")
        if type(found).__name__ in REMOVED:
            raise AttributeError(f"{name} was removed")
    return found


def is_declared(cls: type, part: str) -> bool:
    """Whether instances have the attribute by an annotation, a field of a model, or an assignment in a method written in Python."""
    tables = (getattr(ancestor, table, {}) for ancestor in cls.__mro__ for table in ("__annotations__", "model_fields", "__fields__"))
    if any(isinstance(table, dict) and part in table for table in tables):
        return True
    return any(part in assigned_by(ancestor) for ancestor in cls.__mro__ if ancestor is not object)


@cache
def assigned_by(cls: type) -> frozenset[str]:
    """Attributes that methods of the class assign on `self`."""
    with contextlib.suppress(OSError, TypeError, SyntaxError, IndentationError):
        tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls)))
        targets = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
        return frozenset(node.attr for node in targets if isinstance(node.value, ast.Name) and node.value.id == "self")
    return frozenset()


def of_instances(instances: Sequence[Any], part: str, owner_name: str) -> Any:
    for one in instances:
        try:
            return getattr(one, part)
        except AttributeError:
            continue
        except Exception:  # noqa: BLE001 it is there, but a descriptor that wants a connection
            return inspect.getattr_static(one, part)
    raise AttributeError(f"no instance of {owner_name} has {part}")


def kind_of(found: Any) -> str:
    """One word: module, class, coroutine, async generator, function, or value."""
    if inspect.ismodule(found):
        return "module"
    if inspect.isclass(found):
        return "class"
    plain = unwrapped(found)
    if inspect.iscoroutinefunction(plain) or asyncio.iscoroutinefunction(found) or asyncio.iscoroutinefunction(plain):
        return "coroutine"
    if inspect.isasyncgenfunction(plain):
        return "async generator"
    return "function" if callable(found) else "value"


def unwrapped(found: Any) -> Any:
    """The function below its decorators."""
    with contextlib.suppress(ValueError):  # an object that claims to wrap itself
        return inspect.unwrap(found) if callable(found) else found
    return found


def parameters_of(found: Any) -> list[str] | None:
    """Without the receiver; `*` before what takes any number. None where a signature cannot be read."""
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError):
        return None
    if parameters and parameters[0].name in ("self", "cls") and not inspect.isclass(found):
        del parameters[0]
    stars = {inspect.Parameter.VAR_KEYWORD: "**", inspect.Parameter.VAR_POSITIONAL: "*"}
    keyword_only = (inspect.Parameter.KEYWORD_ONLY,)
    names = [f"{stars.get(one.kind, '')}{one.name}" for one in parameters if one.kind not in keyword_only]
    last = next((index for index, name in enumerate(names) if name.startswith("**")), len(names))
    return names[:last] + [f"{one.name}=" for one in parameters if one.kind in keyword_only] + names[last:]


def annotated(name: str, found: Any) -> set[type] | None:
    """The classes that the annotation of the result of a call, or of an attribute, names; None if it says nothing that can be told."""
    owner, _, last = name.rpartition(".")
    declared = found
    with contextlib.suppress(Exception):
        of = look_up(owner)
        static = inspect.getattr_static(of, last)
        if isinstance(static, property):
            declared = static.fget
        elif isinstance(static, cached_property) or hasattr(static, "func"):
            declared = static.func
        elif found is None or not callable(found):
            return classes_in(typing.get_type_hints(of)[last])
    if inspect.isclass(declared):
        return None  # it gives itself, or a row says what it gives by some turn of its own
    with contextlib.suppress(Exception):
        declared = inspect.unwrap(declared)
        return classes_in(typing.get_type_hints(declared)["return"])
    return None


def classes_in(hint: Any) -> set[type] | None:
    """The classes of a type hint; None where it is open: `Any`, a type variable, `Self`."""
    if hint is None or hint is type(None):
        return set()
    if inspect.isclass(hint) and hint.__module__ in ABSTRACT:
        return None  # an iterator, of it is not said what
    if isinstance(hint, typing.TypeVar) or hint in (Any, object) or hint is getattr(typing, "Self", 0):
        return None
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return classes_in(arguments[0])
    if origin is not None and arguments:
        inner = [classes_in(one) for one in arguments]
        says_what = inspect.isclass(origin) and origin is not types.UnionType and origin.__module__ not in ABSTRACT
        if not says_what and any(one is None for one in inner):
            return None
        return ({origin} if says_what else set()).union(*(one or set() for one in inner))
    if inspect.isclass(hint):
        return {hint}
    return None


class Answers:
    """What the questions of one release are answered with."""

    def __init__(self, questions: dict[str, Any]) -> None:
        self.names: dict[str, str] = {}
        self.parameters: dict[str, list[str] | None] = {}
        self.gives: dict[str, list[str]] = {}
        self.bases: dict[str, list[str]] = {}
        self.aliases: dict[str, str] = {}
        self.awaited_members: dict[str, list[str]] = {}
        self.opens: dict[str, bool] = {}
        self._questions = questions
        self._found: dict[str, Any] = {}

    def answer(self) -> None:
        for name in self._questions["names"]:
            with contextlib.suppress(AttributeError, ImportError):
                found = self._found[name] = look_up(name)
                self.names[name] = kind_of(found)
        for name in self._questions["parameters"]:
            if name in self._found:
                self.parameters[name] = parameters_of(self._found[name])
        for name in self._questions["wildcards"]:
            members = inspect.getmembers_static(self._found[name]) if name in self._found else []
            self.awaited_members[name] = [one for one, value in members if not one.startswith("_") and kind_of(value) == "coroutine"]
        self._answer_bases()
        self._answer_aliases()
        self._answer_gives()

    def _answer_bases(self) -> None:
        for name, base in self._questions["bases"]:
            found, above = self._found.get(name), self._found.get(base)
            if inspect.isclass(found) and inspect.isclass(above) and issubclass(found, above):
                self.bases.setdefault(name, []).append(base)

    def _answer_aliases(self) -> None:
        for spelling, means, members in self._questions["aliases"]:
            try:
                spelled = look_up(spelling)
            except (AttributeError, ImportError):
                continue
            is_same = spelled is self._found.get(means)
            if inspect.ismodule(spelled) and members:
                is_same = any(getattr(spelled, one.rpartition(".")[2], None) is self._found.get(one) for one in members)
            self.aliases[spelling] = means if is_same else f"{getattr(spelled, '__module__', '')}.{getattr(spelled, '__qualname__', '')}"

    def _answer_gives(self) -> None:
        expected = {name: names for name, names in self._questions["gives"].items() if name in self._found and names}
        for name, names in expected.items():
            classes = annotated(name, self._found[name])
            if classes is not None:
                self.gives[name] = self._fitting(names, classes) or sorted(f"annotated: {spelled(cls)}" for cls in classes)
        for name, made, opens in OBJECTS.made_by(list(self._found)):
            if made is None and not opens:
                raise AssertionError(f"{name}: neither made nor tried to connect") from OBJECTS.error
            self.opens[name] = opens
            if made is None:
                continue
            names = expected.get(name, [name])
            self.gives[name] = self._fitting(names, {type(made)}, below=True) or [f"made: {spelled(type(made))}"]
            self._walk(made, name if inspect.isclass(self._found[name]) else names[0], expected, set())

    def _walk(self, owner: Any, name: str, expected: dict[str, list[str]], seen: set[str]) -> None:
        """The attributes of a real object, and theirs."""
        for attribute_name, names in expected.items():
            if attribute_name.rpartition(".")[0] != name or attribute_name in seen or callable(self._found[attribute_name]):
                continue
            seen.add(attribute_name)
            try:
                value = getattr(owner, attribute_name.rpartition(".")[2])
            except Exception:  # noqa: BLE001 a descriptor that wants a connection tells nothing
                continue
            if value is not None:
                fitting = self._fitting(names, {type(value)}, below=True)
                self.gives[attribute_name] = fitting or [f"made: {spelled(type(value))}"]
                for one in fitting:
                    self._walk(value, one, expected, seen)

    def _fitting(self, names: Sequence[str], classes: set[type], below: bool = False) -> list[str]:
        """Those of the expected classes that are one of `classes`, or below one; with `below` also above one."""
        fitting = []
        for name in names:
            wanted = self._found.get(name)
            if inspect.isclass(wanted) and any(is_related(wanted, cls, below) for cls in classes):
                fitting.append(name)
        return fitting


def is_related(wanted: type, cls: type, below: bool) -> bool:
    """An annotation may name a base of what is given, or a subclass; an object is of the class itself or of one below it."""
    with contextlib.suppress(TypeError):
        return issubclass(cls, wanted) or (not below and cls is not object and issubclass(wanted, cls))
    return False


def spelled(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def main() -> None:
    questions_file, answers_file = sys.argv[1:]
    warnings.simplefilter("ignore")
    sys.addaudithook(notice)
    questions = json.loads(Path(questions_file).read_text(encoding="utf-8"))
    answers = Answers(questions)
    answers.answer()
    told = {name: value for name, value in vars(answers).items() if not name.startswith("_")}
    told["modules"] = [name for name in questions["modules"] if is_module(name)]
    told["version"] = metadata.version(questions["distribution"])
    told["python"] = platform.python_version()
    Path(answers_file).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
