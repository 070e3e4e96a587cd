"""Django projects in a probe's process: requests under WSGI and ASGI, the routes of a urlconf; shared by probes, and none itself."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

PACKAGES = ("herbarium", "mooring", "office", "porch", "pottery", "probe_urls", "tides")
INTERFACES = ("wsgi", "asgi")
ANCHORS = re.compile(r"(?<!\\)(\$|\\Z)$")
LIBRARY_SPELLINGS = {"django.views.generic.base.": "django.views.generic."}
URLCONF = ModuleType("probe_urls")
_Further = Callable[[str, Any], Iterable[dict[str, Any]] | None]


def set_up(*apps: str) -> None:
    """Django with those apps, whose root urlconf is `URLCONF`."""
    import sys

    import django
    from django.conf import settings

    sys.modules["probe_urls"] = URLCONF
    URLCONF.urlpatterns = []  # type: ignore[attr-defined]
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DEBUG=True,
        INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.messages", *apps],
        REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
        ROOT_URLCONF="probe_urls",
        SECRET_KEY="probe",
        USE_TZ=True,
    )
    django.setup()


def ask(interface: str, pattern: Any, path: str = "/x", method: str = "get", notes: Any = None) -> None:
    """One request to a project of one pattern; a view that fails has noted where it ran, or was never run."""
    from django.test import AsyncClient, Client
    from django.urls import clear_url_caches

    URLCONF.urlpatterns = [pattern]  # type: ignore[attr-defined]
    clear_url_caches()

    async def served() -> None:
        notes.serves()
        await getattr(AsyncClient(raise_request_exception=False), method)(path)

    # Middleware that gives a coroutine instead of an answer breaks the client.
    with contextlib.suppress(Exception):
        if interface == "asgi":
            asyncio.run(served())
        else:
            # No loop serves here: each that is seen to run was made for the one request.
            notes.loop = asyncio.new_event_loop()
            getattr(Client(raise_request_exception=False), method)(path)


class SeenUnder:
    """Notes whose observations name the interface; the thread that asks stands for the WSGI worker."""

    def __init__(self) -> None:
        from noting import Notes

        self.contexts: list[dict[str, Any]] = []
        self._new = lambda: Notes(main="wsgi-worker")

    def both(
        self, name: str, kind: str, register: Callable[[Any], Any], result: Any = None, *, tells_refusal: bool = True, **asked: str
    ) -> None:
        """A `def` and an `async def` handler, each asked for under both interfaces; `register` gives the pattern.

        Without `tells_refusal` a handler that was not called is no observation.
        """
        for interface in INTERFACES:
            for is_async in (False, True):
                notes = self._new()
                handler = notes.pair_taking(name, kind, result)[is_async]
                ask(interface, register(handler), notes=notes, **asked)
                if not notes.contexts and tells_refusal:
                    notes.tell(name, kind, is_async, "not-awaited" if is_async else "refused")
                self.contexts.extend({**one, "interface": interface} for one in notes.contexts)


# --- routes -----------------------------------------------------------------------------------------------------


def routes_of(
    urlconf: str, further: Callable[[str, Any], Iterable[dict[str, Any]] | None] = lambda path, view: None
) -> list[dict[str, Any]]:
    """The routes of a urlconf, without those that frameworks add by themselves; `further` reads the views of another framework."""
    from importlib import import_module

    return list(_entries(import_module(urlconf).urlpatterns, "/", further))


def _entries(
    patterns: Iterable[Any], prefix: str, further: Callable[[str, Any], Iterable[dict[str, Any]] | None]
) -> Iterator[dict[str, Any]]:
    from django.urls import URLPattern

    for pattern in patterns:
        path = prefix + _text(pattern.pattern)
        if isinstance(pattern, URLPattern):
            found = further(path, pattern.callback)
            yield from found if found is not None else view_routes(path, pattern.callback)
        elif pattern.app_name == "admin":
            yield _route(path, [], "django.contrib.admin.site.urls")
        elif isinstance(pattern.urlconf_name, ModuleType) and pattern.urlconf_name.__name__.partition(".")[0] not in PACKAGES:
            yield _route(path, [], pattern.urlconf_name.__name__)
        else:
            yield from _entries(pattern.url_patterns, path, further)


def _text(pattern: Any) -> str:
    from django.urls.resolvers import LocalePrefixPattern, RoutePattern

    if isinstance(pattern, LocalePrefixPattern):
        return "<language>/"
    if isinstance(pattern, RoutePattern):
        return str(pattern)
    return ANCHORS.sub("", str(pattern).removeprefix("^"))


def _route(path: str, methods: Iterable[str], handler: str) -> dict[str, Any]:
    for spelling, means in LIBRARY_SPELLINGS.items():
        handler = handler.replace(spelling, means)
    return {"path": path, "methods": sorted(methods), "handler": handler}


def view_routes(path: str, view: Any) -> Iterator[dict[str, Any]]:
    """The routes of a view: of its functions, with the methods that it takes."""
    class_ = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if class_ is None:
        function = inspect.unwrap(view)
        yield _route(path, _methods_listed(view), f"{function.__module__}.{function.__qualname__}")
    elif class_.__module__.partition(".")[0] not in PACKAGES:
        # What REST framework's routers add by themselves is not what the code registers.
        if class_.__name__ != "APIRootView":
            yield _route(path, [], f"{class_.__module__}.{class_.__qualname__}")
    elif class_.__name__ != class_.__qualname__ or class_.__qualname__ == "WrappedAPIView" or not hasattr(view, "actions"):
        yield from _class_routes(path, class_)
    elif "format" not in path.partition("(?P<format>")[1]:
        by_action: dict[str, list[str]] = {}
        for method, action in view.actions.items():
            # A view set answers HEAD wherever it answers GET.
            if method != "head":
                by_action.setdefault(action, []).append(method.upper())
        for action, methods in by_action.items():
            yield _route(path, methods, handler_of(class_, action))


def _class_routes(path: str, class_: Any) -> Iterator[dict[str, Any]]:
    given = [name for name in class_.http_method_names if name != "options" and hasattr(class_, name)]
    if all(getattr(class_, name).__qualname__ == "api_view.<locals>.decorator.<locals>.handler" for name in given):
        yield _route(path, [name.upper() for name in given], f"{class_.__module__}.{class_.__name__}")
        return
    for name in given:
        yield _route(path, [name.upper()], handler_of(class_, name))


def handler_of(class_: Any, name: str) -> str:
    """A method of the project by its own name, one of a library by that of the project's class."""
    method = inspect.unwrap(getattr(class_, name))
    if method.__module__.partition(".")[0] in PACKAGES:
        return f"{method.__module__}.{method.__qualname__}"
    return f"{class_.__module__}.{class_.__qualname__}.{name}"


def _methods_listed(view: Any) -> list[str]:
    """The methods that `require_http_methods` was given, on a view or on what it wraps."""
    while view is not None:
        listed = inspect.getclosurevars(view).nonlocals.get("request_method_list") if inspect.isfunction(view) else None
        if listed is not None:
            return list(listed)
        view = getattr(view, "__wrapped__", None)
    return []
