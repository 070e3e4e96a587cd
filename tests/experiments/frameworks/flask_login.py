"""What Flask-Login calls within a request, in the thread that stands for the WSGI worker."""

from __future__ import annotations

from typing import Any

REQUIREMENTS = {"0.6": ["flask-login==0.6.*", "flask==3.1.*"]}


def observe() -> dict[str, Any]:
    import flask
    import flask_login
    from noting import Notes

    notes = Notes(main="wsgi-worker")
    for name in ("request_loader", "unauthorized_handler", "user_loader"):
        app = flask.Flask("probe")
        app.secret_key = "probe"
        manager = flask_login.LoginManager(app)

        def plain(*given: Any, name: str = name) -> Any:
            notes.note(f"flask_login.LoginManager.{name}", "middleware", is_async=False)
            return "x" if name == "unauthorized_handler" else None

        manager.user_loader(lambda user: None)
        getattr(manager, name)(plain)
        app.add_url_rule("/x", "x", flask_login.login_required(lambda: "x"))
        client = app.test_client()
        with client.session_transaction() as session:
            if name == "user_loader":
                session["_user_id"] = "1"
        client.get("/x")
    return {"contexts": notes.contexts}
