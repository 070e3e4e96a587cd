from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import msgspec
import pytest

from fwaudit.config import Config
from fwaudit.discover import files
from fwaudit.discover.files import find_workspace, workspace_digest
from fwaudit.errors import UsageError
from fwaudit.model.source import Manifest, Problem, Role, SourceFile, Workspace


def make_tree(root: Path, *paths: str) -> None:
    """Writes each file of `paths` with its own path as a comment."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"# {path}\n")


def paths_of(workspace: Workspace) -> list[str]:
    """The paths of the sources."""
    return [source.path for source in workspace.sources]


def test_every_python_file_is_read_once_and_hashed(tmp_path: Path) -> None:
    """Sources carry size, sha256 and role, sorted by the bytes of their paths; other files are no sources."""
    make_tree(tmp_path, "app/b.py", "app/a.py", "app.py", "test_a.py", "script", "a.pyi", "B.py", "é.py", "note.txt")

    workspace = find_workspace([tmp_path], Config())

    assert workspace.root == str(tmp_path)
    assert workspace.named is None
    assert workspace.problems == ()
    assert paths_of(workspace) == ["B.py", "app.py", "app/a.py", "app/b.py", "test_a.py", "é.py"]
    content = b"# app/a.py\n"
    assert workspace.sources[2] == SourceFile("app/a.py", hashlib.sha256(content).digest(), len(content), Role.CODE, reported=True)
    assert not workspace.sources[4].reported


def test_tests_are_reported_when_the_settings_say_so(tmp_path: Path) -> None:
    """`include-tests` reports tests, and nothing else that is not code."""
    make_tree(tmp_path, "app.py", "test_a.py", "app_pb2.py", "migrations/a.py", "vendor/a.py")

    workspace = find_workspace([tmp_path], Config(include_tests=True))

    assert [source.path for source in workspace.sources if source.reported] == ["app.py", "test_a.py"]


def test_folders_that_hold_no_source_of_the_project_are_not_entered(tmp_path: Path) -> None:
    """Environments, caches, build results and installed packages are left out; names that only look alike are not."""
    make_tree(
        tmp_path,
        *(f"{name}/a.py" for name in (".git", ".venv", "node_modules", "__pycache__", ".tox", ".nox", "x/site-packages", "a.egg-info")),
        *("env/pyvenv.cfg", "env/lib/a.py", "build/lib/a.py", "dist/a.py", "pyproject.toml"),
        *("app/build/a.py", "app/dist/a.py", "venv/a.py", "env2/a.py", "git/a.py", ".github/a.py"),
    )

    workspace = find_workspace([tmp_path], Config())

    assert paths_of(workspace) == [".github/a.py", "app/build/a.py", "app/dist/a.py", "env2/a.py", "git/a.py", "venv/a.py"]


def test_a_folder_that_is_named_is_never_pruned(tmp_path: Path) -> None:
    """Who names an environment wants it audited."""
    make_tree(tmp_path, "site-packages/a.py", "site-packages/pyvenv.cfg")

    assert paths_of(find_workspace([tmp_path / "site-packages"], Config())) == ["a.py"]


def test_gitignore_files_hold_from_their_folder_on(tmp_path: Path) -> None:
    """A nested .gitignore adds to the outer one and can take a file back in, but not out of an ignored folder."""
    make_tree(tmp_path, "a.py", "gen_a.py", "x/a.py", "x/gen_a.py", "x/y/b.py", "x/y/gen_b.py", "out/a.py", "y/b.py")
    (tmp_path / ".gitignore").write_text("gen_*.py\nout/\n!out/a.py\n")
    (tmp_path / "x" / ".gitignore").write_text("!gen_a.py\n/y/b.py\n")

    assert paths_of(find_workspace([tmp_path], Config())) == ["a.py", "x/a.py", "x/gen_a.py", "y/b.py"]


def test_gitignore_files_above_the_root_hold_within_the_repository(tmp_path: Path) -> None:
    """Up to the folder with .git; what lies above that says nothing, and an ignored folder that is named is audited."""
    make_tree(tmp_path, "repo/services/api/a.py", "repo/services/api/gen/b.py", "repo/services/api/c.py", "repo/.git/HEAD")
    (tmp_path / ".gitignore").write_text("*.py\n")
    (tmp_path / "repo" / ".gitignore").write_text("/services/api/gen\n/services\n")
    (tmp_path / "repo" / "services" / ".gitignore").write_text("api/c.py\n")

    assert paths_of(find_workspace([tmp_path / "repo" / "services" / "api"], Config())) == ["a.py"]


def test_refused_lines_of_a_gitignore_are_told(tmp_path: Path) -> None:
    """A line that is too long becomes a skipped problem at its place, also in a file above the root."""
    make_tree(tmp_path, "api/a.py", ".git/HEAD")
    (tmp_path / ".gitignore").write_text("b.py\n" + "x" * 2000 + "\n")
    (tmp_path / "api" / ".gitignore").write_text("y" * 2000 + "\n")

    problems = find_workspace([tmp_path / "api"], Config()).problems

    assert [(problem.path, problem.line, problem.kind) for problem in problems] == [
        ("../.gitignore", 2, "skipped"),
        (".gitignore", 1, "skipped"),
    ]


def test_a_very_deep_tree_with_patterns_at_each_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders down to the system's limit, each with a .gitignore: answered quickly, what cannot be reached is a problem."""
    monkeypatch.chdir(tmp_path)
    for _ in range(2100):
        os.mkdir("d")
        os.chdir("d")
        Path("a.py").touch()
        Path(".gitignore").write_text("*x\n/a/b\n")
    start = time.perf_counter()
    workspace = find_workspace([tmp_path], Config())
    seconds = time.perf_counter() - start
    for _ in range(2100):  # pytest cannot remove a tree as deep as this one
        Path("a.py").unlink()
        Path(".gitignore").unlink()
        os.chdir("..")
        os.rmdir("d")

    assert seconds < 10
    assert 200 < len(workspace.sources) < 2100
    assert {problem.message for problem in workspace.problems if problem.kind == "not-analysed"} == {"cannot be read: File name too long"}
    assert sum("50 others hold here already" in problem.message for problem in workspace.problems) > 100


