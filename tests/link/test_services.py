"""Services: what a repository deploys, by the evidence in its code and its manifests; each rule with its negative twin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fwaudit.model.service import Service
from tests.support import REPOSITORY, audit_sources

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/{name}')\nasync def read(name):\n    return name\n"
ROUTER = "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get('/shared')\nasync def shared():\n    return 1\n"


def services_of(files: dict[str, str]) -> tuple[Service, ...]:
    """The services of the files' project."""
    return audit_sources(files)[0].services


@pytest.mark.parametrize(
    ("files", "root", "name", "app"),
    [
        (("main.py",), ".", "main", "main:app"),
        (("backend/main.py",), "backend", "backend", "backend.main:app"),
        (("shop/__init__.py", "shop/api/__init__.py", "shop/api/main.py"), "shop", "shop", "shop.api.main:app"),
        (("a/shop/__init__.py", "a/shop/api/__init__.py", "a/shop/api/main.py"), "a/shop", "shop", "shop.api.main:app"),
        (("src/main.py",), ".", "main", "main:app"),
        (("service/src/main.py",), "service", "service", "service.src.main:app"),
        (("__init__.py", "main.py"), ".", "main", "main:app"),
    ],
)
def test_a_service_is_the_topmost_package_of_its_app_or_the_folder(files: tuple[str, ...], root: str, name: str, app: str) -> None:
    """A folder for sources only is no service of its own."""
    found = services_of({path: APP if path.endswith("main.py") else "" for path in files})

    assert [(one.root, one.name, [each.name for each in one.apps]) for one in found] == [(root, name, [app])]


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"app/__init__.py": "", "app/main.py": APP}, "app"),
        ({"app/__init__.py": "", "app/main.py": APP, "pyproject.toml": "[project]\nname = 'pictures'\n"}, "pictures"),
        ({"app/__init__.py": "", "app/main.py": APP, "pyproject.toml": "[project]\nname = 'app'\n"}, "app"),
        ({"shop/app/__init__.py": "", "shop/app/main.py": APP, "pyproject.toml": "[project]\nname = 'pictures'\n"}, "shop"),
        ({"src/pyproject.toml": "[project]\n", "src/shop/__init__.py": "", "src/shop/main.py": APP}, "shop"),
        ({"src/requirements.txt": "fastapi\n", "src/shop/main.py": APP}, "shop"),
        ({"api/__init__.py": "", "api/main.py": APP, "pyproject.toml": "[project]\nname = 'pictures'\n"}, "api"),
    ],
)
def test_a_service_has_a_name_that_says_something_where_there_is_one(files: dict[str, str], name: str) -> None:
    """Not `app` or `src`, if a folder around it, its project or its package has a name of its own."""
    assert [one.name for one in services_of(files)] == [name]


def test_each_app_of_a_workspace_is_a_service_with_its_own_routes() -> None:
    """A route that lies in neither belongs to the one that imports it."""
    one = "from team.shared.routes import router\n" + APP
    files = {"team/one/main.py": one, "other/two/main.py": APP, "team/shared/routes.py": ROUTER}

    assert [(one.root, [route.path for route in one.routes]) for one in services_of(files)] == [
        ("other/two", ["/{name}"]),
        ("team/one", ["/shared", "/{name}"]),
    ]


def test_apps_of_tests_are_no_services() -> None:
    """What is not code is not deployed."""
    assert services_of({"tests/test_app.py": APP, "tests/conftest.py": ""}) == ()


def test_routes_without_an_app_make_a_service() -> None:
    """Its framework is the one of its routes."""
    [found] = services_of({"api/routes.py": ROUTER})

    assert (found.root, found.apps, [use.name for use in found.frameworks]) == ("api", (), ["fastapi"])


FLASK = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route('/')\ndef index():\n    return ''\n"
FACTORY = """\
from fastapi import FastAPI


def create_app():
    app = FastAPI()

    @app.get('/')
    async def index(): ...

    return app
"""


def project(*dependencies: str, **extras: list[str]) -> str:
    """A pyproject.toml that declares them."""
    lines = ["[project]", 'name = "x"', 'version = "1"', f"dependencies = {list(dependencies)}"]
    return "\n".join([*lines, "[project.optional-dependencies]", *(f"{name} = {found}" for name, found in extras.items())]) + "\n"


def said(files: dict[str, str], settings: Mapping[str, Any] | None = None) -> list[str]:
    """Each service as `root: frameworks | interface | servers | apps`."""
    return [
        f"{one.root}: {', '.join(f'{use.name} {use.version}'.rstrip() for use in one.frameworks)} | {one.interface} | "
        f"{', '.join(server.name for server in one.servers)} | {', '.join(app.name for app in one.apps)}"
        for one in audit_sources(files, settings)[0].services
    ]


def test_a_monorepo_has_one_service_for_each_deployable_root() -> None:
    """The nearest folder with a manifest is the root; its versions are its own."""
    files = {
        "services/shop/pyproject.toml": project("fastapi>=0.110", "uvicorn"),
        "services/shop/src/shop/main.py": APP,
        "services/admin/requirements.txt": "flask~=3.0\n",
        "services/admin/Dockerfile": "FROM python\nCMD gunicorn app:app\n",
        "services/admin/app.py": FLASK,
        "pyproject.toml": project("requests"),
        "tools/report.py": "import requests\n",
    }

    assert said(files) == [
        "services/admin: flask ~=3.0 | wsgi | gunicorn | app:app",
        "services/shop: fastapi >=0.110 | asgi |  | shop.main:app",
    ]


