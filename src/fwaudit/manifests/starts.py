"""From the words of a command to the server that it starts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fwaudit.catalog.server_schema import Server, Wrapper
from fwaudit.catalog.servers import Program, ServerIndex
from fwaudit.manifests.shell import WORD_LIMIT, Command, Word, split_commands
from fwaudit.manifests.text import inside
from fwaudit.model.numbers import whole_number

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SHELL = re.compile(r"(?:ba|da|a|z|k)?sh")
_SHELL_COMMAND_OPTION = re.compile(r"-[a-z]*c")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*|\$[({]?(?:PYTHON|PY|python)\d?[)}]?", re.ASCII)
_VARIABLE = re.compile(r"\$(?:\w+|\{\w+\})")
_VARIABLE_OPTIONS = re.compile(r"\$(?:[\w@*]+|\{\w+(?:\[[@*]\])?(?::?[-+].*)?\})", re.DOTALL)
"""A word that stands for options of its own: `$GUNICORN_ARGS`, `${ARGS:-}`, `"$@"`."""
_PYTHON_VALUED = frozenset({"-X", "-W", "--check-hash-based-pycs"})
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(.*\))?")
_CONFIG_FILE = re.compile(r".*\.(?:ini|ya?ml|json|xml|toml)(?::\w+)?", re.DOTALL)
_SCRIPT = re.compile(r".*(?:\.sh|entrypoint|wait[-_]?for[-\w]*)", re.DOTALL)
_WAITING = re.compile(r"(?:.*/)?wait[-_]?for[-\w]*(?:\.sh)?", re.DOTALL)
_FLAGS = frozenset({"--help", "--version", "--verbose", "-h", "-v"})
_MOST_WRAPPERS = 10
_DEEPEST_SHELL = 5


@dataclass(frozen=True, slots=True)
class Started:
    """A server that a command starts; `config` names a file with more options, as written."""

    server: str
    line: int
    folder: str
    app: str = ""
    worker_class: str = ""
    workers: int | None = None
    options: tuple[str, ...] = ()
    config: str = ""
    stage: str = ""
    is_open: bool = False
    """It gets options that are not written here: from a script that runs it, or from a variable."""


class CommandReader:
    """Reads commands with what `rules/servers.toml` knows. `scripts`: console scripts of the workspace, and what each calls."""

    def __init__(self, servers: ServerIndex, scripts: Mapping[str, str]) -> None:
        self._servers = servers
        self._scripts = scripts

    def started_by(self, command: Command, depth: int = 0) -> Iterator[Started]:
        """The servers that `command` starts: one, if it is no shell with commands of its own."""
        if command.image:
            yield from self._in_image(command)
            return
        variables = dict(command.variables)
        words: Sequence[Word] = command.words
        is_process, is_open = command.is_process, False
        for _ in range(_MOST_WRAPPERS):
            words = _without_assignments(words, variables)
            if not words:
                return
            name = posixpath.basename(words[0].text)
            if _SHELL.fullmatch(name):
                yield from self._in_shell(replace(command, words=tuple(words), is_process=is_process), depth)
                return
            if _VARIABLE.fullmatch(words[0].text) and not _PYTHON.fullmatch(words[0].text):
                # `$RUN gunicorn app:app`, `"$PYTHON_BIN" -m uvicorn app:app`: a wrapper or an interpreter, or nothing that is known.
                words = _as_python(words)
                continue
            if _PYTHON.fullmatch(name):
                row, words, target = self._of_python(words[1:])
                name = target or name
            else:
                row, words, target = self._of_program(words, self._servers.programs.get(name))
            if isinstance(row, Wrapper):
                is_process = is_process or name == "exec"
                rest = _after_wrapper(row, words[1:])
                words = _as_python([words[0], *rest]) if row.runs_modules else rest
                continue
            if row is not None:
                started = _read_options(row, words, variables, command.folder)
                yield replace(started, is_open=started.is_open or is_open, stage=command.stage)
            elif is_process and target and self._may_serve(target):
                yield Started("python", words[0].line if words else 1, command.folder, target)
            elif is_process and name in self._scripts:
                yield Started("python", words[0].line, command.folder, self._scripts[name])
            elif (later := self._later_command(words, is_process=is_process)) is not None:
                is_open = is_open or _is_entry_script(words)
                words = later
                continue
            return

    def _may_serve(self, target: str) -> bool:
        """Whether the module or script that `python` runs can be one that brings a server of its own."""
        return target.partition(".")[0] not in self._servers.not_serving and posixpath.basename(target) != "manage.py"

    def _in_image(self, command: Command) -> Iterator[Started]:
        """What an image starts by itself. Its registry, tag and digest do not matter."""
        name = "/".join(command.image.partition("@")[0].split("/")[-2:]).partition(":")[0]
        found = self._servers.images.get(name)
        if found is not None:
            server, worker = found
            app = dict(command.variables).get(server.image_app_variable, "") if server.image_app_variable else ""
            yield Started(server.name, command.words[0].line, command.folder, app, worker)

    def _in_shell(self, command: Command, depth: int) -> Iterator[Started]:
        """What the text of `sh -c` starts."""
        for place, word in enumerate(command.words[1:], start=1):
            if not word.text.startswith("-"):
                return
            if _SHELL_COMMAND_OPTION.fullmatch(word.text) and place + 1 < len(command.words) and depth < _DEEPEST_SHELL:
                text = command.words[place + 1]
                for inner in split_commands(text.text, text.line, command.folder, is_process=command.is_process):
                    yield from self.started_by(replace(inner, variables=command.variables, stage=command.stage), depth + 1)
                return

    def _of_program(self, words: Sequence[Word], program: Program | None) -> tuple[Server | Wrapper | None, Sequence[Word], str]:
        """The row of the program that the first word names, the words from it on without its subcommand, and "" (no target)."""
        if program is None:
            return None, words, ""
        if program.subcommands:
            for place, word in enumerate(words[1:], start=1):
                row = program.subcommands.get(word.text)
                if row is not None:
                    return row, [*words[:place], *words[place + 1 :]], ""
                if not word.text.startswith("-") and place > 1 and not words[place - 1].text.startswith("-"):
                    break
                if not word.text.startswith("-") and place == 1:
                    break
        return program.alone, words, ""

    def _of_python(self, words: Sequence[Word]) -> tuple[Server | Wrapper | None, Sequence[Word], str]:
        """The same of what `python` runs with these arguments; the target is the module or the script."""
        place = 0
        while place < len(words) and words[place].text.startswith("-"):
            option = words[place].text
            if option in ("-c", "-"):
                return None, words, ""
            if option in ("-m", "--module") and place + 1 < len(words):
                place += 1
                return self._of_module(words[place:], words[place].text)
            if option.startswith("-m") and not option.startswith("--"):
                return self._of_module(words[place:], option[2:])
            place += 2 if option in _PYTHON_VALUED else 1
        if place >= len(words):
            return None, words, ""
        row, rest, _ = self._of_program(words[place:], self._servers.programs.get(posixpath.basename(words[place].text)))
        return row, rest, words[place].text

    def _of_module(self, words: Sequence[Word], module: str) -> tuple[Server | Wrapper | None, Sequence[Word], str]:
        row, rest, _ = self._of_program(words, self._servers.modules.get(module))
        return row, rest, module

    def _later_command(self, words: Sequence[Word], *, is_process: bool) -> Sequence[Word] | None:
        """The command that an unknown program is given to run: after `--`, or after a script that is no program of ours."""
        for place, word in enumerate(words):
            if word.text == "--":
                return words[place + 1 :]
        if is_process and words and _SCRIPT.fullmatch(words[0].text):
            for place, word in enumerate(words[1:], start=1):
                name = posixpath.basename(word.text)
                if _SHELL.fullmatch(name) or _PYTHON.fullmatch(name) or name in self._servers.programs:
                    return words[place:]
        return None


def _is_entry_script(words: Sequence[Word]) -> bool:
    """Whether the first word is a script that may give options of its own to what it runs: not one that only waits for something."""
    name = words[0].text
    return _SCRIPT.fullmatch(name) is not None and _WAITING.fullmatch(name) is None


def _without_assignments(words: Sequence[Word], variables: dict[str, str]) -> Sequence[Word]:
    """The words after the leading `NAME=value`, which are noted."""
    place = 0
    while place < len(words) and _ASSIGNMENT.match(words[place].text):
        name, _, value = words[place].text.partition("=")
        variables[name] = value
        place += 1
    return words[place:]


def _as_python(words: Sequence[Word]) -> Sequence[Word]:
    """The command after the first word, for which `python` stands if what follows are arguments as it takes them."""
    rest = words[1:]
    is_python = bool(rest) and (rest[0].text in ("-m", "--module") or rest[0].text.endswith(".py"))
    return [replace(words[0], text="python"), *rest] if is_python else rest


def _after_wrapper(wrapper: Wrapper, words: Sequence[Word]) -> Sequence[Word]:
    """The command that the wrapper runs: after its options and the words of its own."""
    place, own = 0, wrapper.words
    if wrapper.words and any(word.text == "--" for word in words):
        return words[next(place for place, word in enumerate(words) if word.text == "--") + 1 :]
    while place < len(words):
        text = words[place].text
        if text == "--":
            place += 1
            break
        if text.startswith("-") and not (wrapper.runs_modules and text in ("-m", "--module")):
            # Of options in one word (`-EHu user`), the last may take the next one.
            is_valued = text in wrapper.valued or (not text.startswith("--") and len(text) > 2 and f"-{text[-1]}" in wrapper.valued)
            place += 2 if is_valued else 1
        elif own:
            own -= 1
            place += 1
        else:
            break
    return words[place:]


@dataclass(slots=True)
class _Arguments:
    """What was read so far of a server's arguments."""

    folder: str
    app: str = ""
    worker_class: str = ""
    workers: int | None = None
    has_workers: bool = False
    config: str = ""


