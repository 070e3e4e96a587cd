from __future__ import annotations

import pytest

from tests.manifests.reading import starts


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        ('FROM python\nCMD ["uvicorn", "app:app"]\n', ["uvicorn app:app in . Dockerfile:2"]),
        ("FROM python\nCMD uvicorn app:app\n", ["uvicorn app:app in . Dockerfile:2"]),
        ("FROM python\nCMD cd api && exec gunicorn \\\n  # words\n  app:app\n", ["gunicorn app:app in api Dockerfile:2"]),
        ('FROM python\nENTRYPOINT ["gunicorn"]\nCMD ["app:app"]\n', ["gunicorn app:app in . Dockerfile:2"]),
        ('FROM python\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["gunicorn", "app:app"]\n', ["gunicorn app:app in . Dockerfile:3"]),
        ('FROM python\nENTRYPOINT ["/entrypoint.sh"]\nCMD gunicorn app:app\n', ["gunicorn app:app in . Dockerfile:3"]),
        ('FROM python\nENTRYPOINT gunicorn app:app\nCMD ["x"]\n', ["gunicorn app:app in . Dockerfile:2"]),
        ("FROM python\nCMD uvicorn old:app\nCMD uvicorn app:app\n", ["uvicorn app:app in . Dockerfile:3"]),
        (
            "FROM python AS dev\nCMD flask run\nFROM python\nCMD gunicorn app:app\n",
            ["werkzeug - in . Dockerfile:2", "gunicorn app:app in . Dockerfile:4"],
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


def test_procfile() -> None:
    """Each process of a Procfile is one command."""
    assert starts({"api/Procfile": "web: gunicorn app:app\n# web: uvicorn x:y\nworker: celery -A app worker\n"}) == [
        "gunicorn app:app in api api/Procfile:1"
    ]


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
