"""An Audit made by hand, as a small shop service would give it: 3 root causes, 9 findings of which one is silenced, 2 problems."""

from __future__ import annotations

from collections import Counter

import msgspec

from fwaudit.model.audit import SCHEMA_VERSION, Audit, RootCause, Summary, Tool
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.finding import Finding, Location, Step
from fwaudit.model.service import App, FrameworkUse, Route, ServerUse, Service
from fwaudit.model.source import Problem
from fwaudit.report.groups import leaf_of

SOURCES = {
    "app/main.py": """\
from fastapi import FastAPI

from app.routers import orders, users
from app.settings import read_settings

app = FastAPI()


@app.on_event("startup")
async def load() -> None:
    app.state.settings = read_settings("settings.toml")
""",
    "app/models/users.py": """\
from app.db import get_db


class UsersTable:
    def get_user_by_id(self, user_id: str) -> User | None:
        with get_db() as db:
            return db.query(User).filter_by(id=user_id).first()


Users = UsersTable()
""",
    "app/routers/orders.py": """\
import time

import requests


def fetch_rate(currency: str) -> float:
\treturn requests.get("https://rates.example/" + currency, params={"größe": "µ", "名前": "東京"}, timeout=3).json()["rate"]


@router.get("/orders/{id}")
async def read_order(id: str) -> Order:
    owner = Users.get_user_by_id(order.owner)
    rate = fetch_rate("EUR")


@router.post("/orders")
async def create_order(order: Order) -> Order:
    time.sleep(0.1)  # the broker needs a moment
    owner = Users.get_user_by_id(order.owner)
""",
    "app/routers/users.py": """\
from app.models.users import Users


@router.get("/users/{id}")
async def read_user(id: str) -> User:
    return Users.get_user_by_id(id)


async def current_user(token: str = Depends(token)) -> User:
    return Users.get_user_by_id(decode(token)["sub"])


@router.delete("/users/{id}")
async def delete_user(id: str) -> None:
    user = Users.get_user_by_id(id)
    audit_log(user)
""",
    "app/settings.py": """\
from pathlib import Path


def read_settings(name: str) -> dict[str, str]:
    return tomllib.loads(Path(name).read_text())
""",
}


def source_of(path: str) -> list[str] | None:
    """The lines of a file of the shop."""
    source = SOURCES.get(path)
    return source.splitlines() if source is not None else None


def place(path: str, text: str, nth: int = 0) -> Location:
    """Where `text` stands in the file for the nth time."""
    source, index = SOURCES[path], -1
    for _ in range(nth + 1):
        index = source.index(text, index + 1)
    line, column = source.count("\n", 0, index) + 1, index - (source.rfind("\n", 0, index) + 1) + 1
    return Location(path, line, column, line, column + len(text))


def step(at: Location, function: str, note: str) -> Step:
    """A step at a place."""
    return Step(at.path, at.line, at.column, function, note)


QUERY = step(
    place("app/models/users.py", "db.query(User).filter_by(id=user_id).first()"),
    "app.models.users.UsersTable.get_user_by_id",
    "calls `sqlalchemy.orm.Query.first`, which waits for a database; async code has `await AsyncSession.execute(select(...))`",
)
GET = step(
    place("app/routers/orders.py", 'requests.get("https://rates.example/" + currency, params={"größe": "µ", "名前": "東京"}, timeout=3)'),
    "app.routers.orders.fetch_rate",
    "calls `requests.get`, which waits for the network; async code has `httpx.AsyncClient.get`",
)
READ = step(
    place("app/settings.py", "Path(name).read_text()"),
    "app.settings.read_settings",
    "calls `pathlib.Path.read_text`, which waits for a file; async code has `anyio.Path.read_text`",
)


