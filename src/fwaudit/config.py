"""The settings of one run: `[tool.fwaudit]` in pyproject.toml, or fwaudit.toml with the same keys."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import stat
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NoReturn

import msgspec
import tomli

from fwaudit.errors import ConfigError, UsageError
from fwaudit.model.context import Grade

FILE_LIMIT = 1_000_000
"""The most bytes a settings file may have."""

CATEGORIES = ("event-loop", "driver", "input", "glue", "contract", "data", "deployment", "meta")

_DOTTED = r"^[^\W\d]\w*(\.[^\W\d]\w*)*(\.\*)?$"
_KEBAB = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Category = Literal["event-loop", "driver", "input", "glue", "contract", "data", "deployment", "meta"]
DottedName = Annotated[str, msgspec.Meta(pattern=_DOTTED)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class ServiceOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[tool.fwaudit.service]]`: what the user says of the service below `root`; "" where nothing is said."""

    root: Text
    name: str = ""
    framework: str = ""
    server: str = ""


class Config(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Every setting, with its default. Patterns have the form of a .gitignore line; see `place_of` for what they are relative to."""

    select: tuple[Text, ...] = ()
    """Rules and categories to run; none named: all."""
    ignore: tuple[Text, ...] = ()
    min_severity: Grade = Grade.LOW
    min_confidence: Grade = Grade.MEDIUM
    fail_on: Literal["low", "medium", "high", "never"] = "high"
    fail_confidence: Grade = Grade.HIGH
    fail_categories: tuple[Category, ...] = ("event-loop", "driver")
    exclude: tuple[Text, ...] = ()
    """Patterns of files and folders that are not audited at all."""
    extend_exclude: tuple[Text, ...] = ()
    """More of them, so that a command line or a profile can add to `exclude`."""
    include_tests: bool = False
    """Whether findings in tests are reported."""
    per_path_ignores: dict[Text, tuple[Text, ...]] = {}
    """Pattern to the rules and categories that are not reported in files that match it."""
    baseline: str | None = None
    """The file of accepted findings, relative to `folder`."""
    rules: tuple[Text, ...] = ()
    """Folders of own tables, relative to `folder`; see `table_folders`."""
    max_file_size: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)] = 1_000_000
    """Bytes; a larger Python file is not analysed."""
    file_deadline: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 10.0
    """Seconds that one file may take to parse."""
    require_suppression_reason: bool = False
    parity: bool = False
    """Report also what does no I/O to speak of, because peers do."""
    blocking: tuple[DottedName, ...] = ()
    """The project's own blocking functions."""
    offloaders: tuple[DottedName, ...] = ()
    """The project's own functions that run their first argument in a thread."""
    services: tuple[ServiceOverride, ...] = msgspec.field(name="service", default=())
    answers: dict[Annotated[str, msgspec.Meta(pattern=_KEBAB)], str | bool | int | float] = {}

    folder: str = ""
    """Absolute; where the settings were found, "" for the defaults."""
    file: str = ""
    """The settings file, for messages; "" for the defaults."""
    named_now: tuple[str, ...] = ()
    """The rules and categories in `select` and `ignore` that the command line put there."""

    @property
    def digest(self) -> str:
        """The settings' sha256, for the key of a cached audit."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    @property
    def table_folders(self) -> tuple[Path, ...]:
        """The absolute folders of own tables."""
        return tuple(Path(self.folder, name) for name in self.rules)

    def place_of(self, root: Path) -> str:
        """The workspace `root` as seen from `folder`: a pattern matches paths with it put before; "" if it is no folder below."""
        if not self.folder or not root.is_relative_to(self.folder):
            return ""
        place = root.relative_to(self.folder).as_posix()
        return "" if place == "." else place

    def within(self, path: str, root: str) -> str | None:
        """A path of the settings as seen from the workspace `root`: "." for the root itself; None for what lies outside."""
        try:
            return Path(os.path.normpath(Path(self.folder or root, path))).relative_to(root).as_posix()
        except ValueError:
            return None

    def fails(self, category: str, severity: Grade, confidence: Grade) -> bool:
        """Whether a finding of that kind fails the run."""
        return (
            self.fail_on != "never"
            and category in self.fail_categories
            and severity.rank >= Grade(self.fail_on).rank
            and confidence.rank >= self.fail_confidence.rank
        )


_NOT_SETTINGS = ("folder", "file", "named_now")
_TYPES: dict[str, Any] = {field.encode_name: field.type for field in msgspec.structs.fields(Config) if field.name not in _NOT_SETTINGS}


def load_config(start: Path, file: Path | None = None, isolated: bool = False) -> Config:
    """The settings in `file`, or the nearest ones in or above the folder `start`, or the defaults.

    Raises ConfigError, which names file, key and the nearest right word, and UsageError for a file that is not to be read.
    """
    if isolated and file is not None:
        raise UsageError(f"--isolated reads no settings, and --config {file} names some: use one of them")
    if isolated:
        return Config()
    if file is not None:
        table = _read_table(file, is_named=True)
        if table is None:
            raise ConfigError(f"{file}: no [tool.fwaudit] table")
        return _make_config(table, file.absolute())
    start = start.absolute()
    for folder in (start, *start.parents):
        for candidate in (folder / "fwaudit.toml", folder / "pyproject.toml"):
            table = _read_table(candidate, is_named=False)
            if table is not None:
                return _make_config(table, candidate)
    return Config()


def _read_table(file: Path, *, is_named: bool) -> dict[str, Any] | None:
    """The table of settings in `file`; None if there is none. A file that was named must be there."""
    content = _read_bytes(file, is_named=is_named)
    is_shared = file.name == "pyproject.toml"
    if content is None or (is_shared and b"fwaudit" not in content):
        return None
    try:
        document = tomli.loads(content.decode("utf-8"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    if not is_shared:
        return document
    tool = document.get("tool")
    table = tool.get("fwaudit") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{file}: `tool.fwaudit` is not a table")
    return table


def _read_bytes(file: Path, *, is_named: bool) -> bytes | None:
    """The content of a regular file; None if there is no such file and it was not named."""
    try:
        # O_NONBLOCK: a FIFO of that name must not hang the run.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        if is_named:
            raise ConfigError(f"{file}: no such file") from None
        return None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ConfigError(f"{file}: not a regular file")
    with open(descriptor, "rb") as stream:
        content = stream.read(FILE_LIMIT + 1)
    if len(content) > FILE_LIMIT:
        raise ConfigError(f"{file}: larger than {FILE_LIMIT:,} bytes")
    return content


def _make_config(table: Mapping[str, Any], file: Path) -> Config:
    """`table` as a Config, each key checked by itself so that the message can name it."""
    values: dict[str, Any] = {"folder": str(file.parent), "file": str(file)}
    for key, value in table.items():
        if key not in _TYPES:
            hint = "; here the settings stand without `[tool.fwaudit]`" if key == "tool" else nearest(key, _TYPES)
            raise ConfigError(f"{file}: unknown setting `{key}`{hint}")
        try:
            values[key] = msgspec.convert(value, _TYPES[key])
        except msgspec.ValidationError as error:
            _raise_wrong_value(file, key, value, error)
    config: Config = msgspec.convert(values, Config)
    _check_paths(config, file)
    return config


def _raise_wrong_value(file: Path, key: str, value: object, error: msgspec.ValidationError) -> NoReturn:
    """Raises the ConfigError for a value of the wrong type or outside its choices."""
    reason, _, place = str(error).partition(" - at ")
    place = place.removeprefix("`$").rstrip("`") if place.startswith("`$") else ""
    reason = _TYPE_WORDS.sub(_in_words_of_toml, reason[:1].lower() + reason[1:])
    hint = ""
    choices = _CHOICES.get(key, ())
    if choices:
        wrong = next((word for word in _words(value) if word not in choices), "")
        reason, place = f"`{wrong}` is not one of {', '.join(choices)}" if wrong else reason, ""
        hint = nearest(wrong, choices)
    elif "regex" in reason:
        reason = _FORMS[key]
    elif key == "service" and (unknown := re.search(r"unknown field `(.+)`", reason)):
        hint = nearest(unknown[1], ServiceOverride.__struct_fields__)
    raise ConfigError(f"{file}: setting `{key}{place}`: {reason}{hint}") from error


_TOML_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "date": "a date",
    "datetime": "a date and time",
    "float": "a number",
    "int": "a whole number",
    "object": "a table",
    "str": "a string",
    "time": "a time",
}
_TYPE_WORDS = re.compile(r"`((?:[a-z]+)(?: \| [a-z]+)*)`")


def _in_words_of_toml(match: re.Match[str]) -> str:
    """`a string` for `str` in backticks; what names no type stays as it is."""
    types = [name for name in match[1].split(" | ") if name != "null"]
    return " or ".join(_TOML_WORDS[name] for name in types) if {*types} <= _TOML_WORDS.keys() else match[0]


_FORMS = {
    "answers": "its keys are words joined by dashes, such as `admin-used`",
    "blocking": "not a dotted name such as `app.database.*`",
    "offloaders": "not a dotted name such as `app.pool.run_blocking`",
}
_GRADES = tuple(str(grade) for grade in Grade)
_CHOICES: dict[str, tuple[str, ...]] = {
    "min-severity": _GRADES,
    "min-confidence": _GRADES,
    "fail-on": (*_GRADES, "never"),
    "fail-confidence": _GRADES,
    "fail-categories": CATEGORIES,
}


def _words(value: object) -> tuple[str, ...]:
    """The strings in a setting's value."""
    if isinstance(value, str):
        return (value,)
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def _check_paths(config: Config, file: Path) -> None:
    """Raises ConfigError for a path that leads out of the folder of the settings."""
    own = [("rules", name) for name in config.rules]
    own += [("service", service.root) for service in config.services]
    own += [("baseline", config.baseline)] if config.baseline else []
    folder = Path(config.folder).resolve()
    for key, name in own:
        is_outside = PurePosixPath(name).is_absolute() or "\0" in name
        if is_outside or not Path(folder, name).resolve().is_relative_to(folder):
            raise ConfigError(f"{file}: setting `{key}`: `{name}` leads out of {folder}")
    for name in config.rules:
        if not Path(folder, name).is_dir():
            raise ConfigError(f"{file}: setting `rules`: `{name}` is not a folder")


def nearest(word: str, known: Collection[str]) -> str:
    """`; did you mean `x`?` for the known word that is nearest to `word`, else ""."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean `{found[0]}`?" if found else ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules run. `categories` maps every known rule to its category."""

    categories: Mapping[str, str]
    chosen: frozenset[str]

    def expand(self, names: Collection[str]) -> frozenset[str]:
        """The rules that `names` (rules or categories) stand for; raises ConfigError for an unknown one."""
        rules: set[str] = set()
        for name in names:
            if name not in self.categories and name not in CATEGORIES:
                known = sorted({*self.categories, *CATEGORIES})
                raise ConfigError(f"no rule or category is called `{name}`{nearest(name, known)}")
            rules.update(rule for rule, category in self.categories.items() if name in (rule, category))
        return frozenset(rules)

    def expand_selected(self, names: Collection[str]) -> frozenset[str]:
        """As `expand`, and also an error for a category of which there is no rule yet: nothing would be looked for."""
        for name in names:
            if not self.expand([name]):
                raise ConfigError(f"no rule of the category `{name}` exists yet")
        return self.expand(names)


def choose_rules(config: Config, categories: Mapping[str, str]) -> Selection:
    """The rules that `config` selects among `categories` (rule to category), every name in the settings checked."""
    everything = Selection(categories, frozenset(categories))
    for pattern, names in config.per_path_ignores.items():
        _from_key(config, f'per-path-ignores."{pattern}"', names, everything.expand)
    chosen = _from_key(config, "select", config.select, everything.expand_selected) if config.select else everything.chosen
    chosen -= _from_key(config, "ignore", config.ignore, everything.expand)
    if not chosen:
        raise ConfigError("no rule is left to run: `ignore` takes away all that `select` names")
    return Selection(categories, chosen)


def check_services(config: Config, frameworks: Collection[str], servers: Collection[str]) -> None:
    """Raises ConfigError for a service in the settings whose framework or server no table knows."""
    for number, service in enumerate(config.services):
        for key, name, known in (("framework", service.framework, frameworks), ("server", service.server, servers)):
            if name and name not in known:
                place = f"{config.file}: setting `service[{number}].{key}`" if config.file else f"setting `service[{number}].{key}`"
                raise ConfigError(f"{place}: no {key} is called `{name}`{nearest(name, known)}")


def check_answers(config: Config, questions: Mapping[str, Collection[str | bool | int | float]], criteria: Collection[str]) -> None:
    """Raises ConfigError for an answer to no question, and for one that is none of its answers; weights of criteria are numbers."""
    weights = {f"weight-{name}" for name in criteria}
    for key, value in config.answers.items():
        place = f"{config.file}: setting `answers.{key}`" if config.file else f"setting `answers.{key}`"
        if key in weights:
            if isinstance(value, bool | str) or not 0 <= value <= 10:
                raise ConfigError(f"{place}: a weight is a number from 0 to 10")
            continue
        if key not in questions:
            raise ConfigError(f"{place}: there is no such question{nearest(key, {*questions, *weights})}")
        if not any(value is known or (isinstance(value, str) and value == known) for known in questions[key]):
            words = [str(known).lower() if isinstance(known, bool) else str(known) for known in questions[key]]
            raise ConfigError(f"{place}: not one of {', '.join(words)}{nearest(value, words) if isinstance(value, str) else ''}")


def _from_key(config: Config, key: str, names: Collection[str], expand: Callable[[Collection[str]], frozenset[str]]) -> frozenset[str]:
    """The rules that the value of `key` stands for; a ConfigError says where the wrong name was written."""
    rules: frozenset[str] = frozenset()
    for name in names:
        try:
            rules |= expand([name])
        except ConfigError as error:
            is_option = key in ("select", "ignore") and name in config.named_now
            origin = f"--{key}" if is_option else f"{config.file}: setting `{key}`" if config.file else f"setting `{key}`"
            raise ConfigError(f"{origin}: {error}") from None
    return rules
