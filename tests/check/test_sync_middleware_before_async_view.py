"""Middleware in front of the views of one service, each time another one: what of it is said to take a thread."""

from __future__ import annotations

import pytest

from tests.support import audit_sources

RULE = "sync-middleware-before-async-view"
ASGI = """\
import os
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_asgi_application()
"""
CHANNELS = """\
import os
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

class Status(AsyncWebsocketConsumer):
    async def connect(self):
        await self.accept()

application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([path("ws/", Status.as_asgi())])})
"""
SERVICE = {
    "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\nASGI_APPLICATION = 'shop.asgi.application'\nMIDDLEWARE = ['shop.middleware.Timing']\n",
    "shop/asgi.py": ASGI,
    "shop/urls.py": "from django.urls import path\nfrom shop.views import index\n\nurlpatterns = [path('', index)]\n",
    "shop/views.py": "from django.http import HttpResponse\n\nasync def index(request):\n    return HttpResponse('hello')\n",
    "shop/middleware.py": "class Timing:\n    def __call__(self, request):\n        return self.get_response(request)\n",
    "Procfile": "web: uvicorn shop.asgi:application\n",
}
SYNC_VIEW = SERVICE["shop/views.py"].replace("async def", "def")


def found(**changed: str) -> int:
    """The number of findings in the service with some modules of `shop` changed."""
    files = {**SERVICE, **{f"shop/{name}.py": source for name, source in changed.items()}}
    _, audit = audit_sources(files)
    return sum(finding.rule == RULE for finding in audit.findings)


def test_synchronous_middleware_is_found() -> None:
    """The twin of all that follows."""
    assert found() == 1


@pytest.mark.parametrize(
    "middleware",
    [
        "class Timing:\n    async def __call__(self, request):\n        return await self.get_response(request)\n",
        "class Timing:\n    async_capable = True\n\n    def __call__(self, request):\n        return self.get_response(request)\n",
        "from django.utils.deprecation import MiddlewareMixin\n\nclass Timing(MiddlewareMixin):\n    pass\n",
        "from django.utils.decorators import sync_and_async_middleware\n\n@sync_and_async_middleware\ndef Timing(get):\n    pass\n",
    ],
)
def test_middleware_that_does_both_is_not_found(middleware: str) -> None:
    """It is asynchronous, says that it can be, or gets it from a base or a decorator of Django."""
    assert found(middleware=middleware) == 0


def test_nothing_is_found_before_synchronous_views() -> None:
    """They run in that thread."""
    assert found(views=SYNC_VIEW) == 0


def test_consumers_are_no_views() -> None:
    """Django's middleware does not see the messages of Channels' websockets; beside them an async view is found as before."""
    assert found(asgi=CHANNELS, views=SYNC_VIEW) == 0
    assert found(asgi=CHANNELS) == 1
