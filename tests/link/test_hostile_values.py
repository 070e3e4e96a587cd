"""Code that is written to hang or to end the link stage: it links in time that grows with its size, and says what can be told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.link.routes import routes_of
from tests.support import audit_sources, quick

FLASK = "from flask import Flask\n\napp = Flask(__name__)\n\n\n"
VIEW = 'def view():\n    return "x"\n'


def paths_of(files: Mapping[str, str] | str) -> list[str]:
    """The paths of all routes, in bounded time."""
    with quick():
        routes = routes_of({"app.py": files} if isinstance(files, str) else files)
    return [route.split(" ")[1] for route in routes]


# --- texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ('"/{name}/{}".format("a", "b", name="n")', "/n/a"),
        ('"/{}/{name}/{}".format("a", "b", name="n")', "/a/n/b"),
        ('"/{1}/{0}".format("a", "b")', "/b/a"),
        ('"/{}/{}".format("a", "b")', "/a/b"),
        ('"/{}".format()', "/<unknown>"),
        ('"/a{²}".format("x")', "/a<unknown>"),
        (f'"/a{{{"9" * 5000}}}".format("x")', "/a<unknown>"),
    ],
)
def test_automatic_fields_are_numbered_among_themselves(written: str, path: str) -> None:
    """As Python numbers them: a named field takes no place, and a number that no argument has stands for nothing."""
    assert paths_of(f"{FLASK}@app.route({written})\n{VIEW}") == [path]


@pytest.mark.parametrize("written", ['"/a\\0{}".format("x")', '"/a\\0"', '"/a/" + "\\0b\\0"', f'"/{"a" * 20_000}"'])
def test_a_text_that_is_no_path_is_unknown(written: str) -> None:
    """NUL ended the link, and marks versions in paths."""
    [path] = paths_of(f"{FLASK}@app.route({written})\n{VIEW}")
    assert path.removeprefix("/a") == "/<unknown>"


def branches(count: int, value: str, names: int) -> str:
    """`names` names in a row, each of which `count` branches set to `value`, in which `{before}` is the one before."""
    lines = []
    for number in range(1, names + 1):
        given = f"p{number} = {value.format(before=f'p{number - 1}')}"
        lines += [f"{'elif' if branch else 'if'} check({branch}):\n    {given}" for branch in range(count)]
        lines.append(f"else:\n    {given}")
    return "\n".join(lines)


def test_names_that_many_branches_set_to_each_other_are_followed_in_bounded_time() -> None:
    """Six branches at nine levels are ten million ways to one text."""
    found = paths_of(f'{FLASK}p0 = "/a"\n{branches(6, "{before}", 9)}\n\n\n@app.route(p9)\n{VIEW}')
    assert found == ["/<unknown>"]


def test_names_that_some_branches_set_to_each_other_are_followed() -> None:
    """The negative twin: where all ways are followed, the text is told."""
    assert paths_of(f'{FLASK}p0 = "/a"\n{branches(2, "{before}", 3)}\n\n\n@app.route(p3)\n{VIEW}') == ["/a"]


def test_a_text_of_which_the_branches_differ_is_unknown() -> None:
    """One branch is enough, wherever it stands."""
    app = f'{FLASK}p = "/a"\nif check():\n    p = "/a"\nelse:\n    p = "/b"\n\n\n@app.route(p)\n{VIEW}'
    assert paths_of(app) == ["/<unknown>"]


def test_a_text_that_doubles_at_each_level_is_unknown() -> None:
    """A text of megabytes is no path."""
    sums = "\n".join(f"p{number} = p{number - 1} + p{number - 1}" for number in range(1, 40))
    assert paths_of(f'{FLASK}p0 = "/a"\n{sums}\n\n\n@app.route(p39)\n{VIEW}') == ["/<unknown>"]


# --- names that are made of themselves ------------------------------------------------------------------

TORNADO = "from tornado.web import Application, RequestHandler\n\n\nclass Page(RequestHandler):\n    def get(self):\n        pass\n\n\n"
URLS = "from django.urls import path\nfrom views import books\n\n"
DJANGO = {
    "wsgi.py": (
        "import os\nfrom django.core.wsgi import get_wsgi_application\n\n"
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\napplication = get_wsgi_application()\n'
    ),
    "settings.py": 'ROOT_URLCONF = "urls"\n',
    "views.py": "def books(request):\n    return None\n",
    "base.py": 'PREFIX = "api/"\nurlpatterns = []\nROOT_URLCONF = "urls"\n',
    "urls.py": f'{URLS}urlpatterns = [path("books", books)]\n',
}


def test_a_list_that_a_star_import_gives_and_that_is_made_of_itself_ends() -> None:
    """The name stands for itself as far as names tell; what is added to it is still found."""
    app = f"from base import *\n{TORNADO}handlers = handlers + [('/x', Page)]\napp = Application(handlers)\n"
    assert paths_of({"app.py": app, "base.py": "handlers = []\n"}) == ["/x"]


def test_a_list_that_grows_in_fifty_steps_is_read_to_its_beginning() -> None:
    """The negative twin: each step makes a list of the one before."""
    grown = "".join(f"handlers = handlers + [('/{number}', Page)]\n" for number in range(50))
    app = f"{TORNADO}handlers = [('/', Page)]\n{grown}app = Application(handlers)\n"
    assert sorted(paths_of({"app.py": app})) == sorted(["/", *(f"/{number}" for number in range(50))])


def test_a_list_that_doubles_at_each_level_is_read_in_bounded_time() -> None:
    """Forty levels hold a million million items, all of them the same."""
    doubled = "".join(f"h{number} = h{number - 1} + h{number - 1}\n" for number in range(1, 41))
    assert paths_of({"app.py": f"{TORNADO}h0 = [('/x', Page)]\n{doubled}app = Application(h40)\n"}) == ["/x"]


def test_a_path_that_a_star_import_gives_and_that_is_made_of_itself_ends() -> None:
    """What is added to it is known."""
    app = f"from base import *\n{TORNADO}P = P + '/x'\napp = Application([(P, Page)])\n"
    assert paths_of({"app.py": app, "base.py": "P = '/api'\n"}) == ["<unknown>/x"]


def test_a_path_that_is_made_of_what_it_was_before_is_told() -> None:
    """The negative twin."""
    assert paths_of(f"{TORNADO}P = '/api'\nP = P + '/x'\napp = Application([(P, Page)])\n") == ["/api/x"]


def test_a_path_of_an_urlconf_that_is_made_of_itself_ends() -> None:
    """It recursed until the stack was full."""
    urls = f"from base import *\n{URLS}PREFIX = PREFIX + 'v1/'\nurlpatterns = [path(PREFIX, books)]\n"
    assert paths_of({**DJANGO, "urls.py": urls}) == ["/<unknown>v1/"]


def test_a_path_of_an_urlconf_that_is_made_of_an_imported_one_is_told() -> None:
    """The negative twin."""
    urls = f"from base import PREFIX\n{URLS}OWN = PREFIX + 'v1/'\nurlpatterns = [path(OWN, books)]\n"
    assert paths_of({**DJANGO, "urls.py": urls}) == ["/api/v1/"]


def test_an_urlconf_that_is_named_by_what_it_was_ends() -> None:
    """It recursed until the stack was full; what the settings name cannot be told, and the one urlconf is read as it is without them."""
    settings = "from base import *\n\nROOT_URLCONF = ROOT_URLCONF + '_x'\n"
    assert paths_of({**DJANGO, "settings.py": settings}) == ["/books"]


def test_a_path_of_an_urlconf_that_doubles_at_each_level_is_unknown() -> None:
    """Forty levels of sums, and of branches."""
    sums = "".join(f"p{number} = (p{number - 1} if check() else p{number - 1}) + p{number - 1}\n" for number in range(1, 40))
    urls = f"{URLS}p0 = 'a'\n{sums}urlpatterns = [path(p39, books)]\n"
    [path] = paths_of({**DJANGO, "urls.py": urls})
    assert "<unknown>" in path


def included_often(levels: int, often: int) -> str:
    """Lists of patterns in a row, each included more than once in the next."""
    lists = ""
    for level in range(1, levels + 1):
        entries = [f"path('{letter}/', include(u{level - 1}))" for letter in "abcdef"[:often]]
        lists += f"u{level} = [{', '.join(entries)}]\n"
    return f"from django.urls import include\n{URLS}u0 = [path('x', books)]\n{lists}urlpatterns = u{levels}\n"


def test_patterns_that_are_each_included_often_in_the_next_are_read_in_bounded_time() -> None:
    """Twelve levels of six are two thousand million routes, of which some are listed."""
    found = paths_of({**DJANGO, "urls.py": included_often(12, 6)})
    assert 0 < len(found) < 10_000


def test_patterns_that_are_each_included_twice_have_each_path() -> None:
    """The negative twin."""
    assert sorted(paths_of({**DJANGO, "urls.py": included_often(2, 2)})) == ["/a/a/x", "/a/b/x", "/b/a/x", "/b/b/x"]


def test_a_list_that_two_modules_import_from_each_other_ends() -> None:
    """A loop over it registers nothing that can be told."""
    files = {
        "a.py": f"{FLASK}try:\n    from b import ROUTES\nexcept ImportError:\n    pass\n\n\n{VIEW}\n"
        "for route in ROUTES:\n    app.add_url_rule(route, view_func=view)\n",
        "b.py": "from a import ROUTES\n",
    }
    assert paths_of(files) == ["/<unknown>"]


def test_a_list_that_a_module_hands_on_is_looped_over() -> None:
    """The negative twin."""
    files = {
        "a.py": f"from b import ROUTES\n{FLASK}{VIEW}\nfor route in ROUTES:\n    app.add_url_rule(route, view_func=view)\n",
        "b.py": "from c import ROUTES\n",
        "c.py": "ROUTES = ['/a', '/b']\n",
    }
    assert paths_of(files) == ["/a", "/b"]


# --- routers --------------------------------------------------------------------------------------------

FASTAPI = "from fastapi import APIRouter, FastAPI\n\napp = FastAPI()\nr0 = APIRouter()\n\n\n@r0.get('/x')\ndef x():\n    return 1\n\n\n"


def included(count: int, prefixes: tuple[str, str]) -> str:
    """Routers in a row, each included twice in the next."""
    one, two = prefixes
    return "".join(
        f"r{number} = APIRouter()\n"
        f"r{number}.include_router(r{number - 1}, prefix='{one}')\n"
        f"r{number}.include_router(r{number - 1}, prefix='{two}')\n"
        for number in range(1, count + 1)
    )


@pytest.mark.parametrize(("prefixes", "count"), [(("/a", "/b"), 8), (("/a", "/a"), 1)])
def test_routers_that_are_each_included_twice_in_the_next_are_listed_under_some_prefixes(prefixes: tuple[str, str], count: int) -> None:
    """Thirty of them make a thousand million prefixes, or one in as many ways."""
    found = paths_of(f"{FASTAPI}{included(30, prefixes)}app.include_router(r30)\n")
    assert len(found) == count
    assert all(path.endswith("/x") and len(path) == 62 for path in found)


def test_routers_that_are_each_included_twice_have_each_prefix() -> None:
    """The negative twin: as many as are listed."""
    found = paths_of(f"{FASTAPI}{included(2, ('/a', '/b'))}app.include_router(r2)\n")
    assert sorted(found) == ["/a/a/x", "/a/b/x", "/b/a/x", "/b/b/x"]


def test_routers_that_all_include_each_other_end() -> None:
    """Twelve of them: a way up for each order that they can stand in."""
    made = "".join(f"r{number} = APIRouter()\n" for number in range(1, 12))
    mounts = "".join(f"r{one}.include_router(r{two}, prefix='/a')\n" for one in range(12) for two in range(12) if one != two)
    found = paths_of(f"{FASTAPI}{made}{mounts}app.include_router(r3)\n")
    assert all(path.endswith("/x") for path in found)


def test_lists_of_lists_of_routers_are_followed_in_bounded_time() -> None:
    """Eight levels of six lead to one router in a million ways."""
    lists = "".join(f"r{number} = [{', '.join([f'r{number - 1}'] * 6)}]\n" for number in range(1, 9))
    assert paths_of(f"{FASTAPI}{lists}for one in r8:\n    app.include_router(one, prefix='/a')\n") == ["/a/x"]


def test_a_list_of_many_routers_is_followed_to_its_end() -> None:
    """The negative twin: each of two hundred routers is mounted."""
    made = "".join(f"r{number} = APIRouter()\n" for number in range(1, 200))
    names = ", ".join(f"r{number}" for number in range(1, 200))
    app = f"{FASTAPI}{made}for one in [{names}, r0]:\n    app.include_router(one, prefix='/a')\n"
    assert paths_of(app) == ["/a/x"]


PYRAMID = "from pyramid.config import Configurator\n\n\ndef view(request):\n    return {}\n\n\ndef add0(config):\n"
PYRAMID += "    config.add_route('x', '/x')\n    config.add_view(view, route_name='x')\n\n\n"
PYRAMID_MAIN = "def main(settings):\n    config = Configurator()\n    config.include(add{last})\n    return config.make_wsgi_app()\n"


@pytest.mark.parametrize(("count", "second", "found"), [(20, "/a", 1), (20, "/b", 8), (2, "/b", 4)])
def test_functions_that_each_include_the_one_before_twice_are_listed_under_some_prefixes(count: int, second: str, found: int) -> None:
    """Twenty of them are a million ways to the same prefix, or to as many."""
    chain = "".join(
        f"def add{number}(config):\n    config.include(add{number - 1}, route_prefix='/a')\n"
        f"    config.include(add{number - 1}, route_prefix='{second}')\n\n\n"
        for number in range(1, count + 1)
    )
    paths = paths_of(PYRAMID + chain + PYRAMID_MAIN.format(last=count))
    assert len(paths) == found
    assert all(path.endswith("/x") and len(path) == 2 * count + 2 for path in paths)


# --- classes and functions ------------------------------------------------------------------------------


def test_a_chain_of_many_classes_is_linearised_in_bounded_time() -> None:
    """Each is merged with its one base's order; the route of the last runs what the first defines."""
    chain = "".join(f"class C{number}(C{number - 1}):\n    pass\n\n\n" for number in range(1, 1200))
    first = "class C0:\n    def load(self):\n        time.sleep(1)\n\n\n"
    with quick():
        _, audit = audit_sources({"app.py": f"import time\n\n\n{first}{chain}async def main():\n    C1199().load()\n"})
    assert [finding.callee for finding in audit.findings] == ["time.sleep"]


