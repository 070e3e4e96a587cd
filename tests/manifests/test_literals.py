"""What Python files say in literals: which names are known, and how much is read at most."""

from __future__ import annotations

import ast
import itertools
from unittest.mock import patch

import pytest

from fwaudit.manifests.literals import Literals
from fwaudit.manifests.text import ManifestError
from tests.manifests.reading import dependencies, problems, read, starts

WORKER = "uvicorn.workers.UvicornWorker"


@pytest.mark.parametrize(
    "binding",
    [
        f"if DEBUG:\n    worker_class = '{WORKER}'",
        f"try:\n    import uvicorn\n    worker_class = '{WORKER}'\nexcept ImportError: pass",
        f"with open('x') as file:\n    worker_class = '{WORKER}'",
        "for worker_class in CLASSES: pass",
        f"def on_starting(server):\n    global worker_class\n    worker_class = '{WORKER}'",
        "from uvicorn.workers import UvicornWorker as worker_class",
        "from settings import *",
        "worker_class += SUFFIX",
        "del worker_class",
        f"(worker_class := '{WORKER}')",
        "def worker_class(): ...",
        f"match KIND:\n    case 'a':\n        worker_class = '{WORKER}'",
    ],
)
def test_a_worker_class_that_is_given_again_is_not_known(binding: str) -> None:
    """Under a condition or not: it may be another, so that nothing is said of it."""
    assert starts({"gunicorn.conf.py": f"worker_class = 'sync'\n{binding}\n", "Procfile": "web: gunicorn app:app\n"}) == [
        "gunicorn app:app in . worker=<unknown> Procfile:1"
    ]


@pytest.mark.parametrize(
    "other",
    [
        "",
        "if DEBUG:\n    workers = 1",
        f"def choose():\n    worker_class = '{WORKER}'\n    return worker_class",
        f"class Other:\n    worker_class = '{WORKER}'",
        f"def choose(worker_class='{WORKER}'): ...",
        f"server.worker_class = '{WORKER}'",
        "if worker_class == 'sync': print(worker_class)",
    ],
)
def test_a_worker_class_that_is_given_once_is_known(other: str) -> None:
    """What a function, a class or an object calls by the same name is another."""
    assert starts(
        {"gunicorn.conf.py": f"from settings import *\nworker_class = 'sync'\n{other}\n", "Procfile": "web: gunicorn app:app\n"}
    ) == ["gunicorn app:app in . worker=sync Procfile:1"]


@pytest.mark.parametrize(("setting", "line"), [("worker_class = choose()", 2), (f"if DEBUG:\n    worker_class = '{WORKER}'\n", 1)])
def test_a_worker_class_that_is_computed_is_not_the_default(setting: str, line: int) -> None:
    """Also where no command reads the file; a file that does not name it leaves gunicorn's own."""
    assert starts({"gunicorn.conf.py": f"wsgi_app = 'app:app'\n{setting}\n"}) == [
        f"gunicorn app:app in . worker=<unknown> gunicorn.conf.py:{line}"
    ]
    assert starts({"gunicorn.conf.py": "wsgi_app = 'app:app'\n"}) == ["gunicorn app:app in . gunicorn.conf.py:1"]


def test_a_file_that_only_binds_the_name_starts_nothing() -> None:
    """Tests of the settings of gunicorn are none; a file of gunicorn that gives only that under a condition is one."""
    binding = f"if DEBUG:\n    worker_class = '{WORKER}'\n"
    assert starts({"tests/test_gunicorn_config.py": binding}) == []
    assert starts({"gunicorn.conf.py": binding, "Procfile": "web: gunicorn app:app\n"}) == [
        "gunicorn app:app in . worker=<unknown> Procfile:1"
    ]


def test_what_is_added_to_a_list_leaves_what_was_in_it() -> None:
    """A list that is given anew under a condition is not known."""
    added = "requires = ['flask']\nif OLD:\n    requires += ['typing']\nrequires += more\nsetup(install_requires=requires)\n"
    assert dependencies({"setup.py": added}) == ["flask setup.py:1"]
    assert dependencies({"setup.py": added.replace("+=", "=")}) == []


@pytest.mark.parametrize("width", [0, 1, 40])
def test_lists_that_name_each_other_do_not_multiply(width: int) -> None:
    """Twenty lists, each of which names the one before forty times: an error after a bounded number of texts, also where all are empty."""
    lines = [f"a0 = [{', '.join(['x'] * width)}]".replace("x", "'flask'")]
    lines += [f"a{number} = [{', '.join([f'a{number - 1}'] * 40)}]" for number in range(1, 20)]
    text = "\n".join([*lines, "setup(name=a19, install_requires=a19, entry_points={'console_scripts': a19})"])
    literals = Literals(ast.parse(text))
    given = itertools.count()
    with pytest.raises(ManifestError, match="hold more than 20,000 texts"):
        list(zip(literals.texts(literals.value_of("a19")), given, strict=False))
    assert next(given) <= 20_000
    assert len(problems({"setup.py": text})) == 1
    assert problems({"setup.py": text})[0].startswith("setup.py:")


def test_a_long_text_that_is_named_often_is_not_read_often() -> None:
    """Ten thousand times ten thousand characters would be a hundred million."""
    text = f"a = '{'x' * 9_999}'\nsetup(install_requires=[{'a,' * 10_000}])\n"
    assert problems({"setup.py": text}) == [
        "setup.py:1 its lists name each other so often that they hold more than 20,000 texts: write them out"
    ]
    assert problems({"setup.py": "a = 'x'\nsetup(install_requires=[" + "a," * 5_000 + "])\n"}) == []


def test_setup_py_is_parsed_once() -> None:
    """For its dependencies, its name and its scripts together."""
    setup = "setup(name='shop', install_requires=['flask'], entry_points={'console_scripts': ['serve = shop:main']})\n"
    with patch("fwaudit.manifests.setup_files.parse_python", side_effect=ast.parse) as parse:
        said = read({"setup.py": setup, "Procfile": "web: serve\n"})
    assert parse.call_count == 1
    assert [one.name for one in said.dependencies] == ["flask"]
    assert [one.name for one in said.distributions] == ["shop"]
    assert [one.app for one in said.starts] == ["shop:main"]
