"""The routes of a workspace as lines of text, for tests."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support import audit_sources


def routes_of(files: Mapping[str, str]) -> list[str]:
    """`METHODS path handler` of every route of every service, in their order; an event has its kind in place of methods."""
    services = audit_sources(files)[0].services
    return [f"{route.label} {route.handler}" for service in services for route in service.routes]
