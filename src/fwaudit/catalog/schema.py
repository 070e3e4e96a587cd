"""The form of the rows in `rules/` that speak of names, of tables of libraries and of rule pages; unknown keys are forbidden.

Names in tables are dotted names of the real package, in its documented spelling.
`{a,b}` expands; a trailing `.*` matches every public attribute of a module or method of a class that no other row names.
`rules/README.md` explains every key with an example.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Context = Literal[
    "event-loop", "loop-startup", "private-loop", "greenlet", "threadpool", "wsgi-worker", "task-queue", "process", "import-time", "unknown"
]
"""As in `fwaudit.model.context.Context`."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table row."""


class Condition(Row, frozen=True, kw_only=True):
    """An argument that a row depends on. `value` is compared with the source of a literal or the dotted name of a constant;
    no value: the argument is present at all; value "default": it is absent.
    """

    keyword: str = ""
    position: int = -1
    """Counted without the receiver; -1: by keyword only."""
    value: str | None = None
    type: str = ""
    """Dotted class: holds only if the argument is known to be an instance of it, or of a subclass; not together with `value`."""


class Blocking(Row, frozen=True, kw_only=True):
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
    ready_after: list[str] = []
    """Methods that tell whether there is anything to wait for: a function that has called one on the same object does not wait."""
    source: str
    """A primary source for the claim."""


class Iteration(Row, frozen=True, kw_only=True):
    """Types whose iteration (`for`, `list()`, a comprehension) blocks, though making them may not."""

    types: list[str]
    waits_for: Literal["network", "database", "file", "process", "lock", "sleep", "cpu"]
    cost: Literal["content", "metadata", ""] = ""
    twin: str = ""
    source: str


class Entering(Row, frozen=True, kw_only=True):
    """Types whose `with` blocks on entry or exit."""

    types: list[str]
    waits_for: Literal["network", "database", "file", "process", "lock", "sleep", "cpu"]
    cost: Literal["content", "metadata", ""] = ""
    twin: str = ""
    source: str


class ClassRow(Row, frozen=True, kw_only=True):
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


class Returns(Row, frozen=True, kw_only=True):
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


class Offloader(Row, frozen=True, kw_only=True):
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


class Scheduler(Row, frozen=True, kw_only=True):
    """Calls that have the loop itself run a callable later: `call_soon`, `add_done_callback`."""

    calls: list[str]
    position: int
    keyword: str = ""
    source: str


class LoopRunner(Row, frozen=True, kw_only=True):
    """Calls that run a coroutine on a loop of their own and wait: `asyncio.run`, `run_until_complete`, `async_to_sync`."""

    calls: list[str]
    position: int = 0
    gives: Literal["result", "wrapper"] = "result"
    nested: Literal["raises", "blocks", "fine"] = "raises"
    """What happens when the calling thread already runs a loop."""
    takes: Literal["coroutine", "callable"] = "coroutine"
    source: str


class Coroutines(Row, frozen=True, kw_only=True):
    """Coroutine functions: calling one does nothing until it is awaited. `type` is what awaiting gives."""

    calls: list[str]
    type: str = "unknown"
    source: str = ""


class Servers(Row, frozen=True, kw_only=True):
    """Calls that serve for as long as the process lives: code that runs beside them shares a loop."""

    calls: list[str]
    source: str


class Decorators(Row, frozen=True, kw_only=True):
    """Decorators of which it is known what they leave of the callable.

    `gives`: same: still the function; context: a context manager of what the generator yields; async_context: the async one;
    property: an attribute computed on access; cached: a property computed once; partial methods and the rest are `unknown`.
    """

    names: list[str]
    gives: Literal["same", "context", "async_context", "property", "cached", "static", "class", "awaitable", "unknown"]
    type: str = ""
    """With `same`: type expression of the object that the name is bound to, whose methods it has besides (`celery.Task`: `f.delay()`)."""


class Aliases(Row, frozen=True, kw_only=True):
    """Other spellings of documented names: `{from = "redis.client.Redis", to = "redis.Redis"}`; a module maps all below it."""

    spelling: str
    means: str


class Relation(Row, frozen=True, kw_only=True):
    """Calls that, in the body of a class, relate it to another one, and so give instances attributes: `ForeignKey(Author)`."""

    calls: list[str]
    position: int = 0
    """Of the other class: the class itself, or its name as a text."""
    keyword: str = ""
    name_keyword: str = ""
    """Argument that names the attribute of the other class; without it, the name is that of the class in lower case with `_set`."""
    gives: str
    """Class of the attribute, which holds instances."""
    source: str


class Layer(Row, frozen=True, kw_only=True):
    """Names by which a service waits for one kind of other service; a module counts where it is imported."""

    kind: Literal["database", "http", "cache", "queue"]
    names: list[str]
    is_async: bool


