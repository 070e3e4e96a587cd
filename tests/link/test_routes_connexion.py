"""Connexion: routes are those of the documents that an application is given, with the functions that they name."""

from __future__ import annotations

import pytest

from tests.link.routes import routes_of
from tests.support import audit_sources

DOCUMENT = """
openapi: 3.0.0
servers: [{url: "/v1"}]
paths:
  /dogs:
    get:
      operationId: api.dogs.search
    post:
      operationId: add
      x-openapi-router-controller: api.dogs
  /dogs/{dog}:
    get:
      operationId: api.dogs.missing
"""
DOGS = "def search(): ...\ndef add(body): ...\nasync def get(dog): ...\n"
APP = "import connexion\n\napp = connexion.{class_}(__name__, specification_dir='specs')\napp.add_api({given})\n"


def files(given: str, document: str = DOCUMENT, class_: str = "FlaskApp", **others: str) -> dict[str, str]:
    """A project with one document, and an application that is given it so."""
    return {
        "main.py": APP.format(class_=class_, given=given),
        "api/__init__.py": "",
        "api/dogs.py": DOGS,
        "specs/openapi.yaml": document,
        **others,
    }


def test_operations_are_routes_below_the_base_path_of_the_document() -> None:
    """By the name of the function, or its controller's and its own; an operation whose function is missing is none."""
    assert routes_of(files("'openapi.yaml'")) == ["GET /v1/dogs api.dogs.search", "POST /v1/dogs api.dogs.add"]


def test_an_own_base_path_takes_the_place_of_the_documents() -> None:
    """As `base_path` says it; one that is no literal is unknown."""
    assert routes_of(files("'openapi.yaml', base_path='/own'")) == ["GET /own/dogs api.dogs.search", "POST /own/dogs api.dogs.add"]
    assert routes_of(files("'openapi.yaml', base_path=name()")) == [
        "GET <unknown>/dogs api.dogs.search",
        "POST <unknown>/dogs api.dogs.add",
    ]


@pytest.mark.parametrize(
    ("resolver", "found"),
    [
        ("connexion.resolver.RelativeResolver('api')", ["GET /v1/dogs api.dogs.search", "POST /v1/dogs api.dogs.add"]),
        ("connexion.RestyResolver('api')", ["GET /v1/cats/{cat} api.cats.get", "POST /v1/dogs api.dogs.add"]),
        ("connexion.resolver.MethodResolver('api')", []),
        ("own_resolver", []),
    ],
)
def test_resolvers(resolver: str, found: list[str]) -> None:
    """What is below a module, what REST names; of another resolver nothing is claimed."""
    document = """
openapi: 3.0.0
servers: [{url: "https://example.org/v1/"}]
paths:
  /dogs:
    get: {operationId: dogs.search}
    post: {operationId: add, x-openapi-router-controller: api.dogs}
  /cats/{cat}:
    get: {summary: one}
"""
    assert routes_of(files(f"'openapi.yaml', resolver={resolver}", document, **{"api/cats.py": "def get(cat): ...\n"})) == found


def test_a_document_that_is_not_there_or_not_told_gives_no_route() -> None:
    """Another name, a name that is no literal, and two documents of one name elsewhere."""
    assert routes_of(files("'other.yaml'")) == []
    assert routes_of(files("name()")) == []
    app = APP.format(class_="FlaskApp", given="'openapi.yaml'")
    two = {"a/specs/openapi.yaml": DOCUMENT, "b/specs/openapi.yaml": DOCUMENT, "c/main.py": app, "api/__init__.py": "", "api/dogs.py": DOGS}
    assert routes_of(two) == []


@pytest.mark.parametrize(
    ("class_", "version", "expected"),
    [
        ("FlaskApp", "connexion<3", ("wsgi", ["wsgi-worker", "wsgi-worker"])),
        ("FlaskApp", "connexion>=3", ("asgi", ["threadpool", "threadpool"])),
        ("AsyncApp", "connexion>=3", ("asgi", ["threadpool", "threadpool"])),
    ],
)
def test_where_handlers_run_hangs_on_the_version(class_: str, version: str, expected: tuple[str, list[str]]) -> None:
    """In WSGI workers before version 3, in threads since."""
    (service,) = audit_sources(files("'openapi.yaml'", class_=class_, **{"requirements.txt": f"{version}\nuvicorn\n"}))[1].services

    assert (service.interface, [str(route.context) for route in service.routes]) == expected


def test_a_document_of_any_name_is_read_where_connexion_is_declared() -> None:
    """`api.spec.yaml`, or any document in a folder for them; elsewhere such files stay unread."""
    given = files("'dogs.spec.yaml'", **{"specs/dogs.spec.yaml": DOCUMENT, "specs/openapi.yaml": "openapi: 3.0.0\n"})
    assert routes_of({**given, "requirements.txt": "connexion==3.1\n"}) == ["GET /v1/dogs api.dogs.search", "POST /v1/dogs api.dogs.add"]
    assert routes_of(given) == []


def test_version_3_is_asgi_also_where_its_document_is_not_found() -> None:
    """Which document it is given does not change how it is served."""
    for version, interface in (("==3.1", "asgi"), ("==2.14", "wsgi")):
        given = {**files("load()"), "requirements.txt": f"connexion{version}\ngunicorn\n"}
        assert [service.interface for service in audit_sources(given)[0].services] == [interface]


def test_what_is_filled_into_a_document_is_unknown() -> None:
    """Connexion renders its documents as templates with the `arguments` of `add_api`."""
    document = DOCUMENT.replace('"/v1"', '"/{{ prefix }}/v1"').replace("/dogs/{dog}", "/{{kind}}/{dog}").replace(".missing", ".get")
    assert routes_of(files("'openapi.yaml', arguments={'prefix': 'x'}", document)) == [
        "GET /<unknown>/v1/<unknown>/{dog} api.dogs.get",
        "GET /<unknown>/v1/dogs api.dogs.search",
        "POST /<unknown>/v1/dogs api.dogs.add",
    ]
