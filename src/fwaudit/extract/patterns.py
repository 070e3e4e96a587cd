"""`match`: what its patterns capture and narrow."""

from __future__ import annotations

import libcst as cst

from fwaudit.extract.conditions import lower_test
from fwaudit.extract.dispatch import lower, lower_branch
from fwaudit.extract.flow import Changes, Condition
from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import NOWHERE, Assigned, Binding, Narrowed, Opaque


def read_match(scope: ScopeReading, node: cst.Match) -> None:
    """Read the cases in turn."""
    flow = scope.flow
    subject = lower(scope, node.subject)
    name = node.subject.value if type(node.subject) is cst.Name else ""
    outcomes: list[Changes | None] = []
    falls_through = True
    for case in node.cases:
        flow.open()
        _pattern(scope, case.pattern, subject, name)
        flow.circumstances.depth += 1
        if case.guard is not None:
            flow.narrow(lower_test(scope, case.guard)[1])
        lower_branch(scope, case.body)
        flow.circumstances.depth -= 1
        outcomes.append(flow.close())
        if case.guard is None and type(case.pattern) is cst.MatchAs and case.pattern.pattern is None:
            falls_through = False
    flow.merge([*outcomes, {}] if falls_through else outcomes)


def _pattern(scope: ScopeReading, node: cst.CSTNode, subject: int, name: str) -> None:
    """Bind what a pattern captures; `subject` is the value that the whole of it matches (-1: unknown), `name` its name, if it has one."""
    if type(node) is cst.MatchAs:
        _capture(scope, node, subject, name)
    elif type(node) is cst.MatchValue:
        lower(scope, node.value)
    elif type(node) is cst.MatchClass:
        _class_pattern(scope, node, name)
    elif type(node) is cst.MatchOr:
        for element in node.patterns:
            _pattern(scope, element.pattern, NOWHERE, "")
    elif type(node) is cst.MatchMapping:
        _mapping_pattern(scope, node)
    elif isinstance(node, (cst.MatchList, cst.MatchTuple)):
        for item in node.patterns:
            _element_pattern(scope, item)


def _element_pattern(scope: ScopeReading, node: cst.MatchSequenceElement | cst.MatchStar) -> None:
    if isinstance(node, cst.MatchStar):
        if node.name is not None:
            scope.flow.define(node.name.value, Opaque())
    else:
        _pattern(scope, node.value, NOWHERE, "")


def _class_pattern(scope: ScopeReading, node: cst.MatchClass, name: str) -> int:
    """The index of the class; the subject is narrowed to it."""
    matched = lower(scope, node.cls)
    if name:
        scope.flow.narrow([Condition(name, matched, True)])
    for element in node.patterns:
        _element_pattern(scope, element)
    for keyword in node.kwds:
        _pattern(scope, keyword.pattern, NOWHERE, "")
    return matched


def _mapping_pattern(scope: ScopeReading, node: cst.MatchMapping) -> None:
    for element in node.elements:
        lower(scope, element.key)
        _pattern(scope, element.pattern, NOWHERE, "")
    if node.rest is not None:
        scope.flow.define(node.rest.value, Opaque())


def _capture(scope: ScopeReading, node: cst.MatchAs, subject: int, name: str) -> None:
    binding: Binding = Opaque() if subject == NOWHERE else Assigned(subject)
    if type(node.pattern) is cst.MatchClass:
        matched = _class_pattern(scope, node.pattern, name)
        if subject != NOWHERE and node.name is not None:
            whole = scope.flow.add_unnamed(binding)
            binding = Narrowed(node.name.value, (whole,), matched, True)
    elif node.pattern is not None:
        _pattern(scope, node.pattern, NOWHERE, "")
    if node.name is not None:
        scope.flow.define(node.name.value, binding)
