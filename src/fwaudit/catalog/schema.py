"""The form of the tables in `rules/`: one struct per table, unknown keys forbidden.

Names in tables are dotted names of the real package, in its documented spelling.
`{a,b}` expands; a trailing `.*` matches every public attribute of a module or method of a class that no other row names.
`rules/README.md` explains every key with an example.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Context = Literal[
    "event-loop", "loop-startup", "private-loop", "greenlet", "threadpool", "wsgi-worker", "task-queue", "process", "import-time", "unknown"
]
"""As in `fwaudit.model.context.Context`."""


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table row."""


class Condition(_Row, frozen=True, kw_only=True):
    """An argument that a row depends on. `value` is compared with the source of a literal or the dotted name of a constant;
    no value: the argument is present at all; value "default": it is absent.
    """

    keyword: str = ""
    position: int = -1
    """Counted without the receiver; -1: by keyword only."""
    value: str | None = None
    type: str = ""
    """Dotted class: holds only if the argument is known to be an instance of it, or of a subclass; not together with `value`."""


class Blocking(_Row, frozen=True, kw_only=True):
    """Calls that hold their thread until something outside, or the CPU, is done."""

    calls: list[str]
    waits_for: Literal["network", "database", "file", "process", "lock", "sleep", "cpu"]
    cost: Literal["content", "metadata", ""] = ""
    """For `file`: content is read or written, or only metadata."""
    twin: str = ""
    """What async code uses instead; `{name}` stands for the call's last name."""
    tier: Literal["default", "parity"] = "default"
    """parity: does no I/O, or next to none, but peers report it; only with the setting `parity`."""
    when: list[Condition] = []
    """Blocks only if all of these hold."""
    unless: list[Condition] = []
    """Does not block if one of these holds."""
    source: str
    """A primary source for the claim."""


class Iteration(_Row, frozen=True, kw_only=True):
    """Types whose iteration (`for`, `list()`, a comprehension) blocks, though making them may not."""

    types: list[str]
    waits_for: Literal["network", "database", "file", "process", "lock", "sleep", "cpu"]
    cost: Literal["content", "metadata", ""] = ""
    twin: str = ""
    source: str


class Entering(_Row, frozen=True, kw_only=True):
    """Types whose `with` blocks on entry or exit."""

    types: list[str]
    waits_for: Literal["network", "database", "file", "process", "lock", "sleep", "cpu"]
    cost: Literal["content", "metadata", ""] = ""
    twin: str = ""
    source: str


class ClassRow(_Row, frozen=True, kw_only=True):
    """Classes and what is known of their bases and attributes. A type is a type expression, see `Returns`."""

    names: list[str]
    bases: list[str] = []
    attributes: dict[str, str] = {}
    """Attribute or property name to its type expression."""
    elements: str = ""
    """Type expression of what iteration gives."""
    enters: str = ""
    """Type expression of what `with` gives; "" is the object itself."""
    async_enters: str = ""
    """Type expression of what `async with` gives; "" is the object itself."""
    awaits: str = ""
    """Type expression of what awaiting an instance gives (a task, a future)."""
    calling: str = ""
    """Type expression of what calling an instance gives (a `sessionmaker`)."""
    open: bool = False
    """Its attributes are what the project puts there (`app.state`)."""


class Returns(_Row, frozen=True, kw_only=True):
    """What calls give. A type expression is

    - a dotted class name: an instance of it; with `[...]` for elements: `builtins.list[X]`, `builtins.dict[K, V]`, `builtins.tuple[X, Y]`;
    - `self`: the receiver's own type; `own`: an instance of the class that an attribute is read from;
    - `element`: the receiver's element type;
    - `argument:N`: the type of argument N; `instance:N`: an instance of the class given as argument N;
      `result:N`: what calling argument N gives; `element:N`: what iterating argument N gives;
      `awaited:N`: what awaiting it gives; `entered:N`: what `with` or `async with` of it gives;
      N is a position, counted without the receiver, or a keyword (`instance:class_`);
    - `class:X`: the class X itself;
    - `awaitable[T]`, `iterator[T]`, `async_iterator[T]`, `context[T]` (of `with`), `async_context[T]`;
    - `A | B`; `None`; `unknown`.
    """

    calls: list[str]
    type: str
    when: list[Condition] = []
    """Holds only if all of these hold; of the rows for one name the first that holds counts, those with conditions first."""


