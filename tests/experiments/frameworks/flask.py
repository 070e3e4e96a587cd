"""Flask's views and what runs around them, called by its test client in the thread that stands for the WSGI worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

REQUIREMENTS = {
    "2.2": ["flask[async]==2.2.*", "werkzeug<3", "requests"],
    "2.3": ["flask[async]==2.3.*", "werkzeug<3.1", "requests"],
    "3.1": ["flask[async]==3.1.*", "requests"],
}

AROUND = ("after_request", "before_request", "context_processor", "teardown_request")
UNAWAITED = ("url_defaults", "url_value_preprocessor")


def observe() -> dict[str, Any]:
    from noting import Notes
    from wsgi_routes import routes_of

    notes = Notes(main="wsgi-worker")
    # No loop serves here: each that is seen to run was made for the one call.
    notes.loop = asyncio.new_event_loop()
    with_views(notes)
    with_view_classes(notes)
    with_what_runs_around(notes)
    with_templates(notes)
    with_streams(notes)
    with_errors(notes)

    from allotments import create_app

    routes = {"flask_blueprints": routes_of(create_app(), "allotments")}
    return {"contexts": notes.contexts, "first_route_answers": does_first_route_answer(), "routes": routes}


def does_first_route_answer() -> bool:
    import flask

    app = flask.Flask("probe")
    app.add_url_rule("/x", "one", lambda: "first")
    app.add_url_rule("/x", "two", lambda: "second")
    return bool(app.test_client().get("/x").get_data(as_text=True) == "first")


def ask(register: Callable[[Any], None], path: str = "/", method: str = "GET") -> None:
    """One request to an app of its own, after `register` has had it."""
    import flask

    app = flask.Flask("probe")
    register(app)
    if not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        app.add_url_rule("/", "page", lambda: flask.render_template_string("page"))
    app.test_client().open(path, method=method).get_data()


def on_a_blueprint(register: Callable[[Any], None]) -> Callable[[Any], None]:
    """`register` with a blueprint, which is then put on the app."""
    import flask

    def both(app: Any) -> None:
        blueprint = flask.Blueprint("blueprint", "probe")
        register(blueprint)
        blueprint.add_url_rule("/own", "own", lambda: flask.render_template_string("own"))
        app.register_blueprint(blueprint)

    return both


def with_views(notes: Any) -> None:
    for owner, place in (("Flask", lambda register: register), ("Blueprint", on_a_blueprint)):
        for function in notes.pair(f"flask.{owner}.route", "http", "x"):
            ask(place(lambda one, function=function: one.route("/x")(function)), "/x")
        for function in notes.pair(f"flask.{owner}.add_url_rule", "http", "x"):
            ask(place(lambda one, function=function: one.add_url_rule("/x", view_func=function)), "/x")
        for name in ("delete", "get", "patch", "post", "put"):
            for function in notes.pair(f"flask.{owner}.{name}", "http", "x"):
                ask(place(lambda one, name=name, function=function: getattr(one, name)("/x")(function)), "/x", name.upper())


def with_view_classes(notes: Any) -> None:
    from flask.views import MethodView, View

    for name in ("delete", "get", "head", "options", "patch", "post", "put", "trace"):
        for function in notes.pair_taking(f"flask.views.MethodView.{name}", "http", "x"):
            view = type("Probe", (MethodView,), {name: function}).as_view("probe")
            ask(lambda app, view=view: app.add_url_rule("/x", view_func=view), "/x", name.upper())
    for function in notes.pair_taking("flask.views.View.dispatch_request", "http", "x"):
        view = type("Probe", (View,), {"dispatch_request": function}).as_view("probe")
        ask(lambda app, view=view: app.add_url_rule("/x", view_func=view), "/x")


def around(notes: Any, name: str, kind: str = "middleware") -> list[Callable[..., Any]]:
    """A `def` and an `async def` that leave the request as it is."""

    def plain(*given: Any, **named: Any) -> Any:
        notes.note(name, kind, is_async=False)
        return _unchanged(name, given)

    async def asynchronous(*given: Any, **named: Any) -> Any:
        notes.note(name, kind, is_async=True)
        return _unchanged(name, given)

    return [plain, asynchronous]


def _unchanged(name: str, given: tuple[Any, ...]) -> Any:
    if "after" in name:
        return given[0]
    return {} if "context_processor" in name else None


def with_what_runs_around(notes: Any) -> None:
    import flask

    for name in (*AROUND, "teardown_appcontext"):
        for function in around(notes, f"flask.Flask.{name}"):
            ask(lambda app, name=name, function=function: getattr(app, name)(function))
    for name in (*AROUND, "after_app_request", "app_context_processor", "before_app_request", "teardown_app_request"):
        for function in around(notes, f"flask.Blueprint.{name}"):
            ask(on_a_blueprint(lambda one, name=name, function=function: getattr(one, name)(function)), "/own")
    for name in UNAWAITED:
        for owner, place, spelled in (
            ("Flask", lambda register: register, name),
            ("Blueprint", on_a_blueprint, name),
            ("Blueprint", on_a_blueprint, f"app_{name}"),
        ):
            plain, _ = around(notes, f"flask.{owner}.{spelled}")
            ask(place(lambda one, spelled=spelled, plain=plain: (getattr(one, spelled)(plain), one.add_url_rule("/u", "u", urls))), "/u")
    for function in around(notes, "flask.after_this_request"):
        ask(lambda app, function=function: app.add_url_rule("/x", "x", lambda: (flask.after_this_request(function), "x")[1]), "/x")
    for owner, place, name in (
        ("Flask", lambda register: register, "before_first_request"),
        ("Blueprint", on_a_blueprint, "before_app_first_request"),
    ):
        if hasattr(flask.Flask, "before_first_request"):
            for function in around(notes, f"flask.{owner}.{name}", "startup"):
                ask(place(lambda one, name=name, function=function: getattr(one, name)(function)))


def urls() -> str:
    """Asks for an address, so that `url_defaults` is called."""
    import flask

    return flask.url_for(flask.request.endpoint or "")


def with_templates(notes: Any) -> None:
    import flask

    for word in ("filter", "global", "test"):
        template = {"filter": "{{ 1 | noted }}", "global": "{{ noted(1) }}", "test": "{{ 1 is noted }}"}[word]
        for owner, place, prefix in (("Flask", lambda register: register, ""), ("Blueprint", on_a_blueprint, "app_")):
            decorator, call = f"{prefix}template_{word}", f"add_{prefix}template_{word}"
            plain, _ = around(notes, f"flask.{owner}.{decorator}")
            ask(
                lambda app, place=place, decorator=decorator, plain=plain, template=template: (
                    place(lambda one: getattr(one, decorator)("noted")(plain))(app),
                    app.add_url_rule("/x", "x", lambda: flask.render_template_string(template)),
                ),
                "/x",
            )
            plain, _ = around(notes, f"flask.{owner}.{call}")
            ask(
                lambda app, place=place, call=call, plain=plain, template=template: (
                    place(lambda one: getattr(one, call)(plain, "noted"))(app),
                    app.add_url_rule("/x", "x", lambda: flask.render_template_string(template)),
                ),
                "/x",
            )


def with_streams(notes: Any) -> None:
    import flask

    def parts(name: str) -> Any:
        notes.note(name, "stream", is_async=False)
        yield "x"

    ask(lambda app: app.add_url_rule("/x", "x", lambda: flask.Response(parts("flask.Response"))), "/x")
    ask(
        lambda app: app.add_url_rule("/x", "x", lambda: flask.Response(flask.stream_with_context(parts("flask.stream_with_context")))), "/x"
    )


def with_errors(notes: Any) -> None:
    def fails() -> str:
        raise KeyError

    for owner, place in (("Flask", lambda register: register), ("Blueprint", on_a_blueprint)):
        for function in notes.pair_taking(f"flask.{owner}.errorhandler", "exception", "x"):
            ask(place(lambda one, function=function: (one.errorhandler(KeyError)(function), one.add_url_rule("/f", "f", fails))), "/f")
        for function in notes.pair_taking(f"flask.{owner}.register_error_handler", "exception", "x"):
            ask(
                place(lambda one, function=function: (one.register_error_handler(KeyError, function), one.add_url_rule("/f", "f", fails))),
                "/f",
            )
    for function in notes.pair_taking("flask.Blueprint.app_errorhandler", "exception", "x"):
        register = on_a_blueprint(lambda one, function=function: one.app_errorhandler(KeyError)(function))
        ask(lambda app, register=register: (register(app), app.add_url_rule("/f", "f", fails)), "/f")
