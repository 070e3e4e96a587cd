"""A saved audit for `fwaudit plan --from`: read with the types of all that the verdict reads by name."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fwaudit.errors import UsageError
from fwaudit.model.audit import SCHEMA_VERSION, Audit
from fwaudit.reading import UnreadableError, read_source

_LARGEST = 1_000_000_000
"""Bytes of a saved audit."""
_WEIGHT = "weight-"


class _Signals(msgspec.Struct, frozen=True):
    """The signals that are read by name; the tables ask for the others, and take a value of any type."""

    routes: int | None = None
    route_files: int | None = None
    lines: int | None = None
    modules: int | None = None
    routes_known: bool = True
    llm_route_names: tuple[str, ...] = ()


class _Times(msgspec.Struct, frozen=True):
    seconds: float


class _Profile(msgspec.Struct, frozen=True):
    routes: dict[str, _Times] = {}


def read_saved(file: Path) -> Audit:
    """The Audit in `file`; raises UsageError for what `fwaudit --format json` did not write."""
    try:
        whole = msgspec.json.decode(read_source(str(file.parent), file.name, _LARGEST), type=Audit)
        for service in whole.services:
            msgspec.convert(service.signals, _Signals)
            msgspec.convert(service.profile, _Profile)
            msgspec.convert({name: weight for name, weight in service.answers.items() if name.startswith(_WEIGHT)}, dict[str, int | float])
    except UnreadableError as error:
        raise UsageError(f"{file}: {error}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{file}: not an audit that `fwaudit --format json` wrote: {error}") from error
    if whole.schema_version != SCHEMA_VERSION:
        raise UsageError(f"{file}: has the form {whole.schema_version}; this version reads the form {SCHEMA_VERSION}")
    return whole
