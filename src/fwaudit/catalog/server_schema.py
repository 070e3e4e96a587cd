"""The form of `rules/servers.toml`: what starts services, and what it serves."""

from __future__ import annotations

from typing import Literal

from fwaudit.catalog.schema import Context, Row


class WorkerClass(Row, frozen=True, kw_only=True):
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


class Server(Row, frozen=True, kw_only=True):
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
    mount_options: list[str] = []
    """Options whose value is a path, `=` and the app that is served below it."""
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
    image_app_variable: str = ""
    """Environment variable by which `images` are told the app."""
    source: str


class Wrapper(Row, frozen=True, kw_only=True):
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


class Adapter(Row, frozen=True, kw_only=True):
    """Classes that make an application of one interface from one of the other."""

    calls: list[str]
    interface: Literal["asgi", "wsgi"]
    """Of what they make."""
    context: Context | None = None
    """Where what else runs in WSGI workers does so then."""
    source: str


class NotServing(Row, frozen=True, kw_only=True):
    """Modules that `python -m` runs as a process and that serve no app: a process of any other module may bring a server of its own."""

    modules: list[str]
    source: str


class ServerTable(Row, frozen=True, kw_only=True):
    """`rules/servers.toml`."""

    servers: list[Server]
    wrappers: list[Wrapper] = []
    adapters: list[Adapter] = []
    not_serving: list[NotServing] = []
