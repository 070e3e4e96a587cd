"""Where in a TOML file its keys and strings stand, also of files that were made to keep the reader busy.

Nothing here looks at a clock: of what these files hold, work that grew with the square of it would not end.
"""

from __future__ import annotations

import pytest

from fwaudit.manifests.text import ManifestError
from fwaudit.manifests.toml import TomlText
from tests.manifests.reading import problems


def test_lines_of_headers_keys_and_strings() -> None:
    """Headers may be indented, of arrays, quoted and commented; what looks like one in a list is none."""
    toml = TomlText('  [ a . "b" ]  # one = two\nc = "d"\n[[e]]\n[[ e ]]\nf = [\n  ["x=1"],\n  "g # h", # "i"\n  \'j\',\n]\n')

    assert toml.line_of("a.b", "c") == 2
    assert toml.line_of("a.b", "d") == 2
    assert toml.headers("e") == [3, 4]
    assert toml.line_of_string("e", "g # h") == 7
    assert toml.line_of_string("e", "j") == 8
    assert toml.line_of_string("e", "i") == 3, "what a comment says is no string: the line of the table"


def test_a_line_of_spaces_in_brackets_is_read_once() -> None:
    """As a header was looked for, with the cube of the spaces."""
    toml = TomlText('x = """\n[' + " " * 900_000 + 'x\n"""\n[table]\nkey = "value"\n')
    assert toml.line_of("table", "key") == 5


def test_spaces_in_a_header_do_not_multiply() -> None:
    """A real header with as many spaces is one."""
    toml = TomlText("[" + " " * 400_000 + "table" + " " * 400_000 + ']\nkey = "value"\n')
    assert toml.line_of("table", "key") == 2


@pytest.mark.parametrize("line", ['\\"', '"', "'", "\"'", "\\"], ids=repr)
def test_quotes_that_nothing_closes_are_read_once(line: str) -> None:
    """In a comment, and in a text over several lines."""
    toml = TomlText("# " + line * 400_000 + "\nx = '''\n" + '\\"' * 200_000 + "\n'''\n[table]\nkey = \"value\"\n")
    assert toml.line_of_string("table", "value") == 6


def test_a_key_that_names_a_line_is_not_taken_for_one() -> None:
    """Tomli repeats the key in its message; a number of thousands of digits stopped the audit."""
    name = "line " + "9" * 5_000
    with pytest.raises(ManifestError) as caught:
        TomlText(f'["{name}"]\n["{name}"]\n')
    assert caught.value.line == 2
    assert len(str(caught.value)) < 400
    assert problems({"pyproject.toml": f'["{name}"]\n["{name}"]\n'})[0].startswith("pyproject.toml:2 is not valid TOML: Cannot declare")