def _read_options(server: Server, words: Sequence[Word], variables: Mapping[str, str], folder: str) -> Started:
    """The server with what its arguments say; those in an environment variable count less."""
    more = variables.get(server.options_variable, "") if server.options_variable else ""
    inherited = [Word(text, words[0].line) for text in more.split(maxsplit=WORD_LIMIT)[:WORD_LIMIT]]
    found = _Arguments(folder, app=variables.get(server.app_variable, "") if server.app_variable else "")
    kept: dict[str, str] = {}
    loose: list[str] = []
    swallowed: list[str] = []
    queue = [*inherited, *words[1:]]
    place = 0
    while place < len(queue):
        text = queue[place].text
        place += 1
        if not text.startswith("-") or text == "-":
            loose.append(text)
            continue
        option, value, is_known = _split_option(server, text)
        if value is None and place < len(queue) and not _is_flag(server, option) and not _is_option(queue[place].text):
            value = queue[place].text
            place += 1
            if not is_known:
                swallowed.append(value)
        _note_option(server, found, option, value)
        if option in server.kept_options:
            kept[option] = option if value is None else f"{option}={value}"
    _note_words(server, found, loose, swallowed)
    options = tuple(sorted(kept.values()))
    workers_are_told = found.workers is not None or not found.has_workers
    return Started(
        server.name,
        words[0].line,
        found.folder,
        found.app,
        found.worker_class,
        found.workers,
        options,
        found.config,
        is_open=not workers_are_told or any(_VARIABLE_OPTIONS.fullmatch(text) for text in (*more.split(), *loose)),
    )


