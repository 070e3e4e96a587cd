"""The verdicts: in a few lines at the end of a report, and in full for `fwaudit plan`."""

from __future__ import annotations

from collections.abc import Sequence

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Location
from fwaudit.model.service import Service
from fwaudit.model.verdict import Argument, Change, Source, Trigger, Verdict
from fwaudit.report.plan import fit_lines, plan_lines
from fwaudit.report.summary import name_problems
from fwaudit.report.terminal import Terminal, terminal_of
from fwaudit.report.words import count

SIZES = ("routes", "route_files", "lines", "modules")
"""Signals that a plan begins with."""
DETAILS = {
    "relation_depth": ("relation from a model to the farthest one", "relations from a model to the farthest one"),
    "constraints": ("constraint of models", "constraints of models"),
    "i18n_imports": ("import that translates", "imports that translate"),
    "translated_texts": ("translated text", "translated texts"),
    "long_waits": ("long wait", "long waits"),
    "long_wait_routes": ("route that comes to one", "routes that come to one"),
    "glue_functions": ("function of glue", "functions of glue"),
    "glue_lines": ("line of it", "lines of it"),
    "shared_modules": ("module shared with another service", "modules shared with another service"),
    "shared_models": ("model in these", "models in these"),
}
"""Signals that it tells where there are any: what one of it is called, and what several are."""
_SHOWN = 2
"""So many arguments of each side stand in the report of an audit."""
_PLACES = 3
_YEAR = 365
"""A history that reaches back so many days tells how a service changes."""
_MARGIN = "  "
_BELOW = "    "
_STATES = {
    "fired": "reasons that hold",
    "countered": "reasons that hold, and are outweighed",
    "unknown": "reasons that only an answer, a history or a profile can tell",
    "silent": "reasons looked for and not found",
}


def verdicts_in_short(audit: Audit, terminal: Terminal) -> list[str]:
    """The verdict on each service with its weightiest arguments; nothing where there is none."""
    lines: list[str] = []
    for service in audit.services:
        if service.verdict is not None:
            lines += _headline(service, service.verdict, terminal)
            lines += _arguments("for", service.verdict.arguments_for[:_SHOWN], terminal)
            lines += _arguments("against", service.verdict.arguments_against[:_SHOWN], terminal)
            lines.append("")
    return lines


def render_plan(audit: Audit, *, width: int, color: bool, ascii_only: bool = False) -> str:
    """Everything that the judge says of each service, with a final line feed."""
    terminal = terminal_of(width, color=color, ascii_only=ascii_only)
    lines: list[str] = []
    for service in audit.services:
        if service.verdict is not None:
            lines += _in_full(service, service.verdict, terminal)
    if not lines:
        lines = terminal.wrap("No service to judge: no application of a known framework is made and served outside tests and examples.")
    lines += _missing(audit, terminal)
    lines += _sources(audit, terminal)
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _missing(audit: Audit, terminal: Terminal) -> list[str]:
    """What the verdicts had to do without: answers that contradict, a profile or history that cannot be read, a clone that ends early."""
    lines = name_problems([problem for problem in audit.problems if problem.kind != "not-analysed"], terminal)
    for service in audit.services:
        days = service.history.get("age_days", 0)
        if service.history.get("is_complete") is False and days < _YEAR:
            ends = f"{service.name}: the history of this clone ends {count(days, 'day')} before HEAD"
            remedy = "(`git fetch --unshallow`, in GitHub Actions `fetch-depth: 0`)"
            told = terminal.clean(f"{ends}: whether the service still changes and grows is not known {remedy}")
            lines += terminal.wrap(told, "  ", "    ")
    return ["what is missing, or is not as it was given", *lines, ""] if lines else []


def _sources(audit: Audit, terminal: Terminal) -> list[str]:
    """The publications that the arguments and notes name, each once."""
    sources: set[Source] = set()
    for service in audit.services:
        if service.verdict is not None:
            sources |= {one.source for one in (*service.verdict.arguments_for, *service.verdict.arguments_against)}
            sources |= {one.source for one in _notes(service.triggers)}
    titles = sorted({(source.publisher, source.title) for source in sources})
    lines = [line for publisher, title in titles for line in terminal.wrap(terminal.clean(f"{publisher}: {title}"), _MARGIN, _BELOW)]
    return ["sources", *(terminal.dim(line) for line in lines)] if lines else []


