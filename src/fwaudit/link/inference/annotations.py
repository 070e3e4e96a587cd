"""Types as they are written: what an annotation says a value is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwaudit.link.values import (
    HIGH,
    NOTHING,
    UNKNOWN_VALUES,
    Awaitable,
    ClassObject,
    Frame,
    LibraryName,
    Object,
    TypeAlias,
    Value,
    Values,
    join,
    known,
    package_of,
    surely,
    weaken,
)
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types
    from fwaudit.link.symbols import Class

_MODULES = ("typing.", "typing_extensions.", "collections.abc.", "contextlib.", "types.")
_CONTAINERS = {
    "List": "builtins.list",
    "Set": "builtins.set",
    "FrozenSet": "builtins.frozenset",
    "Dict": "builtins.dict",
    "DefaultDict": "builtins.dict",
    "Tuple": "builtins.tuple",
    "Sequence": "builtins.list",
    "MutableSequence": "builtins.list",
    "Collection": "builtins.list",
    "Mapping": "builtins.dict",
    "MutableMapping": "builtins.dict",
}
_TRANSPARENT = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "InitVar"})
_ITERATORS = frozenset(
    {"Iterator", "Iterable", "Generator", "AsyncIterator", "AsyncIterable", "AsyncGenerator", "ContextManager", "AsyncContextManager"}
    | {"AbstractContextManager", "AbstractAsyncContextManager"}
)
_AWAITABLES = {"Awaitable": 0, "Coroutine": 2, "CoroutineType": 2}
_SAYS_NOTHING = frozenset(
    {"Any", "Callable", "Literal", "TypeVar", "Generic", "Protocol", "TypeAlias", "object", "Hashable", "Concatenate", "ParamSpec"}
)


class Annotations:
    """From type expressions to the values that they describe."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def instance(self, frame: Frame, index: int, method: Frame | None = None) -> Values:
        """What a value annotated with expression `index` is; unknown where the annotation says nothing.

        `method`: the frame whose first parameter `Self` speaks of, where it is known.
        """
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Constant):
            return NOTHING if expression.kind == "None" else UNKNOWN_VALUES
        values = self._types.value(frame, index)
        if (
            method is not None
            and method.arguments
            and any(isinstance(value, LibraryName) and _special(value.dotted) == "Self" for value, _ in values)
        ):
            return self._types.binding(method, 0)
        return self.instances(values, frame)

    def is_open(self, frame: Frame, index: int) -> bool:
        """Whether the annotation leaves room: it says nothing, or names a type variable, also as `type[T]`."""
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Subscript):
            for value, _ in self._types.value(frame, expression.value):
                if isinstance(value, ClassObject) and value.class_ == "builtins.type":
                    return self.is_open(frame, expression.index)
                if isinstance(value, LibraryName) and _special(value.dotted) == "Type":
                    return self.is_open(frame, expression.index)
        if any(isinstance(value, TypeAlias) and value.is_variable for value, _ in self._types.value(frame, index)):
            return True
        return not known(self.instance(frame, index))

    def admits_none(self, frame: Frame, index: int) -> bool:
        """Whether a value annotated with expression `index` may be None, as far as the annotation excludes it surely."""
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Operation):
            return expression.operator != "|" or self.admits_none(frame, expression.left) or self.admits_none(frame, expression.right)
        base = expression.value if isinstance(expression, facts.Subscript) else index
        values = self._types.value(frame, base)
        return not values or not all(isinstance(value, ClassObject) and value.class_ != "builtins.object" for value, _ in values)

    def instances(self, classes: Values, frame: Frame | None = None) -> Values:
        """Instances of the classes that `classes` stand for."""
        return join(weaken(self._instance_of(value, frame), grade) for value, grade in classes)

    def _instance_of(self, value: Value, frame: Frame | None) -> Values:
        if isinstance(value, TypeAlias):
            return value.values
        if isinstance(value, ClassObject):
            if value.class_ == "builtins.object":
                return UNKNOWN_VALUES
            return surely(Object(value.class_, value.arguments))
        if isinstance(value, LibraryName) and value.receiver is None:
            return self._instance_of_name(value.dotted, frame)
        return UNKNOWN_VALUES

    def _instance_of_name(self, dotted: str, frame: Frame | None) -> Values:
        special = _special(dotted)
        if special == "Self" and frame is not None:
            class_ = self._types.class_of_scope(frame)
            return surely(Object(class_)) if class_ is not None else UNKNOWN_VALUES
        if special in _CONTAINERS:
            return surely(Object(_CONTAINERS[special]))
        if special is not None or dotted.startswith("builtins."):
            return UNKNOWN_VALUES
        return surely(Object(dotted))

    def subscripted(self, frame: Frame, value: Value, index: int) -> Values:
        """What `value[index]` stands for where `value` is a class or a typing construct: an alias that annotations can use."""
        parameters = self._parameters(frame, index)
        if isinstance(value, ClassObject):
            if value.class_ == "builtins.type":
                return surely(TypeAlias(self._class_of(frame, parameters[0])))
            arguments = tuple(self.instance(frame, parameter) for parameter in parameters if not _is_ellipsis(frame, parameter))
            if value.class_ == "builtins.tuple" and len(parameters) != len(arguments):
                return surely(ClassObject("builtins.list", arguments))
            return surely(ClassObject(value.class_, arguments))
        if isinstance(value, LibraryName):
            return self._constructed(frame, value.dotted, parameters)
        return surely(value)

    def _constructed(self, frame: Frame, dotted: str, parameters: tuple[int, ...]) -> Values:
        special = _special(dotted)
        if special is None:
            return surely(LibraryName(dotted)) if dotted.startswith("builtins.") else surely(ClassObject(dotted))
        if special == "Annotated":
            return surely(TypeAlias(self._annotated(frame, parameters), providers=self._providers(frame, parameters[1:])))
        if special in _TRANSPARENT:
            return surely(TypeAlias(join(self.instance(frame, parameter) for parameter in parameters)))
        if special in ("Type", "type"):
            return surely(TypeAlias(self._class_of(frame, parameters[0])))
        if special in _AWAITABLES:
            position = _AWAITABLES[special]
            inner = self.instance(frame, parameters[position]) if position < len(parameters) else UNKNOWN_VALUES
            return surely(TypeAlias(surely(Awaitable(inner, coroutine=special != "Awaitable"))))
        if special in _ITERATORS:
            return surely(TypeAlias(surely(Object(f"typing.{special}", (self.instance(frame, parameters[0]),)))))
        if special in _CONTAINERS:
            arguments = tuple(self.instance(frame, parameter) for parameter in parameters if not _is_ellipsis(frame, parameter))
            is_sequence = special == "Tuple" and len(arguments) != len(parameters)
            return surely(ClassObject("builtins.list" if is_sequence else _CONTAINERS[special], arguments))
        return surely(TypeAlias(UNKNOWN_VALUES))

    def _annotated(self, frame: Frame, parameters: tuple[int, ...]) -> Values:
        """The first argument's type; where it says nothing, what a dependency marker in the rest provides."""
        declared = self.instance(frame, parameters[0])
        for parameter in parameters[1:]:
            if not known(declared) and self._types.results.is_injection(frame, parameter):
                return self._types.value(frame, parameter)
            if instead := self.injected_instead(frame, parameter, declared):
                return instead
        return declared

    def injected_instead(self, frame: Frame, index: int, declared: Values) -> Values:
        """What a dependency surely gives where its parameter is declared to be of another library's class: nobody checks that."""
        is_of_libraries = all(package_of(value) for value, _ in declared)
        if index == NOWHERE or not is_of_libraries or not self._types.results.is_injection(frame, index):
            return NOTHING
        given = self._types.value(frame, index)
        wanted = [value.class_ for value, _ in declared if isinstance(value, Object)]
        found = [value.class_ for value, grade in given if grade == HIGH and isinstance(value, Object) and isinstance(value.class_, str)]
        is_another = len(given) == len(found) == 1 and not any(self._is_of_one_library(one, found[0]) for one in wanted)
        return given if is_another else NOTHING

    def _is_of_one_library(self, wanted: Class | str, found: str) -> bool:
        """Whether both classes are of one library, or one is a base of the other."""
        if not isinstance(wanted, str) or wanted.partition(".")[0] == found.partition(".")[0]:
            return True
        catalog = self._types.catalog
        return catalog.canonical(wanted) in catalog.with_bases(found) or catalog.canonical(found) in catalog.with_bases(wanted)

    def _providers(self, frame: Frame, parameters: tuple[int, ...]) -> Values:
        """The functions that the dependency markers among an annotation's metadata name."""
        return join(self._types.results.injected_callable(frame, one) for one in parameters if self._types.results.is_injection(frame, one))

    def providers(self, frame: Frame, index: int) -> Values:
        """The functions that the annotation's dependency markers name, also through an alias of another module."""
        found = (value.providers for value, _ in self._types.value(frame, index) if isinstance(value, TypeAlias))
        return join(found)

    def _class_of(self, frame: Frame, parameter: int) -> Values:
        """The class itself, for `type[X]`."""
        instances = self.instance(frame, parameter)
        return join(((ClassObject(value.class_), grade),) if isinstance(value, Object) else UNKNOWN_VALUES for value, grade in instances)

    def _parameters(self, frame: Frame, index: int) -> tuple[int, ...]:
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Display) and expression.kind == "tuple":
            return expression.items or (index,)
        return (index,)


def _special(dotted: str) -> str | None:
    """The construct's bare name if `dotted` is one of typing's; None for everything else."""
    for module in _MODULES:
        if dotted.startswith(module):
            name = dotted[len(module) :]
            if name in _CONTAINERS or name in _TRANSPARENT or name in _ITERATORS or name in _AWAITABLES or name in _SAYS_NOTHING:
                return name
            if name in ("Type", "Self"):
                return name
    return None


def _is_ellipsis(frame: Frame, index: int) -> bool:
    expression = frame.function.body.expressions[index]
    return index == NOWHERE or (isinstance(expression, facts.Constant) and expression.kind == "ellipsis")