def _is_option(text: str) -> bool:
    return text.startswith("-") and text != "-" and not text[1:2].isdigit()


def _is_flag(server: Server, option: str) -> bool:
    return option in server.flags or option in _FLAGS or option.startswith("--no-")


def _split_option(server: Server, text: str) -> tuple[str, str | None, bool]:
    """The option, the value that is written with it, and whether the table says that it takes one."""
    known = {
        *server.app_options, *server.mount_options, *server.folder_options, *server.worker_class_options, *server.workers_options,
        *server.config_options, *server.kept_options,
    }  # fmt: skip
    if text.startswith("--"):
        option, separator, value = text.partition("=")
        return option, value if separator else None, option in known
    if len(text) > 2 and text[:2] in known and not _is_flag(server, text):
        return text[:2], text[2:].removeprefix("="), True
    return text, None, text in known


def _note_option(server: Server, found: _Arguments, option: str, value: str | None) -> None:
    if value is None:
        return
    if option in server.app_options:
        found.app = value
    elif option in server.mount_options:
        found.app = value.partition("=")[2]
    elif option in server.folder_options:
        found.folder = inside(found.folder, value)
    elif option in server.worker_class_options:
        found.worker_class = value
    elif option in server.workers_options:
        found.workers = whole_number(value)
        found.has_workers = True
    elif option in server.config_options:
        found.config = value


def _note_words(server: Server, found: _Arguments, loose: list[str], swallowed: list[str]) -> None:
    """The app and the config file among the words that are no options."""
    if not server.app_word:
        return
    config = next((word for word in loose if _CONFIG_FILE.fullmatch(word)), "") if server.config_options else ""
    found.config = found.config or config
    words = [word for word in loose if word != config and not _VARIABLE_OPTIONS.fullmatch(word)]
    targets = [word for word in words if _TARGET.fullmatch(word)]
    targets = targets or words or [word for word in swallowed if _TARGET.fullmatch(word)]
    if targets and not found.app:
        found.app = targets[0]
