from __future__ import annotations

from pathlib import Path

import pytest

from fwaudit.discover.roots import find_root
from fwaudit.errors import UsageError


def test_one_folder_is_the_root_itself(tmp_path: Path) -> None:
    """A folder is audited as it is named, even inside a bigger project."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "app").mkdir()

    assert find_root([tmp_path / "app"]) == (str(tmp_path / "app"), None)


def test_no_path_is_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path the root is where the command runs."""
    monkeypatch.chdir(tmp_path)

    assert find_root([]) == (str(tmp_path), None)


@pytest.mark.parametrize("marker", ["pyproject.toml", "setup.cfg", "setup.py", "manage.py", ".git"])
def test_a_file_belongs_to_the_nearest_marked_parent(tmp_path: Path, marker: str) -> None:
    """A named file is linked with its whole workspace; the nearest marker wins over a farther one."""
    service = tmp_path / "services" / "api"
    (service / "app").mkdir(parents=True)
    (service / "app" / "main.py").touch()
    (tmp_path / "pyproject.toml").touch()
    (service / marker).touch()

    assert find_root([service / "app" / "main.py"]) == (str(service), ("app/main.py",))


def test_a_file_without_any_marker_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing marks a workspace, it is the file's own folder, never one farther up."""
    monkeypatch.setattr("fwaudit.discover.roots.MARKERS", ("no-such-marker",))
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").touch()

    assert find_root([tmp_path / "app" / "main.py"]) == (str(tmp_path / "app"), ("main.py",))


def test_several_paths_share_their_marked_parent(tmp_path: Path) -> None:
    """Folders and files of one project are one workspace, named relative to it, each once."""
    (tmp_path / "setup.py").touch()
    (tmp_path / "app").mkdir()
    (tmp_path / "lib").mkdir()

    paths = [tmp_path / "lib", tmp_path / "setup.py", tmp_path / "app", tmp_path / "lib" / ".." / "lib"]
    assert find_root(paths) == (str(tmp_path), ("app", "lib", "setup.py"))


@pytest.mark.parametrize("inner", ["pyproject.toml", "setup.cfg"])
def test_files_of_several_projects_belong_to_the_repository_around_them(tmp_path: Path, inner: str) -> None:
    """As pre-commit names them in a monorepo: the nearest marked parent of all; files of one project stay in that project."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / "repo" / name / "app").mkdir(parents=True)
        (tmp_path / "repo" / name / inner).touch()
        (tmp_path / "repo" / name / "app" / "main.py").touch()
    one, two = (tmp_path / "repo" / name for name in ("one", "two"))

    assert find_root([one / "app" / "main.py", two / "app" / "main.py"]) == (
        str(tmp_path / "repo"), ("one/app/main.py", "two/app/main.py"),
    )  # fmt: skip
    assert find_root([one, two]) == (str(tmp_path / "repo"), ("one", "two"))
    assert find_root([one / inner, one / "app" / "main.py"]) == (str(one), ("app/main.py", inner))


def test_paths_without_a_parent_in_common_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no marked folder holds all paths, the message names two of them and what to do; in one folder they need no marker."""
    monkeypatch.setattr("fwaudit.discover.roots.MARKERS", ("pyproject.toml", "no-such-marker"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").touch()
    for name in ("a.py", "b.py"):
        (tmp_path / name).touch()

    with pytest.raises(UsageError, match=r"one' and .*two' have no parent in common that holds .*: audit the folder that holds them"):
        find_root([tmp_path / "one", tmp_path / "two"])
    assert find_root([tmp_path / "a.py", tmp_path / "b.py"]) == (str(tmp_path), ("a.py", "b.py"))


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """The message names the path as it was given, with control characters escaped."""
    with pytest.raises(UsageError, match=r"gone\\n::error::' does not exist"):
        find_root([tmp_path / "gone\n::error::"])
    with pytest.raises(UsageError, match="is not a path"):
        find_root([tmp_path / "nul\0"])


def test_a_link_is_resolved_before_its_root_is_looked_for(tmp_path: Path) -> None:
    """A link on the command line is the user's own wish, and stands for what it leads to."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    assert find_root([tmp_path / "link"]) == (str(tmp_path / "real"), None)
