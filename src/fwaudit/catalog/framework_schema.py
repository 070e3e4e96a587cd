"""The form of `rules/frameworks/<name>.toml`: how a framework is recognised, and where what is registered runs."""

from __future__ import annotations

from datetime import date
from typing import Literal

from fwaudit.catalog.schema import Condition, Context, Inputs, Row, Speaking


class Handlers(Row, frozen=True, kw_only=True):
    """Where functions run that are registered in one way: by decorators, by calls, or as methods of subclasses.

    `synchronous` / `asynchronous`: the context of a `def` and of an `async def`.
    """

    decorators: list[str] = []
    """Names of decorators or decorator factories, methods of apps and routers among them."""
    calls: list[str] = []
    """Calls that take the callable as an argument."""
    bases: list[str] = []
    """Classes whose subclasses' `methods` are handlers."""
    """A class with such a base that a row's call or decorator registers (`path("/x", View.as_view())`) gives its methods that path."""
    methods: list[str] = []
    """With `bases`: names of the handler methods, or beginnings of names: `on_*`. With `calls` or `decorators`: of the class, object
    or module that is registered."""
    kind: Literal[
        "http",
        "websocket",
        "graphql",
        "rpc",
        "event",
        "middleware",
        "dependency",
        "background",
        "startup",
        "shutdown",
        "lifespan",
        "stream",
        "exception",
    ]
    position: int = 0
    """For `calls`: of the callable, counted without the receiver; -1: by keyword only. A list stands for its items."""
    keyword: str = ""
    path_position: int = -1
    """Of the path, in the decorator's or the call's arguments."""
    path_keyword: str = ""
    version_keyword: str = ""
    """Argument that puts `/v` and a version before the whole path; that of the route goes before that of its router."""
    default_path: str | None = None
    """The path where that argument is not given; "" where it is the router's prefix alone."""
    is_telling: bool = False
    """For `calls`: in a file that imports the framework, the last name tells them where nothing is known of what they are called on."""
    suffix_keyword: str = ""
    """For `methods` of what is registered: argument whose literal text, behind a `_`, ends their names (`on_get_list`)."""
    more_paths: bool = False
    """Every positional argument from `path_position` on is a path."""
    http_methods: list[str] = []
    """Methods if no argument lists them; `["{NAME}"]`: the upper-case name of the decorator or method itself, without `add_` or `on_`."""
    methods_position: int = -1
    methods_keyword: str = ""
    """Argument that lists the methods, or is the only one."""
    methods_attribute: str = ""
    """With `bases`: attribute of the class that lists the methods."""
    synchronous: Context
    asynchronous: Context
    when: list[Condition] = []
    """Holds only if all of these hold for the registering call; of rows of one kind, one whose conditions hold goes before the others."""
    interface: Literal["asgi", "wsgi", ""] = ""
    """How the service is served for which this row holds; "" for both."""
    reader: str = ""
    """Module of `link/routes/` that alone reads what is registered in this way; "" where the table says enough."""
    versions: str = ""
    """Specifier of the framework's versions for which this row holds; "" for all."""
    only_beside: list[str] = []
    """Modules or names: the row holds only where the workspace imports one of them (`strawberry.asgi`)."""
    not_beside: list[str] = []
    """Modules or names: the row does not hold where the workspace imports one of them (`strawberry.flask`)."""
    not_run: str = ""
    """Why no experiment covers this row; "" if one does."""
    source: str


