"""Async views of Django: what serves them decides whether they gain anything."""

from __future__ import annotations

import pytest

from tests.support import audit_sources

RULE = "async-view-without-async-framework"
PROJECT = {
    "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
    "shop/urls.py": "from django.urls import path\nfrom shop.views import index\n\nurlpatterns = [path('', index)]\n",
    "shop/views.py": "import asyncio\n\nasync def index(request):\n    await asyncio.sleep(1)\n",
    **{
        f"shop/{name}.py": "import os\n"
        f"from django.core.{name} import get_{name}_application\n\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
        f"application = get_{name}_application()\n"
        for name in ("asgi", "wsgi")
    },
}


@pytest.mark.parametrize(
    ("files", "is_found"),
    [
        ({"Procfile": "web: gunicorn shop.wsgi:application\n"}, True),
        ({"Procfile": "web: uvicorn shop.asgi:application\n"}, False),
        ({}, False),
        ({"Makefile": "run:\n\tpython manage.py runserver\n"}, False),
    ],
)
def test_a_project_for_both_interfaces_is_judged_by_what_serves_it(files: dict[str, str], is_found: bool) -> None:
    """Every project has an application for each; without a server, or with one for developing, nothing tells."""
    found = {finding.rule for finding in audit_sources(PROJECT | files)[1].findings}

    assert (RULE in found) is is_found
