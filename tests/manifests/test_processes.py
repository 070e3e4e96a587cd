from __future__ import annotations

import time

import pytest

from fwaudit.manifests.deployments import read_compose
from fwaudit.manifests.shell import WORD_LIMIT
from fwaudit.manifests.text import ManifestText
from tests.manifests.reading import problems, starts


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        ('FROM python\nCMD ["uvicorn", "app:app"]\n', ["uvicorn app:app in . Dockerfile:2"]),
        ("FROM python\nCMD uvicorn app:app\n", ["uvicorn app:app in . Dockerfile:2"]),
        ("FROM python\nCMD cd api && exec gunicorn \\\n  # words\n  app:app\n", ["gunicorn app:app in api Dockerfile:2"]),
        ('FROM python\nENTRYPOINT ["gunicorn"]\nCMD ["app:app"]\n', ["gunicorn app:app in . Dockerfile:2"]),
        ('FROM python\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["gunicorn", "app:app"]\n', ["gunicorn app:app in . open Dockerfile:3"]),
        ('FROM python\nENTRYPOINT ["/entrypoint.sh"]\nCMD gunicorn app:app\n', ["gunicorn app:app in . Dockerfile:3"]),
        ('FROM python\nENTRYPOINT gunicorn app:app\nCMD ["x"]\n', ["gunicorn app:app in . Dockerfile:2"]),
        ("FROM python\nCMD uvicorn old:app\nCMD uvicorn app:app\n", ["uvicorn app:app in . Dockerfile:3"]),
        (
            "FROM python AS dev\nCMD flask run\nFROM python\nCMD gunicorn app:app\n",
            ["werkzeug - in . Dockerfile:2", "gunicorn app:app in . Dockerfile:4"],
        ),
        ('FROM python\nCMD ["main:app"]\nENTRYPOINT ["gunicorn"]\n', ["gunicorn main:app in . Dockerfile:3"]),
        (
            'FROM python AS base\nENTRYPOINT ["gunicorn"]\nFROM base\nCMD ["main:app"]\nFROM Base\nCMD ["jobs:app"]\n',
            ["gunicorn jobs:app in . Dockerfile:2", "gunicorn main:app in . Dockerfile:2"],
        ),
        ('FROM python AS base\nCMD ["main:app"]\nFROM base\nENTRYPOINT ["gunicorn"]\n', ["gunicorn - in . Dockerfile:4"]),
        (
            "FROM python AS base\nCMD gunicorn a:b\nFROM base AS live\nFROM live AS dev\nCMD flask run\n",
            ["gunicorn a:b in . Dockerfile:2", "werkzeug - in . Dockerfile:5"],
        ),
        (
            "FROM python AS build\nENV GUNICORN_CMD_ARGS='-k gevent'\nFROM python\nCMD gunicorn a:b\n",
            ["gunicorn a:b in . Dockerfile:4"],
        ),
        (
            "FROM python AS base\nENV GUNICORN_CMD_ARGS='-k gevent'\nCMD gunicorn a:b\nFROM base\nENV GUNICORN_CMD_ARGS='-k tornado'\n",
            ["gunicorn a:b in . worker=tornado Dockerfile:3"],
        ),
        ("FROM python\nENV FLASK_APP=hello\nCMD flask run\n", ["werkzeug hello in . Dockerfile:3"]),
        ("FROM python\nRUN gunicorn app:app\nRUN <<EOF\nCMD uvicorn x:y\nEOF\n", []),
        ("FROM python\nHEALTHCHECK CMD uvicorn app:app\n# CMD uvicorn app:app\n", []),
        ('FROM python\nCMD ["uvicorn", "app:app"\n', []),
        ("FROM python\nCMD\n", []),
        ("\\\n\\\n", []),
    ],
)
def test_dockerfile(dockerfile: str, said: list[str]) -> None:
    """Each stage runs its last ENTRYPOINT with its last CMD, in the exec or the shell form; other instructions run nothing."""
    assert starts({"Dockerfile": dockerfile}) == said


