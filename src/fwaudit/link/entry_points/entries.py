"""The nouns of entry points: routes, functions that frameworks run, application objects."""

from __future__ import annotations

from dataclasses import dataclass

from fwaudit.link.sites import span_of
from fwaudit.link.symbols import Function, Module
from fwaudit.link.values import Frame
from fwaudit.link.wrapped import written_under
from fwaudit.model.context import Context
from fwaudit.model.finding import Location

ROUTE_KINDS = ("http", "websocket", "graphql", "rpc", "event")


@dataclass(frozen=True, slots=True)
class RouteFact:
    """One route as registered: everything of it but what its handler waits for."""

    framework: str
    methods: tuple[str, ...]
    path: str
    kind: str
    frame: Frame
    context: Context
    location: Location
    name: str = ""
    """The handler's, where it is no function of the project; `frame` is then the class or the module that leads to it, and does not run."""
    written: Function | None = None
    """What the decorators stand on, where `frame` is a wrapper around it."""

    @property
    def handler(self) -> str:
        """The handler's qualified name."""
        return self.name or (self.written or self.frame.function).qualified_name

    @property
    def is_async(self) -> bool:
        """Whether the handler is asynchronous: of one that is no function of the project, whether it runs on the loop."""
        return self.context is Context.EVENT_LOOP if self.name else self.frame.function.scope.is_async

    @classmethod
    def of(cls, framework: str, kind: str, methods: tuple[str, ...], path: str, handler: Frame, context: Context) -> RouteFact:  # noqa: PLR0917  a route has so many sides
        """The route whose place is its handler's."""
        written = written_under(handler)
        place = Location(written.module.path, *written.module.facts.span(written.scope.span))
        return cls(framework, methods, path, kind, handler, context, place, written=written if written is not handler.function else None)


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A frame that a framework runs, where, and its place in the routes (-1: no route)."""

    frame: Frame
    context: Context
    kind: str
    framework: str
    route: int = -1
    within: Frame | None = None
    """Of a stream: what hands it over, and with which it belongs to the same routes."""


@dataclass(frozen=True, slots=True)
class AppFact:
    """An application object: the name that it is bound to, and where."""

    framework: str
    module: Module
    name: str
    location: Location
    interface: str = ""
    """Where it is not the framework's own."""


def location_of(frame: Frame, span: int) -> Location:
    """A span of the frame's file as a Location."""
    return Location(frame.function.module.path, *span_of(frame, span))
