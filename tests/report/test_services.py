"""What a repository is, in a few lines, and its routes as a list."""

from __future__ import annotations

import re

import msgspec
import pytest

from fwaudit.model.context import Context, WaitsFor
from fwaudit.model.finding import Location
from fwaudit.model.service import App, FrameworkUse, Route, ServerUse, Service
from fwaudit.report.services import render_routes
from fwaudit.report.terminal import columns
from tests.conftest import Golden
from tests.report.sample import audit

HERE = Location("shop/main.py", 3, 1, 3, 20)


def route(method: str, path: str, name: str, context: Context, *waits: WaitsFor, validated: bool | None = None) -> Route:
    """A route of the shop."""
    return Route((method,), path, f"shop.main.{name}", HERE, "http", context is Context.EVENT_LOOP, context, waits, validated)


SHOP = Service(
    name="shop",
    root="services/shop",
    frameworks=(FrameworkUse("fastapi", ">=0.110", "primary", (HERE,)), FrameworkUse("starlette", "", "secondary", (HERE,))),
    interface="asgi",
    servers=(ServerUse("gunicorn", (HERE,)), ServerUse("uvicorn", (HERE,))),
    apps=(App("shop.main:app", HERE),),
    routes=(
        route("GET", "/items/{id}", "read_item", Context.EVENT_LOOP, WaitsFor.DATABASE, validated=True),
        route("POST", "/items", "create_item", Context.EVENT_LOOP, validated=False),
        route("GET", "/reports/{year}/{month}", "make_report", Context.THREADPOOL, WaitsFor.DATABASE, WaitsFor.FILE),
        Route((), "/live", "shop.main.Live.receive", HERE, "websocket", True, Context.EVENT_LOOP),
    ),
)
ADMIN = Service("admin", "admin", (FrameworkUse("flask", "~=3.0", "primary", (HERE,)),), "wsgi", (), (App("admin:app", HERE),), ())
OWN = Service("edge", ".", (), "asgi", (ServerUse("uvicorn", (HERE,)),), (), ())


def render(width: int, *services: Service, ascii_only: bool = False, color: bool = False) -> str:
    """The list of routes of `services`."""
    whole = msgspec.structs.replace(audit((), ()), services=services)
    return render_routes(whole, width=width, color=color, ascii_only=ascii_only)


@pytest.mark.parametrize("width", [132, 80, 40])
def test_the_list_of_routes_looks_like_its_golden_file(width: int, golden: Golden) -> None:
    """A table where it fits, else one route below the other."""
    golden(f"routes_{width}.txt", render(width, ADMIN, OWN, SHOP, ascii_only=width == 40))


@pytest.mark.parametrize("width", [40, 47, 60, 80, 132, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_lines_fit_the_terminal(width: int, ascii_only: bool) -> None:
    """No line with a place to break is wider than the terminal."""
    text = render(width, ADMIN, OWN, SHOP, ascii_only=ascii_only)

    assert all(columns(line) <= width for line in text.splitlines())
    assert text.isascii() == ascii_only


def test_colours_change_nothing_but_colours() -> None:
    """Without its escape codes the coloured list is the plain one."""
    assert re.sub("\x1b\\[[0-9;]*m", "", render(80, SHOP, color=True)) == render(80, SHOP)


def test_what_an_audited_name_holds_is_shown_harmless() -> None:
    """Paths of routes and names of folders come from the audited code."""
    bad = Service("x\x1b[31m", "a\x1b", (), None, (), (), (route("GET", "/\x1b]0;", "f", Context.EVENT_LOOP),))

    assert "\x1b" not in render(80, bad)


def test_a_repository_without_a_service_is_said_to_have_none() -> None:
    """A library is reported as exactly that."""
    assert render(200).startswith("No web service here: ")
