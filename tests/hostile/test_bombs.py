from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.run import BLOCKING, Run, fwaudit, write_tree

BOMBS = {
    "match_mapping.py": "match x:\n    case " + "{1:" * 12 + "1" + "}" * 12 + ":\n        pass\n",
    "match_group.py": "match x:\n    case " + "(" * 24 + "1" + ")" * 24 + ":\n        pass\n",
    "match_class.py": "match x:\n    case " + "A(" * 24 + "1" + ")" * 24 + ":\n        pass\n",
    "match_lines.py": "match x:\n    case [" + "[\n" * 22 + "]" * 23 + ":\n        pass\n",
    "brackets.py": "x = " + "(" * 5000 + "1" + ")" * 5000 + "\n",
    "brackets_open.py": "x = " + "(" * 5000 + "\n",
    "elifs.py": "if x == 0:\n    pass\n" + "".join(f"elif x == {number}:\n    pass\n" for number in range(20_000)),
    "sum.py": "x = " + " + ".join(["1"] * 20_000) + "\n",
    "attributes.py": "x = a" + ".b" * 20_000 + "\n",
    "unary.py": "x = " + "not " * 20_000 + "1\n",
    "indents.py": "".join(" " * depth + "if x:\n" for depth in range(120)) + " " * 120 + "pass\n",
    "formats.py": 'x = f"' + "{a:" * 5000 + "}" * 5000 + '"\n',
}
"""Sources that hang or kill a parser: tens of bytes to hundreds of thousands."""
CHAINS = {
    "elifs.py": "if x == 0:\n    pass\n" + "".join(f"elif x == {number}:\n    time.sleep({number})\n" for number in range(400)),
    "brackets.py": "x = " + "[" * 150 + "1" + "]" * 150 + "\n",
    "sum.py": "x = " + " + ".join(["a"] * 400) + "\n",
    "strings.py": "x = " + " ".join(['"a"'] * 1000) + "\n",
    "calls.py": "x = a" + ".b()" * 180 + "\n",
}
"""Sources on which every LibCST visitor raises RecursionError at Python's usual limit, but that Python runs."""


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All bombs in one tree, beside a file with a finding, with a deadline of 1 s for each file."""
    tree = write_tree(tmp_path_factory.mktemp("bombs"), {**BOMBS, "good.py": BLOCKING.format(name="good")})
    (tree / "pyproject.toml").write_text("[tool.fwaudit]\nfile-deadline = 1\n")
    return fwaudit("--no-cache", "--format", "json", "--jobs", "2", folder=tree)


def test_the_other_files_are_still_audited(audited: Run) -> None:
    """The finding beside the bombs is reported, within the deadlines."""
    assert audited.code == 1
    assert audited.found_in == ["good.py"]
    assert audited.seconds < 5 + len(BOMBS)


def test_every_bomb_is_analysed_or_named(audited: Run) -> None:
    """Each file is counted once: with facts, or with the reason why not; what cannot be Python is refused before the parser sees it."""
    problems = audited.problems

    assert set(problems) <= set(BOMBS)
    assert audited.audit["summary"]["analysed"] == len(BOMBS) + 1 - len(problems)
    for name in ("match_mapping.py", "match_group.py", "match_class.py", "match_lines.py"):
        assert problems[name].startswith("a `case` pattern is nested")
    for name in ("brackets.py", "brackets_open.py"):
        assert problems[name].startswith("brackets are nested")
    assert problems["sum.py"] == "took longer than the deadline of 1 s"


def test_deep_but_valid_sources_are_analysed(tmp_path: Path) -> None:
    """What Python runs is audited: a large stack and a high recursion limit, not a refusal."""
    tree = write_tree(tmp_path, CHAINS)
    run = fwaudit("--no-cache", "--format", "json", "--strict", folder=tree)

    assert run.problems == {}
    assert run.audit["summary"]["analysed"] == len(CHAINS)
    assert run.code == 0