def test_an_image_that_starts_a_server() -> None:
    """Without a command of its own, the last stage runs what its image runs, also through a stage of another name."""
    image = "tiangolo/uvicorn-gunicorn-fastapi:python3.11"
    said = "gunicorn app:app in . worker=uvicorn.workers.UvicornWorker Dockerfile"
    assert starts({"Dockerfile": f"FROM {image}\nENV APP_MODULE=app:app\n"}) == [f"{said}:1"]
    assert starts({"Dockerfile": f"FROM --platform=x docker.io/{image} AS base\nFROM base\nENV APP_MODULE=app:app\n"}) == [f"{said}:2"]
    assert starts({"Dockerfile": f"FROM {image}\nCMD uvicorn app:app\n"}) == ["uvicorn app:app in . Dockerfile:2"]
    assert starts({"Dockerfile": f"FROM {image} AS base\nFROM python\n"}) == []


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        ("FROM x\nRUN VERSION=`cat version`\nCMD gunicorn a:b\n", ["gunicorn a:b in . Dockerfile:3"]),
        ("FROM x\nRUN VERSION=$(cat version)\nCMD gunicorn a:b\n", ["gunicorn a:b in . Dockerfile:3"]),
        ("# escape=`\nFROM x\nRUN a `\n  b\nCMD gunicorn `\n  a:b\n", ["gunicorn a:b in . Dockerfile:5"]),
        ("# syntax=docker/dockerfile:1\n# Escape = `\nFROM x\nCMD gunicorn `\n  a:b\n", ["gunicorn a:b in . Dockerfile:4"]),
        ("# escape=`\nFROM x\nRUN copy c:\\\nCMD gunicorn a:b\n", ["gunicorn a:b in . Dockerfile:4"]),
        ("# a comment\n# escape=`\nFROM x\nRUN a=`b`\nCMD gunicorn a:b\n", ["gunicorn a:b in . Dockerfile:5"]),
        ("FROM x\n# escape=`\nRUN a=`b`\nCMD gunicorn a:b\n", ["gunicorn a:b in . Dockerfile:4"]),
        ("FROM x\nCMD gunicorn \\\n  a:b\n", ["gunicorn a:b in . Dockerfile:2"]),
    ],
)
def test_a_backtick_goes_on_in_the_next_line_where_a_directive_says_so(dockerfile: str, said: list[str]) -> None:
    """Else it closes a command of the shell; a directive stands before all else."""
    assert starts({"Dockerfile": dockerfile}) == said


def test_stages_and_variables_of_a_dockerfile_are_bounded() -> None:
    """Stages that are built from each other would copy all variables each time."""
    assert problems({"Dockerfile": "FROM a AS b\n" * 60_000}) == ["Dockerfile:300 has more than 300 stages: split it into several files"]
    variables = "".join(f"ENV A{number}=1\n" for number in range(2_000))
    assert problems({"Dockerfile": f"FROM a AS b\n{variables}"}) == [
        "Dockerfile:1002 sets more than 1,000 variables: keep them in a file that the command reads"
    ]
    real = "".join(f"FROM s{number} AS s{number + 1}\nENV A{number}=1\nCMD gunicorn a:b{number}\n" for number in range(100))
    assert len(starts({"Dockerfile": real})) == 100
    long = "FROM a\nENV GUNICORN_CMD_ARGS='" + "x " * 300_000 + "'\nCMD gunicorn a:b\n"
    assert starts({"Dockerfile": long}) == ["gunicorn a:b in . Dockerfile:3"]


def test_procfile() -> None:
    """Each process of a Procfile is one command."""
    assert starts({"api/Procfile": "web: gunicorn app:app\n# web: uvicorn x:y\nworker: celery -A app worker\n"}) == [
        "gunicorn app:app in api api/Procfile:1"
    ]


