"""What Dockerfiles, Procfiles, service units and Makefiles run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from fwaudit.manifests.shell import Command, Word, split_commands
from fwaudit.manifests.text import ManifestError, ManifestText, lines_of

_INSTRUCTION = re.compile(r"[ \t]*(?P<name>[A-Za-z]+)[ \t]+(?P<rest>.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"#\s*(?P<name>[A-Za-z]+)\s*=\s*(?P<value>\S+)")
_STAGE_LIMIT = 300
_VARIABLE_LIMIT = 1_000
"""The most variables of one stage: each stage that is built from it has them, too."""
_DOCUMENT = re.compile(r"<<-?(['\"]?)(\w+)\1")
_DOCUMENT_LIMIT = 50
"""The most here-documents of one file: the end of each is looked for."""
_SCRIPT = re.compile(r".*(?:\.sh|entrypoint|/start|/run)", re.DOTALL)
_PROCFILE_LINE = re.compile(r"(?P<name>[\w-]+)\s*:\s*(?P<command>\S.*)")
_SETTING = re.compile(r"(?P<key>[\w-]+)\s*[=:]\s*(?P<value>.*)")
_RECIPE = re.compile(r"[ \t]+[@+-]*(?P<command>\S.*)", re.DOTALL)


@dataclass(slots=True)
class _Stage:
    """What a stage of a Dockerfile runs, with what it has from the stage that it is built from."""

    base: Word
    name: str = ""
    forms: dict[str, tuple[Word, ...]] = field(default_factory=dict)
    """ENTRYPOINT and CMD."""
    own: set[str] = field(default_factory=set)
    """Which of the two it gives itself."""
    variables: dict[str, str] = field(default_factory=dict)
    is_run: bool = True
    """Whether its command is one that runs, and not the beginning of that of a stage built from it, or the same."""

    def give(self, name: str, words: tuple[Word, ...]) -> None:
        """Notes an ENTRYPOINT, which takes away the CMD of the stage before, but not the stage's own; or a CMD."""
        self.forms[name] = words
        self.own.add(name)
        if name == "ENTRYPOINT" and "CMD" not in self.own:
            self.forms.pop("CMD", None)

    def command(self, folder: str) -> Command | None:
        """Its process; after the shell form of ENTRYPOINT, a shell does not see the words of CMD."""
        words = (*self.forms.get("ENTRYPOINT", ()), *self.forms.get("CMD", ()))
        variables = tuple(sorted(self.variables.items()))
        return Command(words, folder, is_process=True, variables=variables, stage=self.name) if words else None


def read_dockerfile(file: ManifestText, folder: str) -> Iterator[Command]:
    """What the containers run: of every stage the last ENTRYPOINT with the last CMD. `folder` stands for the working directory.

    A stage that is built from another has what that says, and a last stage without either runs what its image does.
    """
    stages = [_Stage(Word("", 1))]
    named: dict[str, _Stage] = {}
    built_from: list[tuple[_Stage, _Stage]] = []
    for line, name, rest in _instructions(file.text):
        stage = stages[-1]
        if name == "FROM":
            words = [word for word in rest.split() if not word.startswith("--")]
            stage = _built_stage(words[0] if words else "", line, named)
            if (parent := named.get(words[0].lower()) if words else None) is not None:
                built_from.append((stage, parent))
            if len(words) > 2:
                named[words[2].lower()] = stage
                stage.name = words[2]
            stages.append(stage)
            if len(stages) > _STAGE_LIMIT:
                raise ManifestError(line, f"has more than {_STAGE_LIMIT} stages: split it into several files")
        elif name == "SCRIPT":
            yield from split_commands(rest, line, folder)
        elif name == "ENV":
            stage.variables |= _variables(rest, line)
            if len(stage.variables) > _VARIABLE_LIMIT:
                raise ManifestError(line, f"sets more than {_VARIABLE_LIMIT:,} variables: keep them in a file that the command reads")
        elif name in ("ENTRYPOINT", "CMD"):
            stage.give(name, tuple(Word(word, line) for word in _exec_form(rest) or ["/bin/sh", "-c", rest]))
    for stage, parent in built_from:
        is_same = stage.forms == parent.forms
        parent.is_run = parent.is_run and "CMD" in parent.forms and not is_same
    commands = [stage.command(folder) for stage in stages if stage.is_run]
    yield from (command for command in commands if command is not None)
    last = stages[-1]
    if not last.forms and last.base.text:
        yield Command((last.base,), folder, is_process=True, variables=tuple(sorted(last.variables.items())), image=last.base.text)