def test_excluded_files_are_not_audited(tmp_path: Path) -> None:
    """`exclude` and `extend-exclude` hold from the folder of the settings on; what they match is not read, even if it is named."""
    make_tree(tmp_path, "api/a.py", "api/legacy/b.py", "api/c.py", "pyproject.toml")
    settings = Config(exclude=("api/legacy",), extend_exclude=("c.py",), folder=str(tmp_path))

    assert paths_of(find_workspace([tmp_path], settings)) == ["api/a.py"]
    assert paths_of(find_workspace([tmp_path / "api"], settings)) == ["a.py"]
    assert paths_of(find_workspace([tmp_path / "api" / "legacy" / "b.py"], settings)) == ["api/a.py"]


def test_named_files_bring_their_whole_workspace(tmp_path: Path) -> None:
    """The workspace is linked as a whole, the named files are told, and a named folder stands for the files in it."""
    make_tree(tmp_path, "pyproject.toml", "app/a.py", "app/b.py", "lib/c.py", "README.md")

    one = find_workspace([tmp_path / "app" / "a.py"], Config())
    several = find_workspace([tmp_path / "lib", tmp_path / "app" / "a.py", tmp_path / "README.md"], Config())

    assert paths_of(one) == ["app/a.py", "app/b.py", "lib/c.py"]
    assert one.named == ("app/a.py",)
    assert several.named == ("app/a.py", "lib/c.py")


def test_a_named_file_is_audited_although_git_ignores_it(tmp_path: Path) -> None:
    """A file can be tracked and match a .gitignore: who names it wants it audited."""
    make_tree(tmp_path, "pyproject.toml", "a.py", "gen/b.py", "gen/c.py")
    (tmp_path / ".gitignore").write_text("gen/\n")

    assert paths_of(find_workspace([tmp_path / "gen" / "b.py"], Config())) == ["a.py", "gen/b.py"]


def test_manifests_are_kept_with_their_content(tmp_path: Path) -> None:
    """What is too large is skipped and said; what lies in a pruned folder is none of the project's."""
    make_tree(tmp_path, "a.py", "Dockerfile", "requirements/base.txt", "node_modules/x/Dockerfile")
    (tmp_path / "uv.lock").write_bytes(b"x" * (files.MANIFEST_LIMIT + 1))

    workspace = find_workspace([tmp_path], Config())

    assert workspace.manifests == (
        Manifest("Dockerfile", "dockerfile", b"# Dockerfile\n"),
        Manifest("requirements/base.txt", "requirements", b"# requirements/base.txt\n"),
    )
    assert workspace.problems == (Problem("uv.lock", 1, "has 1,000,001 bytes, more than the limit of 1,000,000", "skipped"),)