def test_hosting_platforms() -> None:
    """The start commands of Render, Heroku, Railway, Nixpacks and Fly; builds and checks start nothing."""
    render = "services:\n  - type: web\n    rootDir: api\n    buildCommand: gunicorn x:y\n    startCommand: uvicorn main:app --port $PORT\n"
    heroku = "run:\n  web: gunicorn a:b\n  api:\n    command:\n      - uvicorn c:d\n"

    assert starts({"render.yaml": render}) == ["uvicorn main:app in api render.yaml:5"]
    assert starts({"heroku.yml": heroku}) == ["gunicorn a:b in . heroku.yml:2", "uvicorn c:d in . heroku.yml:5"]
    assert starts({"railway.json": '{"build": {"x": "gunicorn x:y"},\n "deploy": {"startCommand": "hypercorn a:b"}}'}) == [
        "hypercorn a:b in . railway.json:2"
    ]
    assert starts({"railway.toml": '[deploy]\nstartCommand = "hypercorn a:b"\nhealthcheckPath = "gunicorn x:y"\n'}) == [
        "hypercorn a:b in . railway.toml:2"
    ]
    assert starts({"nixpacks.toml": '[phases.build]\ncmds = ["gunicorn x:y"]\n[start]\ncmd = "gunicorn a:b"\n'}) == [
        "gunicorn a:b in . nixpacks.toml:4"
    ]
    assert starts({"fly.toml": 'app = "x"\n[processes]\nweb = "granian a:b"\n'}) == ["granian a:b in . fly.toml:3"]
    assert starts({"fly.toml": 'app = "x"\n', "railway.json": "{", "render.yaml": "services: 1\n", "heroku.yml": "run: x\n"}) == []


def test_systemd_and_supervisor() -> None:
    """Units of systemd and programs of supervisord."""
    assert starts({"etc/web.service": "[Service]\nExecStart=/venv/bin/uvicorn \\\n  app:app\nExecStop=gunicorn x:y\n"}) == [
        "uvicorn app:app in etc etc/web.service:2"
    ]
    assert starts(
        {"conf/supervisord.conf": "[program:web]\n; command=uvicorn x:y\ncommand = newrelic-admin run-program gunicorn app:app\n"}
    ) == ["gunicorn app:app in conf conf/supervisord.conf:3"]


def test_makefile() -> None:
    """Recipes of a Makefile, each line a shell of its own; assignments and targets run nothing."""
    makefile = "RUN = uvicorn x:y\nserve: uvicorn\n\t@cd api && $(VENV)/bin/uvicorn app:app --reload\n\t$(PYTHON) -m flask run\n"
    assert starts({"Makefile": makefile}) == ["uvicorn app:app in api --reload Makefile:3", "werkzeug - in . Makefile:4"]


def test_a_script_that_a_dockerfile_writes() -> None:
    """A here-document that is copied to a script is one."""
    dockerfile = "FROM python\nCOPY <<EOT /entrypoint.sh\nexec gunicorn \\\\\n  app:app\nEOT\nCOPY <<EOT /notes\nuvicorn x:y\nEOT\n"
    assert starts({"Dockerfile": dockerfile}) == ["gunicorn app:app in . Dockerfile:3"]


def test_compose() -> None:
    """Services with their entrypoint, command, environment and the folder that they are built from; merged keys count."""
    compose = """\
x-base: &base
  build: ./api
services:
  web:
    <<: *base
    command: >
      sh -c "python manage.py migrate &&
             gunicorn app:app -w ${WORKERS:-2}"
  admin:
    build: {context: admin, dockerfile: Dockerfile}
    entrypoint: ["flask"]
    command: ["--debug", run]
    environment:
      FLASK_APP: admin.py
  remote:
    build: https://example.org/x.git
    command: uvicorn x:y
  broker:
    image: redis
    command: redis-server
"""
    assert starts({"compose.yaml": compose, "api/Dockerfile": "FROM x\n", "admin/Dockerfile": "FROM x\nCMD uvicorn a:b\n"}) == [
        "uvicorn a:b in admin admin/Dockerfile:2",
        "gunicorn app:app in api open compose.yaml:7",
        "werkzeug admin.py in admin --debug compose.yaml:11",
        "uvicorn x:y in . compose.yaml:17",
    ]


def test_compose_in_its_first_form() -> None:
    """Services stand at the top, each with an image or what it is built from; another mapping is none."""
    compose = "web:\n  build: ./api\n  command: gunicorn app:app\ndb:\n  image: postgres\n"

    assert starts({"docker-compose.yml": compose}) == ["gunicorn app:app in api docker-compose.yml:3"]
    assert starts({"docker-compose.yml": "x-web:\n  command: gunicorn app:app\n"}) == []


