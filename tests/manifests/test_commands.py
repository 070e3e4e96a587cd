from __future__ import annotations

import time

import pytest

from fwaudit.manifests.shell import split_commands
from tests.manifests.reading import starts


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("uvicorn app.main:app --host 0.0.0.0 --port ${PORT:-80}", "uvicorn app.main:app in ."),
        ("uvicorn --reload app.main:app", "uvicorn app.main:app in . --reload"),
        ("uvicorn --factory --workers 4 app:create_app", "uvicorn app:create_app in . workers=4 --factory"),
        ("uvicorn --app-dir src app:app", "uvicorn app:app in src"),
        ("gunicorn -w 4 -k uvicorn.workers.UvicornWorker app:app", "gunicorn app:app in . worker=uvicorn.workers.UvicornWorker workers=4"),
        ("gunicorn -w4 -kgevent app:app", "gunicorn app:app in . worker=gevent workers=4"),
        ("gunicorn --worker-class=aiohttp.GunicornWebWorker app:init()", "gunicorn app:init() in . worker=aiohttp.GunicornWebWorker"),
        ("gunicorn --chdir api 'app:create_app()'", "gunicorn app:create_app() in api"),
        ("gunicorn --unheard-of app:app", "gunicorn app:app in ."),
        ("gunicorn --paste conf/production.ini", "gunicorn conf/production.ini in . --paste=conf/production.ini"),
        ("gunicorn config.wsgi --bind 0.0.0.0:5000 --chdir=/app", "gunicorn config.wsgi in ."),
        ("hypercorn -k trio lnbits.__main__:app", "hypercorn lnbits.__main__:app in . worker=trio"),
        ("granian --interface asginl app:app --workers 2", "granian app:app in . workers=2 --interface=asginl"),
        ("daphne -b 0.0.0.0 -p 80 conf.asgi:application", "daphne conf.asgi:application in ."),
        ("uwsgi --http :80 --module app.wsgi:application -p 4", "uwsgi app.wsgi:application in . workers=4"),
        ("uwsgi --mount /shop=app:shop --http :80", "uwsgi app:shop in ."),
        ("uwsgi --module app:shop --mount /static", "uwsgi - in ."),
        ("waitress-serve --port=80 --call app:create_app", "waitress app:create_app in . --call"),
        ("mod_wsgi-express start-server wsgi.py", "mod_wsgi wsgi.py in ."),
        ("flask --app hello run --debug", "werkzeug hello in . --debug"),
        ("FLASK_APP=hello.py flask run", "werkzeug hello.py in ."),
        ("fastapi run app/main.py --workers 4", "fastapi app/main.py in . workers=4"),
        ("fastapi dev app/main.py", "fastapi-dev app/main.py in ."),
        ("sanic server:app --workers=4", "sanic server:app in . workers=4"),
        ("litestar --app app:app run", "litestar app:app in ."),
        ("quart run", "quart - in ."),
        ("python manage.py runserver 0.0.0.0:80", "django-runserver - in ."),
        ("./manage.py runserver", "django-runserver - in ."),
        ("python3.12 -u -m uvicorn app:app", "uvicorn app:app in ."),
        ("python -Xfrozen_modules=off -m debugpy --listen 0.0.0.0:3000 -m uvicorn app:app", "uvicorn app:app in ."),
        ("python -m app.main", "python app.main in ."),
        ("python app/main.py --port 80", "python app/main.py in ."),
        ("poetry run uvicorn app:app", "uvicorn app:app in ."),
        ("uv run --frozen --package api uvicorn app:app", "uvicorn app:app in ."),
        ("uv run --no-dev -m uvicorn app:app", "uvicorn app:app in ."),
        ("pipenv run gunicorn app:app", "gunicorn app:app in ."),
        ("opentelemetry-instrument --traces_exporter console gunicorn app:app", "gunicorn app:app in ."),
        ("newrelic-admin run-program gunicorn app:app", "gunicorn app:app in ."),
        ("ddtrace-run gunicorn app:app", "gunicorn app:app in ."),
        ("tini -- gunicorn app:app", "gunicorn app:app in ."),
        ("gosu www-data:www-data gunicorn app:app", "gunicorn app:app in ."),
        ("./wait-for-it.sh db:5432 -t 30 -- gunicorn app:app", "gunicorn app:app in ."),
        ("some-tool --x y -- gunicorn app:app", "gunicorn app:app in ."),
        ("./entrypoint.sh gunicorn app:app", "gunicorn app:app in . open"),
        ("./wait-for-db.sh gunicorn app:app", "gunicorn app:app in ."),
        ("gunicorn app:app $GUNICORN_ARGS", "gunicorn app:app in . open"),
        ("gunicorn --workers ${WORKERS:-4} app:app", "gunicorn app:app in . open"),
        ("GUNICORN_CMD_ARGS=${GUNICORN_CMD_ARGS} gunicorn app:app", "gunicorn app:app in . open"),
        ("gunicorn app:app --bind $HOST", "gunicorn app:app in ."),
        ("env A=b C=d gunicorn app:app", "gunicorn app:app in ."),
        ("sh -c 'cd api && exec gunicorn app:app'", "gunicorn app:app in api"),
        ("bash -lc \"cd /srv && gunicorn app:app\"", "gunicorn app:app in ."),
        ("python manage.py migrate && gunicorn app:app", "gunicorn app:app in ."),
        ("/opt/venv/bin/gunicorn app:app", "gunicorn app:app in ."),
        ("gunicorn -w $((2*$(nproc)+1)) main:app", "gunicorn main:app in . open"),
        ("gunicorn -w $(( 2 * $(nproc --all | tail -$((1))) + 1 )) -k gevent main:app", "gunicorn main:app in . worker=gevent open"),
        ("gunicorn -w $(nproc) main:app", "gunicorn main:app in . open"),
        ("(cd api; gunicorn -w $((1)) main:app)", "gunicorn main:app in api open"),
        ("GUNICORN_CMD_ARGS='-k gevent' gunicorn app:app", "gunicorn app:app in . worker=gevent"),
    ],
)  # fmt: skip
def test_a_command_starts_a_server(command: str, said: str) -> None:
    """What a process runs is recognised through wrappers, shells and environments, with its app, folder and options."""
    assert starts({"Procfile": f"web: {command}\n"}) == [f"{said} Procfile:1"]


