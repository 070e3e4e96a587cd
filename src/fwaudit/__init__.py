"""fwaudit audits a Python web service without running it: `fwaudit.audit([Path("app")])` gives the Audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fwaudit.pipeline import audit

__all__ = ["__version__", "audit"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Imported late: `fwaudit --version` needs the version alone.
    if name == "audit":
        from fwaudit.pipeline import audit

        return audit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