def test_apps_of_one_package_are_one_service() -> None:
    """Mounted on each other or not; of two packages in one root, those of which one imports the other."""
    inner = "from fastapi import FastAPI\n\ninner = FastAPI()\n\n\n@inner.get('/i')\nasync def read(): ...\n"
    outer = "from {} import inner\nfrom fastapi import FastAPI\n\napp = FastAPI()\napp.mount('/api', inner)\n"
    package = {"shop/__init__.py": "", "shop/api.py": inner, "shop/main.py": outer.format("shop.api")}
    packages = {"api/__init__.py": "", "api/inner.py": inner, "web/__init__.py": "", "web/main.py": outer.format("api.inner")}
    strangers = packages | {"web/main.py": APP}

    assert [line.partition(":")[0] for line in said(package)] == ["shop"]
    assert [line.partition(":")[0] for line in said(packages)] == ["."]
    assert [line.partition(":")[0] for line in said(strangers)] == ["api", "web"]


def test_a_framework_itself_is_no_service() -> None:
    """Its package in a project of its name; a project that only has such a name, or such a package, may be one."""
    named = '[project]\nname = "fastmcp"\nversion = "1"\ndependencies = ["starlette", "uvicorn"]\n'
    app = "from starlette.applications import Starlette\nimport uvicorn\n\napp = Starlette()\n\n\ndef run():\n    uvicorn.run(app)\n"
    framework = {"pyproject.toml": named, "src/fastmcp/__init__.py": "", "src/fastmcp/http.py": app}

    assert said(framework) == []
    assert len(said(framework | {"pyproject.toml": named.replace("fastmcp", "orders")})) == 1
    assert len(said({"pyproject.toml": named, "server/http.py": app})) == 1
    assert said({"setup.cfg": "[metadata]\nname = sanic\n", "sanic/__init__.py": "", "sanic/x.py": APP}) == []


def test_a_root_has_one_service() -> None:
    """Also where two that belong together come to lie beside a third."""
    inner = "from fastapi import FastAPI\n\ninner = FastAPI()\n\n\n@inner.get('/i')\nasync def read(): ...\n"
    files = {"api/__init__.py": "", "api/inner.py": inner, "web/__init__.py": "", "web/main.py": "from api.inner import inner\n" + APP}

    assert said(files | {"run.py": APP}) == [".: fastapi | asgi |  | api.inner:inner, run:app, web.main:app"]


@pytest.mark.parametrize(
    "folder", ["docs", "examples", "tests", "itest", "benchmarks", "shop/testing", "docs_src", "scripts", "{{cookiecutter.name}}"]
)
def test_code_that_shows_or_checks_makes_no_service(folder: str) -> None:
    """Examples, documentation, tests and templates are not deployed; a folder whose name only holds such a word is."""
    assert said({f"{folder}/main.py": APP}) == []
    assert len(said({"contests/main.py": APP})) == 1


def test_a_project_that_is_nothing_but_examples_is_its_examples() -> None:
    """A manifest or manage.py beside them tells a project of Python; beside code of its own, examples stay what they are."""
    demos = {"demos/polls/setup.py": "from setuptools import setup\n", "demos/polls/polls/main.py": APP, "docs/conf.py": "x = 1\n"}
    declared = demos | {"requirements.txt": "fastapi\n"}

    assert said(demos) == []
    assert said(declared) == ["demos/polls: fastapi | asgi |  | polls.main:app"]
    assert said(declared | {"polls/core.py": "import requests\n"}) == []
    assert said({"example/app.py": FLASK, "manage.py": "import example.app\n"}) == ["example: flask | wsgi |  | example.app:app"]
    assert said({"docs/app.py": FLASK, "requirements.txt": "flask\n"}) == []


def test_the_project_that_manage_py_names_is_deployed_whatever_it_is_called() -> None:
    """Beside a setup.py, it is the example of a library."""
    files = {
        "manage.py": "import os\n\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'demo.settings')\n",
        "demo/__init__.py": "",
        "demo/settings.py": "ROOT_URLCONF = 'demo.urls'\nINSTALLED_APPS = ['api']\nWSGI_APPLICATION = 'demo.wsgi.application'\n",
        "demo/urls.py": "from django.urls import path\nfrom api.views import index\n\nurlpatterns = [path('', index)]\n",
        "demo/wsgi.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
        "api/__init__.py": "",
        "api/views.py": "def index(request): ...\n",
    }

    assert [line.partition(":")[2] for line in said(files)] == [" django | wsgi |  | demo.wsgi:application"]
    assert said(files | {"setup.py": "from setuptools import setup\n\nsetup(name='api')\n"}) == []


def test_views_beside_a_project_are_its_routes_though_another_service_lies_there() -> None:
    """`shop/` is imported by nobody: its urls are named by a text. The daemon is of another framework."""
    files = {
        "manage.py": "from django.core.management import execute_from_command_line\n\nexecute_from_command_line([])\n",
        "site_/__init__.py": "",
        "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\n",
        "site_/wsgi.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
        "site_/urls.py": "from django.urls import include, path\nurlpatterns = [path('', include('shop.urls'))]\n",
        "shop/__init__.py": "",
        "shop/urls.py": "from django.urls import path\nfrom . import views\nurlpatterns = [path('a', views.index)]\n",
        "shop/views.py": "def index(request): ...\n",
        "daemons/coin.py": (
            "from aiohttp import web\n\nasync def call(request): ...\n\n"
            "app = web.Application()\napp.add_routes([web.post('/', call)])\nweb.run_app(app)\n"
        ),
    }

    found = {one.name: sorted(route.path for route in one.routes) for one in audit_sources(files)[1].services}
    assert found == {"daemons": ["/"], "site_": ["/a"]}


