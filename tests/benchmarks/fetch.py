"""Downloads the pinned packages and unpacks their Python files.

    python tests/benchmarks/fetch.py [--to FOLDER] [NAME ...]

Nothing of a package is installed or run, except that pip asks the one source distribution (Django's, whose wheel leaves its tests out)
for its metadata. A download whose sha256 is not the pinned one is refused.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

DEFAULT_FOLDER = Path(tempfile.gettempdir()) / "fwaudit-benchmarks"
DOWNLOAD_PYTHON = "3.12"


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned archive. `name` is the folder that it is unpacked to."""

    name: str
    distribution: str
    version: str
    sha256: str
    from_source: bool = False

    @property
    def requirement(self) -> str:
        """As pip reads it."""
        return f"{self.distribution}=={self.version}"


PACKAGES = (
    Package("open_webui_0520", "open-webui", "0.5.20", "f289e21fee2656438bbeee02ab2726ec1626fd20c79cda50a0618c5ff228a9cc"),
    Package("open_webui_0124", "open-webui", "0.12.4", "02e9caba96234db3fa17a92e56163b3f7f2b8ca8227fa886b85c178d696483f6"),
    Package("django", "Django", "5.2", "1a47f7a7a3d43ce64570d350e008d2949abe8c7e21737b351b6a1611277c6d89", from_source=True),
    Package("homeassistant", "homeassistant", "2024.3.3", "6e1ec2c07441d63fdcfb8acd2c4bbb6f68bc97330855784d3623d10c38fe3577"),
)


def fetch(package: Package, folder: Path) -> Path:
    """The folder that holds the package's Python files, downloaded unless they are there from a run that ended well."""
    root = folder / package.name
    done = folder / f"{package.name}.sha256"
    if done.is_file() and done.read_text(encoding="ascii") == package.sha256:
        return root
    with tempfile.TemporaryDirectory() as download:
        archive = _download(package, Path(download))
        content = archive.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != package.sha256:
        raise SystemExit(f"{package.requirement}: sha256 is {digest}, not the pinned {package.sha256}")
    members = _source_files(content) if package.from_source else _wheel_files(content)
    for path, source in members:
        _write(root, path, source)
    done.write_text(package.sha256, encoding="ascii")
    return root


def python_files(root: Path) -> list[Path]:
    """Every Python file below the root, sorted."""
    return sorted(path for path in root.rglob("*.py") if path.is_file() and not path.is_symlink())


def count_lines(files: list[Path]) -> int:
    """Newlines in the files."""
    return sum(path.read_bytes().count(b"\n") for path in files)


def _download(package: Package, to: Path) -> Path:
    form = ["--no-binary", ":all:"] if package.from_source else ["--only-binary", ":all:", "--python-version", DOWNLOAD_PYTHON]
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *form, "--dest", str(to), package.requirement]
    subprocess.run(download, check=True)
    (archive,) = to.iterdir()
    return archive


def _wheel_files(content: bytes) -> Iterator[tuple[PurePosixPath, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        for name in wheel.namelist():
            if name.endswith(".py"):
                yield PurePosixPath(name), wheel.read(name)


def _source_files(content: bytes) -> Iterator[tuple[PurePosixPath, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".py"):
                source = archive.extractfile(member)
                assert source is not None, "a regular file has content"
                yield PurePosixPath(*PurePosixPath(member.name).parts[1:]), source.read()


def _write(root: Path, path: PurePosixPath, source: bytes) -> None:
    if path.is_absolute() or ".." in path.parts:
        raise SystemExit(f"the archive holds a path outside of it: {path}")
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source)


def main() -> None:
    """Fetch what was named, everything by default, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=DEFAULT_FOLDER, metavar="FOLDER", help=f"default: {DEFAULT_FOLDER}")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(package.name for package in PACKAGES))
    arguments = parser.parse_args()
    known = {package.name: package for package in PACKAGES}
    unknown = set(arguments.names) - set(known)
    if unknown:
        parser.error(f"not a pinned package: {', '.join(sorted(unknown))}")
    for name in arguments.names or known:
        root = fetch(known[name], arguments.to)
        files = python_files(root)
        print(f"{root}: {len(files):,} files, {count_lines(files):,} lines")


if __name__ == "__main__":
    main()
