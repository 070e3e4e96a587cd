"""Numbers in manifests, also those that Python refuses to read or to write."""

from __future__ import annotations

import pytest

from tests.manifests.reading import problems, starts

HUGE = "9" * 5_000


@pytest.mark.parametrize("written", [HUGE, "1e3", "-4", "4.0", "²", "$WORKERS"], ids=lambda text: text[:10])
def test_a_number_of_workers_that_is_none_is_not_known(written: str) -> None:
    """In a file of uWSGI as on a command line; thousands of digits stopped the whole audit."""
    assert starts({"uwsgi.ini": f"[uwsgi]\nmodule = a:b\nprocesses = {written}\n"}) == ["uwsgi a:b in . uwsgi.ini:1"]
    assert starts({"Procfile": f"web: gunicorn --workers={written} a:b\n"}) == ["gunicorn a:b in . open Procfile:1"]
    assert problems({"uwsgi.ini": f"[uwsgi]\nmodule = a:b\nprocesses = {written}\n"}) == []


def test_a_number_of_workers() -> None:
    """A number is one."""
    assert starts({"uwsgi.ini": "[uwsgi]\nmodule = a:b\nprocesses = 12\n"}) == ["uwsgi a:b in . workers=12 uwsgi.ini:1"]
    assert starts({"Procfile": "web: gunicorn -w 99999 a:b\n"}) == ["gunicorn a:b in . workers=99999 Procfile:1"]


@pytest.mark.parametrize("number", ["0x" + "f" * 5_000, "9" * 4_000, "True", "1_0.5"], ids=lambda text: text[:6])
def test_a_number_of_gunicorn_that_is_none_is_not_known(number: str) -> None:
    """A hexadecimal number of thousands of digits can be read, and not be written."""
    settings = f"wsgi_app = 'a:b'\nworkers = {number}\nthreads = {number}\ntimeout = {number}\n"
    assert starts({"gunicorn.conf.py": settings}) == ["gunicorn a:b in . gunicorn.conf.py:1"]
    assert starts({"gunicorn.conf.py": "wsgi_app = 'a:b'\nworkers = 3\ntimeout = 30\n"}) == [
        "gunicorn a:b in . workers=3 --timeout=30 gunicorn.conf.py:1"
    ]


@pytest.mark.parametrize("name", ["fly.toml", "pyproject.toml", "uv.lock"])
def test_a_number_that_toml_cannot_hold_is_a_problem(name: str) -> None:
    """And not the end of the audit."""
    assert len(problems({name: f"a = {HUGE}\n"})) == 1
