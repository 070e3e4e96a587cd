"""Repositories are read through an empty one of our own, so that nothing of theirs is ever run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fwaudit.git import GitError, head_of, open_repository
from tests.repositories import commit, git, make_repository


def test_names_of_commits_are_resolved_as_git_does(tmp_path: Path) -> None:
    """Names of commits are resolved as git does."""
    folder = make_repository(tmp_path / "r")
    first = commit(folder, {"a.py": "1"})
    second = commit(folder, {"a.py": "2", "b/c.py": "3"})
    git(folder, "tag", "-a", "-m", "x", "v1", first)
    git(folder, "branch", "feature/x", first)
    git(folder, "pack-refs", "--all")
    git(folder, "update-ref", "refs/remotes/origin/main", first)
    with open_repository(str(folder / "b")) as repository:
        assert repository.folder == str(folder)
        assert repository.head == second
        names = {"HEAD": second, "main": second, "HEAD~1": first, "main^": first, "v1": first, "feature/x": first, "origin/main": first}
        assert {name: repository.resolve(name) for name in names} == names
        assert repository.resolve(second[:8]) == second
        assert repository.merge_base(first, second) == first
        files = repository.files_at(second)
        assert sorted(files) == ["a.py", "b/c.py"]
        assert sorted(repository.files_at(second, "b")) == ["b/c.py"]
        assert dict(repository.read_blobs(files.values(), 10)) == {files["a.py"]: b"2", files["b/c.py"]: b"3"}
        assert dict(repository.read_blobs([files["b/c.py"]], 0)) == {files["b/c.py"]: None}
        with pytest.raises(GitError, match="wrote more than 0 bytes"):
            repository.run("cat-file", "blob", files["b/c.py"], limit=0)


@pytest.mark.parametrize(
    "name",
    ["--output=x", "-c", "nothing", "HEAD:a.py", "HEAD^{tree}", "a..b", "HEAD~99", "../../x", "refs/heads/../../config", "", "@{u}", "x\n"],
)
def test_what_is_no_commit_is_refused(tmp_path: Path, name: str) -> None:
    """What is no commit is refused."""
    folder = make_repository(tmp_path)
    commit(folder, {"a.py": "1"})
    with open_repository(str(folder)) as repository, pytest.raises(GitError):
        repository.resolve(name)
    assert sorted(os.listdir(folder)) == [".git", "a.py"]


def test_a_worktree_and_a_shallow_clone_are_read(tmp_path: Path) -> None:
    """A worktree and a shallow clone are read."""
    folder = make_repository(tmp_path / "r")
    first = commit(folder, {"a.py": "1"})
    second = commit(folder, {"a.py": "2"})
    git(folder, "worktree", "add", "-q", str(tmp_path / "w"), first)
    with open_repository(str(tmp_path / "w")) as repository:
        assert repository.head == first
        assert repository.resolve("main") == second
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{folder}", "s")
    with open_repository(str(tmp_path / "s")) as repository:
        assert repository.is_shallow
        assert repository.run("rev-list", repository.head).decode().split() == [second]
    assert head_of(str(tmp_path / "s")).split("\0") == [second, second]
    assert head_of(str(tmp_path / "w")) == first


def test_a_repository_with_the_longer_hash_is_read(tmp_path: Path) -> None:
    """A repository with the longer hash is read."""
    git(tmp_path, "init", "-q", "-b", "main", "--object-format=sha256")
    made = commit(tmp_path, {"a.py": "1"})
    with open_repository(str(tmp_path)) as repository:
        assert repository.resolve("main") == made
        assert len(made) == 64


def _hostile(folder: Path) -> tuple[Path, str]:
    """A repository that names a program wherever it can; (the file that each of them makes, its first commit)."""
    marker = folder.parent / "marker"
    program = folder.parent / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {marker}\ncat\n')
    program.chmod(0o755)
    make_repository(folder)
    first = commit(folder, {"a.py": "1\n"})
    commit(folder, {"a.py": "2\n", ".gitattributes": "* diff=evil filter=evil merge=evil\n", ".mailmap": "X <x@x> <y@y>\n"})
    (folder / ".git/config").write_text(f"""[core]
    repositoryformatversion = 1
    fsmonitor = {program}
    hooksPath = {folder.parent}
    pager = {program}
    sshCommand = {program}
    gitProxy = {program}
    askPass = {program}
    alternateRefsCommand = {program}
    editor = {program}
    worktree = /
[extensions]
    partialClone = origin
[remote "origin"]
    url = ext::{program} %S
    promisor = true
    uploadpack = {program}
    vcs = evil
[protocol]
    allow = always
[protocol "ext"]
    allow = always
[alias]
    rev-list = !{program}
    log = !{program}
[diff]
    external = {program}
[diff "evil"]
    command = {program}
    textconv = {program}
[filter "evil"]
    clean = {program}
    smudge = {program}
    process = {program}
    required = true
[gpg]
    program = {program}
