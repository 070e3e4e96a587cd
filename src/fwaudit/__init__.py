"""fwaudit audits a Python web service without running it."""

__version__ = "0.1.0"
