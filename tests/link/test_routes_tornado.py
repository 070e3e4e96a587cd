"""Tornado: which class answers which path, from the rules of applications."""

from __future__ import annotations

import pytest

from fwaudit.model.service import Service
from tests.support import audit_sources

HANDLERS = """
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

class Front(RequestHandler):
    def get(self): ...

class Orders(RequestHandler):
    async def get(self, number): ...
    def post(self, number): ...

class Special(Orders):
    def delete(self, number): ...

class Chat(WebSocketHandler):
    def open(self): ...
    def on_message(self, message): ...
"""
START = (
    "from tornado import web\n"
    "from tornado.routing import HostMatches, PathMatches, Rule, RuleRouter\n"
    "import handlers\nfrom handlers import *\n"
)


def service_of(app: str, **others: str) -> Service:
    """The one service of an `app.py` beside the handlers."""
    files = {"handlers.py": HANDLERS, "app.py": START + app, **{f"{name}.py": text for name, text in others.items()}}
    [service] = audit_sources(files)[0].services
    return service


def routes_of(app: str, **others: str) -> list[str]:
    """Its routes, each as method, path and handler."""
    return [
        f"{','.join(route.methods) or route.kind} {route.path} {route.handler.partition('.')[2]}"
        for route in service_of(app, **others).routes
    ]


FRONT = "GET / Front.get"
ORDERS = ["GET /orders/([0-9]+) Orders.get", "POST /orders/([0-9]+) Orders.post"]


@pytest.mark.parametrize(
    "app",
    [
        'app = web.Application([("/", handlers.Front), ("/orders/([0-9]+)", Orders, {}, "orders")])',
        'app = web.Application(handlers=[web.url("/", Front), web.URLSpec("^/orders/([0-9]+)$", Orders)])',
        'rules = [("/", Front)]\nrules += [("/orders/([0-9]+)", Orders)]\napp = web.Application(rules)',
        'rules = [("/", Front)]\nrules.append(("/orders/([0-9]+)", Orders))\napp = web.Application(rules)',
        'front = [("/", Front)]\napp = web.Application(front + [("/orders/([0-9]+)", Orders)], debug=True)',
        'front = [("/", Front)]\napp = web.Application([*front, ("/orders/([0-9]+)", "handlers.Orders")])',
        'app = web.Application([("/", Front)])\napp.add_handlers(".*", [("/orders/([0-9]+)", Orders)])',
        'app = web.Application([(HostMatches("localhost"), [("/", Front), ("/orders/([0-9]+)", Orders)])])',
        'app = web.Application([Rule(PathMatches("/"), Front), (PathMatches("/orders/([0-9]+)"), Orders)])',
        (
            "class Shop(web.Application):\n    def __init__(self, **settings):\n"
            '        super().__init__([("/", Front), ("/orders/([0-9]+)", Orders)], **settings)\n'
            "\napp = Shop()"
        ),
        (
            "class Shop(web.Application):\n    def __init__(self, **settings):\n"
            "        settings.update(handlers=rules)\n        web.Application.__init__(self, **settings)\n"
            'rules = [("/", Front), ("/orders/([0-9]+)", Orders)]\napp = Shop()'
        ),
        'class Shop(web.Application):\n    pass\n\napp = Shop([("/", Front), ("/orders/([0-9]+)", Orders)])',
        'def rules(prefix):\n    return [("/", Front), ("/orders/([0-9]+)", Orders)]\n\napp = web.Application(rules(1))',
        'BASE = "/orders"\napp = web.Application([("/", Front), (BASE + "/([0-9]+)", Orders)])',
    ],
)
def test_a_rule_is_found_in_every_form(app: str) -> None:
    """Tuples, URLSpec, hosts, lists that are added up, filled, returned or kept in a subclass."""
    assert routes_of(app) == [FRONT, *ORDERS]


def test_rules_of_other_modules_are_joined() -> None:
    """A list that is imported, and one in a dictionary of settings that is spread."""
    urls = 'from handlers import Front, Orders\nurls = [("/", Front)]\nmore = [("/orders/([0-9]+)", Orders)]\n'

    assert routes_of("import urls\nfrom urls import more\napp = web.Application(urls.urls + more)", urls=urls) == [FRONT, *ORDERS]


def test_a_class_answers_with_the_methods_of_its_bases_and_not_of_its_subclasses() -> None:
    """`Orders` has a subclass with `delete`."""
    assert routes_of('app = web.Application([("/a", Special), ("/b", Orders)])') == [
        "DELETE /a Special.delete",
        "GET /a Orders.get",
        "POST /a Orders.post",
        "GET /b Orders.get",
        "POST /b Orders.post",
    ]


def test_a_websocket_is_one_route() -> None:
    """Its handler is what takes the messages."""
    assert routes_of('app = web.Application([("/chat", Chat)])') == ["websocket /chat Chat.on_message"]


def test_what_is_not_written_down_is_said_as_unknown() -> None:
    """A path that is computed; a handler that is not known is no route."""
    app = 'import settings\napp = web.Application([(settings.PREFIX + "/a", Front), (f"/{settings.B}", Front), ("/c", settings.Handler)])'

    assert routes_of(app) == ["GET /<unknown> Front.get", "GET <unknown>/a Front.get"]


