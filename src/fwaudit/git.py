"""Reading a repository's commits without ever running what the repository says.

git obeys the configuration of the repository that it works in, and there hooks, fsmonitor, filters, aliases, helpers, `gpg.program`
and remotes name programs. So git never works in the audited one: it gets an empty repository of our own, whose objects are those
of the audited one. HEAD and references are read here. Nothing is fetched, nothing is written into the audited tree.
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fwaudit.reading import UnreadableError, read_source

SECONDS = 60.0
"""How long one command may take; far more than it needs, so that no result hangs on the machine's speed."""
OUTPUT_LIMIT = 100_000_000
"""The most bytes that one command may write."""

_NAME_LIMIT, _REFERENCES_LIMIT = 4096, 50_000_000
_BATCH_LIMIT, _BLOB_HEAD = 50_000_000, 100
_BLOB = re.compile(rb"([0-9a-f]+) blob ([0-9]+)")
_HEX = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REFERENCE = re.compile(r"(?!.*(?:\.\.|//|@\{|\.lock(?:/|$)))[^\x00-\x20\x7f~^:?*\[\\]+")
_REVISION = re.compile(r"(?P<name>[^\x00-\x20\x7f~^:?*\[\\]+?)(?P<steps>(?:[~^][0-9]{0,9})*)")
_SEARCHED = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
"""Where git looks for a short name, in its order."""
_OPTIONS = (
    "--no-pager", "--no-replace-objects", "--literal-pathspecs", "--no-optional-locks",
    "-c", "core.commitGraph=false", "-c", "core.multiPackIndex=false", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
    "-c", "log.showSignature=false", "-c", "log.mailmap=false", "-c", "diff.renames=false",
)  # fmt: skip
"""Also against what a file among the objects could tell, and against a later change of the shadow's own configuration."""