def test_many_classes_of_two_chains_are_linearised_in_bounded_time() -> None:
    """Where there are several bases, no row is built again for each step."""
    chain = "".join(f"class C{number}(C{number - 1}, Other):\n    pass\n\n\n" for number in range(1, 250))
    first = "class Other:\n    def load(self):\n        time.sleep(1)\n\n\nclass C0:\n    pass\n\n\n"
    with quick():
        _, audit = audit_sources({"app.py": f"import time\n\n\n{first}{chain}async def main():\n    C249().load()\n"})
    assert [finding.callee for finding in audit.findings] == ["time.sleep"]


@pytest.mark.parametrize(
    ("classes", "order"),
    [
        ("class A: pass\nclass B(A): pass\nclass C(A): pass\nclass D(B, C): pass\n", "D B C A"),
        (
            (
                "class O: pass\nclass A(O): pass\nclass B(O): pass\nclass C(O): pass\nclass D(O): pass\nclass E(O): pass\n"
                "class K1(C, A, B): pass\nclass K2(A, D): pass\nclass K3(B, E): pass\nclass D1(K1, K3, K2): pass\n"
            ),
            "D1 K1 C K3 K2 A B E D O",
        ),
        ("class A: pass\nclass B(A): pass\nclass C(A, B): pass\n", "C A B"),
        ("class A(missing): pass\nclass B(other): pass\nclass C(A, B): pass\n", "C A B ?"),
        ("class A(dict): pass\nclass C(A, list): pass\n", "C A builtins.dict builtins.list"),
    ],
)
def test_the_order_of_bases_is_pythons(classes: str, order: str) -> None:
    """The C3 order, and first come, first served where Python refuses the class."""
    name = order.partition(" ")[0]
    project, _ = audit_sources({"app.py": classes})
    [asked] = [one for one in project.code.classes if one.name == f"app.{name}"]
    assert " ".join([name, *(base.removeprefix("app.") for base in asked.bases)]) == order