def test_a_module_called_setup_marks_no_root() -> None:
    """Only a script that installs does."""
    files = {
        "app/__init__.py": "",
        "app/main.py": "from app.core.setup import create_app\n\napp = create_app()\n",
        "app/core/__init__.py": "",
    }
    installs = "import setuptools\n\n\ndef read(path): ...\n\n\nsetuptools.setup()\n"

    assert [line.partition(":")[0] for line in said(files | {"app/core/setup.py": FACTORY})] == ["app"]
    assert said({"one/setup.py": installs, "one/shop/__init__.py": "", "one/shop/main.py": APP}) == [
        "one: fastapi | asgi |  | shop.main:app"
    ]


def test_a_package_called_an_example_is_deployed_where_other_code_imports_it() -> None:
    """A folder of examples that nobody imports, or only a test, is not."""
    served = {"lambda.py": "import serverless_wsgi\nfrom shop_example.main import app\n\n\ndef handler(event, context): ...\n"}
    package = {"shop_example/__init__.py": "", "shop_example/main.py": FLASK, "shop_example/demo/main.py": FLASK}

    assert said(package | served) == ["shop_example: flask | wsgi |  | shop_example.main:app"]
    assert said(package | {"other.py": "", "tests/test_shop.py": "from shop_example.main import app\n"}) == []


def test_a_library_that_only_tests_against_a_framework_has_no_service() -> None:
    """Neither with its tests nor with an optional integration that makes an app."""
    library = {"pyproject.toml": project("requests", test=["flask"]), "lib/core.py": "import requests\n", "tests/test_app.py": FLASK}

    assert said(library) == []
    assert said(library | {"lib/contrib/debug.py": FLASK}) == []
    assert len(said(library | {"lib/contrib/debug.py": FLASK, "pyproject.toml": project("flask")})) == 1


def test_an_app_that_a_library_makes_for_others_is_no_service_until_something_serves_it() -> None:
    """A server that is needed, a command or a call in code is what serves it."""
    library = {"pyproject.toml": project("fastapi"), "panel/__init__.py": "", "panel/app.py": FACTORY}
    runs = "import uvicorn\nfrom panel.app import create_app\n\n\ndef main():\n    uvicorn.run(create_app())\n"

    assert said(library) == []
    assert said(library | {"pyproject.toml": project("fastapi", "uvicorn")}) == ["panel: fastapi | asgi |  | panel.app:create_app()"]
    assert said(library | {"panel/cli.py": runs}) == ["panel: fastapi | asgi | uvicorn | panel.app:create_app()"]
    assert said(library | {"Procfile": "web: uvicorn --factory panel.app:create_app\n"}) == [
        "panel: fastapi | asgi | uvicorn | panel.app:create_app()"
    ]


def test_an_extra_that_brings_framework_and_server_makes_a_service_of_what_the_code_starts() -> None:
    """One for the tests does not, nor one without the server."""
    runs = APP + "\n\ndef main():\n    import uvicorn\n\n    uvicorn.run(app)\n"
    files = {"agents/__init__.py": "", "agents/server.py": runs}

    def found(**extras: list[str]) -> list[str]:
        return said(files | {"pyproject.toml": project("requests", **extras)})

    assert found(server=["fastapi", "uvicorn[standard]"]) == ["agents: fastapi | asgi | uvicorn | agents.server:app"]
    assert found(tests=["fastapi", "uvicorn"], dev=["fastapi", "uvicorn"], docs=["fastapi", "uvicorn"]) == []
    assert found(fastapi=["fastapi"]) == []
    assert said({"agents/server.py": APP, "pyproject.toml": project("requests", server=["fastapi", "uvicorn"])}) == []


def test_a_group_of_a_project_that_is_never_built_is_what_it_needs() -> None:
    """Whatever its name, unless that is one of those who develop; of a package it is not."""
    groups = '[dependency-groups]\n{name} = ["fastapi>=0.110"]\n'
    old_groups = '[tool.pdm.dev-dependencies]\n{name} = ["fastapi>=0.110"]\n'
    built = '[build-system]\nrequires = ["hatchling"]\n'

    def found(manifest: str, name: str = "platform") -> list[str]:
        return said({"app/main.py": APP, "pyproject.toml": '[project]\nname = "shop"\n' + manifest.format(name=name)})

    assert found(groups) == found(old_groups) == ["app: fastapi >=0.110 | asgi |  | app.main:app"]
    assert found(groups, "dev") == found(old_groups, "test-api") == found(groups + built) == []
    assert found(groups + built + "[tool.uv]\npackage = false\n") == found(groups)


def test_the_default_environment_of_hatch_is_what_a_program_needs() -> None:
    """A package is installed there, so that it holds what it is developed with."""
    environment = '[tool.hatch.envs.{name}]\ndependencies = ["fastapi>=0.110"]\n'
    built = '[build-system]\nrequires = ["hatchling"]\n'

    def found(manifest: str, name: str = "default") -> list[str]:
        return said({"app/main.py": APP, "pyproject.toml": '[project]\nname = "shop"\n' + manifest.format(name=name)})

    assert found(environment) == ["app: fastapi >=0.110 | asgi |  | app.main:app"]
    assert found(built + environment + "skip-install = true\n") == found(environment)
    assert found(built + environment) == found(environment, "style") == []


def test_a_factory_that_the_framework_finds_by_its_name_is_a_service() -> None:
    """`flask run` looks for `create_app` and `make_app`; under another name, or where Flask is an extra, it is a library's."""
    files = {"desk/__init__.py": "", "desk/app.py": "from flask import Flask\n\n\ndef create_app():\n    return Flask(__name__)\n"}
    other = files | {"desk/app.py": files["desk/app.py"].replace("create_app", "build")}

    assert said(files | {"pyproject.toml": project("flask")}) == ["desk: flask | wsgi |  | desk.app:create_app()"]
    assert said(other | {"pyproject.toml": project("flask")}) == []
    assert said(files | {"pyproject.toml": project("requests", web=["flask"])}) == []


