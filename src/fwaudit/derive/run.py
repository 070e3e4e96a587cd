"""From the folder of a library to what its public names do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path

import msgspec

from fwaudit.assemble import make_audit
from fwaudit.catalog.names import Catalog
from fwaudit.config import Config
from fwaudit.deep_stack import run_deep
from fwaudit.derive.names import Public, public_names
from fwaudit.derive.probe import Probe, make_probe
from fwaudit.discover.files import find_workspace
from fwaudit.extract.module import extract_module
from fwaudit.extract.pool import extract_all
from fwaudit.link.build import link
from fwaudit.model.audit import Audit
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.facts import ModuleFacts
from fwaudit.model.project import BlockedLoop, Project
from fwaudit.model.source import Role, SourceFile

_PROBE = "fwaudit_probe.py"
_ELSEWHERE = {Context.THREADPOOL: "threadpool", Context.PROCESS: "process"}


@dataclass(frozen=True, slots=True)
class Derived:
    """What is known of a public name: what it waits for and by which path, or where it runs what it is handed."""

    public: Public
    waits_for: WaitsFor | None = None
    callee: str = ""
    """The call of another library or of Python that waits."""
    confidence: Grade | None = None
    steps: tuple[str, ...] = ()
    """`path:line` of each call on the way to it."""
    offloads: tuple[tuple[int, str], ...] = ()
    """(position of what is called, context that it runs in)."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """What is known of the public names, sorted; how many more no import statement can name; and what was read, without findings."""

    names: tuple[Derived, ...]
    unnameable: int
    read: Audit


def derive(folder: Path, catalog: Catalog, config: Config, on_progress: Callable[[int, int], None] | None = None) -> Derivation:
    """What all public names of the library do. Raises a FwauditError where there is nothing to read."""
    workspace = find_workspace([folder], config)
    if workspace.named is not None:  # the folder lies in a workspace with more in it
        inside = frozenset(workspace.named)
        sources = tuple(one for one in workspace.sources if one.path in inside)
        problems = tuple(one for one in workspace.problems if one.path in inside)
        workspace = msgspec.structs.replace(workspace, sources=sources, problems=problems, named=None)
    found, unread = extract_all(workspace, None, 0, config.file_deadline, on_progress)
    read = make_audit((), found, (), {}, (*workspace.problems, *unread))
    code = frozenset(source.path for source in workspace.sources if source.role is Role.CODE)
    first = link(workspace, found, catalog, config)
    probe, place, unnameable = run_deep(_probe_of, first, found, code)
    if not probe.calls:
        return Derivation((), unnameable, read)
    content = probe.text.encode()
    known = SourceFile(place, b"", len(content), Role.CODE, reported=True)
    whole = msgspec.structs.replace(workspace, sources=tuple(sorted((*workspace.sources, known), key=lambda one: one.path)))
    second = link(whole, {**found, place: run_deep(extract_module, content)}, catalog, config)
    return Derivation(run_deep(_derived, second, probe, place), unnameable, read)


def _probe_of(project: Project, found: dict[str, ModuleFacts], code: frozenset[str]) -> tuple[Probe, str, int]:
    """The probe, where in the workspace it would lie (beside the topmost package), and how many names it cannot import."""
    modules = {body.name: body.place.path for body in project.code.bodies if body.kind == "module" and body.place.path in code}
    public = public_names(project.code, {name: found[path] for name, path in modules.items()})
    files = {one.name: one.place.path for one in project.code.classes}
    names = [one for one in public if _is_nameable(files.get(one.defined, one.path), one.defined)]
    folder = ""
    if names:
        name, path = min(((name, path) for name, path in modules.items() if path), key=lambda one: (one[1].count("/"), one[1]))
        parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
        folder = "/".join(parts[: max(0, len(parts) - name.count(".") - 1)])
    # A method that many classes inherit is followed for the first of them only: those with short names are what people use.
    probe = make_probe(sorted(names, key=lambda one: (one.name.count("."), one)))
    return probe, f"{folder}/{_PROBE}".removeprefix("/"), len(public) - len(names)


def _is_nameable(path: str, name: str) -> bool:
    """Whether an import statement can name what is defined there: not in `make-docs.py`, `async.py` or `1lib/`.

    The file is asked, too: the name of a module outside packages leaves out what is no identifier.
    """
    file = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    return all(part.isidentifier() and not iskeyword(part) for part in (file, *name.split(".")))


def _derived(project: Project, probe: Probe, place: str) -> tuple[Derived, ...]:
    blocked: dict[int, BlockedLoop] = {}
    own: dict[tuple[str, str], BlockedLoop] = {}
    for one in project.blocked:
        if one.kind in ("blocking", "cpu") and one.leaf.path != place:
            own.setdefault((one.boundary.path, one.boundary.function), one)
            if one.boundary.path == place:
                blocked.setdefault(one.boundary.line, one)
    offloads: dict[Public, list[tuple[int, str]]] = {}
    for line, (public, position) in probe.handed.items():
        contexts = project.contexts_at(place, line)
        where = [_ELSEWHERE[one] for one in contexts if one in _ELSEWHERE]
        if where and len(where) == len(contexts):
            offloads.setdefault(public, []).append((position, where[0]))
    found = (
        _of(public, own.get((public.path, public.body)) if public.is_async else blocked.get(line), tuple(offloads.get(public, ())))
        for line, public in probe.calls.items()
    )
    return tuple(sorted(found, key=lambda one: one.public))


def _of(public: Public, one: BlockedLoop | None, offloads: tuple[tuple[int, str], ...]) -> Derived:
    if one is None:
        return Derived(public, offloads=offloads)
    first = 0 if public.is_async else 1
    steps = tuple(f"{step.place.path}:{step.place.line}" for step in one.steps[first:])
    return Derived(public, one.waits_for, one.callee, one.confidence, steps, offloads)