def finding(
    at: Location,
    function: str,
    message: str,
    *,
    rule: str = "blocking-call-on-loop",
    category: str = "event-loop",
    grades: tuple[Grade, Grade] = (Grade.HIGH, Grade.HIGH),
    context: Context = Context.EVENT_LOOP,
    callee: str | None = None,
    waits_for: WaitsFor | None = None,
    root_cause: str | None = None,
    routes: tuple[str, ...] = (),
    steps: tuple[Step, ...] = (),
    silenced: str | None = None,
) -> Finding:
    """A finding that fails if both its grades are high."""
    return Finding(
        rule=rule,
        category=category,
        severity=grades[0],
        confidence=grades[1],
        fails=grades == (Grade.HIGH, Grade.HIGH) and silenced is None,
        message=message,
        path=at.path,
        line=at.line,
        column=at.column,
        end_line=at.end_line,
        end_column=at.end_column,
        function=function,
        service="shop",
        context=str(context),
        callee=callee,
        waits_for=waits_for,
        root_cause=root_cause,
        routes=routes,
        steps=steps,
        places=(),
        fix=None,
        fingerprint=f"{at.path}:{at.line}:{rule}",
        silenced=silenced,
        reason="until the move to AsyncSession" if silenced else "",
    )


def reaching_query(path: str, call: str, function: str, routes: tuple[str, ...], *, nth: int = 0, silenced: str | None = None) -> Finding:
    """A finding whose leaf is the query of `get_user_by_id`."""
    at = place(path, call, nth)
    return finding(
        at,
        function,
        "`sqlalchemy.orm.Query.first`, reached through `app.models.users.UsersTable.get_user_by_id`, blocks the event loop",
        callee="sqlalchemy.orm.Query.first",
        waits_for=WaitsFor.DATABASE,
        root_cause="rc-5f0c2b7a91",
        routes=routes,
        steps=(step(at, function, "calls `app.models.users.UsersTable.get_user_by_id`"), QUERY),
        silenced=silenced,
    )


def findings() -> tuple[Finding, ...]:
    """All findings of the shop, sorted."""
    users, orders = "app/routers/users.py", "app/routers/orders.py"
    by_id = "Users.get_user_by_id(id)"
    startup, rate, nap = (
        place("app/main.py", 'read_settings("settings.toml")'),
        place(orders, 'fetch_rate("EUR")'),
        place(orders, "time.sleep(0.1)"),
    )
    log = place(users, "audit_log(user)")
    found = [
        reaching_query(users, by_id, "app.routers.users.read_user", ("GET /users/{id}",)),
        reaching_query(
            users,
            'Users.get_user_by_id(decode(token)["sub"])',
            "app.routers.users.current_user",
            ("DELETE /users/{id}", "GET /orders/{id}", "GET /users/{id}", "POST /orders"),
        ),
        reaching_query(users, by_id, "app.routers.users.delete_user", ("DELETE /users/{id}",), nth=1),
        reaching_query(orders, "Users.get_user_by_id(order.owner)", "app.routers.orders.read_order", ("GET /orders/{id}",)),
        reaching_query(
            orders, "Users.get_user_by_id(order.owner)", "app.routers.orders.create_order", ("POST /orders",), nth=1, silenced="suppression"
        ),
        finding(
            rate,
            "app.routers.orders.read_order",
            "`requests.get`, reached through `app.routers.orders.fetch_rate`, blocks the event loop",
            grades=(Grade.HIGH, Grade.MEDIUM),
            callee="requests.get",
            waits_for=WaitsFor.NETWORK,
            root_cause="rc-0b6d1e88f4",
            routes=("GET /orders/{id}",),
            steps=(step(rate, "app.routers.orders.read_order", "calls `app.routers.orders.fetch_rate`"), GET),
        ),
        finding(
            startup,
            "app.main.load",
            "`pathlib.Path.read_text`, reached through `app.settings.read_settings`, blocks the event loop",
            grades=(Grade.LOW, Grade.HIGH),
            context=Context.LOOP_STARTUP,
            callee="pathlib.Path.read_text",
            waits_for=WaitsFor.FILE,
            root_cause="rc-9d41c07e35",
            steps=(step(startup, "app.main.load", "calls `app.settings.read_settings`"), READ),
        ),
        finding(
            nap,
            "app.routers.orders.create_order",
            "`time.sleep` blocks the event loop",
            callee="time.sleep",
            waits_for=WaitsFor.SLEEP,
            root_cause="rc-77aa03d1c2",
            routes=("POST /orders",),
            steps=(
                step(nap, "app.routers.orders.create_order", "calls `time.sleep`, which waits for sleep; async code has `asyncio.sleep`"),
            ),
        ),
        finding(
            log,
            "app.routers.users.delete_user",
            "the coroutine of `app.audit.audit_log` is never awaited, so its body never runs",
            rule="unawaited-coroutine",
            grades=(Grade.MEDIUM, Grade.HIGH),
            routes=("DELETE /users/{id}",),
        ),
    ]
    return tuple(sorted(found, key=lambda one: one.sort_key))


