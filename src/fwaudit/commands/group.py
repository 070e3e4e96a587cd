"""The group of all commands, and the exit codes of the contract."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from fwaudit import __version__
from fwaudit.errors import UsageError

EXIT_FAILING, EXIT_INCOMPLETE = 1, 3
EXIT_INTERRUPTED, EXIT_CLOSED_PIPE, EXIT_TERMINATED = 130, 141, 143


COMPLETE = "_FWAUDIT_COMPLETE"
"""The variable by which a shell asks for completions."""


class Commands(click.Group):
    """A group whose default command is `audit`, and whose help shows the options of that command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts `audit` before what is neither a command nor an option of the group."""
        if ctx.resilient_parsing and not args:  # a shell asks for what may come first
            return super().parse_args(ctx, args)
        if not ctx.resilient_parsing:
            _refuse_names_of_files(args)
        own = {"--help", "-h", "--version"}
        if not args or (args[0] not in own and args[0] not in self.commands):
            args = ["audit", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and what may come first of the default one: its options and paths."""
        audit = self.commands["audit"]
        of_audit = audit.shell_complete(click.Context(audit, parent=ctx, info_name="audit", resilient_parsing=True), incomplete)
        known = super().shell_complete(ctx, incomplete)
        names = {item.value for item in known}
        return [*known, *(item for item in of_audit if item.value not in names), CompletionItem(incomplete, type="file")]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options of `audit`, then the commands."""
        options = [option for option in self.commands["audit"].get_params(ctx) if isinstance(option, click.Option)]
        own = [option for option in self.get_params(ctx) if option.name == "version"]
        records = [record for option in (*options, *own) if (record := option.get_help_record(ctx))]
        with formatter.section("Options of the audit"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    subcommand_metavar="[COMMAND] [PATH ...]",
    options_metavar="",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Audits a Python web service without running it: where its async is an illusion.

    A PATH is a folder or a file, by default the current folder.
    A path that is named like a command is written with a folder: ./rules
    """


def _refuse_names_of_files(arguments: Sequence[str]) -> None:
    """Raises UsageError for an option that is also the name of a file here.

    A shell (`fwaudit *`) and pre-commit list files as arguments, and whoever made these files could have meant an option by a name.
    """
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    for word in options:
        if word.startswith("-") and word != "-" and os.path.lexists(word):
            hint = f"the file is written ./{word}, and `--` stands before names that others chose"
            raise UsageError(f"`{word}` is an option and the name of a file: {hint}")


def safe(text: str) -> str:
    """`text` for a terminal: what cannot be seen is written out, line by line."""
    from fwaudit.report.escape import visible

    return "\n".join(visible(line) for line in text.split("\n"))
