"""Whether the OpenAPI document of a service comes from its code. Not a check."""

from __future__ import annotations

from collections.abc import Container

from fwaudit.model.project import Project
from fwaudit.model.service import Service


def is_generated(project: Project, service: Service) -> bool:
    """Whether the service uses a framework that makes the document or holds the code to it, or the workspace a library that does."""
    used = {use.name for use in service.frameworks}
    return not used.isdisjoint(project.documenting) or any(_is_below(one.name, project.documenting) for one in project.code.imports)


def _is_below(name: str, modules: Container[str]) -> bool:
    """Whether a name is one of the modules, or lies in one."""
    return any(name.rsplit(".", cut)[0] in modules for cut in range(name.count(".") + 1))