def test_formatted_patterns_keep_what_is_written() -> None:
    """The rest is unknown."""
    app = 'import settings\nAPI = "/api"\napp = web.Application([(f"{settings.PREFIX}login", Front), (f"{API}/x", Front)])'

    assert routes_of(app) == ["GET /api/x Front.get", "GET <unknown>login Front.get"]


def test_templates_are_filled_with_what_is_known() -> None:
    """As often as they have marks."""
    app = """
import settings
ID = "([0-9]+)"
app = web.Application([
    ("/orders/%s" % ID, Orders), ("/%s/%s" % (settings.P, ID), Front), ("/{}/x".format(ID), Front), ("/{0}/y".format(ID), Front),
    (r"/50%%/%s/%d" % ID, Front),
])
"""
    filled = ["GET /([0-9]+)/x Front.get", "GET /([0-9]+)/y Front.get", "GET /<unknown>/([0-9]+) Front.get"]

    assert routes_of(app) == [*filled, *ORDERS, "GET <unknown> Front.get"]


@pytest.mark.parametrize(
    "lines",
    [
        """
def prefixed(prefix, rules):
    for i, rule in enumerate(rules):
        rules[i] = (prefix + rule[0], *rule[1:])
    return rules
app = web.Application(prefixed(PREFIX, rules))
""",
        """
others = []
for rule in rules:
    pattern = PREFIX + rule[0]
    others.append((pattern, *list(rule[1:])))
app = web.Application(others)
""",
        "app = web.Application([(PREFIX + pattern, handler) for pattern, handler in rules])",
        "app = web.Application([(PREFIX + rule[0], rule[1]) for rule in rules])",
    ],
)
def test_rules_that_are_changed_are_below_what_is_not_known(lines: str) -> None:
    """A list that a function only reads and returns is as it was."""
    start = 'import os\nPREFIX = os.environ["PREFIX"]\nrules = [("/", Front), ("/orders/([0-9]+)", Orders)]\n'
    kept = "def kept(rules):\n    for rule in rules:\n        print(rule[0])\n    return rules\napp = web.Application(kept(rules))"

    assert routes_of(start + lines) == [
        "GET <unknown>/ Front.get",
        "GET <unknown>/orders/([0-9]+) Orders.get",
        "POST <unknown>/orders/([0-9]+) Orders.post",
    ]
    assert routes_of(start + kept) == [FRONT, *ORDERS]


def test_rules_that_are_gathered_by_name_are_those_that_nothing_else_takes() -> None:
    """`load(name).rules`: the lists themselves are written down. Pairs without a path or a handler class are none."""
    api = "from handlers import *\nrules = [('/orders/([0-9]+)', Orders)]\nnames = [('orders', Orders), ('/x', list)]\n"
    load = "def load(name):\n    return __import__(name, fromlist=['rules']).rules\n"
    app = load + "rules = [('/', Front)]\nfor name in ('api',):\n    rules.extend(load(name))\napp = web.Application(rules)\n"
    moved = app.replace("web.Application(rules)", "web.Application([(os.environ['P'] + rule[0], rule[1]) for rule in rules])")

    assert routes_of(app, api=api) == [FRONT, *ORDERS]
    assert routes_of(app.replace("rules.extend(load(name))", "print(name)"), api=api) == [FRONT]
    assert routes_of("import os\n" + moved, api=api) == [
        "GET <unknown>/ Front.get",
        "GET <unknown>/orders/([0-9]+) Orders.get",
        "POST <unknown>/orders/([0-9]+) Orders.post",
    ]


def test_the_app_is_where_the_subclass_is_made() -> None:
    """Not where it is defined."""
    service = service_of("class Shop(web.Application):\n    pass\n\ndef main():\n    shop = Shop([('/', Front)])\n    shop.listen(80)\n")

    assert [(app.name, app.location.line) for app in service.apps] == [("app:main()", 9)]
    assert (service.interface, service.frameworks[0].name) == ("own-loop", "tornado")


def test_tuples_that_no_application_takes_are_no_routes() -> None:
    """A handler class alone is none either."""
    assert routes_of('app = web.Application([("/", Front)])\nothers = [("/x", Orders)]\nprint(others)') == [FRONT]


@pytest.mark.parametrize(
    ("decorators", "is_async"),
    [("@gen.coroutine", True), ("@coroutine", True), ("@web.authenticated", False), ("@web.authenticated\n    @gen.coroutine", True)],
)
def test_a_handler_of_generators_is_a_coroutine(decorators: str, is_async: bool) -> None:
    """No synchronous handler then; the blocking calls in it are found all the same."""
    text = (
        "import requests\nfrom tornado import gen, web\nfrom tornado.gen import coroutine\n"
        f"class Rates(web.RequestHandler):\n    {decorators}\n    def get(self):\n"
        "        requests.get('https://rates')\n        yield gen.sleep(1)\n"
        "app = web.Application([('/', Rates)])\n"
    )
    project, audit = audit_sources({"app.py": text})
    rules = {finding.rule for finding in audit.findings}

    assert [route.is_async for service in project.services for route in service.routes] == [is_async]
    assert "blocking-call-on-loop" in rules
    assert ("sync-handler-on-loop" in rules) is not is_async
