"""Projects made by hand, with only what a check looks at."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from fwaudit.catalog.load import load_catalog
from fwaudit.check.run import run_checks
from fwaudit.model.code import CallUse, ClassUse, CodeBody, ImportUse
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.finding import Finding
from fwaudit.model.project import BlockedLoop, LostResult, PathStep, Place, Project
from fwaudit.model.service import Service

CATALOG = load_catalog()


def place(line: int, function: str = "app.main", path: str = "app.py", column: int = 5) -> Place:
    """A place on one line."""
    return Place(path, line, column, line, column + 10, function)


def blocked(*functions: str, **changes: Any) -> BlockedLoop:
    """A blocked loop with a step in each function, one below the other, by default a network call in `app.main` itself."""
    steps = tuple(PathStep(place(line * 10, function), f"step {line}") for line, function in enumerate(functions or ("app.main",), 1))
    values: dict[str, Any] = {
        "kind": "blocking",
        "callee": "requests.get",
        "waits_for": WaitsFor.NETWORK,
        "cost": "",
        "twin": "",
        "confidence": Grade.HIGH,
        "context": Context.EVENT_LOOP,
        "routes": (),
        "leaf_ordinal": 1,
    }
    return BlockedLoop(steps=steps, **{**values, **changes})


def lost(line: int, context: Context | None, callee: str = "app.work") -> LostResult:
    """A call whose result is lost."""
    return LostResult(place(line), callee, context, ("GET /",))


def project(
    *loops: BlockedLoop,
    lost: Iterable[LostResult] = (),
    not_callable: Iterable[LostResult] = (),
    services: Iterable[Service] = (),
) -> Project:
    """A project that holds these and nothing else."""
    names = {rule: page.names for rule, page in CATALOG.rules.items()}
    return Project(tuple(services), loops, tuple(lost), tuple(not_callable), {}, frozenset(), {}, lambda *_: (), NoCode(), names=names)


class NoCode:
    """A workspace without any code."""

    imports: tuple[ImportUse, ...] = ()
    functions: tuple[CodeBody, ...] = ()
    classes: tuple[ClassUse, ...] = ()
    bodies: tuple[CodeBody, ...] = ()

    def calls(self, _names: Collection[str]) -> tuple[CallUse, ...]:
        """None."""
        return ()


def findings(*loops: BlockedLoop, **rest: Any) -> tuple[Finding, ...]:
    """What all checks find in such a project."""
    found, problems = run_checks(project(*loops, **rest), CATALOG)
    assert problems == ()
    return found


def service(name: str, root: str) -> Service:
    """A service with nothing but a name and a root."""
    return Service(name, root, (), None, (), (), ())
