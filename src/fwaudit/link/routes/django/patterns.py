"""The entries of urlconfs, each with its full path: lists, `include`, `i18n_patterns`, what is appended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from fwaudit.link.inference.texts import UNKNOWN_TEXT
from fwaudit.link.inference.types import Types
from fwaudit.link.inference.written import Behind, Binding, Written
from fwaudit.link.symbols import Module, absolute_name
from fwaudit.link.values import ClassObject, Frame, FunctionObject, LibraryName, ModuleObject
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_DEPTH = 30
"""Urlconfs within urlconfs, and names within their lists."""
_MOST_LISTS = 5000
"""Lists, includes and functions that are read for one list: where each is included often in the next, routes multiply at each level."""
_PLAIN = frozenset({"django.urls.path"})
_REGEX = frozenset({"django.conf.urls.url", "django.urls.re_path"})
_INCLUDES = frozenset({"django.conf.urls.include", "django.urls.include"})
_LANGUAGES = "django.conf.urls.i18n.i18n_patterns"
_LANGUAGE_PREFIX = "<language>/"
_SUFFIXES = "rest_framework.urlpatterns.format_suffix_patterns"
_WRAPPING = ("list", "tuple", "sorted", "reversed")
_GROWING = {"append": 0, "extend": 0, "insert": 1}
_END = re.compile(r"(?<!\\)(\$|\\Z)$")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One entry: its path from the root, and the expression of its view, of the project or in a library."""

    path: str
    view: Written
    call: Written
    """The call of `path` itself."""
    library: str = ""
    """The dotted name of a whole urlconf of a library that is mounted there, instead of a view."""


Subtree = Callable[[Written, str], Iterator[Pattern] | None]
"""Gives the patterns of `router.urls` and the like, at a prefix; None if the expression is not of its kind."""


