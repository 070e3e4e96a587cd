"""Code that is written to hang or to end the link stage: it links in time that grows with its size, and says what can be told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.link.routes import routes_of
from tests.support import quick

FLASK = "from flask import Flask\n\napp = Flask(__name__)\n\n\n"
VIEW = 'def view():\n    return "x"\n'


def paths_of(files: Mapping[str, str] | str) -> list[str]:
    """The paths of all routes, in bounded time."""
    with quick():
        routes = routes_of({"app.py": files} if isinstance(files, str) else files)
    return [route.split(" ")[1] for route in routes]


# --- texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ('"/{name}/{}".format("a", "b", name="n")', "/n/a"),
        ('"/{}/{name}/{}".format("a", "b", name="n")', "/a/n/b"),
        ('"/{1}/{0}".format("a", "b")', "/b/a"),
        ('"/{}/{}".format("a", "b")', "/a/b"),
        ('"/{}".format()', "/<unknown>"),
        ('"/a{²}".format("x")', "/a<unknown>"),
        (f'"/a{{{"9" * 5000}}}".format("x")', "/a<unknown>"),
    ],
)
def test_automatic_fields_are_numbered_among_themselves(written: str, path: str) -> None:
    """As Python numbers them: a named field takes no place, and a number that no argument has stands for nothing."""
    assert paths_of(f"{FLASK}@app.route({written})\n{VIEW}") == [path]


@pytest.mark.parametrize("written", ['"/a\\0{}".format("x")', '"/a\\0"', '"/a/" + "\\0b\\0"', f'"/{"a" * 20_000}"'])
def test_a_text_that_is_no_path_is_unknown(written: str) -> None:
    """NUL ended the link, and marks versions in paths."""
    [path] = paths_of(f"{FLASK}@app.route({written})\n{VIEW}")
    assert path.removeprefix("/a") == "/<unknown>"


def branches(count: int, value: str, names: int) -> str:
    """`names` names in a row, each of which `count` branches set to `value`, in which `{before}` is the one before."""
    lines = []
    for number in range(1, names + 1):
        given = f"p{number} = {value.format(before=f'p{number - 1}')}"
        lines += [f"{'elif' if branch else 'if'} check({branch}):\n    {given}" for branch in range(count)]
        lines.append(f"else:\n    {given}")
    return "\n".join(lines)


def test_names_that_many_branches_set_to_each_other_are_followed_in_bounded_time() -> None:
    """Six branches at nine levels are ten million ways to one text."""
    found = paths_of(f'{FLASK}p0 = "/a"\n{branches(6, "{before}", 9)}\n\n\n@app.route(p9)\n{VIEW}')
    assert found == ["/<unknown>"]


def test_names_that_some_branches_set_to_each_other_are_followed() -> None:
    """The negative twin: where all ways are followed, the text is told."""
    assert paths_of(f'{FLASK}p0 = "/a"\n{branches(2, "{before}", 3)}\n\n\n@app.route(p3)\n{VIEW}') == ["/a"]


def test_a_text_of_which_the_branches_differ_is_unknown() -> None:
    """One branch is enough, wherever it stands."""
    app = f'{FLASK}p = "/a"\nif check():\n    p = "/a"\nelse:\n    p = "/b"\n\n\n@app.route(p)\n{VIEW}'
    assert paths_of(app) == ["/<unknown>"]


def test_a_text_that_doubles_at_each_level_is_unknown() -> None:
    """A text of megabytes is no path."""
    sums = "\n".join(f"p{number} = p{number - 1} + p{number - 1}" for number in range(1, 40))
    assert paths_of(f'{FLASK}p0 = "/a"\n{sums}\n\n\n@app.route(p39)\n{VIEW}') == ["/<unknown>"]