def test_a_command_of_compose_that_goes_on_in_the_next_line() -> None:
    """In double quotes in brackets: the backslash and the end of the line are no part of it."""
    compose = 'services:\n  web:\n    command: ["sh", "-c", "exec \\\n      gunicorn main:app"]\n'
    compose += '  other:\n    command: ["echo", "\\\n gunicorn"]\n'
    assert starts({"compose.yaml": compose}) == ["gunicorn main:app in . compose.yaml:4"]


def test_a_command_of_compose_keeps_a_bounded_number_of_words() -> None:
    """As one of a shell does, so that what many services share is not copied for each without end."""
    compose = "x: &c [" + "gunicorn, " * 1_500 + "]\nservices:\n  web:\n    entrypoint: *c\n    command: *c\n"
    [command] = read_compose(ManifestText("compose.yaml", "compose", compose), ".")
    assert len(command.words) == 3_000
    longer = compose.replace("gunicorn, ", "a, b, ")
    [command] = read_compose(ManifestText("compose.yaml", "compose", longer), ".")
    assert len(command.words) == 2 * WORD_LIMIT


def test_a_compose_file_says_where_a_dockerfile_is_built() -> None:
    """The folder of a Dockerfile's process is the context that a compose file names."""
    files = {
        "compose.yml": "services:\n  web:\n    build:\n      context: .\n      dockerfile: docker/web.Dockerfile\n",
        "docker/web.Dockerfile": "FROM x\nCMD uvicorn a:b\n",
    }
    assert starts(files) == ["uvicorn a:b in . docker/web.Dockerfile:2"]


def test_kubernetes() -> None:
    """Containers of every document; templates of Helm are stepped over, containers of an initialisation are not the process."""
    manifest = """\
kind: Service
---
kind: Deployment
spec:
  template:
    spec:
      initContainers:
      - command: [gunicorn, x:y]
      containers:
        {{- with .Values.web }}
        - name: web
          command: ["gunicorn"]
          args:
            - app:app
            - --workers
            - "3"
        {{- end }}
        - name: other
          args: [nothing]
"""
    assert starts({"k8s/web.yaml": manifest}) == ["gunicorn app:app in k8s workers=3 k8s/web.yaml:12"]


def test_platforms() -> None:
    """App Engine, serverless-wsgi, Zappa and Vercel."""
    assert starts({"app.yaml": "runtime: python312\n"}) == ["gunicorn main:app in . app.yaml:1"]
    assert starts({"app.yaml": "runtime: python312\nentrypoint: uvicorn a:b\n"}) == ["uvicorn a:b in . app.yaml:2"]
    assert starts({"app.yaml": "runtime: nodejs\n"}) == []
    assert starts({"serverless.yml": "custom:\n  wsgi:\n    app: api.app\n"}) == ["serverless-wsgi api.app in . serverless.yml:3"]
    assert starts({"zappa_settings.json": '{"dev": {\n"app_function": "a.b"}, "live": {"django_settings": "c"}, "x": 1}'}) == [
        "zappa a.b in . zappa_settings.json:2",
        "zappa c in . zappa_settings.json:2",
    ]
    assert starts({"vercel.json": '{"builds": [{"src": "a.py", "use": "@vercel/python"}, {"src": "b.js", "use": "x"}, 3]}'}) == [
        "vercel a.py in . vercel.json:1"
    ]


def test_tasks_of_pyproject() -> None:
    """Tasks of poe, PDM, Hatch and taskipy are commands; console scripts are what a process runs by their name."""
    pyproject = """\
[project.scripts]
serve = "app.cli:main"
[tool.poe.tasks]
api = "uvicorn app:app --reload"
docs = {cmd = "mkdocs serve"}
[tool.hatch.envs.default.scripts]
run = "gunicorn app:app"
"""
    assert starts({"pyproject.toml": pyproject, "Procfile": "web: serve --port 80\nother: serves\n"}) == [
        "python app.cli:main in . Procfile:1",
        "uvicorn app:app in . --reload pyproject.toml:4",
        "gunicorn app:app in . pyproject.toml:7",
    ]