def test_an_argument_with_many_ways_back_is_read_in_bounded_time() -> None:
    """Nine levels of six branches between what a request makes and the literal that it is made of."""
    ways = "\n".join(f"    {line}" for line in branches(6, "{before} + {before}", 12).splitlines())
    engine = f"@app.get('/')\ndef f():\n    p0 = 'db://'\n{ways}\n    create_engine(p12)\n"
    with quick():
        _, audit = audit_sources(
            {"app.py": f"from fastapi import FastAPI\nfrom sqlalchemy import create_engine\n\napp = FastAPI()\n{engine}"}
        )
    assert [one.confidence.value for one in audit.findings if one.rule == "engine-per-request"] == ["high"]


FAR = "\n\n".join(["def f0():\n    return 'x'", *(f"def f{number}():\n    return f{number - 1}()" for number in range(1, 13))])
ASKS = "async def {name}():\n    value = f{start}()\n    if value is None:\n        time.sleep(1)\n\n\n"


@pytest.mark.parametrize("asks", [(("far", 9), ("near", 5)), (("near", 5), ("far", 9))])
def test_what_is_too_far_to_be_told_for_one_is_told_for_another(asks: tuple[tuple[str, int], ...]) -> None:
    """That a result cannot be None is followed through some functions; who asks first makes no difference."""
    users = "".join(ASKS.format(name=name, start=start) for name, start in asks)
    _, audit = audit_sources({"app.py": f"import time\n\n\n{FAR}\n\n\n{users}"})
    assert [finding.function for finding in audit.findings] == ["app.far"]