@pytest.mark.parametrize(
    "command",
    [
        "pip install uvicorn gunicorn",
        "echo uvicorn app:app",
        "pkill -f gunicorn",
        "which hypercorn",
        "python -m pip install gunicorn",
        "python -m celery -A app worker",
        "python -m dramatiq app",
        "python -m rq.cli worker",
        "python -m unittest app:app",
        "python manage.py migrate",
        "celery -A app worker",
        "flask db upgrade",
        "litestar routes",
        "litestar routes run",
        "fastapi --help",
        "cat uvicorn",
        "",
        "&& || ;",
        "sh -c",
        "exec",
        "poetry run",
        "python",
        "python -m",
        "'unclosed gunicorn app:app",
        "X=$((2*$(gunicorn app:app)+1))",
        "echo $(gunicorn app:app)",
    ],
)
def test_a_command_starts_none(command: str) -> None:
    """What only names a server does not start it; what is no command at all is none."""
    assert starts({"Procfile": f"web: {command}\n"}) == []


def test_a_script_is_read_as_a_shell_would() -> None:
    """Folders, branches, continuation lines, quotes over several lines, comments and here-documents of a script are understood."""
    script = """\
#!/bin/bash
# uvicorn comment:app
if [ "$DEBUG" = "1" ]; then
  exec sh -c "
    cd services/api && \\
    python -m uvicorn main:app \\
      --reload
  "
else
  (cd worker; hypercorn jobs:app > /dev/null 2>&1 &)
  exec gunicorn --bind 0.0.0.0:80 \\
    app:app
fi
cat <<EOF > unit
uvicorn document:app
EOF
python tools/once.py
"""
    assert starts({"docker/boot.sh": script}) == [
        "uvicorn main:app in docker/services/api --reload docker/boot.sh:6",
        "hypercorn jobs:app in docker/worker docker/boot.sh:10",
        "gunicorn app:app in docker docker/boot.sh:11",
    ]


