"""Relations that are read of each object of a loop: in the loop itself, or in a function that is handed the object."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.data.chains import Chain, Chains
from fwaudit.link.execution.evidence import place_of
from fwaudit.link.execution.naming import Naming
from fwaudit.link.execution.reach import Reach
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.inputs.sources import parameters_given
from fwaudit.link.sites import Site
from fwaudit.link.symbols import Class
from fwaudit.link.values import ClassObject, Frame, FunctionObject, Object
from fwaudit.model import facts
from fwaudit.model.code import Place
from fwaudit.model.context import EdgeKind
from fwaudit.model.facts import NOWHERE


class TouchedRelations:
    """Reads of attributes that are loaded from the database when they are touched, and that the loop's own query does not load."""

    def __init__(self, types: Types, names: Naming, reach: Reach, chains: Chains) -> None:
        self._types = types
        self._names = names
        self._reach = reach
        self._chains = chains
        self._lazy: dict[tuple[Class, str], bool] = {}

    def in_loop(
        self, frame: Frame, loop: facts.Loop, attributes: list[int], spans: set[int]
    ) -> Iterator[tuple[Place, str, tuple[Place, ...], Chain]]:
        """(place in the loop, relation, the calls from there, the loop's query) of each; `spans` are those of the calls of every turn."""
        touched = [(index, one) for index in attributes if is_target(frame, (one := _attribute(frame, index)).value, loop.iterated)]
        handed = [
            (site, target, parameter)
            for site in self._reach.sites(frame)
            if site.span in spans
            for target, parameter in self._handed(frame, site, loop.iterated)
        ]
        if not touched and not handed:
            return
        chain = self._chains.of(frame, loop.iterated)
        if not chain.is_known:
            return
        asked: set[str] = set()  # what was read once stays with the object
        for _, read in touched:
            owner = self._owner(frame, read, chain) if read.name not in asked else None
            if owner is not None and not chain.loads(read.name):
                asked.add(read.name)
                yield place_of(frame, read.span), f"{owner.qualified_name}.{read.name}", (), chain
        for read, relation in self._beyond(frame, loop, attributes, chain):
            if relation not in asked:
                asked.add(relation)
                yield place_of(frame, read.span), relation, (), chain
        for site, target, parameter in handed:
            for read in _reads_of(target, parameter):
                owner = self._owner(target, read, chain) if read.name not in asked else None
                if owner is not None and not chain.loads(read.name):
                    asked.add(read.name)
                    yield place_of(frame, site.span), f"{owner.qualified_name}.{read.name}", (place_of(target, read.span),), chain
                    break

    def _beyond(self, frame: Frame, loop: facts.Loop, attributes: list[int], chain: Chain) -> Iterator[tuple[facts.Attribute, str]]:
        """Relations of what the loop's query loads with its objects (`book.author.country`), which nothing loads: one of each object."""
        for index in attributes:
            read = _attribute(frame, index)
            loaded = frame.function.body.expressions[read.value]
            if not isinstance(loaded, facts.Attribute) or loaded.name not in chain.loaded or chain.loads(read.name):
                continue
            if not is_target(frame, loaded.value, loop.iterated):
                continue
            model = self._related(chain.model, loaded.name) if chain.model is not None else None
            if model is not None and self.is_lazy(model, read.name):
                yield read, f"{model.qualified_name}.{read.name}"

    def _handed(self, frame: Frame, site: Site, iterated: int) -> Iterator[tuple[Frame, int]]:
        """The functions that get the loop's variable at the site, whatever else they are told, and the parameter that it is there."""
        member = site.choices[0][0] if len(site.choices) == 1 and len(site.choices[0]) == 1 else None
        if member is None or member.target is None or site.doubt or member.once or member.kind not in (EdgeKind.PLAIN, EdgeKind.AWAITED):
            return
        body = frame.function.body
        for index in body.calls:
            call = body.expressions[index]
            if not isinstance(call, facts.Call) or call.span != site.span:
                continue
            for value, _ in self._types.value(frame, call.function):
                if isinstance(value, FunctionObject) and value.function is member.target.function:
                    callee = body.expressions[call.function]
                    if value.receiver is not None and isinstance(callee, facts.Attribute) and is_target(frame, callee.value, iterated):
                        yield member.target, 0
                    for given in call.arguments:
                        if is_target(frame, given, iterated):
                            yield from ((member.target, parameter) for parameter in parameters_given(value, call, given))

    def _owner(self, frame: Frame, read: facts.Attribute, chain: Chain) -> Class | None:
        """The class whose field the attribute is, if reading that asks the database."""
        models = [chain.model] if chain.model is not None else []
        if not models:
            for value, _ in self._types.value(frame, read.value):
                if not isinstance(value, Object) or not isinstance(value.class_, Class):
                    return None
                models.append(value.class_)
        return next((model for model in models if self.is_lazy(model, read.name)), None)

    def is_lazy(self, model: Class, name: str) -> bool:
        """Whether reading the attribute of an instance asks the database."""
        known = self._lazy.get((model, name))
        if known is None:
            owners = (one for one in self._types.classes.order(model) if isinstance(one, Class) and name in one.members)
            owner = next(owners, None)
            known = self._lazy[model, name] = owner is not None and self._is_lazy_field(owner, name)
        return known

    def _related(self, model: Class, name: str) -> Class | None:
        """The model to which a field leads: the one that is given first, by itself or by its name."""
        owners = (one for one in self._types.classes.order(model) if isinstance(one, Class) and name in one.members)
        owner = next(owners, None)
        call = self._field(owner, name) if owner is not None else None
        if owner is None or call is None or not call.arguments:
            return None
        frame = self._types.classes.frame_of(owner)
        given = frame.function.body.expressions[call.arguments[0]]
        if isinstance(given, facts.Constant) and given.kind == "str":
            last = given.text.rpartition(".")[2]
            named = [one for one in owner.module.classes.values() if one.name == last]
            return owner if last == "self" else named[0] if len(named) == 1 else None
        values = [value for value, _ in self._types.value(frame, call.arguments[0])]
        class_ = values[0].class_ if len(values) == 1 and isinstance(values[0], ClassObject) else None
        return class_ if isinstance(class_, Class) else None

    def _field(self, owner: Class, name: str) -> facts.Call | None:
        """The call in the class body that makes the attribute; None where several things do, or something else."""
        body = self._types.classes.frame_of(owner).function.body
        bound = [body.bindings[one] for one in owner.members[name]]
        made = [one.value for one in bound if isinstance(one, facts.Assigned) and one.value != NOWHERE]
        call = body.expressions[made[-1]] if made and len(made) == len(bound) else None
        return call if isinstance(call, facts.Call) else None

    def _is_lazy_field(self, owner: Class, name: str) -> bool:
        call = self._field(owner, name)
        if call is None:
            return False
        frame = self._types.classes.frame_of(owner)
        rows = [self._types.catalog.data.lazy_field(one) for one in self._names.of_values(self._types.value(frame, call.function))]
        arguments = Arguments.of_expression(self._types, frame, call)
        return any(row is not None and not any(self._types.holds(one, arguments) for one in row.unless) for row in rows)


