"""The program `fwaudit`: runs a command and leaves with its exit code. Everything but click is imported late."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import click

from fwaudit.commands import audit, baseline, cache, derive, init, knowledge, later, plan, routes
from fwaudit.commands.group import COMPLETE, EXIT_CLOSED_PIPE, EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_TERMINATED, commands, safe
from fwaudit.errors import FwauditError

MODULES = (audit, baseline, routes, plan, knowledge, cache, derive, init, later)
"""Importing them adds their commands to the group."""


class Terminated(BaseException):
    """SIGTERM arrived. Like KeyboardInterrupt it passes every `except Exception`, so that every `finally` runs."""


def main() -> NoReturn:
    """Runs the command of `sys.argv` and leaves with its exit code.

    The process ends as soon as everything is written. Looking for garbage after link took 0.3 s on open-webui, and taking the
    interpreter's millions of objects down one by one 0.6 s; on an interrupt a thread may still compute what nobody waits for.
    """
    gc.disable()
    signal.signal(signal.SIGTERM, _terminate)
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # closed at the other end, or by us
            code = code or EXIT_CLOSED_PIPE
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """The exit code of the command that `arguments` name."""
    from fwaudit.output import write_note

    try:
        result: int | None = commands.main(args=list(arguments), prog_name="fwaudit", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except FwauditError as error:
        write_note(f"fwaudit: {safe(str(error))}")
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        write_note("fwaudit: interrupted")
        return EXIT_INTERRUPTED
    except Terminated:
        return EXIT_TERMINATED
    except SystemExit:  # click's answer to a shell that asks for completions, and outside its standalone mode to a closed pipe
        return 0 if os.environ.get(COMPLETE) else EXIT_CLOSED_PIPE
    except Exception as error:  # noqa: BLE001  a defect of fwaudit exits 3 by the contract; Python's own 1 would look like a finding
        _report_defect(error, is_verbose={"-v", "--verbose"} & {*arguments} != set())
        return EXIT_INCOMPLETE
    return result or 0


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def _report_defect(error: Exception, *, is_verbose: bool) -> None:
    from fwaudit.output import write_note

    write_note(f"fwaudit: the audit stopped: {type(error).__name__}: {safe(str(error))}")
    if is_verbose:
        import traceback

        write_note(safe("".join(traceback.format_exception(error))).rstrip())
    else:
        write_note("fwaudit: this is a defect of fwaudit; --verbose shows where it happened")
