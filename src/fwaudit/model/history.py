"""What git tells of a service: how old it is, how much it changes, and who changes it. "Now" is the day of HEAD."""

from __future__ import annotations

import msgspec


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The commits that changed Python files of one service, merges and those of robots left out. Counted, never named."""

    head_day: str
    """The day of the commit at HEAD, as 2026-11-21."""
    is_complete: bool
    """False for a shallow clone, and where there are more commits than are read: `age_days` is then the least that it can be."""
    age_days: int
    last_change_days: int
    """Days from the service's last change to HEAD."""
    commits_in_year: int
    """In the year before HEAD."""
    commits_per_year: tuple[int, ...]
    """In the year before HEAD, in the year before that, and in the third; fewer where the service is younger or less is known."""
    files_changed_per_year: tuple[int, ...]
    """How many different files these commits changed."""
    authors_in_year: int
    """People who changed the service in the year before HEAD."""
    bus_factor: int
    """The fewest people who made half of that year's commits; 0 without any."""
    python_files: int
    python_files_year_ago: int | None
    """None where the service did not exist then, or where it is not known."""
    is_growing: bool | None
    """More files than a tenth above what was there a year before HEAD; None where that is not known, or the service is younger."""
    is_rarely_changed: bool | None
    """At most a commit a month in the year before HEAD, and no more files than a tenth above what was there before it.

    None where the service is younger than a year, or the history does not reach back that far.
    """
    churn: dict[str, int]
    """How many commits of the year before HEAD changed each file that holds routes; files without any are left out."""
