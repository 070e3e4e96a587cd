"""One file's facts."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable

import libcst as cst

from fwaudit.extract.comments import read_suppressions
from fwaudit.extract.parser import parse_for_facts
from fwaudit.extract.positions import pack_spans, provided_spans
from fwaudit.extract.scope import FileReading, ScopeReading
from fwaudit.extract.statements import read_module
from fwaudit.model.facts import ModuleFacts


class NotAnalysed(Exception):  # noqa: N818 - it says what the file is, not what went wrong
    """A file that cannot be analysed: `message` is one sentence that says why, `line` the first line concerned."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def extract_module(content: bytes) -> ModuleFacts:
    """What the file says; raises `NotAnalysed` if it is not Python that LibCST can read.

    Deep sources recurse deeply: call it with a large stack and a high recursion limit.
    """
    module = _parse(content, parse_for_facts)
    file = _read(module)
    spans = pack_spans(content, module.encoding, file.placed)
    if spans is None:
        module = _parse(content, cst.parse_module)
        file = _read(module)
        spans = provided_spans(content, module, file.placed)
    return ModuleFacts(
        _count_lines(content),
        tuple(scope for scope in file.scopes if scope is not None),
        tuple(declaration for declaration in file.classes if declaration is not None),
        tuple(file.imports),
        tuple(file.star_imports),
        None if file.exported is None or file.exports_more else tuple(file.exported),
        read_suppressions(content, module.encoding),
        spans,
    )


def _read(module: cst.Module) -> FileReading:
    file = FileReading()
    read_module(ScopeReading(file, "module", "", None), module)
    return file


def _parse(content: bytes, parse: Callable[[bytes], cst.Module]) -> cst.Module:
    try:
        return parse(content)
    except cst.ParserSyntaxError as error:
        raise _refusal(content, error) from None
    except SyntaxError as error:
        raise NotAnalysed(error.lineno or 1, f"syntax error: {error.msg}") from None
    except UnicodeError as error:
        raise NotAnalysed(1, f"the file is not in its declared encoding: {error}") from None
    except LookupError as error:
        raise NotAnalysed(1, f"unknown encoding: {error}") from None
    except (cst.CSTLogicError, TypeError) as error:
        raise NotAnalysed(1, f"the parser gave up: {error}") from None


def _refusal(content: bytes, error: cst.ParserSyntaxError) -> NotAnalysed:
    """One sentence, with the place as CPython sees it: LibCST names the start of a line, often not the right one."""
    line, column = _first_bad_place(content) or (max(error.raw_line, 1), 0)
    told = error.message.partition("\n")[0].removeprefix("parser error: ").removeprefix("tokenizer error: ")
    place = f" at column {column}" if column else ""
    # The parser's own list of what it expected helps nobody.
    return NotAnalysed(line, f"syntax error{place}" if "expected" in told else f"syntax error{place}: {told}")


def _first_bad_place(content: bytes) -> tuple[int, int] | None:
    """Line and column from 1; None if this Python's parser has nothing against the content, or cannot tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(content)
    except SyntaxError as error:
        # At the end of a line CPython counts bytes, which may be more than the line has characters.
        end = len((error.text or "").rstrip("\r\n")) + 1
        return (error.lineno, min(max(error.offset or 1, 1), end)) if error.lineno else None
    except (ValueError, MemoryError, RecursionError):
        return None
    return None


def _count_lines(content: bytes) -> int:
    return len(content.splitlines())
