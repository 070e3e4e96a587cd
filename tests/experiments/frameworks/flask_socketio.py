"""Events of Flask-SocketIO in its threading mode; a real server and a real client, since the test client calls handlers itself."""

from __future__ import annotations

import threading
from typing import Any

REQUIREMENTS = {"5": ["flask-socketio==5.*", "flask==3.1.*", "simple-websocket", "python-socketio[client]"]}


def observe() -> dict[str, Any]:
    import flask
    import flask_socketio
    import socketio
    from noting import Notes
    from werkzeug.serving import make_server
    from wsgi_routes import routes_of

    notes = Notes(main="wsgi-worker")
    app = flask.Flask("probe")
    server = flask_socketio.SocketIO(app, async_mode="threading")
    done = {name: threading.Event() for name in ("on", "on_event", "error", "default", "background")}

    @server.on("decorated")
    def decorated(data: Any) -> None:
        notes.note("flask_socketio.SocketIO.on", "event", is_async=False)
        done["on"].set()

    def called(data: Any) -> None:
        notes.note("flask_socketio.SocketIO.on_event", "event", is_async=False)
        server.start_background_task(work)
        done["on_event"].set()

    def work() -> None:
        notes.note("flask_socketio.SocketIO.start_background_task", "background", is_async=False)
        done["background"].set()

    @server.on("fails")
    def fails(data: Any) -> None:
        raise KeyError

    @server.on("fails", namespace="/other")
    def fails_too(data: Any) -> None:
        raise KeyError

    @server.on_error()
    def failed(error: BaseException) -> None:
        notes.note("flask_socketio.SocketIO.on_error", "exception", is_async=False)
        done["error"].set()

    @server.on_error_default
    def failed_elsewhere(error: BaseException) -> None:
        notes.note("flask_socketio.SocketIO.on_error_default", "exception", is_async=False)
        done["default"].set()

    server.on_event("called", called)
    running = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    client = socketio.Client()
    client.connect(f"http://127.0.0.1:{running.port}", namespaces=["/", "/other"], wait_timeout=10)
    for event, namespace in (("decorated", "/"), ("called", "/"), ("fails", "/"), ("fails", "/other")):
        client.emit(event, 1, namespace=namespace)
    for event in done.values():
        assert event.wait(10)
    client.disconnect()
    running.shutdown()

    from board.app import app as board

    routes = routes_of(board, "board")
    routes += [
        {"methods": [], "path": message, "handler": f"{handler.__module__}.{handler.__qualname__}"}
        for message, handler in events_of_the_board()
    ]
    return {"contexts": notes.contexts, "routes": {"flask_socketio_board_clean": routes}}


def events_of_the_board() -> list[tuple[str, Any]]:
    """What `socketio.on` was given: the handlers of the server behind it are wrappers of its own."""
    import inspect

    from board.app import socketio

    found = []
    for message, wrapper in socketio.server.handlers["/"].items():
        found.append((message, inspect.unwrap(wrapper)))
    return found
