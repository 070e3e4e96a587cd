"""The catalog as the settings want it."""

from __future__ import annotations

from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.names import Catalog
from fwaudit.catalog.schema import Blocking, Library, Offloader
from fwaudit.config import Config, Selection, check_answers, check_services, choose_rules


def read_knowledge(config: Config) -> tuple[Catalog, Selection]:
    """The catalog, and the rules that the settings choose; every name in the settings is checked by the catalog."""
    catalog = read_catalog(config)
    selection = choose_rules(config, {name: page.data.category for name, page in catalog.rules.items()})
    check_services(config, {framework.name for framework in catalog.frameworks}, catalog.servers.servers)
    return catalog, selection


def read_catalog(config: Config) -> Catalog:
    """The shipped tables, the user's own, and the names that the settings tell; the answers in the settings are checked by them."""
    source = "the settings"
    blocking = [Blocking(calls=list(config.blocking), waits_for="network", source=source)] if config.blocking else []
    offloaders = [Offloader(calls=list(config.offloaders), position=0, gives="awaitable", source=source)] if config.offloaders else []
    own = Library(distribution="settings", imports=[], documentation=source, blocking=blocking, offloaders=offloaders)
    catalog = load_catalog(config.table_folders, [own] if blocking or offloaders else [])
    questions = {question.answer: question.answers for question in catalog.advice.questions}
    check_answers(config, questions, [one.name for one in catalog.advice.fit.criteria] if catalog.advice.fit else [])
    return catalog
