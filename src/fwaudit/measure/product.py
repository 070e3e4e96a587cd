"""What the service is for: data it keeps, people who log in, pages it draws, an admin."""

from __future__ import annotations

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Signal, Signals, View, counted, first, labelled, share


def measure(view: View, _table: SignalTable) -> Signals:
    """Models and relations, admin, authentication, templates and forms."""
    drawn = view.routes_of(view.found("template_calls"))
    registered = view.found("admin_registrations")
    admins = view.found("admin_classes")
    return {
        "models": counted(view.found("models")),
        "relations": counted(view.found("relations")),
        "many_to_many": counted(view.found("many_to_many")),
        "admin_models": Signal(max(len(registered), len(admins)), first(one.location for one in registered or admins)),
        "admin_customisations": counted(view.found("admin_customisations")),
        "auth_uses": counted(view.found("auth_uses")),
        "template_routes": labelled(view, drawn),
        "template_share": Signal(share(len(drawn), len(view.labels))),
        "forms": counted(view.found("forms")),
    }
