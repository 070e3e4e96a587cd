r"""Looks up the names that rule pages give their checks in the real packages.

python -m venv rules && rules/bin/pip install -e . pytest pytest-xdist \
    aiolimiter alembic Authlib Django django-ratelimit djangorestframework fastapi-limiter Flask Flask-Limiter flask-marshmallow \
    Flask-SQLAlchemy httpx joserfc limits marshmallow-sqlalchemy mongoengine peewee peewee-migrate pydantic PyJWT python-jose \
    ratelimit slowapi SQLAlchemy sqlmodel WebTest yoyo-migrations
rules/bin/pytest -W ignore tests/experiments/test_rule_names.py
"""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from fwaudit.catalog.load import load_catalog

NAMES = sorted({name for page in load_catalog().rules.values() for names in page.names.values() for name in names})


def found(name: str) -> Any:
    """The module, class or function of that name. Raises ImportError or AttributeError where there is none."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            value = getattr(value, part)
        return value
    raise ModuleNotFoundError(name)


@pytest.fixture(scope="module", autouse=True)
def _settings() -> None:
    """Django's classes want to be asked in a configured project."""
    import django
    from django.conf import settings

    settings.configure()
    django.setup()


@pytest.mark.parametrize("name", NAMES)
def test_the_real_package_has_it(name: str) -> None:
    """As a module, a class or a function."""
    assert found(name) is not None