def test_a_variable_in_the_place_of_a_command_is_what_the_script_gave_it() -> None:
    """In each branch; one that nothing is given stays a wrapper, and what only stands in a text is none."""
    script = """\
RUN="poetry run"
if [ -n "$DEBUG" ]; then
    cmd="exec uvicorn app:app --reload"
else
    export cmd='gunicorn -w 4 app:app'
fi
echo "$cmd"
$cmd
eval "${cmd}" --access-log
$RUN hypercorn jobs:app
$OTHER daphne chat:app
"""
    assert starts({"boot.sh": script}) == [
        "uvicorn app:app in . --reload boot.sh:3",
        "gunicorn app:app in . workers=4 boot.sh:5",
        "hypercorn jobs:app in . boot.sh:10",
        "daphne chat:app in . boot.sh:11",
    ]
    assert starts({"boot.sh": 'cmd="exec gunicorn app:app"\n'}) == []


def test_a_list_of_words_stands_where_a_command_uses_it() -> None:
    """What is put into it later may hang on a condition: then there are options that are not known."""
    script = """\
args=(
    app:app  # the application
    -w 4
)
exec gunicorn "${args[@]}"
"""
    grown = script.replace("exec", 'if [ "$DEBUG" ]; then\n    args+=(--reload)\nfi\nexec')

    assert starts({"boot.sh": script}) == ["gunicorn app:app in . workers=4 boot.sh:5"]
    assert starts({"boot.sh": grown}) == ["gunicorn app:app in . workers=4 open boot.sh:8"]
    assert starts({"boot.sh": 'exec gunicorn "${args[@]}"\n'}) == ["gunicorn - in . open boot.sh:1"]


@pytest.mark.parametrize(
    "bomb",
    [
        '"' * 99_999, "'" * 99_999, "$(" * 50_000, "`" * 99_999, "<<A\n" * 50_000, "(a)" * 30_000, "$(" + "(a)" * 30_000, "${" * 50_000,
        "$(a" * 50_000, "$(()" * 50_000, "$(()()()()()" * 20_000,
        "a" * 999_999, "1" * 999_999, "<<a " * 50_000, "sh -c " * 50_000, "exec " * 50_000, "a=b " * 50_000, "( " * 50_000,
        "cd a\n" * 50_000, "a='" + "x " * 1_900 + "'\n" + "$a\n" * 30_000,
        "a=(" + "x " * 1_900 + ")\n" + "echo ${a[@]}\n" * 30_000, "a=(" * 30_000,
    ],
    ids=lambda bomb: repr(bomb[:6]),
)  # fmt: skip
def test_hostile_text_takes_no_time(bomb: str) -> None:
    """No text of shell makes the reader slow or deep, in processor time: other processes do not count."""
    start = time.process_time()
    assert sum(1 for _ in split_commands(bomb, 1, ".")) < 100_000
    assert starts({"run.sh": bomb}) == []
    assert time.process_time() - start < 5


def test_a_variable_before_a_command_that_is_empty_unless_something_holds() -> None:
    """The command itself then is what runs; with its other value, a wrapper that the tables know."""
    script = """\
LIMIT=''
if [ -n "$SECONDS_LEFT" ]; then
    LIMIT="timeout --foreground --kill-after 60 600"
fi
${LIMIT} \\
    uvicorn app:app --host 0.0.0.0
NOTHING=
$NOTHING
"""
    assert starts({"boot.sh": script}) == ["uvicorn app:app in . boot.sh:6", "uvicorn app:app in . boot.sh:6"][:1]
