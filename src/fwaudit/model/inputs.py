"""Input of requests: where it is read, what checks it, where it ends."""

from __future__ import annotations

from dataclasses import dataclass

from fwaudit.model.code import Place
from fwaudit.model.context import Context

WHOLE = ""
"""The field of input that is handed on as a whole."""
ANY = "*"
"""Some field whose name the code does not tell."""
FILE_NAME = "filename"
"""The attribute that is the name which the client gave an uploaded file."""


RAISING = frozenset(
    {
        *("builtins.float", "builtins.int", "datetime.date.fromisoformat", "datetime.datetime.fromisoformat", "datetime.datetime.strptime"),
        *("decimal.Decimal", "uuid.UUID"),
    }
)
"""Conversions that raise where the text is not of their form."""


def is_file_name(field: str) -> bool:
    """Whether the field is the name of an uploaded file: `picture.filename`."""
    return field.rpartition(".")[2] == FILE_NAME


@dataclass(frozen=True, slots=True, order=True)
class InputEnd:
    """A place where input is used: `kind` is query, sql, model, file, prompt or process."""

    place: Place
    kind: str
    callee: str
    field: str
    is_spread: bool = False
    """Its fields are handed over as they came: `**data`, or the whole of it as one argument."""


@dataclass(frozen=True, slots=True, order=True)
class HandCheck:
    """A test by hand, in the code that reads the input, of one of its fields (WHOLE, ANY)."""

    place: Place
    field: str
    answers: bool
    """What fails is answered as a mistake of the client: 400, 422 or an exception for that."""


@dataclass(frozen=True, slots=True, order=True)
class Conversion:
    """A field is made a number, a date or the like. `is_guarded`: what fails is caught and answered."""

    place: Place
    field: str
    callee: str
    is_guarded: bool


@dataclass(frozen=True, slots=True)
class RequestInput:
    """One kind of input (body, query, form, file, message, path) as one function reads it."""

    place: Place
    """Where it is read first."""
    source: str
    """Dotted name: `flask.request.get_json`."""
    kind: str
    contexts: tuple[Context, ...]
    routes: tuple[str, ...]
    fields: tuple[str, ...]
    """The names of the fields that are read, sorted."""
    ends: tuple[InputEnd, ...]
    checks: tuple[HandCheck, ...]
    conversions: tuple[Conversion, ...]
    validators: tuple[str, ...]
    """The ways of validating that it passes, sorted; `unknown` where it goes to something that may be one."""
    lost: tuple[str, ...]
    """The fields that go where nothing is known of."""

    @property
    def open_ends(self) -> tuple[InputEnd, ...]:
        """The ends of named fields that nothing is known to check."""
        return tuple(end for end in self.ends if end.field not in (WHOLE, ANY) and self.is_open(end.field))

    @property
    def unguarded(self) -> tuple[Conversion, ...]:
        """Conversions that raise on a wrong value, of fields of which nothing else is known: no test, nothing that is caught."""
        tested = {check.field for check in self.checks} | {one.field for one in self.conversions if one.is_guarded} | {*self.lost}
        if self.validators or ANY in tested:
            return ()
        return tuple(one for one in self.conversions if one.field not in tested and one.field not in (WHOLE, ANY) and one.callee in RAISING)

    @property
    def open_places(self) -> frozenset[Place]:
        """Where unchecked fields end or are converted unguarded."""
        return frozenset(end.place for end in self.open_ends) | frozenset(one.place for one in self.unguarded)

    def is_open(self, field: str) -> bool:
        """Whether nothing is known that checks the field."""
        checked = {check.field for check in self.checks} | {conversion.field for conversion in self.conversions}
        return not self.validators and ANY not in checked and field not in checked and field not in self.lost
