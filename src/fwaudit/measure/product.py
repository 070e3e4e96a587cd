"""What the service is for: data it keeps, people who log in, pages it draws, an admin."""

from __future__ import annotations

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Signal, Signals, View, counted, first, labelled, share


def measure(view: View, _table: SignalTable) -> Signals:
    """Models and relations, admin, authentication, languages, templates and forms."""
    drawn = view.routes_of(view.found("template_calls")) | _drawn_by_class(view)
    registered = view.found("admin_registrations")
    admins = view.found("admin_classes")
    return {
        "models": counted(view.found("models")),
        "relations": counted(view.found("relations")),
        "many_to_many": counted(view.found("many_to_many")),
        "relation_depth": Signal(view.relations.depth(one.name for one in view.found("models"))),
        "constraints": counted(view.found("constraints")),
        "admin_models": Signal(max(len(registered), len(admins)), first(one.location for one in registered or admins)),
        "admin_customisations": counted(view.found("admin_customisations")),
        "auth_uses": counted(view.found("auth_uses")),
        "template_routes": labelled(view, drawn),
        "template_share": Signal(share(len(drawn), len(view.routes))),
        "i18n_imports": counted(view.found("i18n_imports")),
        "translated_texts": counted(view.found("translated_texts")),
        "forms": counted(view.found("forms")),
        "session_routes": labelled(view, view.routes_of(view.found("session_uses"))),
    }


def _drawn_by_class(view: View) -> frozenset[str]:
    """The routes of classes that draw a template without a call of their own."""
    classes = {one.name for one in view.found("template_classes")}
    routes = (route for route in view.routes if classes & {route.handler, route.handler.rpartition(".")[0]})
    return frozenset(route.label for route in routes)
