"""Places that outlive a call: names, attributes and items of tables that a test finds missing and a store then fills."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from fwaudit.extract.circumstances import Missing
from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import (
    NOWHERE,
    Assigned,
    Attribute,
    Binding,
    Call,
    Choice,
    Constant,
    DefinedClass,
    DefinedFunction,
    Display,
    Expression,
    Formatted,
    Imported,
    Name,
    Narrowed,
    Operation,
    Parameter,
    Starred,
    Subscript,
    Updated,
)

_OWNERS = ("self", "cls")
_LIFE = frozenset({"alive", "closed", "connected", "is_alive", "is_closed", "is_connected", "is_running", "running"})
"""What objects are asked that are made again only after something has ended them; what expires is asked otherwise."""


def missing_place(scope: ScopeReading, subject: cst.CSTNode) -> list[Missing]:
    """That `subject`, a name or attribute, has no value yet, if its value outlives the call; a table may be there and be empty."""
    if scope.kind != "function":
        return []
    if type(subject) is cst.Name:
        return [Missing(subject.value)] if subject.value in scope.flow.outer or not _is_bound_around(scope, subject.value) else []
    if type(subject) is not cst.Attribute or type(subject.value) is not cst.Name:
        return []
    return missing_attribute(scope, subject.value.value, subject.attr.value)


def missing_attribute(scope: ScopeReading, owner: str, name: str) -> list[Missing]:
    """Likewise of `owner.name`."""
    if scope.kind == "function" and _is_kept(scope, owner):
        return [Missing(f"{owner}.{name}")]
    is_instance = owner == "self" and scope.flow.parameter_called(owner) == 0 and scope.parent is not None and scope.parent.kind == "class"
    return [Missing(f"self.{name}", attribute=name)] if is_instance else []


def missing_by_name(scope: ScopeReading, node: cst.Call) -> list[Missing]:
    """That `owner` has no such attribute yet, where `node` is `hasattr(owner, "name")`."""
    if type(node.func) is not cst.Name or node.func.value != "hasattr" or len(node.args) != 2:
        return []
    owner, name = node.args[0].value, node.args[1].value
    if type(owner) is not cst.Name or type(name) is not cst.SimpleString:
        return []
    return missing_attribute(scope, owner.value, str(name.evaluated_value))


def reads_place(scope: ScopeReading, place: str, first: int, end: int) -> bool:
    """Whether one of the expressions from `first` to before `end` reads the place, a name or `name.attribute`."""
    owner, _, name = place.rpartition(".")
    for one in scope.expressions[first:end]:
        if type(one) is Attribute and owner and one.name == name:
            value = scope.expressions[one.value]
            if type(value) is Name and value.name == owner:
                return True
        if type(one) is Name and not owner and one.name == name:
            return True
    return False


def asks_for_life(scope: ScopeReading, first: int, end: int) -> bool:
    """Whether one of the expressions from `first` to before `end` asks an object whether it has ended."""
    return any(type(one) is Attribute and one.name in _LIFE for one in scope.expressions[first:end])


def missing_item(scope: ScopeReading, table: int, key: int) -> list[Missing]:
    """That `table` has no item `key` yet, if the table outlives the call."""
    if scope.kind != "function":
        return []
    place = _item(scope, table, key)
    return [Missing(place, key)] if place else []


def missing_result(scope: ScopeReading, subject: int) -> list[Missing]:
    """Likewise where `subject` is `table.get(key)`, or a name that has just that value."""
    expressions = scope.expressions
    one = expressions[subject]
    if type(one) is Name and len(one.bindings) == 1:
        binding = scope.flow.bindings[one.bindings[0]]
        if type(binding) is not Assigned or binding.path or binding.value == NOWHERE:
            return []
        one = expressions[binding.value]
    if type(one) is not Call or one.keywords or not one.arguments:
        return []
    function = expressions[one.function]
    if type(function) is not Attribute or function.name != "get":
        return []
    key, *defaults = one.arguments
    if defaults and (len(defaults) > 1 or expressions[defaults[0]] != Constant("None", "None")):
        return []
    return missing_item(scope, function.value, key)


def fill_item(scope: ScopeReading, table: int, key: int) -> None:
    """Take in a store to `table[key]`."""
    circumstances = scope.flow.circumstances
    if circumstances.fillings:
        one = scope.expressions[table]
        whole = one.name if type(one) is Name and not one.bindings else ""
        for place in (_item(scope, table, key), whole):
            if f"!{place}" in circumstances.subjects:
                scope.flow.fill(place)


def tell_changing_keys(scope: ScopeReading) -> None:
    """Of a function read to its end, tell the items whose key may be another one on the next call, or in the next round of a loop."""
    circumstances = scope.flow.circumstances
    keys = {filling: circumstances.fillings[filling].key for filling in circumstances.filled}
    circumstances.keyed = {filling for filling, key in keys.items() if key != NOWHERE and not _is_fixed(scope, key)}
    circumstances.filled -= circumstances.keyed


def _is_kept(scope: ScopeReading, name: str) -> bool:
    """Whether `name` is the class in a class method, or no name of this function or one around it: so a class, module or other global."""
    if name == "cls":
        return scope.flow.parameter_called(name) == 0 and scope.parent is not None and scope.parent.kind == "class"
    return not _is_bound_around(scope, name)


def _is_bound_around(scope: ScopeReading, name: str) -> bool:
    enclosing: ScopeReading | None = scope
    while enclosing is not None and enclosing.kind != "module":
        if enclosing.kind != "class" and name in enclosing.flow.names:
            return True
        enclosing = enclosing.parent
    return False


def _item(scope: ScopeReading, table: int, key: int) -> str:
    """The place `table[key]`; "" if the table does not outlive the call, or if nothing tells its key from another."""
    expressions = scope.expressions
    owner = expressions[table]
    place = ""
    if type(owner) is Attribute:
        place, owner = f".{owner.name}", expressions[owner.value]
    if type(owner) is not Name:
        return ""
    is_instance = bool(place) and _is_owner(scope, owner)
    if not is_instance and (owner.bindings or not _is_kept(scope, owner.name)):
        return ""
    place = owner.name + place
    text = "" if place in scope.flow.circumstances.replaced else _written(expressions, key)
    return f"{place}[{text}]" if text else ""


def _is_owner(scope: ScopeReading, expression: Expression) -> bool:
    """Whether the expression is the `self` or `cls` of a method."""
    if type(expression) is not Name or expression.bindings != (0,) or expression.name not in _OWNERS:
        return False
    return type(scope.flow.bindings[0]) is Parameter and scope.parent is not None and scope.parent.kind == "class"


def _written(expressions: list[Expression], index: int) -> str:
    """The expression as a text that says which bindings each name has; "" if equal texts need not have equal values."""
    one = expressions[index]
    if type(one) is Name:
        return f"{one.name}{one.bindings}"
    if type(one) is Constant:
        return f"{one.kind} {one.text!r}"
    parts: Iterable[int]
    if type(one) is Attribute:
        sign, parts = f".{one.name}", (one.value,)
    elif type(one) is Call and not one.keywords:
        sign, parts = "()", (one.function, *one.arguments)
    elif type(one) is Display and one.kind == "tuple":
        sign, parts = ",", one.items
    elif type(one) is Operation:
        sign, parts = one.operator, (one.left, one.right)
    else:
        return ""
    texts = [_written(expressions, part) for part in parts]
    return f"({' '.join(texts)}){sign}" if all(texts) else ""


def _is_fixed(scope: ScopeReading, key: int) -> bool:
    """Whether nothing that the key is made of was passed to this function or to one around it."""
    pending, seen = [key], {key}
    while pending:
        parts = _parts(scope, scope.expressions[pending.pop()])
        if parts is None:
            return False
        new = set(parts) - seen
        pending.extend(new)
        seen |= new
    return True


def _parts(scope: ScopeReading, one: Expression) -> Iterable[int] | None:
    """What the value of `one` is made of; None if some of it may come from a caller."""
    expressions = scope.expressions
    match one:
        case Name(name=name, bindings=()):
            is_foreign = _is_bound_around(scope, name) or any(name == stored for stored, _ in scope.flow.outer_stores)
            return None if is_foreign else ()
        case Name(name=name, bindings=bindings):
            return () if name == "cls" and _is_owner(scope, one) else _sources(scope, bindings)
        case Attribute(value=value):
            return () if _is_owner(scope, expressions[value]) else (value,)
        case Call(function=function, arguments=(argument,), keywords=()) if expressions[function] == Name("type"):
            return () if _is_owner(scope, expressions[argument]) else (argument,)
        case Call(function=function, arguments=arguments, keywords=keywords):
            return (function, *arguments, *(value for _, value in keywords))
        case Subscript(value=left, index=right) | Operation(left=left, right=right):
            return (left, right)
        case Display(items=items, keys=keys):
            return [index for index in (*items, *keys) if index != NOWHERE]
        case Choice(options=options):
            return options
        case Starred(value=value):
            return (value,)
        case Formatted(values=values):
            return None if NOWHERE in values else values
        case Constant():
            return ()
        case _:
            # An awaited value too: in real code it is mostly an item of a queue, another one each time.
            return None


def _sources(scope: ScopeReading, bindings: tuple[int, ...]) -> list[int] | None:
    """The expressions that a name with these bindings has its value from; None if some of it may come from a caller."""
    sources: list[int] = []
    pending, seen = list(bindings), set(bindings)
    while pending:
        binding: Binding = scope.flow.bindings[pending.pop()]
        before: tuple[int, ...] = ()
        if type(binding) is Assigned:
            sources.append(binding.value)
        elif type(binding) is Updated:
            sources.append(binding.value)
            before = binding.bindings
        elif type(binding) is Narrowed:
            before = binding.bindings
        elif type(binding) not in (Imported, DefinedFunction, DefinedClass):
            return None
        pending.extend(index for index in before if index not in seen)
        seen.update(before)
    return [source for source in sources if source != NOWHERE]
