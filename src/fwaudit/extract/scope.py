"""The lists in which one file and each of its scopes are gathered while they are read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from libcst import CSTNode

from fwaudit.extract.flow import Flow
from fwaudit.extract.repeats import Repeats
from fwaudit.model.facts import (
    FILLING_METHODS,
    NOWHERE,
    Attribute,
    AttributeStore,
    Body,
    Branch,
    Call,
    ClassDeclaration,
    Constant,
    Expression,
    ImportStatement,
    ItemAccess,
    Iteration,
    Name,
    Opaque,
    Parameter,
    ParameterDeclaration,
    Scope,
    WithItem,
)

_ENCODER = msgspec.msgpack.Encoder()
_NONE = Constant("None", "None")


class FileReading:
    """What is gathered of one file."""

    __slots__ = (
        "annotations",
        "classes",
        "exported",
        "exports_more",
        "imports",
        "is_runtime",
        "is_unplaced",
        "placed",
        "scopes",
        "star_imports",
    )

    def __init__(self) -> None:
        self.scopes: list[Scope | None] = []
        self.classes: list[ClassDeclaration | None] = []
        self.imports: list[ImportStatement] = []
        self.star_imports: list[tuple[str, int]] = []
        self.exported: list[str] | None = None
        self.exports_more = False
        """A part of `__all__` is no literal: nothing tells what it has."""
        self.placed: list[CSTNode | tuple[CSTNode]] = []
        """The nodes that have a span, in the order of their spans; in a tuple where any expression may stand."""
        self.is_unplaced = False
        """Whether what is read stands inside a string, where nodes have no span."""
        self.is_runtime = True
        self.annotations: dict[str, CSTNode | None] = {}
        """Parsed string annotations."""

    def place(self, node: CSTNode) -> int:
        """The span of `node`."""
        if self.is_unplaced:
            return NOWHERE
        placed = self.placed
        placed.append(node)
        return len(placed) - 1

    def place_any(self, node: CSTNode) -> int:
        """The span of `node`, an expression of any kind."""
        if self.is_unplaced:
            return NOWHERE
        self.placed.append((node,))
        return len(self.placed) - 1


class ScopeReading:
    """What is gathered of one scope."""

    __slots__ = (
        "attribute_names",
        "attributes",
        "awaited",
        "branches",
        "calls",
        "discarded",
        "entries",
        "expressions",
        "file",
        "flow",
        "free_names",
        "index",
        "is_async",
        "is_generator",
        "items",
        "iterations",
        "kind",
        "name",
        "none",
        "operations",
        "parent",
        "qualified_name",
        "reaching",
        "repeats",
        "returns",
        "stores",
        "yields",
    )

    def __init__(self, file: FileReading, kind: str, name: str, parent: ScopeReading | None, *, is_async: bool = False) -> None:
        self.file = file
        self.kind = kind
        self.name = name
        self.parent = parent
        self.qualified_name: str = name if parent is None or not parent.qualified_name else f"{parent.qualified_name}.{name}"
        self.is_async = is_async
        self.is_generator = False
        self.index = len(file.scopes)
        file.scopes.append(None)
        self.flow = Flow()
        self.reaching = self.flow.reaching
        self.expressions: list[Expression] = []
        self.calls: list[int] = []
        self.awaited: list[int] = []
        self.discarded: list[int] = []
        self.attributes: list[int] = []
        self.iterations: list[Iteration] = []
        self.entries: list[WithItem] = []
        self.returns: list[int] = []
        self.yields: list[int] = []
        self.stores: list[AttributeStore] = []
        self.operations: list[int] = []
        self.items: list[ItemAccess] = []
        self.repeats = Repeats()
        self.branches: list[Branch] = []
        self.none = NOWHERE
        self.attribute_names: set[str] = set()
        self.free_names: set[str] = set()

    def add(self, expression: Expression) -> int:
        """The index of `expression`."""
        self.expressions.append(expression)
        return len(self.expressions) - 1

    def add_item(self, value: int, method: str, node: CSTNode, stored: int = NOWHERE) -> None:
        """Take in that `node` calls the container `value`'s `method`; inside a string it does not, with "" neither."""
        span = self.file.place(node)
        if span != NOWHERE and method:
            self.items.append(ItemAccess(value, method, span, stored))

    def none_value(self) -> int:
        """The index of a None that tests are known to have found."""
        if self.none == NOWHERE:
            self.none = self.add(_NONE)
        return self.none

    def declare(self, parameters: tuple[ParameterDeclaration, ...]) -> None:
        """Bind the scope's parameters, before anything else is bound."""
        for index, parameter in enumerate(parameters):
            self.flow.define(parameter.name, Parameter(index))

    def bind_from_inside(self, name: str) -> None:
        """A generator expression within this scope binds `name` here, as `:=` does."""
        if self.kind == "generator" and self.parent is not None:
            self.parent.bind_from_inside(name)
        else:
            before = self.reaching.get(name, ())
            index = self.flow.define(name, Opaque())
            if name not in self.flow.outer:
                self.flow.reach(name, (*before, index))

    def note_attribute(self, index: int) -> None:
        """Take in an attribute that is read here."""
        self.attributes.append(index)
        self.flow.circumstances.note_read(index)

    def finish(
        self,
        parameters: tuple[ParameterDeclaration, ...] = (),
        decorators: tuple[int, ...] = (),
        returns: int = NOWHERE,
        span: int = NOWHERE,
    ) -> None:
        """Put the finished scope into the file."""
        flow = self.flow
        names = flow.names
        # A module or class may read a builtin and later bind its name; a function's name is its own throughout.
        free_names = self._names_read() if self.kind in ("module", "class") else self.free_names.difference(names)
        mentions = self.attribute_names.union(free_names)
        own_stores = self._own_stores(parameters, decorators)
        if flow.outer_stores:
            self._tell_enclosing(name for name, _ in flow.outer_stores)
        self.file.scopes[self.index] = Scope(
            self.kind,
            self.name,
            self.qualified_name,
            NOWHERE if self.parent is None else self.parent.index,
            self.is_async,
            self.is_generator,
            parameters,
            decorators,
            returns,
            span,
            {name: tuple(indices) for name, indices in names.items()},
            self._final(),
            own_stores,
            tuple(sorted({store.name for index, store in enumerate(self.stores) if (store.name, index) not in own_stores})),
            tuple(sorted(self._filled())),
            tuple(flow.outer_stores),
            tuple(sorted(mentions)),
            msgspec.Raw(_ENCODER.encode(self._body())),
        )

    def _body(self) -> Body:
        circumstances = self.flow.circumstances
        return Body(
            expressions=tuple(self.expressions),
            bindings=tuple(self.flow.bindings),
            calls=tuple(self.calls),
            awaited=tuple(self.awaited),
            discarded=tuple(self.discarded),
            attributes=tuple(self.attributes),
            iterations=tuple(self.iterations),
            entries=tuple(self.entries),
            returns=tuple(self.returns),
            yields=tuple(self.yields),
            stores=tuple(self.stores),
            operations=tuple(self.operations),
            items=tuple(self.items),
            guards=circumstances.finished_guards(self.flow.rebound, self.flow.names) if circumstances.guards else (),
            first_time=circumstances.first_time() if circumstances.filled else (),
            first_of_key=circumstances.first_of_key() if circumstances.keyed else (),
            first_of_instance=circumstances.first_of_instance() if circumstances.filled else (),
            conditional=tuple(circumstances.conditional),
            unlikely=tuple(sorted({*circumstances.unlikely, *circumstances.now_and_then()})),
            loops=tuple(self.repeats.loops),
            branches=tuple(self.branches),
            decided=tuple(circumstances.decided),
            ends=not self.flow.dead,
        )

    def _tell_enclosing(self, names: Iterable[str]) -> None:
        told = set(names)
        enclosing = self.parent
        while enclosing is not None:
            enclosing.flow.rebound |= told
            enclosing = enclosing.parent

    def _final(self) -> dict[str, tuple[int, ...]]:
        if self.kind not in ("module", "class"):
            return {}
        reaching = self.reaching
        return {name: reaching[name] for name in self.flow.names if reaching[name]}

    def _names_read(self) -> set[str]:
        """Every name that a module's or class's body reads, those in lists of base classes excepted: they make no instance."""
        bases = {base for class_ in self.file.classes if class_ is not None and class_.parent == self.index for base in class_.bases}
        return {one.name for index, one in enumerate(self.expressions) if type(one) is Name and index not in bases}

    def _own_stores(self, parameters: tuple[ParameterDeclaration, ...], decorators: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
        if not self.stores or not parameters or self.kind != "function" or self.parent is None or self.parent.kind != "class":
            return ()
        if parameters[0].kind not in ("plain", "positional-only") or self._is_static(decorators):
            return ()
        first = Name(parameters[0].name, (0,))
        return tuple((store.name, index) for index, store in enumerate(self.stores) if self.expressions[store.base] == first)

    def _filled(self) -> set[str]:
        expressions = self.expressions
        containers = [item.value for item in self.items if item.stored != NOWHERE]
        for index in self.calls:
            call = expressions[index]
            method = expressions[call.function] if type(call) is Call else None
            if type(method) is Attribute and method.name in FILLING_METHODS:
                containers.append(method.value)
        named = (expressions[container] for container in containers)
        return {one.name for one in named if type(one) is Name or type(one) is Attribute}

    def _is_static(self, decorators: tuple[int, ...]) -> bool:
        assert self.parent is not None
        return Name("staticmethod") in (self.parent.expressions[index] for index in decorators)