class Mounts(Row, frozen=True, kw_only=True):
    """Calls that put a router below a prefix: `include_router`."""

    calls: list[str]
    router_position: int = 0
    router_keyword: str = ""
    prefix_position: int = -1
    prefix_keyword: str = ""
    default_prefix: str = ""
    """The prefix where no argument gives one."""
    replaces_prefix: bool = False
    """A prefix that is given here takes the place of the router's own."""
    onto_position: int = -1
    onto_keyword: str = ""
    """Argument that the receiver is put below (`api.init_app(blueprint)`); without, an argument is put below the receiver."""
    groups: bool = False
    """All positional arguments are put below the router that the call gives: `Blueprint.group(users, orders)`."""
    version_keyword: str = ""
    """Argument that gives the routes a version, see `Handlers`."""
    makes_router: bool = False
    """The router is what the call gives: `Api(blueprint)`, `ns = api.namespace("items")`."""
    makes_parent: bool = False
    """The argument, a router or a list of routes and routers, is put below what the call gives: `Mount("/x", routes=[...])`."""
    source: str = ""


class Prefixes(Row, frozen=True, kw_only=True):
    """Calls that make a router, and the argument that prefixes its routes, where `prefix_keyword` does not say it."""

    calls: list[str]
    position: int = -1
    keyword: str = ""
    name_position: int = -1
    """Without that argument, the prefix is `/` and this one."""
    name_keyword: str = ""
    not_below: list[str] = []
    """Classes of routers below which it does not count."""
    version_keyword: str = ""
    """Argument that gives the routes a version, see `Handlers`."""
    source: str = ""


class End(Row, frozen=True, kw_only=True):
    """Versions that get no fixes from a day on."""

    versions: str
    """Specifier, `>=4.0,<4.1`."""
    last_day: date
    """The last day of support; of a month that the source names, its last day."""
    source: str


class Framework(Speaking, frozen=True, kw_only=True):
    """`rules/frameworks/<name>.toml`: how to recognise a framework and where its handlers run. May hold library rows too."""

    name: str
    distributions: list[str]
    imports: list[str]
    documentation: str
    interface: Literal["asgi", "wsgi", "own-loop", ""]
    also_served_as: list[Literal["asgi", "wsgi", "own-loop"]] = []
    """Other interfaces by which a server can run its apps as they are."""
    validates: bool = False
    """It fills a handler's parameters from the request and checks them against their annotations."""
    found_factories: list[str] = []
    """Names of functions that the framework's own server looks for and calls to get the application: `create_app`."""
    request: str = ""
    """Class of the request that its handlers get as the first parameter behind the receiver, where the annotation does not say more."""
    inputs: list[Inputs] = []
    default_apps: list[str] = []
    """Calls that give, or serve, the application which the framework keeps itself; not with an application as first argument."""
    hosts_apps: bool = False
    """One process serves all apps of a workspace, each a folder of its own (web2py): together they are one service."""
    kind: Literal["web", "extension", "entry-points"] = "web"
    """web: makes a service, and can be its primary framework; extension: only ever secondary, beside one of `extends`;
    entry-points: jobs, bots, RPC and the like, which make no service by themselves."""
    extends: list[str] = []
    """Names of the frameworks that it builds on, whose tables hold for it too."""
    single_file: bool = False
    """It is one file, which projects copy: a file of its import's name with its app class, wherever it lies, is that framework."""
    apps: list[str] = []
    asgi_apps: list[str] = []
    """Those of `apps` that are ASGI applications, where `interface` is another."""
    routers: list[str] = []
    prefix_keyword: str = ""
    """Argument of a router's constructor that prefixes its routes."""
    drops_last_slash: bool = False
    """Its own table of routes has no slash at the end of a path, however the path is written."""
    injection: list[str] = []
    """Markers whose first argument is called to make a parameter's value: `Depends`."""
    first_route_answers: bool = False
    """Of several routes for one method and path the first one answers, and nothing is said of the others."""
    routes_in_documents: bool = False
    """It registers the routes of OpenAPI documents, whose names may be worked out at run time."""
    threads: int = 0
    """How many threads of a process run sync handlers at a time, unless code says otherwise; 0: the server decides."""
    ends: list[End] = []
    """Only where its makers publish dates; the first row that fits counts."""
    handlers: list[Handlers] = []
    mounts: list[Mounts] = []
    prefixes: list[Prefixes] = []