def test_all_manifests_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of manifests cannot fill the memory: beyond the limit they are skipped and said."""
    monkeypatch.setattr(files, "MANIFESTS_LIMIT", 30)
    make_tree(tmp_path, "a.py", "1/Dockerfile", "2/Dockerfile", "3/Dockerfile")

    workspace = find_workspace([tmp_path], Config())

    assert [manifest.path for manifest in workspace.manifests] == ["1/Dockerfile", "2/Dockerfile"]
    assert [(problem.path, problem.kind) for problem in workspace.problems] == [("3/Dockerfile", "skipped")]


def test_nothing_to_audit_is_a_usage_error(tmp_path: Path) -> None:
    """A tree without a Python file is refused; one whose only file cannot be analysed is not: that is said in the audit."""
    make_tree(tmp_path, "README.md")
    with pytest.raises(UsageError, match="no Python file in"):
        find_workspace([tmp_path], Config())

    (tmp_path / "a.py").write_bytes(b"x\0")
    assert [problem.kind for problem in find_workspace([tmp_path], Config()).problems] == ["not-analysed"]


def test_what_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """Too large, NUL bytes with their line: named, counted as not analysed, and the others go on."""
    make_tree(tmp_path, "a.py")
    (tmp_path / "large.py").write_bytes(b"#" * 101)
    (tmp_path / "nul.py").write_bytes(b"x = 1\ny = 2\n\0\n")

    workspace = find_workspace([tmp_path], Config(max_file_size=100))

    assert paths_of(workspace) == ["a.py"]
    assert workspace.problems == (
        Problem("large.py", 1, "has 101 bytes, more than the limit of 100"),
        Problem("nul.py", 3, "contains a NUL byte, which Python refuses"),
    )


def test_a_file_or_folder_that_resists_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No permission, or gone since it was listed: named with the system's reason."""
    # Root may read anything, so the calls are made to fail.
    make_tree(tmp_path, "a.py", "closed/b.py", "locked.py", "gone.py")
    real_open, real_scandir = os.open, os.scandir

    def refuse_open(path: str, flags: int) -> int:
        if path.endswith("locked.py"):
            raise PermissionError(13, "Permission denied")
        if path.endswith("gone.py"):
            os.unlink(path)
        return real_open(path, flags)

    def refuse_scandir(path: str) -> object:
        if "closed" in path:
            raise PermissionError(13, "Permission denied")
        return real_scandir(path)

    monkeypatch.setattr("os.open", refuse_open)
    monkeypatch.setattr("os.scandir", refuse_scandir)
    workspace = find_workspace([tmp_path], Config())

    assert paths_of(workspace) == ["a.py"]
    assert workspace.problems == (
        Problem("closed", 1, "cannot be read: Permission denied"),
        Problem("gone.py", 1, "cannot be read: No such file or directory"),
        Problem("locked.py", 1, "cannot be read: Permission denied"),
    )


def test_the_digest_changes_with_every_input(tmp_path: Path) -> None:
    """Equal for an equal workspace; different for content, path, role, a manifest, a problem or what was named."""
    make_tree(tmp_path, "a.py", "pyproject.toml")
    workspace = find_workspace([tmp_path], Config())
    source = workspace.sources[0]
    replace = msgspec.structs.replace
    others = [
        replace(workspace, sources=(replace(source, digest=bytes(32)),)),
        replace(workspace, sources=(replace(source, path="b.py"),)),
        replace(workspace, sources=(replace(source, role=Role.TEST),)),
        replace(workspace, sources=(replace(source, reported=False),)),
        replace(workspace, manifests=()),
        replace(workspace, problems=(Problem("b.py", 1, "is a FIFO"),)),
        replace(workspace, named=()),
        replace(workspace, named=("a.py",)),
    ]

    assert workspace_digest(find_workspace([tmp_path], Config())) == workspace_digest(workspace)
    assert len({workspace_digest(other) for other in [workspace, *others]}) == len(others) + 1