def test_an_app_made_in_a_shared_library_belongs_to_the_service_that_calls_it() -> None:
    """The library is none; a second service that does not call it is not it."""
    files = {
        "libs/base/pyproject.toml": project("fastapi"),
        "libs/base/src/base/__init__.py": "",
        "libs/base/src/base/apps.py": FACTORY,
        "services/shop/pyproject.toml": project("uvicorn"),
        "services/shop/src/shop/__init__.py": "",
        "services/shop/src/shop/main.py": "from base.apps import create_app\n\napp = create_app()\n",
        "services/job/pyproject.toml": project("requests"),
        "services/job/src/job/__init__.py": "",
        "services/job/src/job/main.py": "import base\n",
    }

    assert said(files) == ["services/shop: fastapi | asgi |  | shop.main:app"]


def test_apps_of_the_same_name_in_two_services_are_two() -> None:
    """Every service of a monorepo may have its `app.main:app`."""
    files = {f"{name}/{path}": text for name in "ab" for path, text in {"setup.py": "", "app/__init__.py": "", "app/main.py": APP}.items()}

    assert said(files) == ["a: fastapi | asgi |  | app.main:app", "b: fastapi | asgi |  | app.main:app"]


def test_apps_that_one_process_serves_are_one_service() -> None:
    """web2py runs every folder of `applications`, also one that is called examples."""
    files = {f"applications/{name}/controllers/default.py": "def index():\n    return dict()\n" for name in ("admin", "examples")}
    files["gluon/main.py"] = "import gluon.globals\n"
    [found] = services_of(files)

    assert services_of({f"examples/{path}": text for path, text in files.items()}) == ()
    assert (found.root, [use.name for use in found.frameworks], len(found.routes)) == ("applications", ["web2py"], 2)


def test_an_app_that_is_hosted_elsewhere_is_a_service_at_its_folder() -> None:
    """The folder that holds its controllers and models, also that of the workspace."""
    files = {"controllers/default.py": "def index():\n    return dict()\n", "models/db.py": "from gluon import current\n"}

    assert [one.root for one in services_of(files)] == ["."]
    assert [one.root for one in services_of({f"eden/{path}": text for path, text in files.items()})] == ["eden"]


def test_a_script_beside_the_package_starts_the_package() -> None:
    """The app is made in the package; one that the script makes itself is the script's."""
    maker = "from flask import Flask\n\n\ndef create_app():\n    return Flask(__name__)\n"
    files = {"shop/__init__.py": "", "shop/factory.py": maker, "wsgi.py": "from shop.factory import create_app\n\napp = create_app()\n"}
    files["Procfile"] = "web: gunicorn wsgi:app\n"

    assert said(files) == ["shop: flask | wsgi | gunicorn | shop.factory:create_app(), wsgi:app"]
    assert said(files | {"wsgi.py": "import shop.factory\nfrom flask import Flask\n\napp = Flask('shop')\n"}) == [
        ".: flask | wsgi | gunicorn | shop.factory:create_app(), wsgi:app"
    ]
    elsewhere = {name: text for name, text in files.items() if name != "wsgi.py"} | {"contrib/cloud/wsgi.py": files["wsgi.py"]}
    assert [one.root for one in services_of(elsewhere)] == ["shop"]
    assert [one.root for one in services_of(elsewhere | {"contrib/edge/wsgi.py": files["wsgi.py"]})] == ["shop"]
    assert [one.root for one in services_of(elsewhere | {"contrib/cloud/pages.py": "", "contrib/edge/wsgi.py": files["wsgi.py"]})] == ["."]


def test_a_command_in_a_folder_of_its_own_starts_the_only_service_around() -> None:
    """What names no module may stand in `conf/` or `docker/`; with two services there is no telling."""
    files = {"shop/__init__.py": "", "shop/main.py": APP, "docker/Dockerfile": 'FROM x\nCMD ["gunicorn", "--paste", "production.ini"]\n'}

    assert said(files) == ["shop: fastapi | asgi | gunicorn | shop.main:app"]
    assert said(files | {"mail/__init__.py": "", "mail/main.py": APP}) == [
        "mail: fastapi | asgi |  | mail.main:app",
        "shop: fastapi | asgi |  | shop.main:app",
    ]
    assert said({"shop/__init__.py": "", "shop/main.py": APP, "docker/run.sh": "uvicorn --port 80 $APPLICATION\n"}) == [
        "shop: fastapi | asgi | uvicorn | shop.main:app"
    ]
    script = "exec mod_wsgi-express-3 start-server \\\n    --http2 --processes 2 \\\n    /usr/share/shop/shop.wsgi\n"
    files = {"shop/__init__.py": "", "shop/main.py": FLASK, "files/run.sh": script}
    assert said(files) == ["shop: flask | wsgi | mod_wsgi | shop.main:app"]


def test_a_script_elsewhere_serves_the_app_that_it_imports() -> None:
    """In a folder of its own, by a name of its own for the server; of two apps both, if it names both, and none otherwise."""
    files = {"api/__init__.py": "from api.main import app\n", "api/main.py": APP}
    start = {"main/__init__.py": "", "main/__main__.py": "from api import app\nfrom uvicorn import run as serve\n\nserve(app)\n"}
    mail = {"mail/__init__.py": "", "mail/main.py": APP, "all/__init__.py": "", "all/apps.py": "import api.main, mail.main\n"}
    both = "from uvicorn import run\n{}\n\ndef main():\n    run(choose())\n"

    assert said(files | start) == ["api: fastapi | asgi | uvicorn | api.main:app"]
    assert said(files | {"main/__main__.py": "import uvicorn\n\nuvicorn.run('x:app')\n"}) == ["api: fastapi | asgi |  | api.main:app"]
    assert [one.partition(" | a")[2] for one in said(files | mail | {"main/start.py": both.format("import api.main, mail.main")})] == [
        "sgi | uvicorn | api.main:app",
        "sgi | uvicorn | mail.main:app",
    ]
    assert [one.partition(" | a")[2] for one in said(files | mail | {"main/start.py": both.format("import all.apps")})] == [
        "sgi |  | api.main:app",
        "sgi |  | mail.main:app",
    ]


