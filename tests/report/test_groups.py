from __future__ import annotations

import msgspec

from fwaudit.model.context import Grade
from fwaudit.report.groups import group_by_file, group_by_root_cause, leaf_of
from tests.report.sample import findings

OPEN = tuple(one for one in findings() if one.silenced is None)


def test_groups_and_their_findings_are_the_worst_first() -> None:
    """Every finding is in one group; in it a grave finding stands before a light one, a short path before a long one."""
    groups = group_by_root_cause(OPEN)

    assert sorted((one for group in groups for one in group.findings), key=lambda one: one.sort_key) == list(OPEN)
    assert [group.worst.severity.rank for group in groups] == sorted((group.worst.severity.rank for group in groups), reverse=True)

    light = msgspec.structs.replace(OPEN[1], severity=Grade.LOW)
    long = msgspec.structs.replace(OPEN[1], steps=(*OPEN[1].steps, OPEN[1].steps[-1]))
    assert group_by_root_cause((light, long, OPEN[1]))[0].findings == (OPEN[1], long, light)


def test_the_order_given_does_not_matter() -> None:
    """The same findings give the same groups."""
    assert group_by_root_cause(reversed(OPEN)) == group_by_root_cause(OPEN)


def test_two_rules_are_two_groups_also_at_one_leaf() -> None:
    """A headline speaks of one rule."""
    other = msgspec.structs.replace(OPEN[1], rule="lazy-result-consumed-on-loop")

    assert len(group_by_root_cause((OPEN[1], other))) == 2
    assert len(group_by_root_cause((OPEN[1], OPEN[1]))) == 1


def test_a_group_names_each_route_once() -> None:
    """Four findings reach four routes, some of them several times."""
    assert sorted(group_by_root_cause(OPEN)[0].routes) == ["DELETE /users/{id}", "GET /orders/{id}", "GET /users/{id}", "POST /orders"]


def test_a_finding_without_steps_is_its_own_leaf() -> None:
    """Findings that need no path are shown at their own place."""
    bare = msgspec.structs.replace(OPEN[0], steps=())

    assert (leaf_of(bare).path, leaf_of(bare).line, leaf_of(bare).column) == (bare.path, bare.line, bare.column)
    assert leaf_of(OPEN[0]) == OPEN[0].steps[-1]


def test_files_keep_the_order_of_the_audit() -> None:
    """Grouping by file moves nothing."""
    files = group_by_file(OPEN)

    assert list(files) == sorted({one.path for one in OPEN})
    assert [one for members in files.values() for one in members] == list(OPEN)
