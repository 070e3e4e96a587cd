"""The prefix of each router: its own, and those of the routers and apps that it is mounted on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.catalog.index import MountRow
from fwaudit.link.entry_points.loops import unrolled
from fwaudit.link.entry_points.origins import Origin, Origins
from fwaudit.link.entry_points.paths import UNKNOWN_PATH, join_path, mentions_text, prefix_written, version_written
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function
from fwaudit.link.trail import Trail
from fwaudit.link.values import ClassObject, Frame, LibraryName, Value, known
from fwaudit.model import facts

MOST_MOUNTS = 8
"""A router's routes are listed under at most this many prefixes."""
_DEEPEST = 200
"""Routers mounted on each other, one on the other."""
_MOST_VISITS = 500
"""Routers that are looked at for the prefixes of one: in circles of mounts, each way is another."""


@dataclass(frozen=True, slots=True)
class _Mount:
    """A place that a router is put at: below `parent` (None: not known where that is made), which need not be an app."""

    owner: Class | None
    """The class of the instances that keep the router, see `Origin`."""
    parent: Origin | None
    prefix: str | None
    """None where the call gives none."""
    replaces: bool
    """The prefix takes the place of the router's own."""
    version: str = ""

    def joined(self, own: str) -> str:
        """The prefix with the router's own."""
        if self.prefix is None:
            return self.version + own
        return self.version + (self.prefix if self.replaces else join_path(self.prefix, own))


