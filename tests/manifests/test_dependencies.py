from __future__ import annotations

import pytest

from fwaudit.manifests.constraints import to_specifier
from tests.manifests.reading import dependencies, problems


def test_pyproject_in_the_form_of_the_standards() -> None:
    """Dependencies and extras of PEP 621, groups of PEP 735 with what they include, also in a circle."""
    pyproject = """\
[project]
dependencies = [
    "FastAPI[standard]>=0.110",  # the framework
    'uvicorn ; python_version > "3.8"',
]
[project.optional-dependencies]
pg = ["asyncpg==0.29.0"]
[dependency-groups]
test = ["pytest", {include-group = "lint"}]
lint = ["ruff", {include-group = "test"}, {include-group = "none"}, 3]
"""
    assert dependencies({"pyproject.toml": pyproject}) == [
        "asyncpg==0.29.0 (pg) pyproject.toml:7",
        "fastapi[standard]>=0.110 pyproject.toml:3",
        "pytest (lint) pyproject.toml:9",
        "pytest (test) pyproject.toml:9",
        "ruff (lint) pyproject.toml:10",
        "ruff (test) pyproject.toml:10",
        "uvicorn pyproject.toml:4",
    ]


def test_pyproject_in_the_form_of_poetry() -> None:
    """Constraints become specifiers; groups, extras and tables with versions are read; Python is no distribution."""
    pyproject = """\
[tool.poetry.dependencies]
python = "^3.11"
Django = "~5.2"
celery = {version = "^5.3.1", extras = ["redis"]}
fork = {git = "https://example.org/fork.git"}
gunicorn = {version = "*", optional = true}
several = [{version = "^1", python = "<3.12"}, {version = "^2"}]
[tool.poetry.extras]
server = ["gunicorn"]
[tool.poetry.group.dev.dependencies]
pytest = ">=8,<9"
"""
    assert dependencies({"pyproject.toml": pyproject}) == [
        "celery[redis]<6,>=5.3.1 pyproject.toml:4",
        "django<5.3,>=5.2 pyproject.toml:3",
        "fork pyproject.toml:5",
        "gunicorn (server) pyproject.toml:6",
        "pytest<9,>=8 (dev) pyproject.toml:11",
        "several<2,>=1 pyproject.toml:7",
    ]


def test_pyproject_in_the_forms_of_pdm_hatch_and_uv() -> None:
    """Groups of development of each tool."""
    pyproject = """\
[tool.pdm.dev-dependencies]
lint = ["ruff>=0.5"]
[tool.hatch.envs.docs]
dependencies = ["mkdocs"]
[tool.uv]
dev-dependencies = ["pytest"]
"""
    assert dependencies({"pyproject.toml": pyproject}) == [
        "mkdocs (docs) pyproject.toml:4",
        "pytest (dev) pyproject.toml:6",
        "ruff>=0.5 (lint) pyproject.toml:2",
    ]


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("^1.2.3", "<2,>=1.2.3"),
        ("^0.2.3", "<0.3,>=0.2.3"),
        ("^0.0.3", "<0.0.4,>=0.0.3"),
        ("^0", "<1,>=0"),
        ("~1.2.3", "<1.3,>=1.2.3"),
        ("~1", "<2,>=1"),
        ("~=1.4", "~=1.4"),
        ("1.2.*", "==1.2.*"),
        ("1.2", "==1.2"),
        (">=1, <2", "<2,>=1"),
        (">=1 <2", "<2,>=1"),
        ("*", ""),
        ("^1 || ^2", ""),
        ("^one", ""),
        ("^" + "9" * 400, ""),
        ("", ""),
    ],
)
def test_constraints_of_poetry(constraint: str, specifier: str) -> None:
    """A constraint becomes the specifier that means the same; what cannot be said so is any version."""
    assert to_specifier(constraint) == specifier


def test_requirements_with_all_that_pip_knows() -> None:
    """Comments, hashes, continuation lines, markers, addresses, editable installs and options."""
    requirements = """\
# needed
Flask==3.0.0 \\
    --hash=sha256:abc \\
    --hash=sha256:def
requests[socks] >= 2 ; python_version < "4"  # why
-e git+https://example.org/own.git#egg=own-package
tool @ https://example.org/tool-1.0.tar.gz
https://example.org/nameless.tar.gz
-e .
--index-url https://example.org/simple
-c constraints.txt
broken >= one
"""
    assert dependencies({"requirements.txt": requirements}) == [
        "broken requirements.txt:12",
        "flask==3.0.0 requirements.txt:2",
        "own-package requirements.txt:6",
        "requests[socks]>=2 requirements.txt:5",
        "tool requirements.txt:7",
    ]


def test_requirements_that_include_others() -> None:
    """What is included counts for the file that includes it, with its own place; a circle ends, and what is missing is nothing."""
    files = {
        "requirements/base.txt": "flask\n-r dev.txt\n",
        "requirements/dev.txt": "-r base.txt\n--requirement=missing.txt\n-r ../../../etc/passwd\npytest\n",
    }
    assert dependencies(files) == [
        "flask requirements/base.txt:1",
        "flask (dev) requirements/base.txt:1",
        "pytest requirements/dev.txt:4",
        "pytest (dev) requirements/dev.txt:4",
    ]


def test_a_manifest_that_cannot_be_read_is_a_problem() -> None:
    """What is no TOML and no text is said with its line, and the others are read."""
    files: dict[str, str | bytes] = {
        "a/pyproject.toml": "[project]\ndependencies = [\n",
        "b/requirements.txt": b"flask\n\0\n",
        "c/requirements.txt": b"flask\n\xff\xfe\n",
        "d/requirements.txt": "flask\n",
    }
    assert dependencies(files) == ["flask d/requirements.txt:1"]
    assert problems(files) == [
        "a/pyproject.toml:1 is not valid TOML: Invalid value (at end of document)",
        "b/requirements.txt:2 contains a NUL byte: not a text file",
        "c/requirements.txt:2 is not UTF-8",
    ]