def _in_full(service: Service, verdict: Verdict, terminal: Terminal) -> list[str]:
    lines = _headline(service, verdict, terminal)
    lines += [terminal.dim(line) for said in (_size(service), _details(service)) if said for line in terminal.wrap(said, _MARGIN)]
    lines += _arguments("for", verdict.arguments_for, terminal, with_source=True)
    lines += _arguments("against", verdict.arguments_against, terminal, with_source=True)
    if verdict.scope:
        labels = [terminal.clean(label) for label in verdict.scope]
        lines += ["", *terminal.wrap("routes that it is about", _MARGIN), *_listed(labels, terminal)]
    if verdict.would_change:
        lines += ["", *terminal.wrap("what would change it", _MARGIN)]
        for change in verdict.would_change:
            lines += terminal.wrap(terminal.clean(f"{change.answer}: {decision(change)} ({change.question})"), _BELOW, _BELOW * 2)
    lines += plan_lines(service, terminal)
    notes = _notes(service.triggers)
    if notes:
        lines += ["", *terminal.wrap("worth knowing", _MARGIN)]
        for trigger in notes:
            lines += _said(trigger.text, trigger.evidence, trigger.source, terminal)
    return [*lines, *fit_lines(service, terminal), *_triggers(service.triggers, terminal), ""]


def _headline(service: Service, verdict: Verdict, terminal: Terminal) -> list[str]:
    name = terminal.clean(service.name)
    first, *rest = terminal.wrap(f"{name}: {sentence(verdict)}", "", _MARGIN)
    return [terminal.bold(first), *map(terminal.bold, rest)]


def _size(service: Service) -> str:
    """What was judged, in numbers."""
    routes, files, code, modules = (service.signals.get(name) for name in SIZES)
    frameworks = ", ".join(use.name for use in service.frameworks) or "no known framework"
    found = "routes unknown" if routes is None else f"{count(routes, 'route')} in {count(files or 0, 'file')}"
    return f"{frameworks}; {found}; {count(code or 0, 'line')} in {count(modules or 0, 'module')}"


def _details(service: Service) -> str:
    """What else was measured of it and acts on no verdict by itself; "" where there is nothing of it."""
    found = [(service.signals.get(name), one, several) for name, (one, several) in DETAILS.items()]
    return ", ".join(
        f"{number:,} {one if number == 1 else several}" for number, one, several in found if isinstance(number, int) and number > 0
    )


def sentence(verdict: Verdict) -> str:
    """What to do, and how sure that is: without a capital letter and a full stop."""
    words = decision(verdict)
    if verdict.fix_first:
        words += " and mend first what blocks the loop" if verdict.action == "stay" else ", and mend what blocks the loop"
    return words + (f"; take on {', '.join(verdict.adopt)}" if verdict.adopt else "") + f", {verdict.confidence} confidence"


def decision(verdict: Verdict | Change) -> str:
    """What to do, in a few words."""
    if verdict.action == "stay":
        return "stay"
    return f"migrate to {verdict.target}" if verdict.action == "migrate" else f"stay, with a {verdict.target} service beside it"


def _arguments(side: str, arguments: Sequence[Argument], terminal: Terminal, *, with_source: bool = False) -> list[str]:
    if not arguments:
        return []
    lines = terminal.wrap(side, _MARGIN)
    for argument in arguments:
        lines += _said(argument.text, argument.evidence, argument.source if with_source else None, terminal)
    return lines


def _said(text: str, evidence: Sequence[Location], source: Source | None, terminal: Terminal) -> list[str]:
    """A sentence, its places and where the advice comes from."""
    lines = terminal.wrap(terminal.clean(text), _BELOW)
    places = [terminal.clean(f"{place.path}:{place.line}") for place in evidence[:_PLACES]]
    if len(evidence) > _PLACES:
        places.append("and others")
    told = terminal.flow(places, ", ", _BELOW * 2) if places else []
    if source is not None:
        told += terminal.wrap(terminal.clean(f'{source.publisher}, "{source.section}"'), _BELOW * 2)
    return lines + [terminal.dim(line) for line in told]


def _notes(triggers: Sequence[Trigger]) -> list[Trigger]:
    """What is worth knowing."""
    return [trigger for trigger in triggers if trigger.target == "note" and trigger.state == "fired"]


def _triggers(triggers: Sequence[Trigger], terminal: Terminal) -> list[str]:
    """What was looked for, by what came of it."""
    lines: list[str] = []
    for state, words in _STATES.items():
        names = [trigger.id for trigger in triggers if trigger.state == state and trigger.target != "note"]
        if names:
            lines += ["", *terminal.wrap(words, _MARGIN), *_listed(names, terminal)]
    return lines


def _listed(names: Sequence[str], terminal: Terminal) -> list[str]:
    return [terminal.dim(line) for line in terminal.flow(names, ", ", _BELOW)]
