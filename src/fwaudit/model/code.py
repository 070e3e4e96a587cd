"""The code of the workspace as checks ask about it: resolved calls, functions and classes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from fwaudit.model import facts
from fwaudit.model.context import Context


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span in a file and the function that it stands in. Lines and columns start at 1; columns count code points."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    function: str


@dataclass(frozen=True, slots=True)
class CallUse:
    """A call that resolves to one of the names asked for.

    `arguments` and `keywords` hold the text of literals (True, 5, abc) and "" for everything else; `**x` is the keyword "".
    """

    place: Place
    callee: str
    """Dotted name: of a library in its documented spelling, or of a function or class of the project."""
    contexts: tuple[Context, ...]
    """Where the function around it is known to run, sorted; empty where nothing is known to call it."""
    routes: tuple[str, ...]
    arguments: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...]

    def keyword(self, name: str) -> str | None:
        """The literal given for a keyword, "" for what is no literal, None where the keyword is not given."""
        return next((text for given, text in self.keywords if given == name), None)


@dataclass(frozen=True, slots=True, order=True)
class ImportUse:
    """A module or name that a file imports when it runs, as written: `flask.jsonify`; relative imports are left out."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    name: str


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """A parameter: the dotted names of the types that its annotation allows, and whether it has a default."""

    name: str
    types: tuple[str, ...]
    has_default: bool
    is_annotated: bool
    made_by: str = ""
    """Dotted name of what the default is a call of; "" for no call."""
    is_injected: bool = False
    """A dependency gives its value (`Depends`)."""


@dataclass(frozen=True, slots=True)
class FieldUse:
    """A name that a class body binds: the dotted names of its annotated types, and of what its value is a call of ("" for no call)."""

    name: str
    types: tuple[str, ...]
    made_by: str


@dataclass(frozen=True, slots=True)
class ClassUse:
    """A class of the project."""

    name: str
    place: Place
    bases: tuple[str, ...]
    """Dotted names of all its bases, nearest first, to the last."""
    fields: tuple[FieldUse, ...]
    methods: tuple[str, ...]


class CodeBody(Protocol):
    """What a function, class body or module says, for checks that recognise code by its structure; lambdas stand alone."""

    @property
    def kind(self) -> str:
        """function, class, module, lambda or generator."""

    @property
    def name(self) -> str:
        """Dotted: `app.main.Items.read`."""

    @property
    def is_async(self) -> bool:
        """An `async def`."""

    @property
    def scope(self) -> facts.Scope:
        """The names it binds, what it mentions."""

    @property
    def mentions(self) -> frozenset[str]:
        """Every attribute name and free name that it reads."""

    @property
    def body(self) -> facts.Body:
        """Its expressions, which the indices below speak of."""

    @property
    def texts(self) -> frozenset[str]:
        """Its text literals and the parts of f-strings in lower case, without doc strings; long ones by their first 60 characters."""

    def may_say(self, text: str) -> bool:
        """Whether `text`, in lower case and ASCII, may stand among its literals, in whatever case: told without its expressions."""

    @property
    def numbers(self) -> Mapping[int, str]:
        """The source of each number in it, by its index."""

    @property
    def place(self) -> Place:
        """The signature; of a module its first line."""

    @property
    def lines(self) -> int:
        """From the `def` to the last line on which it calls something or reads an attribute; 0 for a module."""

    @property
    def owner(self) -> str:
        """Dotted name of the class whose method it is; "" for none."""

    @property
    def contexts(self) -> tuple[Context, ...]:
        """Where it is known to run."""

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes from which it is reached."""

    @property
    def decorators(self) -> tuple[str, ...]:
        """Dotted names, `unknown` for what could not be told."""

    @property
    def parameters(self) -> tuple[ParameterUse, ...]:
        """In the order of the signature."""

    @property
    def tells_returns(self) -> bool:
        """It has a return annotation, `-> None` among them."""

    @property
    def returns(self) -> tuple[str, ...]:
        """The dotted names of the types that its annotation allows; empty where it has none."""

    def calls_written(self, *names: str) -> tuple[int, ...]:
        """The indices of its calls of what is written with one of these last names, in order."""

    def place_of(self, index: int) -> Place:
        """Where a call, an attribute or an operation stands; `place` for what has no place of its own."""

    def names(self, index: int) -> tuple[str, ...]:
        """The dotted names of what an expression may be: of an object its class, of a call what it gives."""


class Code(Protocol):
    """Answers about code that is neither test, migration, generated nor vendored; each answer is sorted by place."""

    def calls(self, names: Collection[str]) -> tuple[CallUse, ...]:
        """The calls that resolve to one of the dotted names; a name that ends in `.*` stands for all below it."""

    @property
    def imports(self) -> tuple[ImportUse, ...]:
        """All imports of modules and names."""

    @property
    def functions(self) -> tuple[CodeBody, ...]:
        """All functions and methods: those of the bodies."""

    @property
    def classes(self) -> tuple[ClassUse, ...]:
        """All classes."""

    @property
    def bodies(self) -> tuple[CodeBody, ...]:
        """All functions, class bodies and modules, sorted by path and place in the file."""
