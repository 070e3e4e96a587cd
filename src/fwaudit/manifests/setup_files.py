"""What setup.py, setup.cfg, Pipfile and environment.yml declare."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement

from fwaudit.manifests.literals import Literals, parse_python
from fwaudit.manifests.pyproject import of_poetry_entry
from fwaudit.manifests.requirements import make_dependency
from fwaudit.manifests.text import ManifestText, lines_of
from fwaudit.manifests.toml import TomlText
from fwaudit.manifests.yaml import read_yaml
from fwaudit.model.manifest import Dependency

_LINE_LIMIT = 10_000
"""The most characters of a line in which keys and several requirements are looked for."""
_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]\s*")
_ENTRY = re.compile(r"(?P<key>[^\s=:#;\[][^=:]*?)\s{0,50}[=:](?P<value>.*)")
_CONDA = re.compile(r"(?:[\w.-]+::)?(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<version>[<>=!~][^=\s]*=?[^=\s]*)?.*", re.DOTALL)
_CONSOLE_SCRIPT = re.compile(r"(?P<name>[\w.-]+)\s*=\s*(?P<target>[\w.]+:[\w.]+)")


class SetupPy:
    """What literals in the calls of `setup` say. Raises ManifestError for what cannot be parsed."""

    def __init__(self, file: ManifestText) -> None:
        module = parse_python(file.text)
        self._file = file
        self._literals = Literals(module)
        self._keywords = list(_setup_keywords(module, self._literals))

    def dependencies(self) -> Iterator[Dependency]:
        """Those needed to run, to test, and for extras."""
        for keyword in self._keywords:
            if keyword.arg == "install_requires":
                yield from self._declared(keyword.value, "")
            elif keyword.arg == "tests_require":
                yield from self._declared(keyword.value, "test")
            elif keyword.arg == "extras_require":
                for extra, value in self._literals.entries(keyword.value):
                    yield from self._declared(value, extra.partition(":")[0])

    def names(self) -> Iterator[str]:
        """What the project is called."""
        return (text for node in self._given("name") for text, _ in self._literals.texts(node))

    def scripts(self) -> Iterator[tuple[str, str]]:
        """The console scripts, and what each calls."""
        groups = (
            value for node in self._given("entry_points") for name, value in self._literals.entries(node) if name == "console_scripts"
        )
        return _scripts(text for group in groups for text, _ in self._literals.texts(group))

    def _given(self, name: str) -> list[ast.expr]:
        return [keyword.value for keyword in self._keywords if keyword.arg == name]

    def _declared(self, node: ast.expr, group: str) -> Iterator[Dependency]:
        for text, line in self._literals.texts(node):
            dependency = make_dependency(text, self._file.at(line), self._file.folder, group)
            if dependency is not None:
                yield dependency


class SetupCfg:
    """What setup.cfg says; what it reads from files (`file:`) is not known."""

    def __init__(self, file: ManifestText) -> None:
        self._file = file
        self._entries = list(read_ini(file.text))

    def dependencies(self) -> Iterator[Dependency]:
        """Those of `[options]` and `[options.extras_require]`."""
        for section, key, line, text in self._entries:
            is_extra = section == "options.extras_require"
            if is_extra or (section == "options" and key in ("install_requires", "tests_require")):
                group = key if is_extra else "test" if key == "tests_require" else ""
                for part in _requirements_in(text):
                    at = self._file.at(line)
                    dependency = None if part.startswith("file:") else make_dependency(part, at, self._file.folder, group)
                    if dependency is not None:
                        yield dependency

    def names(self) -> Iterator[str]:
        """What the project is called."""
        return (text for section, key, _, text in self._entries if section == "metadata" and key == "name")

    def scripts(self) -> Iterator[tuple[str, str]]:
        """The console scripts, and what each calls."""
        return _scripts(text for section, key, _, text in self._entries if section == "options.entry_points" and key == "console_scripts")


def _scripts(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    found = (_CONSOLE_SCRIPT.match(line.strip()) for line in lines)
    return ((script["name"], script["target"]) for script in found if script is not None)


def _setup_keywords(module: ast.Module, literals: Literals) -> Iterator[ast.keyword]:
    """The keywords of `setup(...)`, with those of the dict that it spreads (`setup(**arguments)`)."""
    spread: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            for keyword in node.keywords if name == "setup" else ():
                if keyword.arg is None and isinstance(keyword.value, ast.Name):
                    spread.add(keyword.value.id)
                else:
                    yield keyword
    for one in sorted(spread):
        given = literals.value_of(one)
        if isinstance(given, ast.Call) and isinstance(given.func, ast.Name) and given.func.id == "dict":
            yield from given.keywords
        else:
            yield from (ast.keyword(name, value) for name, value in literals.entries(given))
    for node in ast.walk(module) if spread else ():
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Subscript):
            is_spread = isinstance(target.value, ast.Name) and target.value.id in spread
            if is_spread and isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
                yield ast.keyword(target.slice.value, node.value)


def _requirements_in(text: str) -> list[str]:
    """The requirements of one line: several may stand in it with `;` between them, which also goes before a marker."""
    if ";" not in text or len(text) > _LINE_LIMIT:
        return [text]
    try:
        Requirement(text)
    except InvalidRequirement:
        parts = [part.strip() for part in text.split(";")]
        return [text] if any(map(_is_marker, parts)) else parts
    return [text]


def _is_marker(text: str) -> bool:
    try:
        Marker(text)
    except InvalidMarker:
        return False
    return True


def read_ini(text: str) -> Iterator[tuple[str, str, int, str]]:
    """Section, key, line and text of every line of every value: one that is indented goes on with the key before it."""
    section = key = ""
    for number, line in enumerate(lines_of(text), start=1):
        bare = line.strip()
        if not bare or bare[0] in "#;":
            continue
        header = _SECTION.fullmatch(line)
        entry = None if line[0] in " \t" else _ENTRY.fullmatch(line[:_LINE_LIMIT])
        if header is not None:
            section, key = header["name"].strip(), ""
        elif entry is not None:
            key = entry["key"].strip()
            if entry["value"].strip():
                yield section, key, number, entry["value"].strip()
        elif key and line[0] in " \t":
            yield section, key, number, bare


def read_pipfile(file: ManifestText) -> Iterator[Dependency]:
    """The packages of a Pipfile; every other category is a group."""
    toml = TomlText(file.text)
    for category, table in toml.document.items():
        if isinstance(table, dict) and category not in ("requires", "scripts", "pipenv", "source"):
            group = {"packages": "", "dev-packages": "dev"}.get(category, category)
            for name, value in table.items():
                yield of_poetry_entry(file, name, value, group, toml.line_of(category, name))


def read_conda(file: ManifestText) -> Iterator[Dependency]:
    """The dependencies of an environment of conda, those of pip among them."""
    for document in read_yaml(file.text):
        listed = document.get("dependencies")
        for item in listed.items if listed is not None else ():
            if item.text and (conda := _CONDA.fullmatch(item.text)) is not None and conda["name"] != "python":
                version = conda["version"] or ""
                exact = version.strip("=").partition("=")[0]
                specifier = f"=={exact}" if version.startswith("=") else version
                dependency = make_dependency(conda["name"] + specifier, file.at(item.line), file.folder)
                if dependency is not None:
                    yield dependency
            of_pip = item.get("pip")
            for inner in of_pip.items if of_pip is not None else ():
                dependency = None if inner.text.startswith("-") else make_dependency(inner.text, file.at(inner.line), file.folder)
                if dependency is not None:
                    yield dependency