def test_a_server_has_another_name_in_the_function_that_starts_it() -> None:
    """An import in the function; what has that name elsewhere is nothing."""
    start = "\n\nasync def main():\n    from {} import serve as start\n    await start(app, None)\n"

    assert said({"shop/main.py": APP + start.format("hypercorn.asyncio")}) == ["shop: fastapi | asgi | hypercorn | shop.main:app"]
    assert said({"shop/main.py": APP + start.format("hypercorn.utils")}) == ["shop: fastapi | asgi |  | shop.main:app"]


def test_an_app_that_a_function_is_given_is_served_where_that_starts_it() -> None:
    """By a method of the app, which the function's calls give; what only a test gives it, or another thing, is not served."""
    app = "import tornado.web\n\n\nclass Page(tornado.web.RequestHandler): ...\n\n\napp = tornado.web.Application([('/', Page)])\n"
    start = app + "\n\ndef start(it):\n    it.listen(80)\n"

    assert said({"shop/main.py": start + "\n\nstart(app)\n"}) == ["shop: tornado | own-loop | tornado | shop.main:app"]
    assert said({"shop/main.py": start + "\n\nstart(open('x'))\n"}) == ["shop: tornado | own-loop |  | shop.main:app"]
    assert said({"shop/main.py": start, "tests/test_main.py": "from shop.main import app, start\n\nstart(app)\n"}) == [
        "shop: tornado | own-loop |  | shop.main:app"
    ]


def test_an_app_that_a_function_makes_is_one_by_the_bases_of_its_class() -> None:
    """Connexion's app is Flask's: the name of a module that it is bound to can be told a server. Another class is no app."""
    made = "import connexion\n\n\ndef setup():\n    return connexion.{}\n"
    files = {
        "pyproject.toml": project("connexion"),
        "shop/__init__.py": "",
        "passenger_wsgi.py": "from shop.main import setup\n\napplication = setup()\n",
    }

    assert said(files | {"shop/main.py": made.format("App(__name__)")}) == ["shop: flask, connexion | wsgi |  | shop.main:setup()"]
    assert said(files | {"shop/main.py": made.format("Api(__name__)")}) == []


def test_gunicorn_that_code_starts_has_a_worker_class_that_nobody_can_tell() -> None:
    """The program gives it its options: nothing is said of sync workers, as it is where a command starts it without any."""
    program = """\
from flask import Flask
from flask_socketio import SocketIO
from gunicorn.app.base import BaseApplication

app = Flask(__name__)
socketio = SocketIO(app)


@socketio.on("message")
def receive(text): ...


class Served(BaseApplication):
    def load_config(self):
        self.cfg.set("worker_class", "eventlet")


Served().run()
"""
    rule = "socketio-without-async-server"

    def found(command: str) -> list[str]:
        files = {"run.py": program, "Dockerfile": f"FROM python\nCMD {command}\n"}
        return [one.rule for one in audit_sources(files)[1].findings if one.rule == rule]

    assert found("python run.py") == []
    assert found("gunicorn run:app") == [rule]


def test_a_function_around_an_app_of_the_project_is_no_second_application() -> None:
    """A script that wraps the app and serves that; one that imports none is an application of its own."""
    wraps = "from gevent.pywsgi import WSGIServer\n{}\n\ndef wrapped(environ, start_response):\n    return 1\n\n\n"
    wraps += "WSGIServer(('', 80), wrapped)\n"
    files = {"shop/__init__.py": "", "shop/main.py": FLASK}

    assert said(files | {"run.py": wraps.format("from shop.main import app")}) == ["shop: flask | wsgi | gevent | shop.main:app"]
    assert said(files | {"edge/run.py": wraps.format("import os")}) == [
        "edge:  | wsgi | gevent | ",
        "shop: flask | wsgi |  | shop.main:app",
    ]


def test_a_shared_library_serves_the_apps_of_those_who_call_it() -> None:
    """The function that starts the server belongs to another project; who only imports it is not served."""
    start = "import uvicorn\n\n\ndef serve(app):\n    server = uvicorn.Server(uvicorn.Config(app))\n    server.run()\n"
    library = {"libs/base/pyproject.toml": project("uvicorn"), "libs/base/src/base/__init__.py": "", "libs/base/src/base/serving.py": start}
    main = "from base.serving import serve\n" + APP
    shop = {"shop/pyproject.toml": project("fastapi", "base"), "shop/src/shop/__init__.py": ""}

    assert said(library | shop | {"shop/src/shop/main.py": main + "\n\ndef start():\n    serve(app)\n"}) == [
        "shop: fastapi | asgi | uvicorn | shop.main:app"
    ]
    assert said(library | shop | {"shop/src/shop/main.py": main}) == ["shop: fastapi | asgi |  | shop.main:app"]


def test_the_servers_that_a_copy_of_a_framework_knows_are_not_the_services() -> None:
    """The framework is one file, copied into the project: what it offers to start is not started by that."""
    copy = "from wsgiref.simple_server import make_server\n\n\nclass Bottle: ...\n\n\ndef run(app):\n    make_server('', 80, app)\n"
    main = "from shop.bottle import Bottle\n\napp = Bottle()\n"
    files = {"shop/__init__.py": "", "shop/bottle.py": copy}

    assert said(files | {"shop/main.py": main}) == ["shop: bottle | wsgi |  | shop.main:app"]
    served = "from wsgiref.simple_server import make_server\n" + main + "make_server('', 80, app)\n"
    assert said(files | {"shop/main.py": served}) == ["shop: bottle | wsgi | wsgiref | shop.main:app"]


