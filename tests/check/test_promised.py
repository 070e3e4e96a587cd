"""OpenAPI documents beside routes: how a path finds its route, and that long documents beside many routes stay cheap."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fwaudit.check.promised import _Served, comparisons
from fwaudit.model.context import Context
from fwaudit.model.finding import Location
from fwaudit.model.manifest import Manifests, Operation, Specification
from fwaudit.model.project import Project
from fwaudit.model.service import Route, Service
from tests.check.sample import project

PATHS = st.lists(st.lists(st.sampled_from(["a", "b", "{}", "{}.json"]), max_size=3).map(lambda parts: "/" + "/".join(parts)), max_size=8)


def _service(*paths: str) -> Service:
    place = Location("app.py", 1, 1, 1, 1)
    routes = tuple(Route(("GET",), path, f"app.f{number}", place, "http", False, Context.WSGI_WORKER) for number, path in enumerate(paths))
    return Service("app", ".", (), None, (), (), routes)


def _fits(written: str, path: str) -> bool:
    if "{}" not in written or written.count("/") != path.count("/"):
        return False
    return all(own in (part, "{}") for own, part in zip(written.split("/"), path.split("/"), strict=True))


@given(PATHS, PATHS)
def test_a_path_finds_what_a_search_through_all_routes_finds(written: list[str], asked: list[str]) -> None:
    """Its own routes, else those of the first path whose parameters may stand for its parts, else none."""
    served = _Served(_service(*written))
    for path in asked:
        known = path if path in written else next((one for one in written if _fits(one, path)), None)
        assert [route.path for route in served.at(path).values()] == ([] if known is None else [known])


def _project(number: int) -> Project:
    """A service with so many routes below 20 prefixes, and a document that promises half as many operations more."""
    paths = [f"/p{one % 20}/q{one % 3}/r{one}/{{key}}" for one in range(number)]
    operations = (*(Operation(path, "GET", 1) for path in paths), *(Operation(path, "PUT", 1) for path in paths[::2]))
    document = Specification("openapi.yaml", "", operations)
    return replace(project(services=[_service(*paths)]), manifests=Manifests(specifications=(document,)))


def test_a_long_document_beside_many_routes_is_compared_in_little_time() -> None:
    """Eight times as long takes about eight times as long, not 64 times; the best of three, since others use the machine, too."""
    seconds = []
    for number in (100, 800):
        took = []
        for one in [_project(number) for _ in range(3)]:
            start = time.process_time()
            (found,) = comparisons(one)
            took.append(time.process_time() - start)
            assert len(found.served) == number
        seconds.append(min(took))
    assert seconds[1] < 24 * seconds[0]


def test_it_is_compared_once() -> None:
    """Both checks that ask get the same answer; another project gets one of its own."""
    one, other = _project(4), _project(4)

    assert comparisons(one) is comparisons(one)
    assert comparisons(one) is not comparisons(other)


def test_a_document_of_something_else_is_left_out() -> None:
    """No service serves enough of it."""
    other = Specification("openapi.yaml", "", tuple(Operation(f"/other/{one}", "GET", 1) for one in range(9)))

    assert comparisons(replace(_project(9), manifests=Manifests(specifications=(other,)))) == ()