class GitError(Exception):
    """Why a repository, or a part of it, cannot be read; for people."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository: `folder` is its working tree, `shadow` the empty repository of our own through which its objects are read."""

    folder: str
    own: str
    """The folder of HEAD: `.git`, or what a worktree has instead."""
    common: str
    """The folder of objects and branches."""
    shadow: str
    program: str

    @property
    def head(self) -> str:
        """The id of the commit at HEAD; GitError if there is none yet."""
        return _read_reference(self.own, self.common, "HEAD")

    @property
    def is_shallow(self) -> bool:
        """Whether older commits were left out when it was cloned."""
        return os.path.lexists(os.path.join(self.common, "shallow"))

    def resolve(self, revision: str) -> str:
        """The id of the commit that a name such as `main`, `origin/main~3` or `1f2e3d` stands for; else a GitError."""
        match = _REVISION.fullmatch(revision)
        if match is None or revision.startswith("-"):
            raise GitError(f"{revision!r} is not a name of a commit")
        name = match["name"]
        start = self._find_reference(name) or (name if re.fullmatch(r"[0-9a-f]{4,64}", name) else "")
        if not start:
            raise GitError(f"no branch, tag or commit is called {name!r}")
        try:
            found = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{start}{match['steps']}^{{commit}}")
        except GitError:
            raise GitError(f"{revision!r} is no commit of this repository") from None
        return found.decode("ascii", "replace").strip()

    def merge_base(self, one: str, other: str) -> str:
        """The best common ancestor of two commits, by their ids; GitError if there is none."""
        _check_ids(one, other)
        return self.run("merge-base", one, other).decode("ascii", "replace").strip()

    def files_at(self, commit: str, below: str = "") -> dict[str, str]:
        """Path to blob id of every file in a commit, links and submodules left out; paths count from the repository's folder."""
        _check_ids(commit)
        listing = self.run("ls-tree", "-r", "-z", "--full-tree", commit, *(["--", f"{below}/"] if below else []))
        files: dict[str, str] = {}
        for entry in listing.split(b"\0"):
            about, found, path = entry.partition(b"\t")
            mode, _, rest = about.partition(b" ")
            if found and mode in (b"100644", b"100755"):
                files[os.fsdecode(path)] = rest.rpartition(b" ")[2].decode("ascii")
        return files

    def submodules_at(self, commit: str, below: str = "") -> tuple[str, ...]:
        """The paths of the submodules of a commit, sorted."""
        _check_ids(commit)
        listing = self.run("ls-tree", "-r", "-z", "--full-tree", commit, *(["--", f"{below}/"] if below else []))
        entries = (entry.partition(b"\t") for entry in listing.split(b"\0"))
        return tuple(sorted(os.fsdecode(path) for about, _, path in entries if about.startswith(b"160000 ")))

    def read_blobs(self, blobs: Iterable[str], limit: int) -> Iterator[tuple[str, bytes | None]]:
        """(id, content) of each blob; None for one of more than `limit` bytes. GitError if the repository lacks one."""
        batch: list[str] = []
        waiting = 0
        for blob, size in self._sizes(tuple(dict.fromkeys(blobs))):
            if size > limit:
                yield blob, None
                continue
            if batch and waiting + size > _BATCH_LIMIT:
                yield from self._read_batch(batch)
                batch, waiting = [], 0
            batch.append(blob)
            waiting += size + _BLOB_HEAD
        if batch:
            yield from self._read_batch(batch)

    def _sizes(self, blobs: Sequence[str]) -> Iterator[tuple[str, int]]:
        """(id, size) of each blob."""
        _check_ids(*blobs)
        lines = self.run("cat-file", "--batch-check", given="".join(f"{blob}\n" for blob in blobs)).splitlines() if blobs else []
        if len(lines) != len(blobs):
            raise GitError("git did not say how large every file is")
        missing = sum(line.endswith(b" missing") for line in lines)
        if missing:
            raise GitError(f"{missing:,} of {len(lines):,} files are not in this clone, which is a partial one, or damaged")
        for blob, line in zip(blobs, lines, strict=True):
            found = _BLOB.fullmatch(line)
            if found is None or found[1].decode() != blob:
                raise GitError(f"{blob} is no file")
            yield blob, int(found[2])

    def _read_batch(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """(id, content) of blobs that are known to be there."""
        output = self.run("cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs))
        start = 0
        for blob in blobs:
            end = output.index(b"\n", start)
            found = _BLOB.fullmatch(output, start, end)
            if found is None or found[1].decode() != blob:
                raise GitError(f"{blob} could not be read")
            start = end + 1 + int(found[2]) + 1
            yield blob, output[end + 1 : start - 1]

    def last_change_of(self, path: str) -> str:
        """The id of the last commit that changed a path, from the repository's folder; HEAD's if none did."""
        found = self.run("rev-list", "--max-count=1", self.head, "--", path).decode("ascii", "replace").strip()
        return found or self.head

    def run(self, *arguments: str, limit: int = OUTPUT_LIMIT, given: str = "") -> bytes:
        """What a git command writes, with `given` on its stdin.

        Only for commands that read objects: never one that looks at the working tree or the index.
        """
        command = [self.program, *_OPTIONS, *arguments]
        objects = os.path.join(self.common, "objects")
        with _stdin(self.shadow, given) as stdin, subprocess.Popen(  # noqa: S603  no shell; the program is an absolute path outside the audited tree's control
            command, cwd=self.shadow, env=_environment(self.shadow, objects), stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
        ) as process:  # fmt: skip
            try:
                output = _read_all(process, limit)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise GitError(
                f"git {arguments[0]} failed: the repository may be damaged, or have commits that were left out when it was cloned"
            )
        return output

    def _find_reference(self, name: str) -> str:
        """The id that a branch, tag or full name of a reference stands for, "" for none."""
        for pattern in _SEARCHED:
            full = pattern.format(name)
            if full == "HEAD" or full.startswith("refs/"):
                try:
                    return _read_reference(self.own, self.common, full)
                except GitError:
                    continue
        return ""


@contextmanager
def _stdin(folder: str, text: str) -> Iterator[int]:
    """The descriptor of a file that holds `text`: unlike a pipe, it never has to be filled while output is read."""
    if not text:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(text.encode("ascii"))
        file.seek(0)
        yield file.fileno()


@contextmanager
def open_repository(folder: str) -> Iterator[Repository]:
    """The repository that `folder` lies in. GitError if there is none, or no git."""
    place = find_git_folders(folder)
    if place is None:
        raise GitError("there is no git repository")
    top, own, common = place
    search = os.pathsep.join(part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(part))
    program = shutil.which("git", path=search)
    if program is None:
        raise GitError("the program git is not installed")
    with tempfile.TemporaryDirectory(prefix="fwaudit-git-", ignore_cleanup_errors=True) as shadow:
        _make_shadow(shadow, own, common)
        yield Repository(top, own, common, shadow, program)


def find_git_folders(folder: str) -> tuple[str, str, str] | None:
    """(working tree, folder of HEAD, folder of objects) of the repository around `folder`; None if there is none.

    GitError for a `.git` that is not what git makes.
    """
    top = os.path.abspath(folder)
    while not os.path.lexists(os.path.join(top, ".git")):
        parent = os.path.dirname(top)
        if parent == top:
            return None
        top = parent
    own = os.path.join(top, ".git")
    mode = os.lstat(own).st_mode
    if stat.S_ISREG(mode):  # a worktree or a submodule
        own = _follow(top, _read_line(top, ".git", "gitdir: "))
    elif not stat.S_ISDIR(mode):
        raise GitError(".git is neither a folder nor a file")
    common = _follow(own, _read_line(own, "commondir")) if os.path.lexists(os.path.join(own, "commondir")) else own
    if not os.path.isdir(os.path.join(common, "objects")):
        raise GitError(".git is not a repository: it has no objects")
    return top, own, common


def head_of(folder: str) -> str:
    """What the history around `folder` hangs on: the commit at HEAD and where a shallow clone ends; "" where there is none.

    Only files are read: quick enough for a run that is answered from the cache.
    """
    try:
        place = find_git_folders(folder)
        if place is None:
            return ""
        _, own, common = place
        return "\0".join((_read_reference(own, common, "HEAD"), *_shallow_ends(common)))
    except GitError:
        return ""


def _make_shadow(shadow: str, own: str, common: str) -> None:
    """Makes an empty bare repository with the same hash function, and the same ends of a shallow clone."""
    for name in ("refs", "objects"):
        os.mkdir(os.path.join(shadow, name))
    try:
        is_long = len(_read_reference(own, common, "HEAD")) == 64
    except GitError:
        is_long = False
    form = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n" + ("[extensions]\n\tobjectFormat = sha256\n" if is_long else "")
    files = {"HEAD": "ref: refs/heads/none\n", "config": form, "shallow": "".join(f"{end}\n" for end in _shallow_ends(common))}
    for name, content in files.items():
        if content:
            Path(shadow, name).write_text(content, encoding="ascii")


def _shallow_ends(common: str) -> tuple[str, ...]:
    """The ids of the commits whose parents a shallow clone lacks."""
    if not os.path.lexists(os.path.join(common, "shallow")):
        return ()
    return tuple(sorted(line for line in _read_text(common, "shallow", _REFERENCES_LIMIT).split("\n") if _HEX.fullmatch(line)))


def _environment(shadow: str, objects: str) -> dict[str, str]:
    """All that git sees of the environment: nothing of the user's, so that no variable or setting of theirs changes a result."""
    return {
        "PATH": os.defpath,
        "HOME": shadow,
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_DIR": shadow,
        "GIT_OBJECT_DIRECTORY": objects,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOC_LIMIT": "1g",
    }


def _read_all(process: subprocess.Popen[bytes], limit: int) -> bytes:
    """What the process writes until it ends; GitError for too much, or too late."""
    assert process.stdout is not None
    deadline = time.monotonic() + SECONDS
    parts: list[bytes] = []
    total = 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise GitError(f"git took longer than {SECONDS:.0f} seconds")
            part = os.read(process.stdout.fileno(), 1 << 20)
            if not part:
                break
            total += len(part)
            if total > limit:
                raise GitError(f"git wrote more than {limit:,} bytes")
            parts.append(part)
    try:
        process.wait(max(deadline - time.monotonic(), 1.0))
    except subprocess.TimeoutExpired:
        raise GitError(f"git took longer than {SECONDS:.0f} seconds") from None
    return b"".join(parts)


def _read_reference(own: str, common: str, name: str) -> str:
    """The id that a reference stands for, at most five references on."""
    packed: dict[str, str] | None = None
    for _ in range(5):
        if not _REFERENCE.fullmatch(name):
            raise GitError(f"the reference {name[:100]!r} is not a name that git allows")
        text = ""
        for place in dict.fromkeys((own, common)):
            if os.path.lexists(os.path.join(place, name)) and not os.path.isdir(os.path.join(place, name)):
                text = _read_text(place, name, _NAME_LIMIT).strip()
                break
        if not text:
            packed = _packed_references(common) if packed is None else packed
            text = packed.get(name, "")
        if _HEX.fullmatch(text):
            return text
        if not text.startswith("ref: refs/"):
            break
        name = text.removeprefix("ref: ").strip()
    if os.path.isdir(os.path.join(common, "reftable")):
        raise GitError("the repository keeps its references as a reftable, which is not read yet")
    raise GitError("the repository has no commit yet" if name.startswith("refs/heads/") else f"{name!r} is not a reference")


def _packed_references(common: str) -> dict[str, str]:
    """Name to id of the references that git keeps in one file."""
    if not os.path.lexists(os.path.join(common, "packed-refs")):
        return {}
    pairs = (line.split(" ", 1) for line in _read_text(common, "packed-refs", _REFERENCES_LIMIT).split("\n"))
    return {pair[1].rstrip(): pair[0] for pair in pairs if len(pair) == 2 and _HEX.fullmatch(pair[0])}


def _follow(folder: str, written: str) -> str:
    """The folder that a `.git` file or a `commondir` names."""
    found = os.path.normpath(os.path.join(folder, written))
    if not written or not os.path.isdir(found):
        raise GitError(".git names a repository that is not there")
    return found


def _read_line(folder: str, name: str, prefix: str = "") -> str:
    text = _read_text(folder, name, _NAME_LIMIT).strip()
    if not text.startswith(prefix) or "\n" in text or "\0" in text:
        raise GitError(f"{name} is not what git writes")
    return text.removeprefix(prefix)


def _read_text(folder: str, name: str, limit: int) -> str:
    try:
        return os.fsdecode(read_source(folder, name, limit))
    except UnreadableError as error:
        raise GitError(f"{name} of the repository {error}") from None


def _check_ids(*ids: str) -> None:
    for name in ids:
        if not _HEX.fullmatch(name):
            raise GitError(f"{name[:100]!r} is not the id of an object")
