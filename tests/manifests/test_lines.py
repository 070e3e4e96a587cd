"""The lines that manifests are said to stand on are those that an editor shows."""

from __future__ import annotations

import pytest

from tests.manifests.reading import dependencies, starts

NO_ENDS = ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"]
"""What ends a line to `str.splitlines`, and to no editor."""


@pytest.mark.parametrize("character", NO_ENDS, ids=repr)
def test_a_character_that_ends_no_line_is_not_counted(character: str) -> None:
    """In a comment before the dependency or the command."""
    comment = f"# a{character}b\n"
    assert dependencies({"requirements.txt": f"{comment}flask\n"}) == ["flask requirements.txt:2"]
    assert dependencies({"setup.cfg": f"{comment}[options]\ninstall_requires = flask\n"}) == ["flask setup.cfg:3"]
    assert dependencies({"environment.yml": f"{comment}dependencies:\n  - flask\n"}) == ["flask environment.yml:3"]
    assert starts({"Dockerfile": f"{comment}FROM x\nCMD uvicorn app:app\n"}) == ["uvicorn app:app in . Dockerfile:3"]
    assert starts({"Procfile": f"{comment}web: uvicorn app:app\n"}) == ["uvicorn app:app in . Procfile:2"]
    assert starts({"Makefile": f"{comment}x:\n\tuvicorn app:app\n"}) == ["uvicorn app:app in . Makefile:3"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
def test_every_end_of_a_line_is_counted(end: str) -> None:
    """Those of Unix, of Windows, and of the old Macintosh."""
    assert dependencies({"requirements.txt": end.join(["# a", "", "flask", ""])}) == ["flask requirements.txt:3"]
