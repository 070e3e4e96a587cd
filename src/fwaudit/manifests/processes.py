"""What Dockerfiles, Procfiles, service units and Makefiles run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from fwaudit.manifests.shell import Command, Word, split_commands
from fwaudit.manifests.text import ManifestText, lines_of

_INSTRUCTION = re.compile(r"[ \t]*(?P<name>[A-Za-z]+)[ \t]+(?P<rest>.*)", re.DOTALL)
_DOCUMENT = re.compile(r"<<-?(['\"]?)(\w+)\1")
_DOCUMENT_LIMIT = 50
"""The most here-documents of one file: the end of each is looked for."""
_SCRIPT = re.compile(r".*(?:\.sh|entrypoint|/start|/run)", re.DOTALL)
_PROCFILE_LINE = re.compile(r"(?P<name>[\w-]+)\s*:\s*(?P<command>\S.*)")
_SETTING = re.compile(r"(?P<key>[\w-]+)\s*[=:]\s*(?P<value>.*)")
_RECIPE = re.compile(r"[ \t]+[@+-]*(?P<command>\S.*)", re.DOTALL)


def read_dockerfile(file: ManifestText, folder: str) -> Iterator[Command]:
    """What the containers run: of every stage the last ENTRYPOINT with the last CMD. `folder` stands for the working directory.

    A last stage without either runs what its image does.
    """
    forms: dict[str, tuple[Word, ...]] = {}
    variables: dict[str, str] = {}
    images: dict[str, str] = {}
    base = Word("", 1)
    for line, name, rest in _instructions(file.text):
        if name == "FROM":
            yield from _of_stage(forms, folder, variables)
            forms = {}
            words = [word for word in rest.split() if not word.startswith("--")]
            base = Word(images.get(words[0], words[0]) if words else "", line)
            if len(words) > 2:
                images[words[2]] = base.text
        elif name == "SCRIPT":
            yield from split_commands(rest, line, folder)
        elif name == "ENV":
            variables |= _variables(rest, line)
        elif name in ("ENTRYPOINT", "CMD"):
            forms[name] = tuple(Word(word, line) for word in _exec_form(rest) or ["/bin/sh", "-c", rest])
            if name == "ENTRYPOINT":
                forms.pop("CMD", None)
    yield from _of_stage(forms, folder, variables)
    if not forms and base.text:
        yield Command((base,), folder, is_process=True, variables=tuple(sorted(variables.items())), image=base.text)


def _of_stage(forms: dict[str, tuple[Word, ...]], folder: str, variables: dict[str, str]) -> Iterator[Command]:
    """The process of one stage; after the shell form of ENTRYPOINT, a shell does not see the words of CMD."""
    words = (*forms.get("ENTRYPOINT", ()), *forms.get("CMD", ()))
    if words:
        yield Command(words, folder, is_process=True, variables=tuple(sorted(variables.items())))


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and rest of each instruction: continuation lines are joined, comments left out.

    A here-document that is copied to a script is an instruction SCRIPT of our own, the others are left out.
    """
    lines = lines_of(text)
    place = 0
    documents = _DOCUMENT_LIMIT
    while place < len(lines):
        start = place
        if lines[place].lstrip().startswith("#"):
            place += 1
            continue
        parts = [lines[place]]
        while parts[-1].rstrip().endswith(("\\", "`")) and place + 1 < len(lines):
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
