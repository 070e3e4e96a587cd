from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from fwaudit.config import Config
from fwaudit.model.audit import Audit
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.source import Problem
from fwaudit.report import text
from fwaudit.report.summary import Request, count_files
from fwaudit.report.terminal import columns
from tests.conftest import Golden
from tests.report.sample import QUERY, audit, finding, findings, place, reaching_query, source_of, step

_COLOR = re.compile("\x1b\\[[0-9;]*m")


def render(shown: Audit | None = None, width: int = 100, **options: Any) -> str:
    """The report of the shop, without colours unless asked."""
    return text.render(shown or audit(), source_of, width=width, **{"color": False, **options})


@pytest.mark.parametrize(
    ("name", "width", "options"),
    [
        ("shop_100.txt", 100, {}),
        ("shop_100_color.txt", 100, {"color": True}),
        ("shop_60.txt", 60, {}),
        ("shop_40_ascii.txt", 40, {"ascii_only": True}),
        ("shop_200.txt", 200, {}),
        ("shop_80_by_file.txt", 80, {"group_by": "file"}),
        ("shop_80_by_route.txt", 80, {"group_by": "route"}),
        ("shop_80_by_service.txt", 80, {"group_by": "service"}),
        ("shop_80_statistics.txt", 80, {"statistics": True}),
    ],
)
def test_the_shop_looks_like_its_golden_file(golden: Golden, name: str, width: int, options: dict[str, Any]) -> None:
    """The report of the hand-made audit is the golden file, byte for byte."""
    golden(name, render(width=width, **options))


def test_a_clean_service_is_told_so_in_a_few_lines(golden: Golden) -> None:
    """Without findings there is no rule, no table and no advice, but still the number of files."""
    golden("clean.txt", render(audit((), ())))


def test_colours_change_nothing_but_colours() -> None:
    """Without its escape codes the coloured report is the plain one."""
    assert _COLOR.sub("", render(color=True)) == render()
    assert "\x1b" not in render()


def test_ascii_only_holds_nothing_beyond_ascii() -> None:
    """On a terminal without box characters, names and source are escaped as well."""
    assert render(ascii_only=True).isascii()
    assert not render().isascii()


@pytest.mark.parametrize("width", [40, 47, 60, 72, 80, 100, 132, 200])
@pytest.mark.parametrize("group_by", ["root-cause", "file", "route", "service"])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_lines_fit_the_terminal(width: int, group_by: str, ascii_only: bool) -> None:
    """No line with a place to break is wider than the terminal, double-width characters counted twice."""
    lines = render(width=width, group_by=group_by, ascii_only=ascii_only).splitlines()

    assert [line for line in lines if columns(line) > width and " " in line.strip()] == []
    assert max(map(columns, lines)) > width - 20 or width > 150


def test_a_path_that_is_too_long_stays_whole() -> None:
    """A path is there to be clicked on or copied: it is not broken where it does not fit."""
    path = "app/" + "very_long_name_of_a_package/" * 4 + "module.py"
    one = msgspec.structs.replace(findings()[0], path=path, steps=())

    assert f"{path}:11" in render(audit((one,)), width=60)
    assert path in render(audit((one,)), width=40, group_by="file")


def test_the_worst_group_comes_first() -> None:
    """Groups go by severity, then confidence, then routes, then findings."""
    heads = re.findall(r"^(high|medium|low) [^`\n]*`([\w.]+)`", render(), re.MULTILINE)

    assert heads == [
        ("high", "sqlalchemy.orm.Query.first"),
        ("high", "time.sleep"),
        ("high", "requests.get"),
        ("medium", "app.audit.audit_log"),
        ("low", "pathlib.Path.read_text"),
    ]


def test_findings_of_one_leaf_are_one_group() -> None:
    """Four findings with one root cause are shown under one headline with all places, the silenced one is not."""
    report = render()

    assert report.count("`sqlalchemy.orm.Query.first` in app/models/users.py:7") == 1
    for shown in ("app/routers/users.py:6", "app/routers/users.py:10", "app/routers/users.py:15", "app/routers/orders.py:12"):
        assert report.count(shown) == 1
    assert "app/routers/orders.py:19" not in report


def test_many_places_are_capped_with_a_hint() -> None:
    """Beside the finding in full, six places are listed and the rest is counted."""
    base = reaching_query("app/routers/users.py", "Users.get_user_by_id(id)", "app.routers.users.read_user", ())
    many = tuple(
        msgspec.structs.replace(base, line=line, steps=(msgspec.structs.replace(base.steps[0], line=line), QUERY))
        for line in range(100, 144)
    )

    report = render(audit(many))

    assert "and 37 more (`--group-by file` lists all)" in report
    assert report.count("app/routers/users.py:10") == 7
    assert render(audit(many), group_by="file").count("\nhigh    1") == 44