def test_a_package_goes_on_through_a_folder_without_init() -> None:
    """If code imports it from there; a folder of several projects is no package."""
    files = {"app/__init__.py": "", "app/api/v2/__init__.py": "", "app/api/v2/main.py": APP, "server.py": "from app.api.v2 import main\n"}

    assert [one.root for one in services_of(files)] == ["app"]
    assert [one.root for one in services_of(files | {"server.py": "from v2 import main\n"})] == ["app/api/v2"]


def test_views_beside_the_project_of_django_are_its_routes() -> None:
    """The settings name the urls, which import them; a second wsgi.py with the same settings is no second service."""
    wsgi = "import os\nfrom django.core.wsgi import get_wsgi_application\n"
    wsgi += "os.environ.setdefault('DJANGO_SETTINGS_MODULE', f'shop.settings.{name}')\n"
    wsgi += "application = get_wsgi_application()\n"
    urls = "from django.urls import path\nfrom api import views\n\nurlpatterns = [path('items', views.items)]\n"
    views = "from django.http import HttpResponse\n\n\ndef items(request):\n    return HttpResponse('x')\n"
    files = {
        "shop/__init__.py": "",
        "shop/settings/__init__.py": "ROOT_URLCONF = 'shop.urls'\n",
        "shop/urls.py": urls,
        "shop/wsgi.py": wsgi,
    }
    files |= {"api/__init__.py": "", "api/views.py": views, "old/__init__.py": "", "old/wsgi.py": wsgi}
    other = {"mail/__init__.py": "", "mail/main.py": APP}

    assert [(one.root, [route.path for route in one.routes]) for one in services_of(files | other)] == [
        ("mail", ["/{name}"]),
        ("shop", ["/items"]),
    ]


def test_the_root_of_the_workspace_is_called_as_its_project() -> None:
    """Two projects that are declared there give no name."""
    files = {"a_first.py": APP, "main.py": APP, "pyproject.toml": "[project]\nname = 'shop'\n"}

    assert [one.name for one in services_of(files)] == ["shop"]


def test_what_is_used_beside_fastapi_is_secondary() -> None:
    """Administration sites and models; where they are not imported, they are not used."""
    admin = "from sqladmin import Admin\nfrom sqlmodel import SQLModel\n" + APP + "\nAdmin(app, None)\n"

    assert said({"shop/main.py": admin}) == ["shop: fastapi, sqladmin, sqlmodel | asgi |  | shop.main:app"]
    assert said({"shop/main.py": APP, "requirements.txt": "fastapi\nsqladmin\n"}) == ["shop: fastapi | asgi |  | shop.main:app"]


def test_a_second_app_that_nobody_uses_is_left_out() -> None:
    """It has no routes, no server is told it and no file imports it."""
    spare = "from flask import Flask\n\nspare = Flask(__name__)\n"
    files = {"shop/__init__.py": "", "shop/main.py": FLASK, "shop/filters.py": spare}

    assert said(files) == ["shop: flask | wsgi |  | shop.main:app"]
    assert said(files | {"shop/cli.py": "from shop.filters import spare\n"}) == [
        "shop: flask | wsgi |  | shop.filters:spare, shop.main:app"
    ]


def test_an_app_around_others_is_used_though_it_has_no_route_itself() -> None:
    """Its module imports what has the routes; the server is told neither."""
    around = "from starlette.applications import Starlette\nfrom starlette.routing import Mount\nimport shop.api\n\n"
    around += "app = Starlette(routes=[Mount('/api', shop.api.app)])\n"

    assert said({"shop/__init__.py": "", "shop/api.py": APP, "shop/asgi.py": around}) == [
        "shop: fastapi, starlette | asgi |  | shop.api:app, shop.asgi:app"
    ]


def test_an_own_asgi_application_is_a_service_without_a_framework() -> None:
    """Where a server is handed a callable with the parameters of ASGI; another callable is none."""
    serves = "import uvicorn\n\n\n{}\n\n\ndef main():\n    uvicorn.run(app)\n"
    function = serves.format("async def app(scope, receive, send): ...")
    instance = serves.format("class App:\n    async def __call__(self, scope, receive, send): ...\n\n\napp = App()")

    assert said({"edge/main.py": function}) == ["edge:  | asgi | uvicorn | "]
    assert said({"edge/main.py": instance}) == ["edge:  | asgi | uvicorn | "]
    assert said({"edge/main.py": serves.format("async def app(request): ...")}) == []


def test_an_own_wsgi_application_is_a_service_without_a_framework() -> None:
    """Where a server is handed a callable with the parameters of WSGI; what handles requests in another form is none."""
    serves = "from wsgiref.simple_server import make_server\n\n\n{}\n\n\ndef main():\n    make_server('', 8000, app).serve_forever()\n"
    instance = serves.format("class App:\n    def __call__(self, environ, start_response): ...\n\n\napp = App()")

    assert said({"edge/main.py": serves.format("def app(environ, start_response): ...")}) == ["edge:  | wsgi | wsgiref | "]
    assert said({"edge/main.py": instance}) == ["edge:  | wsgi | wsgiref | "]
    assert said({"edge/main.py": serves.format("def app(request): ...")}) == []


