"""Runs every check: a check is the module of its rule's name, with a function `check(project)`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from fwaudit import check as package
from fwaudit.catalog.names import Catalog
from fwaudit.check.findings import Draft, finish
from fwaudit.model.finding import Finding
from fwaudit.model.project import Project
from fwaudit.model.source import Problem


def run_checks(project: Project, catalog: Catalog) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    """All findings, unfiltered, and a Problem for each check that failed: the others go on."""
    drafts: list[Draft] = []
    failures: list[Problem] = []
    for rule, check in checks():
        try:
            drafts.extend(check(project))
        except Exception as error:  # noqa: BLE001  one broken check must not take the others' findings with it
            failures.append(Problem(".", 1, f"the check `{rule}` failed: {type(error).__name__}: {error}", "incomplete"))
    return finish(drafts, project, {name: page.data for name, page in catalog.rules.items()}), tuple(failures)


def checks() -> Iterator[tuple[str, Callable[[Project], Iterator[Draft]]]]:
    """Each rule's name and its check, by name."""
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        check = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "check", None)
        if check is not None:  # the other modules hold what several checks share
            yield module.name.replace("_", "-"), check
