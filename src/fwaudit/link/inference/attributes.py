"""Members: what `value.name` is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.classes import UNKNOWN_BASE
from fwaudit.link.inference.relations import Relations
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import (
    LOW,
    MEDIUM,
    NOTHING,
    UNKNOWN_VALUES,
    ClassObject,
    FunctionObject,
    LibraryName,
    ModuleObject,
    Object,
    PartialObject,
    SuperObject,
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

MOST_TARGETS = 8
"""A call through a base class that could reach more methods than this is unresolved."""
PROPERTIES = ("property", "cached")
"""What a decorator makes of a function that is run by reading an attribute."""
SAYING_NOTHING = frozenset({"abc.ABC", "builtins.object", "enum.Enum", "pydantic.BaseModel", "typing.Generic", "typing.Protocol"})
"""Bases of libraries that make a class nothing else, and give it neither attributes nor a truth of its own."""


class Attributes:
    """Lookups in classes, of the project and of libraries."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._memo: dict[tuple[Value, str], Values] = {}
        self._elsewhere: dict[tuple[str, str], Values] = {}
        self._on_classes: dict[tuple[Class, str], Values] = {}
        self._properties: dict[tuple[Object, str], tuple[FunctionObject, ...]] = {}
        self._relations = Relations(types)
        self.too_many_targets = 0

    # --- what `value.name` is -----------------------------------------------------------------------

    def of(self, value: Value, name: str) -> Values:
        """What `value.name` stands for."""
        if isinstance(value, Object):
            if isinstance(value.class_, str):
                return self._of_library_object(value, value.class_, name)
            found = self._types.once(self._memo, (value, name), self._of_object, value, value.class_, name)
            return self._types.fillings.of_attribute(found, value.class_, name)
        if isinstance(value, ModuleObject):
            return self._of_module(value, name)
        if isinstance(value, LibraryName):
            return self._of_library_name(value, name)
        if isinstance(value, ClassObject):
            return self._of_class(value, name)
        if isinstance(value, SuperObject):
            return self._of_super(value, name)
        if isinstance(value, FunctionObject) and value.like:
            return self._of_library_object(Object(value.like), value.like, name)
        if isinstance(value, FunctionObject) and name in ("__wrapped__", "__func__", "__call__"):
            return surely(value)
        if isinstance(value, FunctionObject) and value.wrapping == "property" and name in ("setter", "getter", "deleter"):
            return surely(LibraryName("builtins.property.setter"))
        if isinstance(value, PartialObject) and name == "func":
            return value.callable
        return UNKNOWN_VALUES

    def _of_library_name(self, value: LibraryName, name: str) -> Values:
        """Of what an object has, only what registers handlers is told: `router.message.register`."""
        dotted = f"{value.dotted}.{name}"
        if value.receiver is None:
            return self._types.lookup.library(dotted)
        return surely(LibraryName(dotted, value.receiver)) if self._types.catalog.registering.of_call(dotted) else UNKNOWN_VALUES

    def _of_module(self, value: ModuleObject, name: str) -> Values:
        if value.module is not None:
            return self._types.lookup.module_attribute(value.module, name, value.importer)
        return self._types.lookup.imported_module(f"{value.dotted}.{name}", value.importer)

    def _of_library_object(self, value: Object, class_: str, name: str) -> Values:
        declared = self._types.catalog.attribute(class_, name)
        if declared is not None:
            return self._types.results.typed(declared, value, None)
        known_method = self._types.catalog.method(class_, name)
        if self._types.catalog.is_open(class_):
            found = self._types.once(self._elsewhere, (class_, name), self._put_there, class_, name)
            if found or not (value.exact or known_method):
                return found or UNKNOWN_VALUES
        if known_method is None and self._types.symbols.storing(name):
            found = self._types.once(self._elsewhere, (class_, name), self._set_elsewhere, class_, name)
            if known(found):
                return weaken(found, MEDIUM)
        # Python does not ask __getattr__ for the methods that stand behind calls, loops and operators.
        is_asked_for = known_method is None and not name.startswith("__")
        if is_asked_for and (by_name := self._types.catalog.method(class_, "__getattr__")) is not None:
            return self._types.results.returned_type(by_name, LibraryName(by_name.name, value), Arguments.nothing())
        return surely(LibraryName(f"{class_}.{name}", value))

    def _of_class(self, value: ClassObject, name: str) -> Values:
        if isinstance(value.class_, str):
            declared = self._types.catalog.attribute(value.class_, name)
            if declared is not None:
                return self._types.results.typed(declared, Object(value.class_), None)
            return self._types.lookup.library(f"{value.class_}.{name}")
        order = self._types.classes.order(value.class_)
        found = self._member(order, name, value)
        if not found:  # the body of the class left it None, or does not name it
            found = self._types.once(self._on_classes, (value.class_, name), self._set_on_class, order, value.class_, name) or found
        if found is not None:
            return self._types.fillings.of_attribute(found, value.class_, name)
        is_told = UNKNOWN_BASE not in self._types.classes.order(value.class_)
        return surely(LibraryName("builtins.type." + name)) if is_told else UNKNOWN_VALUES

    def _of_super(self, value: SuperObject, name: str) -> Values:
        receiver_class = value.receiver.class_ if isinstance(value.receiver, Object | ClassObject) else value.after
        order = self._types.classes.order(receiver_class) if isinstance(receiver_class, Class) else self._types.classes.order(value.after)
        rest = order[order.index(value.after) + 1 :] if value.after in order else self._types.classes.order(value.after)[1:]
        found = self._member(rest, name, value.receiver)
        return found if found is not None else self._of_first_library(rest, name, exact=True)

    def _of_object(self, value: Object, class_: Class, name: str) -> Values:
        order = self._types.classes.order(class_)
        own = self._member(order, name, value)
        stored = self._stored(order, name, value)
        if not known(own or NOTHING) and not known(stored or NOTHING):
            elsewhere = self._set_elsewhere(class_, name)
            # Its own constructor left it None: whether it is this instance that is changed elsewhere is not known.
            stored = (weaken(elsewhere, LOW) if stored == NOTHING and value.made_with is not None else elsewhere) or stored
        if own == NOTHING and stored is not None and known(stored):
            own = None
        elif own and stored and known(stored):
            own = self._not_told_better(own, stored)
        parts = [part for part in (own, stored) if part is not None]
        if value.exact or name.startswith("__"):
            return self._merged(parts, value, order, name)
        overrides = self._types.classes.overrides(class_, name)
        if len(overrides) > MOST_TARGETS:
            self.too_many_targets += 1
            return UNKNOWN_VALUES
        if overrides:
            if own is not None and self._is_abstract(own):
                parts.remove(own)
            for subclass in overrides:
                found = self._member((subclass,), name, Object(subclass, made_with=None))
                parts.append(found if found is not None else NOTHING)
            if len(parts) > 1:
                return weaken(join(parts), MEDIUM)
        return self._merged(parts, value, order, name)

    def _not_told_better(self, declared: Values, stored: Values) -> Values:
        """The members of a declaration but those below which the code stores instances of all classes that it uses.

        Of a library's classes nobody knows which are used: there, what is stored tells which of them it is.
        """
        made = {value.class_ for value, _ in stored if isinstance(value, Object)}
        is_used = self._types.symbols.is_used
        packages = {package_of(value) for value, _ in stored}
        kept = []
        for value, grade in declared:
            if packages == {package_of(value)} != {""} and isinstance(value, Object) and value.class_ not in made and not value.arguments:
                continue
            below = self._types.classes.subclasses(value.class_) if isinstance(value, Object) and isinstance(value.class_, Class) else ()
            used = [class_ for class_ in below if is_used(class_)]
            if not used or not made.issuperset(used):
                kept.append((value, grade))
        return tuple(kept)

    def _in_subclasses(self, class_: Class, name: str) -> list[Values]:
        """What the subclasses' methods assign to an attribute that the class itself leaves to them."""
        subclasses = self._types.classes.subclasses(class_)
        if len(subclasses) > MOST_TARGETS:
            return []
        stored = (self._stored((subclass,), name, Object(subclass)) for subclass in subclasses)
        return [weaken(part, MEDIUM) for part in stored if part is not None]

    def _merged(self, parts: list[Values], value: Object, order: tuple[Class | str, ...], name: str) -> Values:
        if not value.exact and isinstance(value.class_, Class) and not any(known(part) for part in parts):
            parts = [*parts, *self._in_subclasses(value.class_, name)]
        if parts:
            return join(parts)
        related = self._relations.of(order, name)
        if related:
            return related
        return self._of_first_library(order, name, exact=value.exact)

    def _of_first_library(self, order: tuple[Class | str, ...], name: str, *, exact: bool) -> Values:
        """What no class of the project in `order` has: the first library's, if nothing else can give it."""
        if UNKNOWN_BASE in order or any(isinstance(base, Class) and "__getattr__" in base.members for base in order):
            return UNKNOWN_VALUES
        for base in order:
            if isinstance(base, str):
                return self._of_library_object(Object(base, (), exact), base, name)
        return UNKNOWN_VALUES

    def _member(self, order: tuple[Class | str, ...], name: str, receiver: Value) -> Values | None:
        """The member `name` of the first class in `order` that has it, bound to `receiver`; None if none has."""
        for class_ in order:
            if isinstance(class_, str):
                found = self._library_member(class_, name, receiver)
            else:
                bindings = class_.members.get(name)
                found = None if bindings is None else self._bound_members(class_, bindings, receiver)
            if found is not None:
                return found
        return None

    def _library_member(self, class_: str, name: str, receiver: Value) -> Values | None:
        catalog = self._types.catalog
        declared = catalog.attribute(class_, name)
        if declared is not None:
            return self._types.results.typed(declared, receiver, None)
        if catalog.method(class_, name) is not None:
            return surely(LibraryName(f"{class_}.{name}", receiver if isinstance(receiver, Object | ClassObject) else None))
        return None

    def literals(self, class_: Class, name: str) -> tuple[str, ...]:
        """The texts of the literal list of strings that the class, or the nearest of its bases, binds `name` to."""
        for owner in self._types.classes.order(class_):
            bindings = owner.members.get(name, ()) if isinstance(owner, Class) else ()
            if bindings and isinstance(owner, Class):
                body = self._types.classes.frame_of(owner).function.body
                binding = body.bindings[bindings[-1]]
                value = body.expressions[binding.value] if isinstance(binding, facts.Assigned) and binding.value != NOWHERE else None
                items = [body.expressions[item] for item in value.items] if isinstance(value, facts.Display) else []
                return tuple(item.text for item in items if isinstance(item, facts.Constant) and item.kind == "str")
        return ()

    def _bound_members(self, class_: Class, bindings: tuple[int, ...], receiver: Value) -> Values:
        frame = self._types.classes.frame_of(class_)
        members = join(self._types.binding(frame, binding) for binding in bindings)
        return join(weaken(self._bind(member, receiver), grade) for member, grade in members)

    def _bind(self, member: Value, receiver: Value) -> Values:
        if not isinstance(member, FunctionObject) or member.receiver is not None or member.function.scope.kind == "lambda":
            return surely(member)
        if member.wrapping == "static":
            return surely(FunctionObject(member.function, None, member.closure, ""))
        class_receiver = ClassObject(receiver.class_) if isinstance(receiver, Object) else receiver
        if member.wrapping == "class" or member.function.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            return surely(FunctionObject(member.function, class_receiver, member.closure, ""))
        if not isinstance(receiver, Object):
            return surely(member)
        bound = FunctionObject(member.function, receiver, member.closure, member.wrapping)
        if member.wrapping in PROPERTIES:
            return self._types.results.of_property(bound)
        return surely(bound)

    def properties(self, value: Value, name: str) -> tuple[FunctionObject, ...]:
        """The property functions that reading `value.name` runs."""
        if not isinstance(value, Object) or not isinstance(value.class_, Class):
            return ()
        known_ones = self._properties.get((value, name))
        if known_ones is None:
            known_ones = self._properties[value, name] = self._find_properties(value, value.class_, name)
        return known_ones

    def _find_properties(self, value: Object, class_: Class, name: str) -> tuple[FunctionObject, ...]:
        found: list[FunctionObject] = []
        classes: list[tuple[Class | str, ...]] = [self._types.classes.order(class_)]
        if not value.exact:
            overrides = self._types.classes.overrides(class_, name)
            classes += [(subclass,) for subclass in overrides] if len(overrides) <= MOST_TARGETS else []
        for order in classes:
            for base in order:
                bindings = base.members.get(name) if isinstance(base, Class) else None
                if bindings is not None and isinstance(base, Class):
                    frame = self._types.classes.frame_of(base)
                    for member, _ in join(self._types.binding(frame, binding) for binding in bindings):
                        if isinstance(member, FunctionObject) and member.wrapping in PROPERTIES:
                            receiver = value if order is classes[0] else Object(base)
                            found.append(FunctionObject(member.function, receiver, member.closure, member.wrapping))
                    break
        return tuple(found)

    # --- attributes set in methods -----------------------------------------------------------------------

    def _set_elsewhere(self, class_: Class | str, name: str) -> Values:
        """What code outside the class's methods assigns to the attribute of an instance or of the class."""
        parts: list[Values] = []
        for function in self._types.symbols.storing(name):
            for store in function.body.stores:
                if store.name == name and store.value != NOWHERE:
                    frame = self._types.generic(function)
                    bases = self._types.value(frame, store.base)
                    if any(isinstance(base, Object | ClassObject) and self._are_related(base.class_, class_) for base, _ in bases):
                        parts.append(self._types.bindings.unpacked(self._types.value(frame, store.value), store.path))
        return join(parts)

    def _are_related(self, one: Class | str, other: Class | str) -> bool:
        """Whether they are one class, or, of libraries' classes, one is a base of the other: made as `FastAPI`, read as `Starlette`."""
        if one == other or not (isinstance(one, str) and isinstance(other, str)):
            return one == other
        catalog = self._types.catalog
        return one in catalog.bases(other) or other in catalog.bases(one)

    def _put_there(self, class_: str, name: str) -> Values:
        """What the project gives an open class of a library: from outside, or in subclasses of its own."""
        parts = [self._set_elsewhere(class_, name)]
        for subclass in self._types.classes.candidates_by_base().get(class_.rpartition(".")[2], ()):
            order = self._types.classes.order(subclass)
            if class_ in order and any(isinstance(base, Class) and (name in base.members or name in base.stores) for base in order):
                parts.append(self.of(Object(subclass), name))
        return join(parts)

    def _stored(self, order: tuple[Class | str, ...], name: str, value: Object) -> Values | None:
        """What the methods of the classes in `order` assign to `self.name`; None if none does."""
        parts: list[Values] = []
        handed_in: list[Values] = []
        is_left_none = False
        for class_ in order:
            if isinstance(class_, str):
                continue
            places = class_.stores.get(name, ())
            for scope, index in places:
                function = class_.module.functions[scope]
                stored = self._store_value(function, index, value)
                is_left_none = is_left_none or (function.name == "__init__" and stored == NOTHING and value.made_with is not None)
                (handed_in if function.name != "__init__" and _stores_parameter(function, index) else parts).append(stored)
        # Its own constructor left it None: whether it is this instance that is handed something later is not known.
        parts += [weaken(stored, LOW) for stored in handed_in] if is_left_none else handed_in
        if not parts:
            return None
        found = [part for part in parts if known(part)]
        if found and any(part == UNKNOWN_VALUES for part in parts):
            return weaken(join([*found, UNKNOWN_VALUES]), MEDIUM)
        return join(parts)

    def _set_on_class(self, order: tuple[Class | str, ...], class_: Class, name: str) -> Values:
        """What class methods assign to `cls.name`, and code outside to `Class.name`: an instance that the class keeps of itself."""
        parts: list[Values] = []
        for owner in (one for one in order if isinstance(one, Class)):
            for scope, index in owner.stores.get(name, ()):
                function = owner.module.functions[scope]
                bases = self._types.value(self._types.generic(function), function.body.stores[index].base)
                if any(isinstance(base, ClassObject) for base, _ in bases):
                    parts.append(self._store_value(function, index, Object(owner)))
        return join(parts) or self._set_elsewhere(class_, name)

    def _store_value(self, function: Function, index: int, value: Object) -> Values:
        store = function.body.stores[index]
        frame = self._types.generic(function)
        if value.made_with is not None:
            frame = self._types.binder.constructor_frame(value.made_with, function)
        elif isinstance(value.class_, Class) and value.class_ is not function.owner:
            frame = self._types.binder.base_constructor_frame(value.class_, function)
        if store.annotation != NOWHERE:
            declared = self._types.annotations.instance(frame, store.annotation)
            if known(declared) or store.value == NOWHERE:
                return declared
        if store.value == NOWHERE:
            return UNKNOWN_VALUES
        return self._types.bindings.unpacked(self._types.value(frame, store.value), store.path)

    def _is_abstract(self, members: Values) -> bool:
        return all(isinstance(value, FunctionObject) and is_stub(value.function) for value, _ in members)


def is_stub(function: Function) -> bool:
    """Whether a method's body does nothing: `pass`, `...`, a docstring, or `raise NotImplementedError`."""
    body = function.body
    if function.scope.is_generator or body.returns or body.entries or body.iterations or body.stores or body.operations:
        return False
    names = {expression.name for expression in body.expressions if isinstance(expression, facts.Name)}
    return names <= {"NotImplementedError"} and not any(isinstance(expression, facts.Await) for expression in body.expressions)


def _stores_parameter(function: Function, index: int) -> bool:
    """Whether a method stores what it is handed: `def attach(self, client): self.client = client`."""
    body = function.body
    value = body.stores[index].value
    expression = body.expressions[value] if value != NOWHERE else None
    return isinstance(expression, facts.Name) and any(isinstance(body.bindings[one], facts.Parameter) for one in expression.bindings)
