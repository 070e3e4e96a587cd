"""Names of places in the HTML report."""

from __future__ import annotations

import msgspec

from fwaudit.report.html.anchors import Anchors
from tests.report.sample import audit, service
from tests.support import quick


def test_routes_that_begin_alike_have_places_of_their_own() -> None:
    """Names are cut, so thousands of routes can begin alike; each gets the next number, and none is looked for again."""
    shop = service()
    routes = [msgspec.structs.replace(shop.routes[0], path=f"/{'x' * 80}/{number}") for number in range(20_000)]
    whole = msgspec.structs.replace(audit(()), services=(msgspec.structs.replace(shop, routes=tuple(routes)),))

    with quick():
        anchors = Anchors.of(whole, ())
    places = list(anchors.routes.values())
    assert len(set(places)) == 20_000
    assert places[1] == f"{places[0]}-2"
