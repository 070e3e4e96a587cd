"""Dependencies whose version or whose place in a list is written in more than one way."""

from __future__ import annotations

import pytest

from tests.manifests.reading import dependencies, problems


def test_of_several_constraints_none_is_the_version() -> None:
    """Which holds is told by the Python that is installed; only what all entries ask for is known. One in a list is as one alone."""
    pyproject = """\
[tool.poetry.dependencies]
django = [{version = "^2.2", python = "<3.8", extras = ["argon2", "bcrypt"]}, {version = "^5.2", python = ">=3.8", extras = ["argon2"]}]
flask = [{version = "^3", extras = ["async"]}]
quart = []
"""
    assert dependencies({"pyproject.toml": pyproject}) == [
        "django[argon2] pyproject.toml:2",
        "flask[async]<4,>=3 pyproject.toml:3",
        "quart pyproject.toml:4",
    ]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("django; flask", ["django", "flask"]),
        ("django>=4;flask ; tornado[x]", ["django", "flask", "tornado"]),
        ("django;", ["django"]),
        ("django; python_version < '3'", ["django"]),
        ("django; platform_system == 'Windows'", ["django"]),
        ("django; os_name == 'nt' and implementation_name == 'cpython'", ["django"]),
        ("django; extra == 'x'; flask", ["django"]),
        ("extra; flask", ["extra", "flask"]),
        ("django; 'x' in extra; flask", ["django"]),
    ],
)
def test_a_marker_in_setup_cfg_is_no_dependency(written: str, names: list[str]) -> None:
    """A semicolon goes between requirements and before a marker; where both stand in one line, only the first is sure."""
    said = dependencies({"setup.cfg": f"[options]\ninstall_requires =\n    {written}\n"})
    assert [one.split(" ")[0].partition(">")[0].partition("[")[0] for one in said] == names


def test_groups_that_include_others_in_any_spelling() -> None:
    """Each is found by its normalised name and keeps the name that is written."""
    pyproject = (
        '[dependency-groups]\nDev_Tools = ["ruff", {include-group = "tests.all"}]\n"tests-all" = ["pytest", {include-group = "gone"}]\n'
    )
    assert dependencies({"pyproject.toml": pyproject}) == [
        "pytest (Dev_Tools) pyproject.toml:3",
        "pytest (tests-all) pyproject.toml:3",
        "ruff (Dev_Tools) pyproject.toml:2",
    ]


def test_groups_that_include_each_other_without_end() -> None:
    """Hundreds that include one of hundreds are bounded, and said; thousands of empty ones are read."""
    large = '[dependency-groups]\nbase = ["' + '","'.join(f"a{number}" for number in range(500)) + '"]\n'
    chain = large + "".join(f'g{number} = [{{include-group="base"}}]\n' for number in range(400))
    assert problems({"pyproject.toml": chain}) == [
        "pyproject.toml:42 its groups include more than 20,000 dependencies of each other: name them less often"
    ]
    assert len(dependencies({"pyproject.toml": chain})) <= 20_500
    ring = "".join(f'g{number} = [{{include-group="g{(number + 1) % 1_000}"}}]\n' for number in range(1_000))
    assert len(problems({"pyproject.toml": "[dependency-groups]\n" + ring})) == 1
    hub = "x = [" + '{include-group="x"},' * 20_000 + "]\n" + "".join(f'g{number} = [{{include-group="x"}}]\n' for number in range(5_000))
    assert problems({"pyproject.toml": "[dependency-groups]\n" + hub}) == []
    empty = "".join(f"g{number} = []\n" for number in range(20_000))
    assert problems({"pyproject.toml": "[dependency-groups]\n" + empty}) == []