def test_an_application_that_a_function_makes_for_a_server_in_a_class_is_a_service() -> None:
    """Werkzeug's server, that the class keeps to stop it later."""
    factory = "from flask import Flask\n\n\ndef create_app():\n    return Flask(__name__)\n\n\n"
    serves = (
        "class Job:\n    def __init__(self):\n        self.server = make_server('0.0.0.0', 80, create_app())\n\n"
        "    def start(self):\n        self.server.serve_forever()\n"
    )
    job = f"from werkzeug.serving import make_server\n{factory}{serves}"

    assert said({"edge/__init__.py": "", "edge/web.py": job}) == ["edge: flask | wsgi | werkzeug | edge.web:create_app()"]


def test_an_application_of_no_known_framework_is_a_service_where_a_command_names_it() -> None:
    """A command whose module is not there, lacks the name, or holds code that is not deployed shows none."""
    made = "from company import make_app\n\napplication = make_app()\n"
    command = {"Dockerfile": 'FROM python\nENTRYPOINT ["gunicorn", "-w", "4"]\nCMD ["edge.run"]\n'}

    assert said({"edge/__init__.py": "", "edge/run.py": made} | command) == ["edge:  | wsgi | gunicorn | "]
    assert said({"edge/__init__.py": "", "edge/run.py": "app = 1\n"} | command) == []
    assert said({"edge/__init__.py": "", "edge/other.py": made} | command) == []
    assert said({"examples/edge/__init__.py": "", "examples/edge/run.py": made} | command) == []
    by_path = "[uwsgi]\nmaster = true\nwsgi-file = /opt/edge/run.py\n"
    assert said({"edge/run.py": made, "conf/uwsgi.ini": by_path}) == ["edge:  | wsgi | uwsgi | "]
    assert said({"edge/other.py": made, "conf/uwsgi.ini": by_path}) == []
    assert said({"edge/__init__.py": "", "edge/run.py": made, "edge/main.py": FLASK} | command) == [
        "edge: flask | wsgi | gunicorn | edge.main:app"
    ]


def test_routes_alone_are_a_library_where_manifests_say_what_is_declared() -> None:
    """A part of a project that is audited by itself has no manifests, and its routes are shown."""
    assert len(said({"api/routes.py": ROUTER})) == 1
    assert said({"api/routes.py": ROUTER, "pyproject.toml": project("fastapi")}) == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gunicorn main:app", "own-loop | gunicorn"),
        ("gunicorn -k uvicorn.workers.UvicornWorker main:app", "asgi | gunicorn"),
        ("uvicorn main:app", "asgi | uvicorn"),
        ("sanic main:app", "own-loop | sanic"),
    ],
)
def test_the_interface_is_the_one_that_the_server_serves_if_the_framework_speaks_it(command: str, expected: str) -> None:
    """Sanic runs on its own loop and under ASGI servers, never as WSGI."""
    files = {"main.py": "from sanic import Sanic\n\napp = Sanic('x')\n", "Procfile": f"web: {command}\n"}

    assert said(files) == [f".: sanic | {expected} | main:app"]


def test_a_command_of_one_framework_serves_no_other() -> None:
    """`manage.py runserver` is Flask-Script's where the application is Flask's: Werkzeug serves it."""
    manage = "from flask_script import Manager\nfrom shop.main import app\n\nmanager = Manager(app)\nmanager.run()\n"
    files = {"shop/__init__.py": "", "shop/main.py": FLASK, "Procfile": "web: python manage.py runserver\n"}

    assert said(files) == ["shop: flask | wsgi |  | shop.main:app"]
    assert said(files | {"manage.py": manage}) == ["shop: flask | wsgi | werkzeug | shop.main:app"]


def test_a_framework_under_a_server_of_another_interface_keeps_its_own() -> None:
    """Flask stays WSGI under uvicorn, which takes an adapter."""
    assert said({"main.py": FLASK, "Procfile": "web: uvicorn main:app\n"}) == [".: flask | wsgi | uvicorn | main:app"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Procfile": "web: gunicorn -k gevent main:app\n"}, "greenlet"),
        ({"uwsgi.ini": "[uwsgi]\nmodule = main:app\nmaster = true\ngevent = 100\n"}, "greenlet"),
        (
            {"run.py": "from gevent.pywsgi import WSGIServer\nfrom main import app\n\nWSGIServer(('', 80), app).serve_forever()\n"},
            "greenlet",
        ),
        ({"Procfile": "web: gunicorn -k gevent main:app\n", "Makefile": "run:\n\tflask run\n"}, "greenlet"),
        ({"Procfile": "web: gunicorn main:app\n"}, "wsgi-worker"),
        ({"Procfile": "web: gunicorn -k gevent main:app\n", "Dockerfile": "FROM python\nCMD gunicorn main:app\n"}, "wsgi-worker"),
        ({"Makefile": "run:\n\tflask run\n"}, "wsgi-worker"),
    ],
)
def test_handlers_run_in_greenlets_where_every_server_does_so(files: dict[str, str], expected: str) -> None:
    """By its worker class, an option or itself; servers for developing do not count, and one that says otherwise speaks against all."""
    found = services_of({"main.py": FLASK, **files})

    assert {str(route.context) for service in found for route in service.routes} == {expected}


ADAPTED = FLASK + "\nfrom {module} import {name}\n\nasgi = {name}(app)\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Procfile": "web: uvicorn main:asgi\n"}, ("asgi", "threadpool")),
        ({"serve.py": "import uvicorn\nfrom main import asgi\n\nuvicorn.run(asgi)\n"}, ("asgi", "threadpool")),
        ({"Procfile": "web: gunicorn main:app\n"}, ("wsgi", "wsgi-worker")),
        ({"Procfile": "web: gunicorn main:app\n", "Dockerfile": "FROM python\nCMD uvicorn main:asgi\n"}, ("wsgi", "wsgi-worker")),
    ],
)
@pytest.mark.parametrize(
    ("module", "name"),
    [("asgiref.wsgi", "WsgiToAsgi"), ("a2wsgi", "WSGIMiddleware"), ("starlette.middleware.wsgi", "WSGIMiddleware")],
)
def test_an_adapter_makes_the_interface_where_it_is_what_is_served(
    files: dict[str, str], expected: tuple[str, str], module: str, name: str
) -> None:
    """Its handlers run in threads then; an adapter that no server is told, or not all, changes nothing."""
    (service,) = services_of({"main.py": ADAPTED.format(module=module, name=name), **files})

    assert (service.interface, {str(route.context) for route in service.routes}) == (expected[0], {expected[1]})