def test_whether_a_value_with_many_ways_back_is_none_is_told_in_bounded_time() -> None:
    """Twelve branches at each level."""
    ways = "\n".join(f"    {line}" for line in branches(12, "{before}", 9).splitlines())
    app = f"import time\n\n\nasync def main():\n    p0 = 'x'\n{ways}\n    if p9 is None:\n        time.sleep(1)\n"
    with quick():
        _, audit = audit_sources({"app.py": app})
    assert len(audit.findings) <= 1


QUERY = """
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

app = Flask(__name__)
engine = create_engine("postgresql://x")


def f0(session: Session, number):
    return session.execute(text("select 1"))
"""
LOOP = "@app.route('/{name}')\ndef {name}():\n    session = Session(engine)\n    for one in load():\n        f{start}(session, one)\n\n\n"


@pytest.mark.parametrize("asks", [(("far", 6), ("near", 3)), (("near", 3), ("far", 6))])
def test_a_query_that_is_too_far_below_one_loop_is_found_below_another(asks: tuple[tuple[str, int], ...]) -> None:
    """Which loop is looked at first makes no difference."""
    chain = "".join(f"\n\ndef f{n}(session: Session, number):\n    return f{n - 1}(session, number)\n" for n in range(1, 7))
    loops = "".join(LOOP.format(name=name, start=start) for name, start in asks)
    _, audit = audit_sources({"app.py": f"{QUERY}{chain}\n\n{loops}"})
    assert [one.function for one in audit.findings if one.rule == "query-in-loop"] == ["app.near"]


@pytest.mark.parametrize(("seconds", "is_shared"), [("9" * 5_000, True), ("1e400", True), ("3600", True), ("1", False)])
def test_a_sleep_of_any_length_is_read(seconds: str, is_shared: bool) -> None:
    """A number of thousands of digits ended the whole audit. Who sleeps for long goes on, and shares the loop with what it started."""
    watch = "async def watch():\n    while True:\n        await asyncio.sleep(1)\n\n"
    main = f"async def main():\n    asyncio.create_task(watch())\n    time.sleep(1)\n    await asyncio.sleep({seconds})\n\n"
    _, audit = audit_sources({"app.py": f"import asyncio\nimport time\n\n{watch}{main}asyncio.run(main())\n"})
    assert [finding.context == "event-loop" for finding in audit.findings] == [is_shared]
