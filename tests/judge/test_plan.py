"""The order in which to move routes, or to mend what holds them up."""

from __future__ import annotations

from typing import Any

import msgspec

from fwaudit.judge.plan import STEPS, add_plan, plan_mending, plan_moving
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.finding import Finding, Location, Step
from fwaudit.model.service import Route, Service
from fwaudit.model.verdict import Action, PlanStep, Verdict


def route(name: str, path: str = "app.py", *, line: int = 1, waits: tuple[WaitsFor, ...] = (), validated: bool | None = None) -> Route:
    """A route whose label is `GET /<name>`."""
    place = Location(path, line, 1, line, 9)
    return Route(("GET",), f"/{name}", f"app.{name}", place, "http", False, Context.WSGI_WORKER, waits, validated)


def service(*routes: Route, **more: Any) -> Service:
    """A service with these routes; those that wait for the network are measured so."""
    places = {"outbound_routes": tuple(one.location for one in routes if WaitsFor.NETWORK in one.waits_for)}
    more["signal_places"] = places | more.get("signal_places", {})
    return Service(name="s", root=".", frameworks=(), interface=None, servers=(), apps=(), routes=routes, **more)


def verdict(action: Action, target: str | None = "fastapi", *, fix_first: bool = False, scope: tuple[str, ...] = ()) -> Verdict:
    """A verdict without arguments."""
    return Verdict(
        action=action,
        target=target,
        fix_first=fix_first,
        adopt=(),
        scope=scope,
        confidence=Grade.MEDIUM,
        arguments_for=(),
        arguments_against=(),
        would_change=(),
    )


def blocking(cause: str, *routes: str, line: int = 1, silenced: str | None = None) -> Finding:
    """A finding whose leaf is shared by all of `cause`."""
    labels = tuple(f"GET /{name}" for name in routes)
    leaf = (Step("leaf.py", 7, 1, "g", ""),)
    head = ("blocking-call-on-loop", "event-loop", Grade.HIGH, Grade.HIGH, False, "", "app.py", line, 1, line, 2, "f", "s", "event-loop")
    return Finding(*head, f"lib.{cause}", None, cause, labels, leaf, (), None, f"{cause}{line}", silenced)


def freed(steps: tuple[PlanStep, ...]) -> list[tuple[str, list[str], int]]:
    """What is mended, the routes that are free then, and the effort of each step."""
    found = []
    for step in steps:
        name = step.why.partition("`lib.")[2].partition("`")[0]
        found.append((name, [one.removeprefix("GET /") for one in step.routes], step.effort))
    return found


def test_what_frees_the_most_routes_for_the_least_change_is_mended_first() -> None:
    """A route is free when its last cause is mended; a cause in many places is more work."""
    everything = service(*(route(name) for name in "abcde"))
    spread = [blocking("spread", "c", "d", "e", line=line) for line in range(1, 8)]
    findings = [blocking("wide", "a", "b"), blocking("both", "c", "d", "e"), *spread]
    assert freed(plan_mending(everything, findings)) == [("wide", ["a", "b"], 1), ("both", [], 1), ("spread", ["c", "d", "e"], 5)]
    assert freed(plan_mending(everything, findings[::-1])) == freed(plan_mending(everything, findings))


def test_what_waits_long_is_mended_before_what_is_short() -> None:
    """A request to another service on one route goes before a small file on two."""
    files = msgspec.structs.replace(blocking("file", "a", "b"), severity=Grade.LOW)
    steps = plan_mending(service(route("a"), route("b"), route("c")), [files, blocking("far", "c")])
    assert [name for name, _, _ in freed(steps)] == ["far", "file"]


def test_silenced_and_foreign_findings_are_not_in_the_plan() -> None:
    """Neither what a suppression calls fine, nor what another service's routes run into."""
    findings = [blocking("silent", "a", silenced="suppression"), blocking("foreign", "z"), blocking("own", "a", "z")]
    assert freed(plan_mending(service(route("a")), findings)) == [("own", ["a"], 1)]


def test_what_a_baseline_accepts_is_in_the_plan() -> None:
    """It is accepted for now, and to be mended."""
    assert freed(plan_mending(service(route("a")), [blocking("accepted", "a", silenced="baseline")])) == [("accepted", ["a"], 1)]


def test_a_long_list_ends_in_one_step() -> None:
    """So many root causes are one step together."""
    names = [f"r{number:02}" for number in range(40)]
    steps = plan_mending(service(*map(route, names)), [blocking(name, name) for name in names])
    assert len(steps) == STEPS
    assert steps[-1].why == f"mend the {40 - STEPS + 1} other root causes"
    assert {one for step in steps for one in step.routes} == {f"GET /{name}" for name in names}


MODEL = {"llm_route_names": ["GET /chat", "GET /ask"]}