class Patterns:
    """Evaluates lists of patterns as they are written."""

    def __init__(self, types: Types, subtrees: tuple[Subtree, ...] = ()) -> None:
        self._types = types
        self._behind = Behind(types)
        self.subtrees = subtrees
        self._depth = 0
        self._lists = count()
        self._open: list[tuple[str, str]] = []
        self.missing: set[tuple[Written, str]] = set()
        """Included urlconfs of the workspace's own packages that are not there, by name, each with where it is named."""

    def of_module(self, module: Module, prefix: str = "", name: str = "urlpatterns") -> Iterator[Pattern]:
        """The entries of a urlconf; none of one that is being read: including itself adds nothing."""
        if (module.path, name) not in self._open:
            self._open.append((module.path, name))
            try:
                yield from self._of_module(module, prefix, name)
            finally:
                self._open.pop()

    def _of_module(self, module: Module, prefix: str, name: str) -> Iterator[Pattern]:
        frame = self._types.generic(module.body_function)
        scope = module.facts.scopes[0]
        seen: set[int] = set()
        for binding in scope.final.get(name) or scope.names.get(name) or ():
            bound = frame.function.body.bindings[binding]
            other = self._types.lookup.imported_from(frame, bound) if isinstance(bound, facts.Imported) and bound.name else None
            if isinstance(bound, facts.Imported) and other is not None and other is not module:
                yield from self._deeper(self.of_module(other, prefix, bound.name))
            yield from self._of_binding(Binding(frame, binding), prefix, seen)
        yield from self._appended(frame, name, prefix)
        if name not in scope.names:
            for source, level in module.facts.star_imports:
                other = self._types.lookup.imported_from(frame, facts.Imported(source, name, level))
                if other is not None and other is not module:
                    yield from self._deeper(self.of_module(other, prefix, name))

    def of_list(self, place: Written, prefix: str) -> Iterator[Pattern]:
        """The entries of the list that an expression stands for."""
        return self._deeper(self._list(place, prefix))

    def _deeper(self, patterns: Iterator[Pattern]) -> Iterator[Pattern]:
        """`patterns`, unless too much is open already."""
        if self._depth == 0:
            self._lists = count()
        if self._depth >= MOST_DEPTH or next(self._lists) >= _MOST_LISTS:
            return
        self._depth += 1
        try:
            yield from patterns
        finally:
            self._depth -= 1

    # --- lists ------------------------------------------------------------------------------------------------

    def _list(self, place: Written, prefix: str) -> Iterator[Pattern]:
        expression = place.expression
        if isinstance(expression, facts.Display):
            for item in expression.items:
                inner = place.at(item).expression
                yield from (
                    self.of_list(place.at(inner.value), prefix) if isinstance(inner, facts.Starred) else self._item(place.at(item), prefix)
                )
        elif isinstance(expression, facts.Operation) and expression.operator == "+":
            yield from self.of_list(place.at(expression.left), prefix)
            yield from self.of_list(place.at(expression.right), prefix)
        elif isinstance(expression, facts.Comprehension):
            yield from self._item(place.at(expression.element), prefix)
        elif isinstance(expression, facts.Choice):
            for option in expression.options:
                yield from self.of_list(place.at(option), prefix)
        elif isinstance(expression, facts.Call):
            yield from self._of_call(place, expression, prefix)
        elif isinstance(expression, facts.Named):
            yield from self._of_name(place, prefix)

    def _of_name(self, place: Written, prefix: str) -> Iterator[Pattern]:
        subtree = self._subtree(place, prefix)
        if subtree is not None:
            yield from subtree
            return
        seen: set[int] = set()
        for binding in self._behind.bindings(place):
            yield from self._deeper(self._of_binding(binding, prefix, seen))
            name = _name_of_binding(binding)
            if name and binding.frame.function.scope.kind == "module" and not seen & {~binding.frame.number}:
                seen.add(~binding.frame.number)
                yield from self._appended(binding.frame, name, prefix)

    def _of_binding(self, binding: Binding, prefix: str, seen: set[int]) -> Iterator[Pattern]:
        """The entries that a binding gives its name; `seen`: bindings whose entries were given, for branches share what was before."""
        if binding.index in seen:
            return
        seen.add(binding.index)
        frame, bound = binding.frame, binding.bound
        if isinstance(bound, facts.Assigned) and bound.value != NOWHERE:
            yield from self._reassigned(Written(frame, bound.value), prefix, seen)
        elif isinstance(bound, facts.Updated):
            for before in bound.bindings:
                yield from self._of_binding(Binding(frame, before), prefix, seen)
            yield from self.of_list(Written(frame, bound.value), prefix)

    def _reassigned(self, place: Written, prefix: str, seen: set[int]) -> Iterator[Pattern]:
        """As a list; where the name itself stands in it (`urlpatterns = [...] + urlpatterns`), what it was before, once."""
        expression = place.expression
        if isinstance(expression, facts.Operation) and expression.operator == "+":
            yield from self._reassigned(place.at(expression.left), prefix, seen)
            yield from self._reassigned(place.at(expression.right), prefix, seen)
        elif isinstance(expression, facts.Name) and expression.bindings and place.frame.function.scope.kind == "module":
            for before in expression.bindings:
                if isinstance(place.frame.function.body.bindings[before], facts.Imported):
                    yield from self.of_list(place, prefix)
                else:
                    yield from self._of_binding(Binding(place.frame, before), prefix, seen)
        else:
            yield from self.of_list(place, prefix)

    def _of_call(self, place: Written, call: facts.Call, prefix: str) -> Iterator[Pattern]:
        callee = place.at(call.function).expression
        if isinstance(callee, facts.Name) and callee.name in _WRAPPING and len(call.arguments) == 1:
            yield from self.of_list(place.at(call.arguments[0]), prefix)
            return
        for value, _ in self._types.value(place.frame, call.function):
            dotted = value.dotted if isinstance(value, LibraryName) else ""
            if dotted == _LANGUAGES:
                for argument in call.arguments:
                    inner = place.at(argument).expression
                    if isinstance(inner, facts.Starred):
                        yield from self.of_list(place.at(inner.value), prefix + _LANGUAGE_PREFIX)
                    else:
                        yield from self._item(place.at(argument), prefix + _LANGUAGE_PREFIX)
            elif dotted == _SUFFIXES and call.arguments:
                yield from self.of_list(place.at(call.arguments[0]), prefix)
            elif isinstance(value, FunctionObject):
                frame = self._types.generic(value.function)
                for returned in value.function.body.returns:
                    yield from self.of_list(Written(frame, returned), prefix)

    def _appended(self, frame: Frame, name: str, prefix: str) -> Iterator[Pattern]:
        """What `name.append(...)` and `name.extend(...)` add in the scope that binds the name."""
        body = frame.function.body
        for index in body.calls:
            call = body.expressions[index]
            callee = body.expressions[call.function] if isinstance(call, facts.Call) else None
            if not isinstance(call, facts.Call) or not isinstance(callee, facts.Attribute) or callee.name not in _GROWING:
                continue
            owner = body.expressions[callee.value]
            position = _GROWING[callee.name]
            if isinstance(owner, facts.Name) and owner.name == name and len(call.arguments) > position:
                argument = Written(frame, call.arguments[position])
                yield from self.of_list(argument, prefix) if callee.name == "extend" else self._item(argument, prefix)

    # --- entries ----------------------------------------------------------------------------------------------

    def _item(self, place: Written, prefix: str) -> Iterator[Pattern]:
        for one in self._behind.places(place):
            call = one.expression
            if not isinstance(call, facts.Call):
                continue
            for value, _ in self._types.value(one.frame, call.function):
                dotted = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else ""
                if dotted in _PLAIN or dotted in _REGEX:
                    yield from self._entry(one, call, prefix, is_regex=dotted in _REGEX)
                elif isinstance(value, FunctionObject):
                    frame = self._types.generic(value.function)
                    for returned in value.function.body.returns:
                        yield from self._deeper(self._item(Written(frame, returned), prefix))

    def _entry(self, place: Written, call: facts.Call, prefix: str, is_regex: bool) -> Iterator[Pattern]:
        keywords = dict(call.keywords)
        route = call.arguments[0] if call.arguments else keywords.get("route", keywords.get("regex", NOWHERE))
        view = call.arguments[1] if len(call.arguments) > 1 else keywords.get("view", NOWHERE)
        if view == NOWHERE:
            return
        text = self._behind.text(place.at(route)) if route != NOWHERE else UNKNOWN_TEXT
        full = prefix + (without_anchors(text) if is_regex else text)
        included = self.included(place.at(view), full)
        if included is None:
            yield Pattern(full, place.at(view), place)
            return
        yield from (replace(pattern, call=place) if pattern.library else pattern for pattern in included)

    def included(self, view: Written, prefix: str) -> Iterator[Pattern] | None:
        """The entries below a prefix, if what stands in the place of the view is no view."""
        for one in self._behind.places(view):
            expression = one.expression
            if isinstance(expression, facts.Call) and self._is_include(one, expression):
                target = expression.arguments[0] if expression.arguments else dict(expression.keywords).get("arg", NOWHERE)
                return self._deeper(self._of_target(one.at(target), prefix, one)) if target != NOWHERE else iter(())
            if isinstance(expression, facts.Display) and expression.kind == "tuple" and expression.items:
                return self._deeper(self._of_target(one, prefix, view))
            subtree = self._subtree(one, prefix)
            if subtree is not None:
                return subtree
            if isinstance(expression, facts.Attribute) and expression.name == "urls":
                return self._library_urls(one, expression, prefix)
        return None

    def _library_urls(self, place: Written, expression: facts.Attribute, prefix: str) -> Iterator[Pattern]:
        """`admin.site.urls`: one entry for all that a library's object serves."""
        owner = place.at(expression.value).expression
        named = [value.dotted for value, _ in self._types.value(place.frame, expression.value) if isinstance(value, LibraryName)]
        name = named[0] if named else facts.last_name(owner) or UNKNOWN_TEXT
        yield Pattern(prefix, place, place, f"{name}.urls")

    def _is_include(self, place: Written, call: facts.Call) -> bool:
        return any(
            isinstance(value, LibraryName) and value.dotted in _INCLUDES for value, _ in self._types.value(place.frame, call.function)
        )

    def _of_target(self, target: Written, prefix: str, call: Written) -> Iterator[Pattern]:
        """The entries of what `include` is given: a module, its name, a list, or a tuple that starts with one of these.

        `call`: where it stands.
        """
        for one in self._behind.places(target):
            expression = one.expression
            if isinstance(expression, facts.Constant) and expression.kind == "str":
                yield from self._of_module_name(one, expression.text, prefix, call)
            elif isinstance(expression, facts.Display) and expression.kind == "tuple" and expression.items and not self._lists_paths(one):
                yield from self._deeper(self._of_target(one.at(expression.items[0]), prefix, call))
            elif not isinstance(expression, facts.Named):
                yield from self.of_list(one, prefix)
            else:
                yield from self._of_object(one, prefix, call)

    def _lists_paths(self, place: Written) -> bool:
        """Whether the first item of a tuple is an entry, so that the tuple is a list of entries."""
        expression = place.expression
        assert isinstance(expression, facts.Display)
        return next(self._item(place.at(expression.items[0]), ""), None) is not None

    def _of_object(self, place: Written, prefix: str, call: Written) -> Iterator[Pattern]:
        subtree = self._subtree(place, prefix)
        if subtree is not None:
            yield from subtree
            return
        for value, _ in self._types.value(place.frame, place.index):
            if isinstance(value, ModuleObject) and value.module is not None:
                yield from self.of_module(value.module, prefix)
                return
            if isinstance(value, LibraryName) and value.receiver is None:
                yield Pattern(prefix, place, place, value.dotted)
                return
        self._note_missing_import(place, call)
        yield from self.of_list(place, prefix)

    def _of_module_name(self, place: Written, dotted: str, prefix: str, call: Written) -> Iterator[Pattern]:
        module = self._behind.module(dotted, place.frame.function.module)
        if module is not None:
            yield from self.of_module(module, prefix)
        elif not self._types.symbols.is_package(dotted.partition(".")[0]):
            yield Pattern(prefix, place, place, dotted)
        else:
            self.missing.add((call, dotted))

    def _note_missing_import(self, place: Written, call: Written) -> None:
        """What is included, or has it as an attribute, may be imported from a package of the workspace that does not have it."""
        expression = place.expression
        while isinstance(expression, facts.Attribute):
            expression = place.at(expression.value).expression
        scope, bindings = place.frame.binding_scope(expression) if isinstance(expression, facts.Name) else (place.frame, ())
        for index in bindings:
            bound = scope.function.body.bindings[index]
            dotted = absolute_name(bound.module, bound.level, scope.function.module) if isinstance(bound, facts.Imported) else ""
            if isinstance(bound, facts.Imported) and bound.name and dotted and self._lacks(dotted, bound.name, scope.function.module):
                self.missing.add((call, f"{dotted}.{bound.name}"))

    def _lacks(self, dotted: str, name: str, importer: Module) -> bool:
        """Whether a module of the workspace's packages has no such name, none that it takes from others, and no such submodule."""
        symbols = self._types.symbols
        if not symbols.is_package(dotted.partition(".")[0]) or symbols.find(f"{dotted}.{name}", importer):
            return False
        module = symbols.find(dotted, importer)
        return module is None or not (name in module.facts.scopes[0].names or module.facts.star_imports)

    def _subtree(self, place: Written, prefix: str) -> Iterator[Pattern] | None:
        for read in self.subtrees:
            found = read(place, prefix)
            if found is not None:
                return found
        return None


def without_anchors(regex: str) -> str:
    """A regular expression without `^` at its start and `$` at its end: as it stands in a path."""
    return _END.sub("", regex.removeprefix("^"))


def _name_of_binding(binding: Binding) -> str:
    names = binding.frame.function.scope.names.items()
    return next((name for name, bindings in names if binding.index in bindings), "")
