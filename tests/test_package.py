"""What is shipped: the wheel, the source distribution, and an editable install."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import fwaudit

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source distribution of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    (source,) = folder.glob("*.tar.gz")
    return wheel, source


def test_the_wheel_holds_the_package_and_its_rules(built: tuple[Path, Path]) -> None:
    """Every module, table and page, what the HTML report is made with, the licence and `py.typed` are in the wheel, and nothing else."""
    names = set(zipfile.ZipFile(built[0]).namelist())
    package = {name for name in names if name.startswith("fwaudit/")}

    modules = {
        f"fwaudit/{path.relative_to(ROOT / 'src/fwaudit')}"
        for path in (ROOT / "src/fwaudit").rglob("*")
        if path.suffix in {".py", ".css", ".js"}
    }
    tables = {f"fwaudit/{path.relative_to(ROOT)}" for path in (ROOT / "rules").rglob("*") if path.suffix in {".toml", ".md"}}
    assert package == modules | tables | {"fwaudit/py.typed"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_runs_by_itself(built: tuple[Path, Path], tmp_path: Path) -> None:
    """The unpacked wheel finds its own rules, far from any checkout."""
    zipfile.ZipFile(built[0]).extractall(tmp_path)
    program = "import fwaudit, sys; from fwaudit.cli import run; print(fwaudit.__file__); sys.exit(run(['rules']))"

    result = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {program}"],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert str(tmp_path) in result.stdout.splitlines()[0]
    assert "blocking-call-on-loop" in result.stdout


def test_the_source_distribution_builds_the_same(built: tuple[Path, Path]) -> None:
    """The source distribution holds what a build and the tests need."""
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "LICENSE", "rules/README.md", "tests/test_package.py", "docs/contract.md", ".ci/run"} <= names
    assert not any("__pycache__" in name or name.startswith((".venv", ".git/")) for name in names)


def test_an_editable_install_finds_the_rules() -> None:
    """Where this checkout is installed editable, `rules/` of the checkout is used."""
    from fwaudit.catalog.load import load_catalog

    assert Path(fwaudit.__file__).is_relative_to(ROOT)
    assert "unused-suppression" in load_catalog().rules


def test_the_version_is_the_packages(built: tuple[Path, Path]) -> None:
    """The wheel's version is `__version__`, and the changelog speaks of it."""
    assert built[0].name.split("-")[1] == fwaudit.__version__
    assert f"## {fwaudit.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_hooks_are_what_the_contract_says() -> None:
    """`fwaudit` takes file names one process at a time, `fwaudit-all` takes none; the second file name is a link to the first."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    hooks = {part.split("\n")[0]: part for part in text.split("- id: ")[1:]}

    assert set(hooks) == {"fwaudit", "fwaudit-all"}
    assert all("  require_serial: true\n" in hook and "  types_or: [python]\n" in hook for hook in hooks.values())
    assert ["pass_filenames: false" in hooks[name] for name in ("fwaudit", "fwaudit-all")] == [False, True]
    assert (ROOT / ".pre-commit-hook.yaml").readlink() == Path(".pre-commit-hooks.yaml")


def test_documents_name_files_that_exist() -> None:
    """The test command that CI takes from the README is there, and links in the README lead to files."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(re.findall(r"^python -m venv .* -m pytest$", text, re.MULTILINE)) == 1
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
