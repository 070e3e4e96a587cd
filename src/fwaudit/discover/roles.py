"""What a file is for, by the conventions of its path."""

from __future__ import annotations

import re

from fwaudit.model.source import Role

_TEST_FILE = re.compile(r"(?:test_.*|.*_test|conftest|tests)\.py", re.DOTALL)
_GENERATED_FILE = re.compile(r".*_pb2(?:_grpc)?\.py", re.DOTALL)
_VENDOR_FOLDERS = frozenset({"vendor", "_vendor", "vendored", "third_party", "site-packages"})
_HEADER_LENGTH = 1500
_WARNINGS = (b"do not edit", b"don't edit", b"do not modify", b"@generated")

_REQUIREMENTS = re.compile(r"(?:.*[-_.])?requirements(?:[-_.].*)?\.(?:txt|in)", re.DOTALL)
_DOCKERFILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\..*)?|.*\.[dD]ockerfile", re.DOTALL)
_COMPOSE = re.compile(r"(?:docker-)?compose(?:[-_.].*)?\.ya?ml", re.DOTALL)
_LOCKS = frozenset({"poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "pylock.toml"})


def role_of(path: str, content: bytes) -> Role:
    """What the Python file at `path` (relative to the root) is for."""
    *folders, name = path.split("/")
    inside = frozenset(folders)
    if not _VENDOR_FOLDERS.isdisjoint(inside):
        return Role.VENDORED
    if _TEST_FILE.fullmatch(name) or "tests" in inside or folders[:1] == ["test"]:
        return Role.TEST
    if _GENERATED_FILE.fullmatch(name) or _has_generated_header(content):
        return Role.GENERATED
    if "migrations" in inside or "alembic/versions/" in f"{'/'.join(folders)}/":
        return Role.MIGRATION
    return Role.CODE


def manifest_kind(folder: str, name: str) -> str | None:
    """The kind of manifest that `name` in the folder called `folder` is; None if it is none."""
    if name in ("pyproject.toml", "setup.cfg"):
        return name.removesuffix(".toml")
    if name == "Procfile" or name.startswith("Procfile."):
        return "procfile"
    if name in _LOCKS:
        return "lock"
    if _DOCKERFILE.fullmatch(name):
        return "dockerfile"
    if _COMPOSE.fullmatch(name):
        return "compose"
    is_requirements = _REQUIREMENTS.fullmatch(name) or (folder == "requirements" and name.endswith((".txt", ".in")))
    return "requirements" if is_requirements else None


def _has_generated_header(content: bytes) -> bool:
    """Whether the comments at the file's head say that it is generated and not to be edited."""
    head = content[:_HEADER_LENGTH].lower()
    if b"generated" not in head:
        return False
    comments = []
    for line in head.splitlines():
        text = line.strip()
        if text.startswith((b"#", b'"""')):
            comments.append(text)
        elif text:
            break
    text = b" ".join(comments)
    return b"generated" in text and any(warning in text for warning in _WARNINGS)
