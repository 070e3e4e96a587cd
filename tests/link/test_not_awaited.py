"""Async handlers that nothing awaits, and what may see to it that they are."""

from __future__ import annotations

import pytest

from tests.support import audit_sources

SITE = {
    "shop/__init__.py": "",
    "shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n',
    "shop/urls.py": 'from django.urls import path\nfrom shop.views import Prices\n\nurlpatterns = [path("prices/", Prices.as_view())]\n',
    "manage.py": (
        "import os\nfrom django.core.management import execute_from_command_line\n\n"
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nexecute_from_command_line()\n'
    ),
}
PLAIN = """\
from rest_framework.views import APIView

class Prices(APIView):
    async def get(self, request):
        return None
"""
DISPATCHING = """\
from rest_framework.views import APIView

class AsyncView(APIView):
    async def dispatch(self, request):
        return await self.get(request)

class Prices(AsyncView):
    async def get(self, request):
        return None
"""
WITH_ADRF = PLAIN.replace("rest_framework.views", "adrf.views")
UNKNOWN_BASE = PLAIN.replace("(APIView)", "(somewhere.Mixin, APIView)").replace("import APIView", "import APIView\nimport somewhere")
DECORATED = PLAIN.replace("    async def", "    @async_to_sync\n    async def").replace(
    "import APIView", "import APIView\nfrom asgiref.sync import async_to_sync"
)
SYNC = PLAIN.replace("async def", "def")


def lost(views: str) -> list[str]:
    """The handlers that nothing awaits, with their frameworks."""
    project, _ = audit_sources({**SITE, "shop/views.py": views})
    return [f"{one.framework} {one.place.function}" for one in project.not_awaited]


def test_a_method_that_the_framework_does_not_await_is_lost() -> None:
    """Django REST Framework alone calls it, and gives the coroutine for a response."""
    assert lost(PLAIN) == ["djangorestframework shop.views.Prices.get"]


@pytest.mark.parametrize("views", [DISPATCHING, WITH_ADRF, UNKNOWN_BASE, DECORATED, SYNC])
def test_what_may_be_awaited_is_not_called_lost(views: str) -> None:
    """A dispatch of its own, adrf, a base or a decorator that is not known, and a plain method."""
    assert lost(views) == []