def test_extensions_are_secondary_and_count_where_code_imports_them() -> None:
    """Not under TYPE_CHECKING, and not without the framework that they extend."""
    files = {"main.py": FLASK, "models.py": "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n"}
    typed = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from flask_sqlalchemy import SQLAlchemy\n"

    assert said(files) == [".: flask, flask-sqlalchemy | wsgi |  | main:app"]
    assert said(files | {"models.py": typed}) == [".: flask | wsgi |  | main:app"]
    assert said({"main.py": APP, "models.py": files["models.py"]}) == [".: fastapi | asgi |  | main:app"]


def test_the_version_is_the_declared_one_of_the_nearest_manifest() -> None:
    """Of a group for tests only where nothing else says one."""
    files = {"a/main.py": APP, "a/requirements.txt": "fastapi~=0.115\n", "pyproject.toml": project("fastapi<1", test=["fastapi==0.1"])}

    assert said(files) == ["a: fastapi ~=0.115 | asgi |  | main:app"]
    assert said({"b/main.py": APP, "pyproject.toml": files["pyproject.toml"]}) == ["b: fastapi <1 | asgi |  | b.main:app"]


def test_the_settings_override_what_was_detected() -> None:
    """Name, primary framework and server are told; what lies below the root belongs to it, and it is a service without an app, too."""
    files = {"shop/a/main.py": APP, "shop/b/main.py": FLASK, "other/main.py": APP, "quiet/x.py": ""}
    told = {
        "service": [{"root": "shop", "name": "till", "framework": "flask", "server": "granian"}, {"root": "quiet", "framework": "django"}]
    }

    assert said(files, told) == [
        "other: fastapi | asgi |  | other.main:app",
        "quiet: django | wsgi |  | ",
        "shop: flask, fastapi | wsgi | granian | shop.a.main:app, shop.b.main:app",
    ]
    assert [one.name for one in audit_sources(files, told)[0].services] == ["other", "quiet", "till"]


def test_a_server_that_the_settings_tell_decides_where_django_runs_its_views() -> None:
    """Beside a manifest that says otherwise, too; a server for both interfaces, or with workers for both, tells nothing."""
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "shop/__init__.py": "",
        "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
        "shop/urls.py": (
            "from django.urls import path\n\n\ndef show(request): ...\nasync def wait(request): ...\n\n\n"
            "urlpatterns = [path('show', show), path('wait', wait)]\n"
        ),
        "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
        "Procfile": "web: gunicorn shop.wsgi\n",
    }

    def found(server: str) -> tuple[str | None, list[str], list[str]]:
        (service,) = audit_sources(files, {"service": [{"root": ".", "server": server}]})[0].services
        return service.interface, [one.name for one in service.servers], [str(route.context) for route in service.routes]

    assert found("uvicorn") == ("asgi", ["uvicorn"], ["threadpool", "event-loop"])
    assert found("waitress") == ("wsgi", ["waitress"], ["wsgi-worker", "private-loop"])
    assert found("gunicorn") == ("wsgi", ["gunicorn"], ["wsgi-worker", "private-loop"])
    assert found("hypercorn")[0] == "wsgi"


def fixture(name: str) -> dict[str, str]:
    """The sources and manifests of a folder in fixtures/."""
    folder = REPOSITORY / "fixtures" / name
    files = (path for path in folder.rglob("*") if path.suffix in (".py", ".toml") or path.name == "Procfile")
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_the_fixture_with_three_services_has_three() -> None:
    """The shared package is none; its route belongs to the service that imports it."""
    files = fixture("monorepo_three_services_clean")

    assert said(files) == [
        "admin: flask ~=3.0 | wsgi | gunicorn | admin.site:create_site()",
        "feed: aiohttp >=3.9 | own-loop | aiohttp | main:app",
        "orders: fastapi >=0.110 | asgi | uvicorn | orders.main:app",
    ]
    assert [[(route.path, route.validated) for route in one.routes] for one in services_of(files)] == [
        [("/packed", False)],
        [("/news", None)],
        [("/health/live", None), ("/orders", True)],
    ]


def test_the_fixture_of_a_library_has_no_service() -> None:
    """Its tests and its example are not deployed."""
    assert said(fixture("library_tested_with_flask_clean")) == []


def test_a_service_without_an_app_that_is_seen_is_named_by_its_routes_and_not_served_by_django() -> None:
    """`manage.py runserver` of a project without Django is a program of its own."""
    files = {
        "shop/__init__.py": "",
        "shop/views.py": "from flask import Blueprint\n\nviews = Blueprint('views', __name__)\n\n\n@views.get('/')\ndef index(): ...\n",
        "serve.py": "from tools.flask import CustomFlask\nfrom shop.views import views\n\napplication = CustomFlask(__name__)\n"
        "application.register_blueprint(views)\n",
        "manage.py": "import serve\n",
        "Procfile": "web: gunicorn serve:application\ndev: python manage.py runserver\n",
    }
    [found] = services_of(files)
    assert (found.name, [use.name for use in found.frameworks], [one.name for one in found.servers]) == ("shop", ["flask"], ["gunicorn"])
