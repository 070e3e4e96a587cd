"""What findings call a route, and the names of the routes in a bit set."""

from __future__ import annotations

from collections.abc import Sequence

from fwaudit.link.entry_points.entries import RouteFact
from fwaudit.model.service import label


class RouteLabels:
    """Each set is named once: open-webui's functions share 1,089 sets of its 400 routes."""

    def __init__(self, routes: Sequence[RouteFact]) -> None:
        self._routes = routes
        self._known: dict[int, tuple[str, ...]] = {}

    def of(self, routes: int) -> tuple[str, ...]:
        """The labels of the routes whose bits are set, sorted, each once."""
        found = self._known.get(routes)
        if found is None:
            found = self._known[routes] = tuple(sorted({label_of(self._routes[number]) for number in bits(routes)}))
        return found

    def is_answered(self, route: int) -> bool:
        """Whether a number is that of a route whose handler answers once, not that of a connection that stays open."""
        return route >= 0 and self._routes[route].kind != "websocket"


def label_of(route: RouteFact) -> str:
    """`GET /items/{id}`, as findings name it."""
    return label(route.methods, route.path, route.kind)


def bits(number: int) -> list[int]:
    """The places of the bits that are set, ascending."""
    found = []
    while number:
        lowest = number & -number
        found.append(lowest.bit_length() - 1)
        number ^= lowest
    return found
