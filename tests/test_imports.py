"""What the command line loads before it has anything to do."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

import fwaudit

LATE = ("libcst", "rich", "msgspec", "tomli", "fwaudit.pipeline", "asyncio", "multiprocessing")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["audit", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """`--version` and `--help` import click and little else, so that they answer in well under 100 ms."""
    program = (
        f"import sys; from fwaudit.cli import run; run({arguments}); print(*(name for name in {LATE} if name in sys.modules), sep='|')"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert result.stdout.splitlines()[-1] == ""


def test_the_list_of_late_modules_can_be_seen() -> None:
    """The check above does see a module that is loaded: `fwaudit rules` loads msgspec."""
    program = "import sys; from fwaudit.cli import run; run(['rules']); print('msgspec' in sys.modules)"

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert result.stdout.splitlines()[-1] == "True"


def test_the_import_contracts_hold() -> None:
    """The contracts of pyproject.toml (docs/architecture.md, "Imports go one way") hold."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)

    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(("library", "importers"), [("libcst", {"extract"}), ("click", {"cli", "commands"}), ("rich", {"output"})])
def test_a_contract_on_a_library_speaks_of_every_other_module(library: str, importers: set[str]) -> None:
    """So a new module is not free of it by not being named."""
    package = Path(fwaudit.__file__).parent
    modules = {module.name for module in pkgutil.iter_modules([str(package)])}
    contracts = tomli.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    named = [contract["source_modules"] for contract in contracts if contract.get("forbidden_modules") == [library]]

    assert named == [sorted(f"fwaudit.{name}" for name in modules - importers)]


def test_the_public_name_is_there() -> None:
    """`fwaudit.audit` is the pipeline's, and a name that does not exist is an AttributeError."""
    from fwaudit import pipeline

    assert fwaudit.audit is pipeline.audit
    with pytest.raises(AttributeError, match="no attribute 'audits'"):
        fwaudit.audits  # noqa: B018