def test_one_place_more_than_the_cap_is_listed() -> None:
    """A line that says "and 1 more" would take the room of the place itself."""
    base = reaching_query("app/routers/users.py", "Users.get_user_by_id(id)", "app.routers.users.read_user", ())
    many = tuple(msgspec.structs.replace(base, line=line) for line in range(100, 108))

    assert " more (" not in render(audit(many))


def test_the_leaf_is_underlined_exactly() -> None:
    """The underline covers the call of the leaf, also behind double-width characters and tabs."""
    lines = render(width=200).splitlines()
    for code in ("db.query(User).filter_by(id=user_id).first()", "time.sleep(0.1)", "Path(name).read_text()", "timeout=3)"):
        index = next(index for index, line in enumerate(lines) if code in line and "│" in line)
        end = columns(lines[index][: lines[index].index(code) + len(code)])
        assert columns(lines[index + 1]) == end
        assert lines[index + 1].rstrip("^").endswith(" ")


def test_source_that_cannot_be_read_costs_only_the_excerpt() -> None:
    """A file that has vanished or shrunk since it was analysed leaves headline and path."""
    for sources in (lambda path: None, lambda path: [], lambda path: ["x = 1"]):
        report = text.render(audit(), sources, width=100, color=False)
        assert "`time.sleep` in app/routers/orders.py:18" in report
        assert "18 │" not in report


def test_a_failing_run_says_what_fails_it() -> None:
    """The number of failing findings, and of the others, stands at the end."""
    assert "5 findings fail the run" in render(width=200)
    assert "the other 3 do not" in render(width=200)


def test_a_passing_run_with_findings_says_why_it_passes() -> None:
    """Findings that are not grave or sure enough do not fail the run, and that is said."""
    passing = tuple(msgspec.structs.replace(one, fails=False) for one in findings())

    assert "Nothing fails the run" in render(audit(passing))
    assert "Nothing fails the run" not in render()
    assert "Nothing fails the run" not in render(audit(()))


def test_silenced_findings_are_counted_and_not_shown() -> None:
    """What a comment or the baseline silences is a number in the summary."""
    both = tuple(msgspec.structs.replace(one, silenced="baseline", fails=False) if one.silenced is None else one for one in findings())

    report = render(audit(both))

    assert "9 findings silenced: 8 by the baseline, 1 by comments in the source." in report
    assert "time.sleep" not in report
    assert "silenced" not in render(audit(()))


def test_problems_are_named_up_to_ten() -> None:
    """Ten files that were not analysed are named with their reason, the rest is counted."""
    problems = tuple(Problem(f"app/m{number:02}.py", 3, "is not valid Python") for number in range(14))

    report = render(audit((), problems))

    assert "29 files analysed (4,180 lines), 14 not:" in report
    assert "app/m09.py:3: is not valid Python" in report
    assert "app/m10.py" not in report
    assert "and 4 more (`--format json` lists all)" in report


@pytest.mark.parametrize(
    ("request_of", "sentence"),
    [
        (Request(), "No blocking call was found on an event loop."),
        (Request(Config(select=("meta", "nested-event-loop"))), "Nothing was found. Only `meta` and `nested-event-loop` were looked for."),
        (Request(Config(ignore=("meta", "meta"))), "No blocking call was found on an event loop. `meta` was not looked for."),
        (Request(names_files=True), "No blocking call that touches a named file was found on an event loop."),
        (
            Request(Config(min_severity=Grade.HIGH, min_confidence=Grade.HIGH)),
            "No blocking call was found on an event loop. Findings below high severity or high confidence are not shown.",
        ),
    ],
)
def test_the_all_clear_says_what_was_looked_for(request_of: Request, sentence: str) -> None:
    """An empty report names its limits, and nothing where there are none."""
    assert sentence in render(audit((), ()), width=200, request=request_of).splitlines()[:4]


def test_findings_that_are_no_calls_leave_the_selection_named() -> None:
    """Where something was found, "nothing" is not said."""
    at = place("app/main.py", 'read_settings("settings.toml")')
    one = finding(at, "app.main", "`log` is a coroutine function", rule="unawaited-coroutine")

    report = render(audit((one,)), request=Request(Config(select=("unawaited-coroutine",))))

    assert "\nOnly `unawaited-coroutine` was looked for.\n" in report
    assert "Nothing was found" not in report


def test_the_line_for_stderr_names_files_or_counts_reasons() -> None:
    """A reason of one file comes with its place, one of several with their number; more than three kinds are counted."""
    problems = tuple(Problem(f"app/{name}.py", 2, f"reason {reason}") for name, reason in zip("abcdef", "112345", strict=True))

    assert count_files(audit((), problems[:3]), Request(folder="shop")) == (
        "29 files analysed in `shop`, 2 not: 2 reason 1; app/c.py:2: reason 2"
    )
    assert count_files(audit((), problems), Request()).endswith("; app/d.py:2: reason 3; and 2 more reasons")
    assert count_files(audit((), ()), Request()) == "29 files analysed, 2 not"