[log]
    showSignature = true
[credential]
    helper = !{program}
[include]
    path = {folder.parent}/more
[uploadpack]
    packObjectsHook = {program}
""")
    for hook in ("post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc"):
        shutil.copy(program, folder / ".git/hooks" / hook)
    return marker, first


def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    """Nothing that a repository names is run."""
    folder = tmp_path / "r"
    marker, first = _hostile(folder)
    before = sorted(path.as_posix() for path in folder.rglob("*"))
    with open_repository(str(folder)) as repository:
        head = repository.head
        assert repository.resolve("main~1") == first
        assert dict(repository.read_blobs(repository.files_at(head).values(), 1_000))
        repository.submodules_at(head)
        repository.last_change_of("a.py")
        repository.merge_base(first, head)
        assert repository.run("log", "--format=%H", "--name-only", head)
        with pytest.raises(GitError):  # an object that is not there: a partial clone would fetch it
            list(repository.read_blobs(["1" * 40], 100))
    assert not marker.exists()
    assert sorted(path.as_posix() for path in folder.rglob("*")) == before
    with contextlib.suppress(subprocess.CalledProcessError):
        git(folder, "-c", "core.worktree=.", "status")
    assert marker.exists(), "the trap of this test is not set: git itself does not run the program"


def test_variables_of_the_user_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of the user change nothing."""
    folder = make_repository(tmp_path / "r")
    made = commit(folder, {"a.py": "1"})
    other = make_repository(tmp_path / "other")
    commit(other, {"b.py": "1"})
    trace = tmp_path / "trace"
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_TRACE": str(trace),
        "GIT_INDEX_FILE": "x",
        "GIT_EXTERNAL_DIFF": "false",
    }.items():
        monkeypatch.setenv(name, value)
    fake = folder / "git"
    fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/fake\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(folder)
    with open_repository(str(folder)) as repository:
        assert repository.run("rev-list", repository.head).decode().split() == [made]
    assert not trace.exists()
    assert not (tmp_path / "fake").exists()


def _spoil_head(folder: Path) -> None:
    (folder / ".git/HEAD").write_bytes(b"\xff\x00" * 50)


def _fifo_as_head(folder: Path) -> None:
    (folder / ".git/HEAD").unlink()
    os.mkfifo(folder / ".git/HEAD")


def _loop_of_references(folder: Path) -> None:
    (folder / ".git/HEAD").write_text("ref: refs/heads/a\n")
    (folder / ".git/refs/heads/a").write_text("ref: refs/heads/b\n")
    (folder / ".git/refs/heads/b").write_text("ref: refs/heads/a\n")


def _lead_outside(folder: Path) -> None:
    (folder / ".git/HEAD").write_text("ref: refs/../../../../etc/passwd\n")


def _no_objects(folder: Path) -> None:
    shutil.rmtree(folder / ".git/objects")


def _lost_commit(folder: Path) -> None:
    (folder / ".git/refs/heads/main").write_text("1" * 40 + "\n")


def _link(folder: Path) -> None:
    (folder / ".git").rename(folder.parent / "elsewhere")
    (folder / ".git").symlink_to(folder.parent / "elsewhere")


def _file_to_nowhere(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    (folder / ".git").write_text("gitdir: /nowhere\n")


def _long_file(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    (folder / ".git").write_text("gitdir: " + "x" * 100_000)


def _reftable(folder: Path) -> None:
    (folder / ".git/HEAD").write_text("ref: refs/heads/.invalid\n")
    (folder / ".git/reftable").mkdir()


def _broken_objects(folder: Path) -> None:
    for path in (folder / ".git/objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"not an object")


@pytest.mark.parametrize(
    "spoil",
    [
        _spoil_head,
        _fifo_as_head,
        _loop_of_references,
        _lead_outside,
        _no_objects,
        _lost_commit,
        _link,
        _file_to_nowhere,
        _long_file,
        _reftable,
        _broken_objects,
    ],
)
def test_a_damaged_repository_is_an_error_with_a_reason(tmp_path: Path, spoil: object) -> None:
    """A damaged repository is an error with a reason."""
    folder = make_repository(tmp_path / "r")
    commit(folder, {"a.py": "1"})
    assert callable(spoil)
    spoil(folder)
    with pytest.raises(GitError, match=r"\w+ \w+"), open_repository(str(folder)) as repository:
        repository.run("rev-list", repository.head)
    head_of(str(folder))


def test_a_folder_without_repository_has_no_head(tmp_path: Path) -> None:
    """A folder without repository has no head."""
    assert head_of(str(tmp_path)) == ""
    with pytest.raises(GitError, match="no git repository"), open_repository(str(tmp_path)):
        pass
    make_repository(tmp_path / "empty")
    assert head_of(str(tmp_path / "empty")) == ""
    with open_repository(str(tmp_path / "empty")) as repository, pytest.raises(GitError, match="no commit yet"):
        _ = repository.head
