"""The Audit as one HTML file for people: no network, readable without JavaScript, with the whole Audit inside."""

from fwaudit.report.html.document import render

__all__ = ["render"]