def test_skipped_files_are_not_missing_files() -> None:
    """A link out of the tree is told apart from a file that should have been analysed."""
    report = render(audit((), (Problem("shared", 1, "is a link out of the tree", "skipped"),)))

    assert "0 not; 1 skipped:" in report
    assert "shared:1: is a link out of the tree" in report


def test_an_incomplete_audit_says_so() -> None:
    """A check that failed leads the reader not to trust the silence of its rule."""
    report = render(audit((), (Problem("", 1, "the check nested-event-loop failed: KeyError", "incomplete"),)))

    assert "The audit is incomplete: the check nested-event-loop failed: KeyError" in report
    assert "incomplete" not in render()


def test_long_reports_say_where_to_start() -> None:
    """From ten groups on, the three worst are named again at the end, since they have scrolled away."""
    base = findings()[1]
    many = tuple(msgspec.structs.replace(base, root_cause=f"rc-{number}") for number in range(10))

    assert "Start with these" in render(audit(many))
    assert "Start with these" not in render(audit(many[:9]))


def test_startup_is_told_apart_from_requests() -> None:
    """What blocks only while the service starts is said to."""
    only = tuple(one for one in findings() if one.context == Context.LOOP_STARTUP)

    assert "1 blocking call reaches an event loop, from 1 root cause, only at startup." in render(audit(only))
    assert "7 blocking calls reach an event loop, from 4 root causes; 1 of them only at startup." in render()
    assert "startup" not in render(audit(tuple(one for one in findings() if one.context != Context.LOOP_STARTUP)))


def test_routes_of_no_service_are_no_share() -> None:
    """A repository of examples has no service whose routes could be counted: not all of them were said to be held up."""
    assert "4 of 5 routes can cause it." in render()
    assert "too: 4 routes can cause it." in render(msgspec.structs.replace(audit(), services=()))


def test_findings_without_a_root_cause_are_grouped_by_their_message() -> None:
    """Two coroutines that are thrown away by the same words share a headline, two by different words do not."""
    at = place("app/routers/users.py", "audit_log(user)")
    one, twin, other = (
        finding(at, "app.routers.users.delete_user", message, rule="unawaited-coroutine")
        for message in ("`log` is a coroutine function", "`log` is a coroutine function", "`send` is a coroutine function")
    )
    twin = msgspec.structs.replace(twin, line=3)

    report = render(audit((twin, one, other)))

    assert "`log` is a coroutine function (2 findings)" in report
    assert "`send` is a coroutine function\n" in report


def test_the_path_ends_with_what_async_code_has_instead() -> None:
    """Steps show their source line, the leaf shows its remedy; without the source a step's note stands in."""
    lines = [line.strip() for line in render(width=200).splitlines()]

    index = next(index for index, line in enumerate(lines) if 'fetch_rate("EUR")' in line)
    assert lines[index - 1] == "GET /orders/{id}"
    assert re.sub(" +", " ", lines[index]) == '└─ read_order app/routers/orders.py:13 rate = fetch_rate("EUR")'
    assert re.sub(" +", " ", lines[index + 1]) == "└─ fetch_rate app/routers/orders.py:7"
    assert lines[index + 2] == "async code has `httpx.AsyncClient.get`"
    assert "calls `app.routers.orders.fetch_rate`" in text.render(audit(), lambda path: None, width=200, color=False)


def test_counts_are_left_out_where_there_is_one() -> None:
    """One finding of one route needs no number; one finding of several routes says how many."""
    several = msgspec.structs.replace(findings()[1], routes=("GET /a", "GET /b"))

    assert "orders.py:18 blocks the event loop\n" in render()
    assert "blocks the event loop: 2 routes\n" in render(audit((several,)))


def test_code_of_a_module_body_has_a_name() -> None:
    """A step outside every function is shown as the module."""
    at = place("app/main.py", 'read_settings("settings.toml")')
    one = finding(
        at,
        "app.main",
        "`app.settings.read_settings` blocks the event loop",
        callee="open",
        waits_for=WaitsFor.FILE,
        grades=(Grade.LOW, Grade.LOW),
        steps=(step(at, "app.main", "calls `read_settings`"),),
    )

    assert re.search(r"\(module\) +app/main.py:11", render(audit((one,))))


def test_statistics_replace_the_findings() -> None:
    """With statistics there are counts by rule and the summary, and no finding."""
    report = render(statistics=True)

    assert report.startswith("7  blocking-call-on-loop  6 high, 1 low\n1  unawaited-coroutine    1 medium\n")
    assert "time.sleep" not in report
    assert report.count("blocking-call-on-loop  6 high") == 1