def test_a_pilot_goes_first_and_the_quiet_routes_last() -> None:
    """The pilot has the most value for the least effort and few routes; effort grows with the database and with pages."""
    shop = service(
        route("chat", "chat.py"),
        route("ask", "ask.py", waits=(WaitsFor.DATABASE,)),
        route("items", "items.py", waits=(WaitsFor.DATABASE,)),
        route("page", "page.py", line=5, validated=False),
        signals=MODEL,
        signal_places={"template_routes": (Location("page.py", 5, 1, 5, 9),)},
    )
    steps = plan_moving(shop, verdict("migrate"))
    assert [step.routes for step in steps] == [("GET /chat",), ("GET /ask",), ("GET /page",), ("GET /items",)]
    assert [step.effort for step in steps] == [1, 3, 5, 3]
    assert steps[0].why.startswith("chat.py: the pilot: 1 route waiting for a language model; a proxy sends these paths to the new service")
    assert steps[-1].why.startswith("last, or when they change anyway")


def test_a_session_makes_a_route_harder_to_move() -> None:
    """What it keeps there has to be kept elsewhere."""
    at = (Location("app.py", 1, 1, 1, 9),)
    plain, kept = (service(route("chat", "app.py", line=1), signals=MODEL, signal_places=places) for places in ({}, {"session_routes": at}))

    assert plan_moving(plain, verdict("migrate"))[0].effort < plan_moving(kept, verdict("migrate"))[0].effort


def test_a_large_file_is_no_pilot() -> None:
    """The best group with few routes is."""
    many = [route(f"x{number}", "many.py", waits=(WaitsFor.NETWORK,), validated=False) for number in range(6)]
    steps = plan_moving(service(*many, route("one", "one.py", waits=(WaitsFor.NETWORK,))), verdict("migrate"))
    assert [step.why.partition(":")[0] for step in steps] == ["one.py", "many.py"]


def test_a_sidecar_takes_its_scope_and_leaves_the_rest_for_good() -> None:
    """What only reads the raw request is no reason to leave the core."""
    shop = service(route("chat"), route("ask"), route("form", validated=False), route("items"), signals=MODEL)
    steps = plan_moving(shop, verdict("sidecar", scope=("GET /ask", "GET /chat")))
    assert [step.routes for step in steps] == [("GET /ask", "GET /chat"), ()]
    assert steps[-1].why == "2 routes and what they write stay where they are"


def test_a_sidecar_without_a_scope_takes_what_waits() -> None:
    """Connections that are held stay with what holds them."""
    socket = msgspec.structs.replace(route("socket", line=2), kind="websocket")
    shop = service(route("slow", waits=(WaitsFor.NETWORK,)), socket, route("items", line=3))
    assert [step.routes for step in plan_moving(shop, verdict("sidecar"))] == [("GET /slow",), ()]


def test_what_was_measured_goes_before_what_was_inferred() -> None:
    """A route with a tenth of the measured time is worth more than one that waits."""
    shop = service(
        route("slow", "slow.py"),
        route("waits", "waits.py", waits=(WaitsFor.NETWORK,)),
        profile={"routes": {"GET /slow": {"seconds": 9.0, "loop_seconds": 0.0}, "GET /waits": {"seconds": 0.5, "loop_seconds": 0.0}}},
    )
    assert [step.routes for step in plan_moving(shop, verdict("migrate"))] == [("GET /slow",), ("GET /waits",)]


def test_many_files_are_a_step_together_at_the_end() -> None:
    """No route is lost."""
    routes = [route(f"r{number:02}", f"f{number:02}.py", waits=(WaitsFor.NETWORK,)) for number in range(30)]
    steps = plan_moving(service(*routes, route("quiet", line=2)), verdict("migrate"))
    assert len(steps) == STEPS
    assert {one for step in steps for one in step.routes} == {one.label for one in (*routes, route("quiet"))}


def test_the_plan_follows_the_verdict() -> None:
    """Stay: mend; move after mending: both, numbered through; nothing to do: no plan; the order of routes changes nothing."""
    findings = [blocking("x", "a")]
    own = service(route("a", waits=(WaitsFor.NETWORK,)), route("b", line=2))

    def plan(given: Verdict, found: list[Finding], routes: Service = own) -> list[tuple[int, tuple[str, ...]]]:
        return [(step.step, step.routes) for step in add_plan(msgspec.structs.replace(routes, verdict=given), found).plan]

    assert plan(verdict("stay", None), findings) == [(1, ("GET /a",))]
    assert plan(verdict("stay", None), []) == []
    assert plan(verdict("migrate", fix_first=True), findings) == [(1, ("GET /a",)), (2, ("GET /a",)), (3, ("GET /b",))]
    assert plan(verdict("migrate"), findings) == [(1, ("GET /a",)), (2, ("GET /b",))]
    assert plan(verdict("migrate"), findings, service(*own.routes[::-1])) == plan(verdict("migrate"), findings)
    assert add_plan(own, findings).plan == ()
