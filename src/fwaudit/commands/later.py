"""Commands of the contract that do not exist yet."""

from __future__ import annotations

import click

from fwaudit.commands.group import commands
from fwaudit.errors import UsageError

LATER = ("fix",)


def _add_later_command(name: str) -> None:
    @commands.command(name, hidden=True, add_help_option=False, context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def command(words: tuple[str, ...]) -> int:
        raise UsageError(f"`{name}` is not available yet" + (f"; a path of that name is written ./{name}" if not words else ""))


for _name in LATER:
    _add_later_command(_name)