class Prefixes:
    """From the expression that names a router to the prefixes under which its routes are reached."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._origins = Origins(types)
        self._mounts: dict[tuple[Function, int], list[_Mount]] = defaultdict(list)
        self._somewhere: set[tuple[str, str]] = set()
        """Top folders in which routers of a framework are mounted under a prefix, and it is not known which."""
        self._whole: dict[Origin, list[str]] = {}
        """The prefixes of what is in no circle of mounts, and so the same whoever asks."""
        self._asked: dict[tuple[Origin, Function | None], list[str]] = {}
        self._mount_names = types.catalog.registering.mount_names
        for function in types.symbols.users(self._mount_names):
            self._read(types.generic(function))

    def _read(self, frame: Frame) -> None:
        body = frame.function.body
        for index in body.calls:
            call = body.call(index)
            callee = body.expressions[call.function]
            name = facts.last_name(callee)
            if name not in self._mount_names:
                continue
            receiver = callee.value if isinstance(callee, facts.Attribute) else None
            for row in self._rows(frame, call, name):
                for arguments in unrolled(self._types, frame, call):
                    prefix = prefix_written(arguments, row.row.prefix_position, row.row.prefix_keyword)
                    prefix = row.row.default_prefix or None if prefix is None else prefix
                    version = version_written(row.row.version_keyword, arguments)
                    routers, parents = self._sides(frame, index, row, arguments, receiver)
                    if prefix is not None and not any(self._classes_made(one) for one in routers):
                        self._somewhere.add((_top_folder(frame.function), row.framework.name))
                    for router in routers:
                        places = self._mounts[router.function, router.expression]
                        places += [_Mount(router.owner, parent, prefix, row.row.replaces_prefix, version) for parent in parents or (None,)]

    def _rows(self, frame: Frame, call: facts.Call, name: str) -> Iterator[MountRow]:
        """The rows that speak of the call; where no table knows the receiver, those for which the argument is such a router."""
        catalog = self._types.catalog
        values = self._types.value(frame, call.function)
        found: dict[str, tuple[MountRow, ...]] = {}
        for value, _ in values:
            dotted = self._library_name(value)
            for row in catalog.registering.mounts_of_call(dotted) if dotted is not None else ():
                found.setdefault(row.name, catalog.registering.mounts_of_call(dotted or ""))
        for rows in found.values():
            yield from rows
        is_elsewhere = all(isinstance(value, LibraryName) for value, _ in values)  # a class of a library that no table names
        if not known(values) or (is_elsewhere and not found):
            arguments = Arguments.of_expression(self._types, frame, call)
            for row in catalog.registering.mounts_named(name):
                given = arguments.index(row.row.router_position, row.row.router_keyword)
                is_plain = not (row.row.makes_router or row.row.makes_parent or row.row.onto_keyword)
                if is_plain and given is not None and any(self._is_router(row, value) for value in self._values(frame, given)):
                    yield row
                    return

    def _values(self, frame: Frame, index: int) -> Iterator[Value]:
        """What the type stage knows of an expression, else of the calls that it comes from."""
        values = self._types.value(frame, index)
        if not known(values):
            made = [one for one in self._origins.of(frame, index) if one.expression >= 0]
            values = tuple(value for one in made for value in self._types.value(self._types.generic(one.function), one.expression))
        yield from (value for value, _ in values)

    def _is_router(self, row: MountRow, value: Value) -> bool:
        class_ = getattr(value, "class_", None)
        names = self._types.classes.order(class_) if isinstance(class_, Class) else (class_,) if isinstance(class_, str) else ()
        routers = [self._types.catalog.canonical(name) for name in row.framework.routers]
        return any(name in routers for name in names)

    def _library_name(self, value: Value) -> str | None:
        """The dotted name of a library's function or class, or of the class of a library that one of the project descends from."""
        if isinstance(value, LibraryName):
            return value.dotted
        if not isinstance(value, ClassObject):
            return None
        order = self._types.classes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
        return next((base for base in order if isinstance(base, str)), None)

    def _sides(
        self, frame: Frame, index: int, row: MountRow, arguments: Arguments, receiver: int | None
    ) -> tuple[tuple[Origin, ...], tuple[Origin, ...]]:
        """The routers that the call mounts, and what they are put below."""
        made = (Origin(frame.function, index),)
        below = self._origins.of(frame, receiver) if receiver is not None else ()
        onto = arguments.index(row.row.onto_position, row.row.onto_keyword)
        if row.row.onto_keyword:
            parents = self._origins.of(*arguments.place_of(onto)) if onto is not None else ()
            return (made if row.row.makes_router else below) if parents else (), parents
        if row.row.makes_router:
            return made, below
        if row.row.groups and arguments.expression is not None:
            grouped = (one for given in arguments.expression.arguments for one in self._origins.of(frame, given))
            return tuple(grouped), made
        mounted = arguments.index(row.row.router_position, row.row.router_keyword)
        routers = self._origins.of(*arguments.place_of(mounted)) if mounted is not None else ()
        return routers, made if row.row.makes_parent else below

    def of(self, frame: Frame, router: int | None, call: int | None = None) -> tuple[str, ...]:
        """The prefixes of the router that expression `router` names, or of the route that `call` makes; an empty one if unknown."""
        origins = self._origins.of(frame, router) if router is not None else ()
        if not origins and call is not None:
            origins = (Origin(frame.function, call),)
        method = _method_around(frame)
        prefixes = [prefix for origin in origins for prefix in self._of_asked(origin, method)]
        return tuple(dict.fromkeys(prefixes))[:MOST_MOUNTS] or ("",)

    def _of_asked(self, origin: Origin, method: Function | None) -> list[str]:
        found = self._asked.get((origin, method))
        if found is None:
            answer = self._of_origin(origin, Trail(_DEEPEST, _MOST_VISITS), method)
            found = self._asked[origin, method] = answer[0] if answer is not None else []
        return found

    def _of_origin(self, origin: Origin, trail: Trail, method: Function | None = None) -> tuple[list[str], bool] | None:
        """The prefixes, and whether all ways up were followed; None for a router below which the question came from, or that is too far."""
        if method is None and origin in self._whole:
            return self._whole[origin], True
        below = trail.after(origin)
        if below is None:
            return None
        own = self._own_prefix(origin)
        prefixes: list[str] = []
        is_whole = True
        for mount in self._mounts.get((origin.function, origin.expression), ()):
            parent = mount.parent
            if parent == origin or not self._can_be(mount.owner, origin.owner, method):
                continue
            outer = self._of_origin(parent, below) if parent is not None else ([""], True)
            is_whole = is_whole and outer is not None and outer[1]
            counted = "" if parent is not None and self._drops_prefix(origin, parent) else own
            prefixes.extend(join_path(before, mount.joined(counted)) for before in (outer[0] if outer is not None else ()))
        if not prefixes and self._may_be_anywhere(origin):
            found = [join_path("", join_path(UNKNOWN_PATH, own))]
        else:
            found = list(dict.fromkeys(prefixes))[:MOST_MOUNTS] or [own]
        if is_whole and method is None:
            self._whole[origin] = found
        return found, is_whole

    def _may_be_anywhere(self, origin: Origin) -> bool:
        """Whether it is a router such as some call, of which it is not known what it mounts, puts below a prefix."""
        catalog = self._types.catalog
        routers = [name for name in self._classes_made(origin) if name not in catalog.apps] if self._somewhere else []
        return any(
            (_top_folder(origin.function), catalog.routers[name].name) in self._somewhere for name in routers if name in catalog.routers
        )

    def _classes_made(self, origin: Origin) -> list[str]:
        """The classes of apps and routers that what is made there is an instance of."""
        catalog = self._types.catalog
        bases = [base for name in self._makers(origin) for base in catalog.with_bases(name)]
        return [name for name in bases if name in catalog.routers or name in catalog.apps]

    def _can_be(self, mounted: Class | None, asked: Class | None, method: Function | None) -> bool:
        """Whether an instance of one class can be one of the other, and runs the method that registers the route."""
        if mounted is None or asked is None or mounted in self._types.classes.order(asked):
            return True
        if asked not in self._types.classes.order(mounted):
            return False
        for base in self._types.classes.order(mounted) if method is not None else ():
            if isinstance(base, Class) and method is not None and method.name in base.members:
                own = [base.module.functions[one.scope] for one in _definitions(self._types, base, method.name)]
                return method in own or any("super" in one.scope.mentions for one in own)
        return True

    def _drops_prefix(self, origin: Origin, parent: Origin) -> bool:
        """Whether the router's own prefix does not count below such a parent."""
        rows = [self._types.catalog.registering.prefix_of_call(name) for name in self._makers(origin)]
        dropping = {name for row in rows if row is not None for name in row.not_below}
        return any(not dropping.isdisjoint(self._types.catalog.with_bases(name)) for name in self._makers(parent)) if dropping else False

    def _makers(self, origin: Origin) -> Iterator[str]:
        """The library's functions and classes that make what is made there."""
        frame = self._types.generic(origin.function)
        call = frame.function.body.expressions[origin.expression] if origin.expression >= 0 else None
        for value, _ in self._types.value(frame, call.function) if isinstance(call, facts.Call) else ():
            name = self._library_name(value)
            if name is not None:
                yield name

    def _own_prefix(self, origin: Origin) -> str:
        frame = self._types.generic(origin.function)
        call = frame.function.body.expressions[origin.expression] if origin.expression >= 0 else None
        if not isinstance(call, facts.Call):
            return ""
        arguments = Arguments.of_expression(self._types, frame, call)
        for value, _ in self._types.value(frame, call.function):
            dotted = self._library_name(value)
            row = self._types.catalog.registering.prefix_of_call(dotted) if dotted is not None else None
            if row is not None and isinstance(value, ClassObject) and isinstance(value.class_, Class):
                constructors = self._types.binder.constructors(value.class_)
                if constructors:
                    # Its places are its own; what it hands on under the keyword is not followed.
                    sets_it = any(mentions_text(constructor.body, row.keyword) for constructor in constructors)
                    return prefix_written(arguments, -1, row.keyword) or (UNKNOWN_PATH if sets_it or row.name_keyword else "")
            if row is not None:
                name = arguments.constant(row.name_position) or arguments.keyword_constant(row.name_keyword)
                own = prefix_written(arguments, row.position, row.keyword) or (f"/{name}" if name else "")
                return version_written(row.version_keyword, arguments) + own
        for framework in self._types.catalog.frameworks:
            if framework.prefix_keyword:
                prefix = prefix_written(arguments, -1, framework.prefix_keyword)
                if prefix is not None:
                    return prefix
        return ""


def _top_folder(function: Function) -> str:
    return function.module.path.partition("/")[0]


def _method_around(frame: Frame) -> Function | None:
    """The method that the code of a frame is part of."""
    scope: Frame | None = frame
    while scope is not None and scope.function.owner is None:
        scope = scope.closure
    return scope.function if scope is not None and scope.function.scope.kind == "function" else None


def _definitions(types: Types, class_: Class, name: str) -> list[facts.DefinedFunction]:
    body = types.classes.frame_of(class_).function.body
    bindings = [body.bindings[index] for index in class_.members.get(name, ())]
    return [one for one in bindings if isinstance(one, facts.DefinedFunction)]