class Offloader(_Row, frozen=True, kw_only=True):
    """Calls that run a callable somewhere else than on the caller's thread.

    `gives`: awaitable: the call itself is awaited (`to_thread`); future: a future of it (`submit`, `run_in_executor`);
    wrapper: a callable that offloads when it is called and awaited (`sync_to_async`, also as a decorator).
    """

    calls: list[str]
    position: int
    """Of the callable, counted without the receiver."""
    keyword: str = ""
    gives: Literal["awaitable", "future", "wrapper"]
    context: Literal["threadpool", "process"] = "threadpool"
    source: str


class Scheduler(_Row, frozen=True, kw_only=True):
    """Calls that have the loop itself run a callable later: `call_soon`, `add_done_callback`."""

    calls: list[str]
    position: int
    keyword: str = ""
    source: str


class LoopRunner(_Row, frozen=True, kw_only=True):
    """Calls that run a coroutine on a loop of their own and wait: `asyncio.run`, `run_until_complete`, `async_to_sync`."""

    calls: list[str]
    position: int = 0
    gives: Literal["result", "wrapper"] = "result"
    nested: Literal["raises", "blocks", "fine"] = "raises"
    """What happens when the calling thread already runs a loop."""
    takes: Literal["coroutine", "callable"] = "coroutine"
    source: str


class Coroutines(_Row, frozen=True, kw_only=True):
    """Coroutine functions: calling one does nothing until it is awaited. `type` is what awaiting gives."""

    calls: list[str]
    type: str = "unknown"
    source: str = ""


class Servers(_Row, frozen=True, kw_only=True):
    """Calls that serve for as long as the process lives: code that runs beside them shares a loop."""

    calls: list[str]
    source: str


class Decorators(_Row, frozen=True, kw_only=True):
    """Decorators of which it is known what they leave of the callable.

    `gives`: same: still the function; context: a context manager of what the generator yields; async_context: the async one;
    property: an attribute computed on access; cached: a property computed once; partial methods and the rest are `unknown`.
    """

    names: list[str]
    gives: Literal["same", "context", "async_context", "property", "cached", "static", "class", "awaitable", "unknown"]
    type: str = ""
    """With `same`: type expression of the object that the name is bound to, whose methods it has besides (`celery.Task`: `f.delay()`)."""


class Aliases(_Row, frozen=True, kw_only=True):
    """Other spellings of documented names: `{from = "redis.client.Redis", to = "redis.Redis"}`; a module maps all below it."""

    spelling: str
    means: str


class Relation(_Row, frozen=True, kw_only=True):
    """Calls that, in the body of a class, relate it to another one, and so give instances attributes: `ForeignKey(Author)`."""

    calls: list[str]
    position: int = 0
    """Of the other class: the class itself, or its name as a text."""
    keyword: str = ""
    is_own: bool = False
    """The attribute that is assigned leads to the other class; else the other class gets an attribute that leads back."""
    name_keyword: str = ""
    """Argument that names the attribute of the other class; without it, the name is that of the class in lower case with `_set`."""
    gives: str
    """Class of the attribute, which holds instances."""
    source: str


class Layer(_Row, frozen=True, kw_only=True):
    """Names by which a service waits for one kind of other service; a module counts where it is imported."""

    kind: Literal["database", "http", "cache", "queue"]
    names: list[str]
    is_async: bool


class Validators(_Row, frozen=True, kw_only=True):
    """What checks input: whatever is given to the `calls`, or to what makes an instance of a class with one of `bases`, or to its methods;
    a handler under one of `decorators` gets nothing else.
    """

    calls: list[str] = []
    bases: list[str] = []
    decorators: list[str] = []
    style: str
    """The way of validating that it belongs to, for people: `marshmallow`."""
    source: str


class Sinks(_Row, frozen=True, kw_only=True):
    """Calls, or constructors of classes with one of `bases`, in which input ends that nobody should have to trust."""

    calls: list[str] = []
    bases: list[str] = []
    kind: Literal["query", "sql", "model", "file", "prompt", "process"]
    """A database's query, its text, a model that is stored, a file's name, what a language model or a vector store is told, a command."""
    positions: list[int] = []
    """The positional arguments that count; empty: all of them, and all keywords."""
    keywords: list[str] = []
    """With `positions`: the keywords that count."""
    source: str