def service() -> Service:
    """The shop with its five routes, one of them sync."""
    routes = tuple(
        Route((method,), path, f"app.routers.{handler}", Location("app/routers/users.py", 4, 1, 4, 27), "http", is_async, context)
        for method, path, handler, is_async, context in (
            ("DELETE", "/users/{id}", "users.delete_user", True, Context.EVENT_LOOP),
            ("GET", "/health", "users.health", False, Context.THREADPOOL),
            ("GET", "/orders/{id}", "orders.read_order", True, Context.EVENT_LOOP),
            ("GET", "/users/{id}", "users.read_user", True, Context.EVENT_LOOP),
            ("POST", "/orders", "orders.create_order", True, Context.EVENT_LOOP),
        )
    )
    at = place("app/main.py", "FastAPI()")
    return Service(
        "shop",
        "app",
        (FrameworkUse("fastapi", ">=0.110", "primary", (at,)),),
        "asgi",
        (ServerUse("uvicorn", ()),),
        (App("app.main:app", at),),
        routes,
    )


def audit(
    found: tuple[Finding, ...] | None = None,
    problems: tuple[Problem, ...] = (
        Problem("app/legacy/büro.py", 12, "is not valid Python: unmatched ')'"),
        Problem("app/legacy/evil\x1b[31m\n\u202e.py", 1, "took longer than 10 s to parse"),
    ),
) -> Audit:
    """The Audit of the shop, or of the given findings."""
    shown = findings() if found is None else found
    live = [one for one in shown if one.silenced is None]
    causes: dict[str, list[Finding]] = {}
    for one in live:
        if one.root_cause is not None:
            causes.setdefault(one.root_cause, []).append(one)
    return Audit(
        schema_version=SCHEMA_VERSION,
        tool=Tool("fwaudit", "0.1.0"),
        root=".",
        summary=Summary(
            files=31,
            analysed=29,
            lines=4_180,
            findings=len(live),
            failing=sum(one.fails for one in live),
            silenced=len(shown) - len(live),
            root_causes=len(causes),
            by_rule=dict(sorted(Counter(one.rule for one in live).items())),
            by_severity={str(grade): sum(one.severity is grade for one in live) for grade in Grade},
            unresolved_calls={"attribute of an unknown value": 41, "more than 8 targets": 2},
        ),
        mended=(),
        services=(service(),),
        findings=shown,
        root_causes=tuple(
            RootCause(
                identity,
                str(members[0].callee),
                leaf_of(members[0]).path,
                leaf_of(members[0]).line,
                len(members),
                len({route for one in members for route in one.routes}),
                leaf_of(members[0]).function,
            )
            for identity, members in sorted(causes.items())
        ),
        problems=problems,
    )


HOSTILE = (
    *("line\nfeed", "\x1b[31mred", "::error::x", "##[error]x", "\u202eevil", "</script>", "</details>"),
    *("@everyone", "#1", "``` `", "]](x)[", "https://x.example", "snake_case_name", "{0}", "a,b:c%", "\ud800"),
)
"""Names that an audited repository may choose so that a report says or does something else."""


def hostile_audit(name: str) -> Audit:
    """The Audit of the shop with `name` wherever an audited repository can put it."""
    found = tuple(
        msgspec.structs.replace(
            one,
            path=name,
            function=name,
            message=f"`{name}` blocks {name}",
            callee=name,
            routes=(f"GET {name}", name),
            root_cause=f"rc-{number}",
            context=name,
            service=name,
            reason=name,
            steps=tuple(msgspec.structs.replace(step, path=name, function=name, note=f"calls `{name}`; {name}") for step in one.steps),
        )
        for number, one in enumerate(findings())
    )
    return audit(found, (Problem(name, 1, name), Problem(name, 2, name, "incomplete")))
