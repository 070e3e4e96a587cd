"""Handlers under decorators of the project: a route names the function that was written, not the wrapper around it."""

from __future__ import annotations

from tests.link.routes import routes_of

WRAPPERS = """
import functools

def api_process(method):
    async def wrap_api(*args, **kwargs):
        return await method(*args, **kwargs)
    return wrap_api

def api_process_raw(content, *, error_type=None):
    def wrap_method(method):
        async def wrap_api(*args, **kwargs):
            return await method(*args, **kwargs)
        return wrap_api
    return wrap_method

def named(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await function(*args)
    return wrapper

def unnamed(function):
    async def wrapper(*args):
        return await function(*args)
    return wrapper

def needs_scope(*scopes):
    def scope_decorator(func):
        @functools.wraps(func)
        def _auth_func(self, *args, **kwargs):
            return func(self, *args, **kwargs)
        return _auth_func
    return scope_decorator
"""


def test_functions_and_methods_that_are_handed_over() -> None:
    """Decorated, or wrapped by hand with `functools.wraps`; a function that another one makes is itself."""
    app = """
from aiohttp import web
from wrappers import api_process, api_process_raw, named, unnamed

class Host:
    @api_process
    async def info(self, request): ...

    @api_process_raw("text/plain")
    @api_process
    async def logs(self, request): ...

async def plain(request): ...

@named
async def front(request): ...

def register(app, host: Host):
    app.add_routes([web.get("/info", host.info), web.get("/logs", host.logs), web.get("/front", front)])
    app.router.add_get("/plain", plain)
    app.router.add_get("/named", named(plain))
    app.router.add_get("/unnamed", unnamed(plain))

app = web.Application()
register(app, Host())
"""
    assert routes_of({"main.py": app, "wrappers.py": WRAPPERS}) == [
        "GET /front main.front",
        "GET /info main.Host.info",
        "GET /logs main.Host.logs",
        "GET /named main.plain",
        "GET /plain main.plain",
        "GET /unnamed wrappers.unnamed.wrapper",
    ]


def test_methods_of_views_under_a_wrapper_of_another_kind() -> None:
    """`def` around `async def`: the wrapper runs, and what it stands for is the handler."""
    app = """
from tornado import web
from wrappers import needs_scope

class Users(web.RequestHandler):
    @needs_scope("list")
    async def get(self): ...

    @needs_scope("add")
    def post(self): ...

app = web.Application([("/users", Users)])
"""
    assert routes_of({"main.py": app, "wrappers.py": WRAPPERS}) == ["GET /users main.Users.get", "POST /users main.Users.post"]
