"""`fwaudit plan --ask`: asks the open questions on a terminal, and keeps the answers in the settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fwaudit.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from fwaudit.catalog.advice import Answer, Question
    from fwaudit.config import Config
    from fwaudit.model.audit import Audit

_NEW = "fwaudit.toml"


def check_terminal() -> None:
    """Raises UsageError where there is nobody to ask."""
    from fwaudit.output import is_terminal

    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageError("--ask asks on a terminal, and there is none: write the answers into [tool.fwaudit.answers]")


def ask_and_keep(audit: Audit, config: Config, root: str) -> Audit:
    """The Audit judged with what is answered; the answers are written into the settings file, or a new one at the root."""
    from fwaudit.catalog.load import load_advice
    from fwaudit.judge.answers import ask
    from fwaudit.output import write_note

    judged, answers = ask(audit, load_advice(), tell)
    if answers:
        write_note(f"fwaudit: {len(answers)} {'answer' if len(answers) == 1 else 'answers'} written to {keep(answers, config, root)}")
    else:
        write_note("fwaudit: no answer was given, or none would change a verdict")
    return judged


def tell(question: Question) -> Answer | None:
    """What the user answers, yes and no also by their first letter; None for an empty line."""
    words = ["yes" if answer is True else "no" if answer is False else str(answer) for answer in question.answers]
    short = {word[0]: word for word, answer in zip(words, question.answers, strict=True) if isinstance(answer, bool)}
    choices = click.Choice([*words, *short, ""], case_sensitive=False)
    text = f"{question.text} ({', '.join(words)}; Enter leaves it open)"
    chosen: str = click.prompt(text, type=choices, default="", show_default=False, show_choices=False, err=True)
    return question.answers[words.index(short.get(chosen, chosen))] if chosen else None


def keep(answers: dict[str, Answer], config: Config, root: str) -> str:
    """Writes the answers into the settings file that counts; its path."""
    from fwaudit.output import write_file
    from fwaudit.settings_file import with_answers

    file = Path(config.file) if config.file else Path(root, _NEW)
    if file.is_symlink():
        raise ConfigError(f"{file}: a symbolic link is not written through; add the answers to the file that it leads to")
    try:
        text = file.read_bytes().decode("utf-8") if file.exists() else ""
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    write_file(file, with_answers(text, answers, is_shared=file.name == "pyproject.toml", shown=str(file)))
    return str(file)