def _built_stage(image: str, line: int, named: Mapping[str, _Stage]) -> _Stage:
    """A stage that begins with what the stage of that name says, or with an image of which nothing is known."""
    parent = named.get(image.lower())
    if parent is None:
        return _Stage(Word(image, line))
    return _Stage(Word(parent.base.text, line), forms=dict(parent.forms), variables=dict(parent.variables))


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and rest of each instruction: continuation lines are joined, comments left out.

    A here-document that is copied to a script is an instruction SCRIPT of our own, the others are left out.
    """
    lines = lines_of(text)
    escape = _escape_of(lines)
    place = 0
    documents = _DOCUMENT_LIMIT
    while place < len(lines):
        start = place
        if lines[place].lstrip().startswith("#"):
            place += 1
            continue
        parts = [lines[place]]
        while parts[-1].rstrip().endswith(escape) and place + 1 < len(lines):
            parts[-1] = parts[-1].rstrip()[:-1] + " "
            place += 1
            while place < len(lines) - 1 and lines[place].lstrip().startswith("#"):
                place += 1
            parts.append(lines[place])
        place += 1
        instruction = _INSTRUCTION.fullmatch("".join(parts))
        if instruction is None:
            continue
        name, rest = instruction["name"].upper(), instruction["rest"].strip()
        yield start + 1, name, rest
        if name in ("RUN", "COPY", "ADD"):
            for document in islice(_DOCUMENT.finditer(rest), max(documents, 0)):
                documents -= 1
                end = next((number for number in range(place, len(lines)) if lines[number].strip() == document[2]), None)
                if end is None:
                    break
                if name == "COPY" and _SCRIPT.fullmatch(rest):
                    text = "\n".join(lines[place:end])
                    yield place + 1, "SCRIPT", text if document[1] else text.replace("\\\\", "\\")
                place = end + 1


def _escape_of(lines: list[str]) -> str:
    """The character at the end of a line that goes on: a backslash, unless a directive before all else names a backtick."""
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line.strip())
        if directive is None:
            break
        if directive["name"].lower() == "escape":
            return "`" if directive["value"] == "`" else "\\"
    return "\\"


def _exec_form(text: str) -> list[str] | None:
    """The words of `["a", "b"]`; None for the shell form, which is also what a wrong list means."""
    if not text.startswith("["):
        return None
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def _variables(text: str, line: int) -> dict[str, str]:
    """The variables of `ENV A=b C="d e"` or `ENV A b`."""
    if "=" not in text.split(" ", 1)[0]:
        name, _, value = text.partition(" ")
        return {name: value.strip()}
    words = [word for command in split_commands(text, line, ".") for word in command.words]
    return {name: value for name, _, value in (word.text.partition("=") for word in words)}


def read_procfile(file: ManifestText, folder: str) -> Iterator[Command]:
    """What each process of a Procfile runs."""
    for line, text in enumerate(lines_of(file.text), start=1):
        process = _PROCFILE_LINE.fullmatch(text.strip())
        if process is not None and not text.startswith("#"):
            yield from split_commands(process["command"], line, folder, is_process=True)


def read_units(file: ManifestText, folder: str) -> Iterator[Command]:
    """What systemd's `ExecStart`, and supervisord's and circus's `command` and `cmd`, run."""
    for line, text in _joined_lines(file.text):
        setting = _SETTING.fullmatch(text.strip())
        if setting is None or text.lstrip().startswith(("#", ";")):
            continue
        if setting["key"] in ("ExecStart", "command", "cmd"):
            yield from split_commands(setting["value"].lstrip("-@:+!"), line, folder, is_process=True)


def read_makefile(file: ManifestText, folder: str) -> Iterator[Command]:
    """What the recipes of a Makefile or justfile run: each line in a shell of its own."""
    for line, text in _joined_lines(file.text):
        recipe = _RECIPE.fullmatch(text)
        if recipe is not None:
            yield from split_commands(recipe["command"].replace("$$", "$"), line, folder)


def read_script(file: ManifestText, folder: str) -> Iterator[Command]:
    """What a shell script runs."""
    return split_commands(file.text, 1, folder)


def _joined_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with those that its backslash goes on with, under the number of the first."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(lines_of(text), start=1):
        start = start if parts else number
        if line.endswith("\\"):
            parts.append(line[:-1] + " ")
            continue
        yield start, "".join((*parts, line))
        parts = []
    if parts:
        yield start, "".join(parts)
