"""Services: the folder that an application object belongs to, and the routes that are its."""

from __future__ import annotations

import pytest

from fwaudit.model.service import Service
from tests.support import audit_sources

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/{name}')\nasync def read(name):\n    return name\n"
ROUTER = "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get('/shared')\nasync def shared():\n    return 1\n"


def services_of(files: dict[str, str]) -> tuple[Service, ...]:
    """The services of the files' project."""
    return audit_sources(files)[0].services


@pytest.mark.parametrize(
    ("files", "root", "name", "app"),
    [
        (("main.py",), ".", "main", "main:app"),
        (("backend/main.py",), "backend", "backend", "backend.main:app"),
        (("shop/__init__.py", "shop/api/__init__.py", "shop/api/main.py"), "shop", "shop", "shop.api.main:app"),
        (("a/shop/__init__.py", "a/shop/api/__init__.py", "a/shop/api/main.py"), "a/shop", "shop", "shop.api.main:app"),
        (("src/main.py",), ".", "main", "main:app"),
        (("service/src/main.py",), "service", "service", "service.src.main:app"),
        (("__init__.py", "main.py"), ".", "main", "main:app"),
    ],
)
def test_a_service_is_the_topmost_package_of_its_app_or_the_folder(files: tuple[str, ...], root: str, name: str, app: str) -> None:
    """A folder for sources only is no service of its own."""
    found = services_of({path: APP if path.endswith("main.py") else "" for path in files})

    assert [(one.root, one.name, [each.name for each in one.apps]) for one in found] == [(root, name, [app])]


def test_each_app_of_a_workspace_is_a_service_with_its_own_routes() -> None:
    """A route that lies in neither belongs to the one that shares most folders with it."""
    files = {"team/one/main.py": APP, "other/two/main.py": APP, "team/shared/routes.py": ROUTER}

    assert [(one.root, [route.path for route in one.routes]) for one in services_of(files)] == [
        ("other/two", ["/{name}"]),
        ("team/one", ["/shared", "/{name}"]),
    ]


def test_apps_of_tests_are_no_services() -> None:
    """What is not code is not deployed."""
    assert services_of({"tests/test_app.py": APP, "tests/conftest.py": ""}) == ()


def test_routes_without_an_app_make_a_service() -> None:
    """Its framework is the one of its routes."""
    [found] = services_of({"api/routes.py": ROUTER})

    assert (found.root, found.apps, [use.name for use in found.frameworks]) == ("api", (), ["fastapi"])
