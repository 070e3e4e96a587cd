"""Answers are written between what people wrote, which stays byte for byte."""

from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from fwaudit.errors import ConfigError
from fwaudit.settings_file import with_answers

PROJECT = """# ours
[project]
name = "shop"   # the name

[tool.fwaudit.answers]   # told in May
horizon = "stable"   # until 2027
# about people
team = 'django'

[tool.other]
x = [1,   2]
"""

ANSWERS: st.SearchStrategy[str | bool | float] = st.sampled_from(["x", True, 2])


def write(text: str, *, is_shared: bool = True, **answers: str | bool | float) -> str:
    """`text` with the answers, whose dashes are underscores here."""
    return with_answers(text, {key.replace("_", "-"): value for key, value in answers.items()}, is_shared=is_shared, shown="pyproject.toml")


def test_an_answer_takes_the_place_of_the_one_before_and_new_ones_follow() -> None:
    """Comments, order and spaces stay."""
    found = write(PROJECT, horizon="fast-iteration", regulated=True, weight_hiring=2.5)
    told = "team = 'django'\n"
    assert found == PROJECT.replace('"stable"', '"fast-iteration"').replace(told, f"{told}regulated = true\nweight-hiring = 2.5\n")


@pytest.mark.parametrize(
    ("text", "is_shared", "expected"),
    [
        ("", False, '[answers]\nteam = "async"\n'),
        ("", True, '[tool.fwaudit.answers]\nteam = "async"\n'),
        ("strict = true", False, 'strict = true\n\n[answers]\nteam = "async"\n'),
        ("[answers]", False, '[answers]\nteam = "async"'),
        ("[answers]\n\n\n[[service]]\nroot = 'a'\n", False, "[answers]\nteam = \"async\"\n\n\n[[service]]\nroot = 'a'\n"),
        ("a = 1\r\n", False, 'a = 1\r\n\r\n[answers]\r\nteam = "async"\r\n'),
        ('[answers]\n"team" = "x # y" # why\n', False, '[answers]\nteam = "async" # why\n'),
        ("[tool.fwaudit]\nstrict = true\n", True, '[tool.fwaudit]\nstrict = true\n\n[tool.fwaudit.answers]\nteam = "async"\n'),
    ],
)
def test_the_table_is_made_where_there_is_none(text: str, is_shared: bool, expected: str) -> None:
    """At the end, with the file's own line ends."""
    assert write(text, is_shared=is_shared, team="async") == expected


@pytest.mark.parametrize(
    "text",
    [
        "[tool.fwaudit]\nanswers = { team = 'django' }\n",
        "tool.fwaudit.answers.team = 'django'\n",
        'x = """\n[tool.fwaudit.answers]\n"""\n',
        "[tool.fwaudit.answers]\nteam = '''\ndjango'''\n",
        "[tool]\nfwaudit = 3\n",
        "not toml",
    ],
)
def test_what_cannot_be_changed_alone_is_left_to_people(text: str) -> None:
    """The message names the lines to add."""
    with pytest.raises(ConfigError, match=r'pyproject.toml: the answers cannot be written there .*: team = "async"'):
        write(text, team="async")


@given(
    st.text(st.sampled_from("[]tol.fwaudinsrey-= \"'#\n1,{}"), max_size=80),
    st.sampled_from(["team", "a-b"]),
    st.sampled_from(["x", True, 2]),
)
def test_whatever_stands_in_the_file_nothing_else_changes(text: str, key: str, value: str | bool | float) -> None:
    """Either the file says the same and the answer, or it is refused."""
    try:
        found = with_answers(text, {key: value}, is_shared=False, shown="fwaudit.toml")
    except ConfigError:
        return
    after, before = tomli.loads(found), tomli.loads(text)
    assert after["answers"][key] == value
    after["answers"].pop(key)
    before.setdefault("answers", {}).pop(key, None)
    assert after == before
    assert found.count("#") == text.count("#")