class Inputs(_Row, frozen=True, kw_only=True):
    """Attributes and methods of the request that give input which nobody has checked: `flask.request.json`."""

    names: list[str]
    kind: Literal["body", "query", "form", "file", "message"]
    source: str


class Kept(_Row, frozen=True, kw_only=True):
    """Calls that make what a process should make once and keep, since it holds connections."""

    calls: list[str]
    kind: Literal["engine", "client"]
    """engine: to a database; client: to another service."""
    unless: list[Condition] = []
    """Needs not be kept if one of these holds: it takes part in what another one holds."""
    source: str


class Queries(_Row, frozen=True, kw_only=True):
    """Calls that ask a database for something, each time."""

    calls: list[str]
    source: str


class LazyField(_Row, frozen=True, kw_only=True):
    """Calls that, in the body of a class, make an attribute that is read from the database when it is first touched."""

    calls: list[str]
    unless: list[Condition] = []
    """It is loaded with its object, or in another way, where one of these holds."""
    source: str


class Unlimited(_Row, frozen=True, kw_only=True):
    """Calls that wait for another service as long as that takes, unless an argument says how long."""

    calls: list[str]
    keyword: str
    position: int = -1
    """Counted without the receiver; -1: by keyword only."""
    is_shared: bool = False
    """What it is called on, or a setting of the process, can limit it, too."""
    source: str


class NotLookedUp(_Row, frozen=True, kw_only=True):
    """Names, with all below them, that no experiment has found in a real package."""

    names: list[str]
    why: str


class Library(_Row, frozen=True, kw_only=True):
    """`rules/libraries/<dist>.toml`: what a library's names are."""

    distribution: str
    """Name on the package index; "python" for the standard library."""
    versions: list[str] = []
    """Specifiers of the releases that it speaks of, the newest first. Each name is in the newest release that fits one of them."""
    not_looked_up: list[NotLookedUp] = []
    imports: list[str]
    """Top-level modules, or dotted modules that alone belong to it."""
    documentation: str
    layers: list[Layer] = []
    aliases: list[Aliases] = []
    blocking: list[Blocking] = []
    iterating: list[Iteration] = []
    entering: list[Entering] = []
    classes: list[ClassRow] = []
    returns: list[Returns] = []
    relations: list[Relation] = []
    kept: list[Kept] = []
    unlimited: list[Unlimited] = []
    queries: list[Queries] = []
    lazy_fields: list[LazyField] = []
    offloaders: list[Offloader] = []
    schedulers: list[Scheduler] = []
    loop_runners: list[LoopRunner] = []
    coroutines: list[Coroutines] = []
    servers: list[Servers] = []
    decorators: list[Decorators] = []
    validators: list[Validators] = []
    sinks: list[Sinks] = []


class Handlers(_Row, frozen=True, kw_only=True):
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


class Mounts(_Row, frozen=True, kw_only=True):
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


class Prefixes(_Row, frozen=True, kw_only=True):
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


class End(_Row, frozen=True, kw_only=True):
    """Versions that get no fixes from a day on."""

    versions: str
    """Specifier, `>=4.0,<4.1`."""
    last_day: date
    """The last day of support; of a month that the source names, its last day."""
    source: str


class Framework(_Row, frozen=True, kw_only=True):
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
    layers: list[Layer] = []
    aliases: list[Aliases] = []
    blocking: list[Blocking] = []
    iterating: list[Iteration] = []
    entering: list[Entering] = []
    classes: list[ClassRow] = []
    returns: list[Returns] = []
    relations: list[Relation] = []
    kept: list[Kept] = []
    unlimited: list[Unlimited] = []
    queries: list[Queries] = []
    lazy_fields: list[LazyField] = []
    offloaders: list[Offloader] = []
    schedulers: list[Scheduler] = []
    loop_runners: list[LoopRunner] = []
    coroutines: list[Coroutines] = []
    servers: list[Servers] = []
    decorators: list[Decorators] = []
    validators: list[Validators] = []
    sinks: list[Sinks] = []