def test_gunicorn_reads_its_own_file() -> None:
    """The file completes the command that reads it, by its path, by its name, or without being told; unread, it speaks for itself."""
    settings = 'import os\nbind = ":80"\nworkers = os.cpu_count()\nworker_class = "uvicorn.workers.UvicornWorker"\nwsgi_app = "app:app"\n'
    alone = "gunicorn app:app in . worker=uvicorn.workers.UvicornWorker gunicorn.conf.py:4"
    assert starts({"gunicorn.conf.py": settings}) == [alone]
    assert starts({"gunicorn.conf.py": settings, "Procfile": "web: gunicorn -w 2\n"}) == [
        "gunicorn app:app in . worker=uvicorn.workers.UvicornWorker workers=2 Procfile:1"
    ]
    assert starts({"conf/gunicorn_conf.py": settings, "Procfile": "web: gunicorn -c /srv/gunicorn_conf.py x:y\n"}) == [
        "gunicorn x:y in . worker=uvicorn.workers.UvicornWorker Procfile:1"
    ]
    two = {"a/gunicorn_conf.py": settings, "b/gunicorn_conf.py": settings, "Procfile": "web: gunicorn -c /srv/gunicorn_conf.py x:y\n"}
    assert starts(two)[0] == "gunicorn x:y in . Procfile:1"
    assert starts({"gunicorn_app.py": "import gunicorn\n\ndef post_fork(server, worker): ...\n"}) == []


def test_uwsgi_reads_its_own_file() -> None:
    """Files of uWSGI in both forms."""
    ini = "[uwsgi]\nmodule = hc.wsgi\ncallable = app\nprocesses = 4\nchdir = /opt\nthreads = 2\n"
    assert starts({"docker/uwsgi.ini": ini, "docker/Dockerfile": 'FROM x\nCMD ["uwsgi", "/opt/docker/uwsgi.ini"]\n'}) == [
        "uwsgi hc.wsgi:app in docker workers=4 --threads=2 docker/Dockerfile:2"
    ]
    assert starts({"ops/uwsgi-docker.yaml": "prod:\n  module: a:b()\n  workers: 12\n"}) == [
        "uwsgi a:b() in ops workers=12 ops/uwsgi-docker.yaml:1"
    ]
    assert starts({"etc/uwsgi.conf": ini}) == ["uwsgi hc.wsgi:app in etc workers=4 --threads=2 etc/uwsgi.conf:1"]
    assert starts({"uwsgi.ini": "[other]\nx = y\n"}) == []
    assert starts({"httpd/uwsgi-x.conf": "<Location />\n    ProxyPass uwsgi://127.0.0.1:5001/\n</Location>\n"}) == []


def test_paste() -> None:
    """An ini file of PasteDeploy names its server."""
    assert starts({"conf/production.ini": "[app:main]\nuse = egg:x\n[server:main]\nuse = egg:waitress#main\n"}) == [
        "waitress conf/production.ini in conf conf/production.ini:4"
    ]
    assert starts({"production.ini": "[server:main]\nuse = egg:CherryPy#main\n"}) == ["cheroot production.ini in . production.ini:2"]
    assert starts({"production.ini": "[server]\nuse = egg:x\n"}) == []
    assert starts({"production.ini": "[server:main]\nuse = egg:unheard-of\n[app:main]\nuse = egg:waitress\n"}) == []


def test_a_folder_that_is_seen_from_the_root() -> None:
    """A script changes to a folder of the workspace: below its own, or below one above it; one that is not there is none."""
    files = {
        "services/api/docker/boot.sh": "cd services/api\nuvicorn a:b\ncd src\nuvicorn c:d\ncd /nowhere\ncd missing\nuvicorn e:f\n",
        "services/api/src/requirements.txt": "",
    }
    assert starts(files) == [
        "uvicorn a:b in services/api services/api/docker/boot.sh:2",
        "uvicorn c:d in services/api/src services/api/docker/boot.sh:4",
        "uvicorn e:f in services/api/docker services/api/docker/boot.sh:7",
    ]


@pytest.mark.parametrize("text", ["RUN <<A\n", "COPY <<A /x.sh\n", "CMD a\n", "FROM a AS b\n", "\\\n"])
def test_a_hostile_dockerfile_takes_no_time(text: str) -> None:
    """A hundred thousand instructions are read in linear time."""
    start = time.perf_counter()
    assert starts({"Dockerfile": text * 60_000}) == []
    assert time.perf_counter() - start < 5
