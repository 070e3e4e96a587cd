from __future__ import annotations

import pytest

from fwaudit.manifests.constraints import to_specifier
from tests.manifests.reading import dependencies, problems, read


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
        "several pyproject.toml:7",
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


def test_constraints_say_which_version_and_not_that_it_is_taken() -> None:
    """What a file of `-c` pins is locked for those that name it; ranges, and files that nobody names, say nothing."""
    files = {
        "requirements.txt": "-c constraints.txt\nflask\n-r more.txt\n",
        "constraints.txt": "flask==3.0.2\ndjango<6\nunused==1\n-r constraints-deeper.txt\n-c constraints.txt\n",
        "constraints-deeper.txt": "quart==0.20\nsanic==24.*\n",
        "other/constraints-dev.txt": "sanic==23.1\n",
    }
    assert dependencies(files) == [
        "flask requirements.txt:2",
        "flask==3.0.2 locked constraints.txt:1",
        "quart==0.20 locked constraints-deeper.txt:1",
        "unused==1 locked constraints.txt:3",
    ]


def test_a_group_of_what_a_service_runs_is_none() -> None:
    """Groups of PEP 735, PDM and Poetry that are called after a server are needed to run; an extra of that name is not."""
    pyproject = """\
[project.optional-dependencies]
server = ["sanic"]
[dependency-groups]
web = ["flask"]
dev = ["pytest", {include-group = "web"}]
[tool.pdm.dev-dependencies]
api = ["falcon"]
[tool.poetry.group.Backend.dependencies]
quart = "*"
"""
    assert dependencies({"pyproject.toml": pyproject}) == [
        "falcon pyproject.toml:7",
        "flask pyproject.toml:4",
        "flask (dev) pyproject.toml:4",
        "pytest (dev) pyproject.toml:5",
        "quart pyproject.toml:9",
        "sanic (server) pyproject.toml:2",
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
        "a/pyproject.toml:2 is not valid TOML: Invalid value (at end of document)",
        "b/requirements.txt:2 contains a NUL byte: not a text file",
        "c/requirements.txt:2 is not UTF-8",
    ]


def test_requirements_that_include_each_other_without_end() -> None:
    """Hundreds of files that all include all others are bounded, and said."""
    everything = "".join(f"-r {number}.txt\n" for number in range(500))
    files = {f"requirements/{number}.txt": f"{everything}a\nb\n" for number in range(500)}
    assert problems(files) == ["requirements/0.txt:1 includes more than 200,000 requirements, with the files before it"]


def test_setup_cfg() -> None:
    """Lists of setup.cfg, inline and below; what is in another file is not known."""
    setup = """\
[metadata]
name = x
[options]
install_requires =
    aiohttp>=3.6.2
    # a comment
    uvicorn; python_version > "3.8"
tests_require = pytest
[options.extras_require]
server = gunicorn
    gevent
dev = file: requirements-dev.txt
"""
    assert dependencies({"setup.cfg": setup}) == [
        "aiohttp>=3.6.2 setup.cfg:5",
        "gevent (server) setup.cfg:11",
        "gunicorn (server) setup.cfg:10",
        "pytest (test) setup.cfg:8",
        "uvicorn setup.cfg:7",
    ]


def test_setup_py_is_read_and_not_run() -> None:
    """Literals, names that stand for them once and sums of lists are read; what is computed is left out."""
    setup = """\
from setuptools import setup
raise SystemExit("run")
SERVER = ["gunicorn>=20"]
TWICE = ["one"]
TWICE = ["two"]
setup(
    install_requires=["falcon==3.1.1", *SERVER] + SERVER + TWICE + open("requirements.txt").read().splitlines(),
    extras_require={"dev": ["pytest"], "all": SERVER, **{}},
    tests_require="mock",
)
"""
    assert dependencies({"setup.py": setup}) == [
        "falcon==3.1.1 setup.py:7",
        "gunicorn>=20 setup.py:3",
        "gunicorn>=20 (all) setup.py:3",
        "mock (test) setup.py:9",
        "pytest (dev) setup.py:8",
    ]
    assert dependencies({"setup.py": "setup(install_requires=requires)\nsetup(**values)\nsetup()\n"}) == []


def test_setup_py_that_spreads_a_dict() -> None:
    """`setup(**arguments)`, also with what is put into the dict later; a dict that `setup` does not get says nothing."""
    made = "arguments = dict(\n  install_requires=['fastapi'],\n)\narguments['extras_require'] = {'dev': ['flask']}\nsetup(**arguments)\n"
    written = "arguments = {'install_requires': ['tornado']}\nif True:\n  arguments['tests_require'] = ['mock']\nsetup(**arguments)\n"

    assert dependencies({"setup.py": made}) == ["fastapi setup.py:2", "flask (dev) setup.py:4"]
    assert dependencies({"setup.py": written}) == ["mock (test) setup.py:3", "tornado setup.py:1"]
    assert dependencies({"setup.py": made.replace("**arguments", "name='x'")}) == []


