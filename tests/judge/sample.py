"""Services as the judge sees them: nothing but what stands in an Audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fwaudit.catalog.load import load_advice
from fwaudit.judge.verdict import judge_service
from fwaudit.model.finding import Location
from fwaudit.model.service import FrameworkUse, Service

ADVICE = load_advice()
PLACE = Location("app/main.py", 3, 1, 3, 9)
NEUTRAL: dict[str, Any] = {
    **dict.fromkeys(
        (
            *("admin_customisations", "admin_models", "auth_uses", "blocked_routes", "blocking_findings", "fan_out_routes"),
            *("inference_imports", "llm_imports", "llm_routes", "llm_socket_handlers", "llm_streaming_routes", "models"),
            *("outbound_routes", "plugin_count", "relations", "template_routes", "validator_imports"),
            *(
                "cpu_routes",
                "event_handlers",
                "event_stream_routes",
                "forms",
                "glue_findings",
                "grpc_servicers",
                "many_to_many",
                "serverless_imports",
            ),
            *("streaming_calls", "sync_only_imports", "vector_store_imports", "websocket_routes"),
        ),
        0,
    ),
    **dict.fromkeys(("crud_share", "illusion_share", "outbound_share", "template_share"), 0.0),
    "async_routes": 0,
    "async_share": 0.4,
    "frameworks": [],
    "glue_kinds": {},
    "lines": 3000,
    "llm_calls": 0,
    "routes_known": True,
    "task_queue_imports": 1,
    "thread_budget": 40,
    "validated_routes": 12,
    "worker_classes": [],
    "worker_routes": 30,
    "llm_route_names": [],
    "openapi": "docstrings",
    "plugins": [],
    "raw_input_routes": 3,
    "raw_input_share": 0.1,
    "route_files": 10,
    "routes": 30,
    "services": 1,
}
"""A service of which nothing speaks for a move."""


def service(framework: str, *facts: Mapping[str, Mapping[str, Any]]) -> Service:
    """A service with the neutral signals, and then what `facts` say of its signals, answers, history and profile, the later first."""
    known: dict[str, dict[str, Any]] = {"signals": dict(NEUTRAL), "answers": {}, "history": {}, "profile": {}}
    for fact in facts:
        for kind, values in fact.items():
            known[kind] |= values
    return Service(
        name="app",
        root=".",
        frameworks=(FrameworkUse(framework, "", "primary", ()),),
        interface=None,
        servers=(),
        apps=(),
        routes=(),
        signals=known["signals"],
        signal_places={name: (PLACE,) for name, value in known["signals"].items() if value},
        answers=known["answers"],
        history=known["history"],
        profile=known["profile"],
    )


def judged(framework: str, *facts: Mapping[str, Mapping[str, Any]]) -> Service:
    """Such a service with its verdict."""
    return judge_service(service(framework, *facts), ADVICE)


def words(one: Service) -> str:
    """The verdict as the tables of cases write it: `stay+fix`, `migrate:fastapi`, `stay, flask-smorest`."""
    assert one.verdict is not None
    verdict = one.verdict
    said = verdict.action + (f":{verdict.target}" if verdict.target else "") + ("+fix" if verdict.fix_first else "")
    return ", ".join([said, *verdict.adopt])
