from __future__ import annotations

import msgspec
import pytest

from fwaudit.model.context import Context, WaitsFor
from fwaudit.model.finding import Step
from fwaudit.report.words import WAITING, count, deed, remedy, short_name, subject
from tests.report.sample import findings


@pytest.mark.parametrize(
    ("function", "path", "short"),
    [
        ("app.models.users.Users.get", "app/models/users.py", "Users.get"),
        ("app.models.users.Users.get", "backend/src/app/models/users.py", "Users.get"),
        ("app.models.get", "app/models/__init__.py", "get"),
        ("main.items", "main.py", "items"),
        ("app.main", "src/app/main.py", "(module)"),
        ("", "main.py", "(module)"),
        ("other.place.get", "app/models/users.py", "other.place.get"),
        ("users_old.get", "app/users.py", "users_old.get"),
    ],
)
def test_a_function_is_named_without_what_its_path_says(function: str, path: str, short: str) -> None:
    """The module is cut off where the path beside it names it, and only there."""
    assert short_name(function, path) == short


@pytest.mark.parametrize(("number", "text"), [(0, "0 routes"), (1, "1 route"), (2, "2 routes"), (12345, "12,345 routes")])
def test_numbers_agree_with_their_nouns(number: int, text: str) -> None:
    """One is singular, all else plural, thousands are set apart."""
    assert count(number, "route") == text


def test_everything_that_can_be_waited_for_has_words() -> None:
    """A new kind of waiting needs its words."""
    assert set(WAITING) == set(WaitsFor)


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (Context.EVENT_LOOP, "blocks the event loop"),
        (Context.LOOP_STARTUP, "blocks the event loop at startup"),
        (Context.PRIVATE_LOOP, "blocks a loop of its own"),
        (Context.TEST, "blocks the loop of a test"),
        (None, "blocks the event loop"),
    ],
)
def test_the_headline_names_the_loop(context: Context | None, words: str) -> None:
    """A loop at startup or of a job is not called the loop that serves requests."""
    assert deed(msgspec.structs.replace(findings()[0], context=context)) == words


def test_rules_that_speak_of_no_callee_have_no_words_here() -> None:
    """Their message is the headline."""
    first = findings()[0]

    assert deed(msgspec.structs.replace(first, rule="unawaited-coroutine")) is None
    assert deed(msgspec.structs.replace(first, callee=None)) is None


@pytest.mark.parametrize(
    ("note", "shown", "instead"),
    [
        ("calls `a.b`, which waits for a file; async code has `c.d`", "`a.b`", "async code has `c.d`"),
        ("calls `a.b`, which waits for a file", "`a.b`", ""),
        ("iterates over `a.b`; async code has `c.d`", "iterating over `a.b`", "async code has `c.d`"),
        ("", "`a.b`", ""),
    ],
)
def test_a_leafs_note_says_what_blocks_and_what_to_use_instead(note: str, shown: str, instead: str) -> None:
    """Its verb tells a call from an iteration, the part behind the semicolon is the remedy."""
    leaf = Step("a.py", 1, 1, "a.f", note)

    assert (subject("a.b", leaf), remedy(leaf)) == (shown, instead)
