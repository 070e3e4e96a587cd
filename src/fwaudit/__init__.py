"""fwaudit audits a Python web service without running it: `fwaudit.audit([Path("app")])` gives the Audit."""

# Nothing is imported here, `__future__` neither: `python -m fwaudit` runs this before it can take the audited folder off the path.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from fwaudit.pipeline import audit

__all__ = ["__version__", "audit"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Imported late: `fwaudit --version` needs the version alone.
    if name == "audit":
        from fwaudit.pipeline import audit

        return audit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