@pytest.mark.parametrize(
    ("setup", "problem"),
    [
        ("setup(\n", "setup.py:1 cannot be parsed: '(' was never closed"),
        ("\n" + "(" * 5000 + ")" * 5000, "setup.py:2 brackets are nested too deeply"),
        ("x = 1\n" * 50_000, "setup.py:1 has more than 200,000 characters"),
        ("x = " + "not " * 30_000 + "1", "setup.py:1 cannot be parsed"),
        ("x = " + "1+" * 20_000 + "1", "setup.py:1 cannot be parsed"),
    ],
    ids=["open", "brackets", "long", "unary", "sum"],
)
def test_setup_py_that_cannot_be_read(setup: str, problem: str) -> None:
    """What Python's own parser refuses, or might not survive, is said."""
    assert problems({"setup.py": setup}) == [problem]


def test_pipfile() -> None:
    """Packages and groups of a Pipfile."""
    pipfile = (
        '[packages]\nflask = "*"\nquart = {version = "==0.19", extras = ["dotenv"]}\n[dev-packages]\npytest = ">=8"\n[scripts]\nx = "y"\n'
    )
    assert dependencies({"Pipfile": pipfile}) == [
        "flask Pipfile:2",
        "pytest>=8 (dev) Pipfile:5",
        "quart[dotenv]==0.19 Pipfile:3",
    ]


def test_conda() -> None:
    """Packages of conda and, among them, those of pip."""
    conda = """\
name: x
dependencies:
  - python=3.11
  - conda-forge::numpy=1.26=py_0
  - fastapi>=0.110
  - pip:
    - uvicorn[standard]
    - -r x.txt
"""
    assert dependencies({"environment.yml": conda}) == [
        "fastapi>=0.110 environment.yml:5",
        "numpy==1.26 environment.yml:4",
        "uvicorn[standard] environment.yml:7",
    ]


@pytest.mark.parametrize(
    ("name", "lock", "said"),
    [
        (
            "uv.lock",
            '[[package]]\nname = "own"\nversion = "1"\nsource = { editable = "." }\n[[package]]\nname = "Flask"\nversion = "3.0"\n',
            ["flask==3.0 locked uv.lock:5"],
        ),
        (
            "poetry.lock",
            '[[package]]\nname = "a"\nversion = "1"\ncategory = "dev"\n[[package]]\nname = "b"\nversion = "2"\ngroups = ["dev", "main"]\n',
            ["a==1 (dev) locked poetry.lock:1", "b==2 locked poetry.lock:5"],
        ),
        ("pdm.lock", '[[package]]\nname = "a"\nversion = "1"\ngroups = ["test"]\n', ["a==1 (test) locked pdm.lock:1"]),
        ("pylock.toml", '[[packages]]\nname = "a"\nversion = "1"\n[[packages]]\nname = "b"\n', ["a==1 locked pylock.toml:1"]),
        (
            "Pipfile.lock",
            '{\n "_meta": {},\n "default": {\n  "a": {\n   "version": "==1"\n  }\n },\n "develop": {"b": {"version": "==2"}}\n}\n',
            ["a==1 locked Pipfile.lock:4", "b==2 (dev) locked Pipfile.lock:8"],
        ),
    ],
)
def test_locks(name: str, lock: str, said: list[str]) -> None:
    """Lock files pin versions, some with their groups; the project itself is no distribution."""
    assert dependencies({name: lock}) == said


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("Pipfile.lock", "{\n[", "Pipfile.lock:2 is not valid JSON: Expecting property name enclosed in double quotes"),
        ("Pipfile.lock", "[" * 100_000, "Pipfile.lock:1 is nested too deeply"),
        ("Pipfile", "[packages\n", "Pipfile:1 is not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 10)"),
        ("environment.yml", "a: [\n", "environment.yml:1 a bracket or quote is never closed"),
    ],
)
def test_what_is_broken_is_said(name: str, content: str, problem: str) -> None:
    """Each format says what is wrong with a file, and where."""
    assert problems({name: content}) == [problem]


def test_shapes_that_nobody_expects() -> None:
    """Values of other types than the formats ask for are left out."""
    pyproject = """\
[project]
dependencies = "flask"
[project.optional-dependencies]
x = 1
[dependency-groups]
y = "z"
[tool]
poetry = []
pdm.scripts.start = {cmd = ["uvicorn"]}
"""
    assert dependencies({"pyproject.toml": pyproject, "uv.lock": "package = 3\n", "Pipfile": "packages = 1\n", "Pipfile.lock": "[]"}) == []
    assert problems({"pyproject.toml": pyproject}) == []


def test_what_projects_are_called() -> None:
    """By PEP 621, Poetry, setup.cfg and setup.py; a name that is computed is not known."""
    files = {
        "a/pyproject.toml": '[project]\nname = "My.Shop"\n',
        "b/pyproject.toml": '[tool.poetry]\nname = "desk"\n',
        "c/setup.cfg": "[metadata]\nname = panel\n",
        "d/setup.py": "from setuptools import setup\nNAME = 'lamp'\nsetup(name=NAME)\n",
        "e/setup.py": "from setuptools import setup\nsetup(name=read())\n",
    }

    assert [(one.name, one.folder) for one in read(files).distributions] == [("desk", "b"), ("lamp", "d"), ("my-shop", "a"), ("panel", "c")]