def is_target(frame: Frame, index: int, iterated: int) -> bool:
    """Whether an expression is the loop's own variable."""
    body = frame.function.body
    name = body.expressions[index]
    if not isinstance(name, facts.Name) or len(name.bindings) != 1:
        return False
    binding = body.bindings[name.bindings[0]]
    return isinstance(binding, facts.Iterated) and binding.value == iterated and not binding.path


def _attribute(frame: Frame, index: int) -> facts.Attribute:
    read = frame.function.body.expressions[index]
    assert isinstance(read, facts.Attribute)
    return read


def _reads_of(frame: Frame, parameter: int) -> Iterator[facts.Attribute]:
    """The attributes of a parameter that the function reads whenever it runs: under no condition."""
    body = frame.function.body
    sometimes = frozenset((*body.conditional, *body.unlikely))
    first_end = min((one.end for one in body.branches if one.leaves and not one.is_handler), default=len(body.expressions))
    for index in body.attributes:
        read = _attribute(frame, index)
        name = body.expressions[read.value]
        if not isinstance(name, facts.Name) or len(name.bindings) != 1 or index in sometimes or index >= first_end:
            continue
        binding = body.bindings[name.bindings[0]]
        if isinstance(binding, facts.Parameter) and binding.index == parameter:
            yield read