class Validators(Row, frozen=True, kw_only=True):
    """What checks input: whatever is given to the `calls`, or to what makes an instance of a class with one of `bases`, or to its methods;
    a handler under one of `decorators` gets nothing else.
    """

    calls: list[str] = []
    bases: list[str] = []
    decorators: list[str] = []
    style: str
    """The way of validating that it belongs to, for people: `marshmallow`."""
    source: str


class Sinks(Row, frozen=True, kw_only=True):
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


class Inputs(Row, frozen=True, kw_only=True):
    """What gives input which nobody has checked: attributes and methods of the request (`flask.request.json`), parameters of handlers."""

    names: list[str] = []
    kind: Literal["body", "query", "form", "file", "message"]
    is_stream: bool = False
    """What iterating gives is the input, each time anew."""
    handlers: list[str] = []
    """Methods of a base, or decorators: a parameter of such a handler is the input, the one at `position`."""
    position: int = 0
    """Counted without the receiver."""
    fields_are_attributes: bool = False
    """An attribute of what the name gives is the field of that name: `bottle.request.forms.name`."""
    is_field: bool = False
    """The name is one field, not an object of several."""
    cleans_file_names: bool = False
    """The name of an uploaded file is made safe before code sees it."""
    source: str


class Kept(Row, frozen=True, kw_only=True):
    """Calls that make what a process should make once and keep, since it holds connections."""

    calls: list[str]
    kind: Literal["engine", "client"]
    """engine: to a database; client: to another service."""
    unless: list[Condition] = []
    """Needs not be kept if one of these holds: it takes part in what another one holds."""
    unless_asked_for: list[str] = []
    """Methods by which, in the same function, it is taken for something that holds a connection of its own in any case: `pubsub`."""
    source: str


class Pools(Row, frozen=True, kw_only=True):
    """Calls that make a pool of connections, or a client that holds one."""

    calls: list[str]
    store: str
    """What it connects to, for people: `a SQL database`, `MongoDB`. Two pools of one service to one store are compared by it."""
    is_async: bool
    size_keywords: list[str] = []
    """Arguments that say how many connections it holds, the first that is given; none: it is not known how many."""
    default_size: int = 0
    overflow_keyword: str = ""
    """The argument that says how many more it opens."""
    default_overflow: int = 0
    unless: list[Condition] = []
    """How many it holds cannot be told where one of these holds."""
    source: str


class Queries(Row, frozen=True, kw_only=True):
    """Calls that ask a database for something, each time."""

    calls: list[str]
    source: str


class LazyField(Row, frozen=True, kw_only=True):
    """Calls that, in the body of a class, make an attribute that is read from the database when it is first touched."""

    calls: list[str]
    unless: list[Condition] = []
    """It is loaded with its object, or in another way, where one of these holds."""
    source: str


class Unlimited(Row, frozen=True, kw_only=True):
    """Calls that wait for another service as long as that takes, unless an argument says how long."""

    calls: list[str]
    keyword: str
    position: int = -1
    """Counted without the receiver; -1: by keyword only."""
    is_shared: bool = False
    """What it is called on, or a setting of the process, can limit it, too."""
    source: str


class NotLookedUp(Row, frozen=True, kw_only=True):
    """Names, with all below them, that no experiment has found in a real package."""

    names: list[str]
    why: str


class Speaking(Row, frozen=True, kw_only=True):
    """The rows that tables of libraries and of frameworks both may have."""

    layers: list[Layer] = []
    aliases: list[Aliases] = []
    blocking: list[Blocking] = []
    iterating: list[Iteration] = []
    entering: list[Entering] = []
    classes: list[ClassRow] = []
    returns: list[Returns] = []
    relations: list[Relation] = []
    kept: list[Kept] = []
    pools: list[Pools] = []
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


class Library(Speaking, frozen=True, kw_only=True):
    """`rules/libraries/<dist>.toml`: what a library's names are."""

    distribution: str
    """Name on the package index; "python" for the standard library."""
    versions: list[str] = []
    """Specifiers of the releases that it speaks of, the newest first. Each name is in the newest release that fits one of them."""
    not_looked_up: list[NotLookedUp] = []
    imports: list[str]
    """Top-level modules, or dotted modules that alone belong to it."""
    documentation: str


class Offer(Row, frozen=True):
    """What a framework, or a library made for it, has in place of code written by hand."""

    has: str
    """A few words that can follow "has"."""
    source: str


class RuleData(Row, frozen=True, kw_only=True):
    """The first `toml` block of `rules/pages/<rule>.md`."""

    summary: str
    category: Literal["event-loop", "driver", "input", "glue", "contract", "data", "deployment", "meta"]
    severity: Literal["low", "medium", "high"]
    """The highest that a finding of this rule can have."""
    since: str
    fix: Literal["safe", "unsafe", "none"] = "none"
    names: dict[str, list[str]] = {}
    """Names and modules of libraries that the check asks for, by what they are to it."""
    import_seconds: dict[str, float] = {}
    """Modules that take long to import, with the processor time that it takes."""
    offers: dict[str, Offer] = {}
    """Framework to what it offers instead; findings name that of the service's own framework and of others. `any`: the same for all."""