class WorkerClass(_Row, frozen=True, kw_only=True):
    """Worker classes of a server (`gunicorn -k`), in every spelling that a command line may have."""

    names: list[str]
    interface: Literal["asgi", "wsgi", "own-loop"]
    context: Context
    """Where a synchronous WSGI handler runs under it; of an asgi or own-loop worker: where its coroutines run."""
    loop: Literal["asyncio", "trio", ""] = "asyncio"
    """"" where it runs no event loop."""
    not_run: str = ""
    """Why no experiment covers it; "" if one does."""
    source: str


class Server(_Row, frozen=True, kw_only=True):
    """A server, how command lines and code start it, and what it serves. Options take the next word unless they are `flags`."""

    name: str
    distributions: list[str]
    """That bring it; empty for a part of the standard library or of a platform."""
    commands: list[str] = []
    """What starts it on a command line: the program, with its subcommand (`flask run`). `python -m` goes before `modules`."""
    modules: list[str] = []
    calls: list[str] = []
    """Calls in Python code that serve an app, or wrap one for a platform that does."""
    interface: Literal["asgi", "wsgi", "own-loop", "both", ""]
    """What it serves if no option says otherwise. both: it looks at the app; "": it starts a program that brings a server of its own."""
    is_development: bool = False
    """Made for developing, by its own documentation."""
    is_serverless: bool = False
    """Of a platform that starts processes for bursts of requests and ends them when these are over."""
    only_for: list[str] = []
    """The frameworks whose applications its commands serve: in a service of others, a program of that name is another."""
    worker_classes: list[WorkerClass] = []
    context: Context | None = None
    """Where a synchronous WSGI handler runs under it, if no worker class says so."""
    greenlet_options: list[str] = []
    """Options with which it serves each request in a greenlet."""
    not_run: str = ""
    """Why no experiment covers `context`; "" if one does, or nothing is said."""
    flags: list[str] = []
    """Options without a value."""
    app_options: list[str] = []
    """Options whose value is the app."""
    app_word: bool = True
    """Whether else the first word that is no option is the app."""
    folder_options: list[str] = []
    """Options whose value is the folder in which it looks for the app."""
    worker_class_options: list[str] = []
    workers_options: list[str] = []
    config_options: list[str] = []
    """Options whose value is a file with more options."""
    kept_options: list[str] = []
    """Options that rules ask for: they are kept as written."""
    app_variable: str = ""
    """Environment variable that names the app."""
    options_variable: str = ""
    """Environment variable that holds more options."""
    images: dict[str, str] = {}
    """Images of containers that start it without a command, each with the worker class that it starts; "" for the server's own."""
    source: str


class Wrapper(_Row, frozen=True, kw_only=True):
    """A program that runs the command that follows it: `exec`, `poetry run`, `tini --`."""

    commands: list[str]
    modules: list[str] = []
    """What `python -m` runs it by."""
    valued: list[str] = []
    """Options that take the next word."""
    words: int = 0
    """How many words that are no options stand before the command: the user of `gosu`."""
    runs_modules: bool = False
    """The command is written as for `python`: a script, or `-m` and a module."""
    source: str


class Adapter(_Row, frozen=True, kw_only=True):
    """Classes that make an application of one interface from one of the other."""

    calls: list[str]
    interface: Literal["asgi", "wsgi"]
    """Of what they make."""
    context: Context | None = None
    """Where what else runs in WSGI workers does so then."""
    source: str


class ServerTable(_Row, frozen=True, kw_only=True):
    """`rules/servers.toml`."""

    servers: list[Server]
    wrappers: list[Wrapper] = []
    adapters: list[Adapter] = []


class Offer(_Row, frozen=True):
    """What a framework, or a library made for it, has in place of code written by hand."""

    has: str
    """A few words that can follow "has"."""
    source: str


class RuleData(_Row, frozen=True, kw_only=True):
    """The first `toml` block of `rules/pages/<rule>.md`."""

    summary: str
    category: Literal["event-loop", "driver", "input", "glue", "contract", "data", "deployment", "meta"]
    severity: Literal["low", "medium", "high"]
    """The highest that a finding of this rule can have."""
    since: str
    fix: Literal["safe", "unsafe", "none"] = "none"
    offers: dict[str, Offer] = {}
    """Framework to what it offers instead; findings name that of the service's own framework and of others. `any`: the same for all."""
