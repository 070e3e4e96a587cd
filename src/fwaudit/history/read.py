"""The history of each service, from the commits that git keeps."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from fwaudit.git import GitError, Repository, find_git_folders, open_repository
from fwaudit.model.history import History
from fwaudit.model.service import Service, owner_of
from fwaudit.model.source import Problem

COMMITS_READ = 10_000
"""The most commits that are looked at, the newest first: a bound by counting, so that no machine's speed changes a result."""
YEARS = 3
DAY = 86_400
YEAR = 365 * DAY
RARE = 12
"""Commits in a year up to which a service is rarely changed: one a month."""
GROWTH = 1.1
"""Up to how many times the files of a year ago a service counts as not growing."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: the mail of its author, when (seconds), and which Python files it changed."""

    author: str
    time: int
    paths: tuple[str, ...]


def add_histories(
    root: str, services: Sequence[Service], files_of: Mapping[str, Collection[str]]
) -> tuple[tuple[Service, ...], tuple[Problem, ...]]:
    """The services with their history, and why there is none where a repository cannot be read. No repository is no problem.

    `files_of` gives the files of each service by its root: a package of settings is hardly all of what it runs.
    """
    try:
        if not services or find_git_folders(root) is None:
            return tuple(services), ()
        with open_repository(root) as repository:
            below = os.path.relpath(root, repository.folder).replace(os.sep, "/")
            histories = _read(repository, "" if below == "." else below, services, files_of)
    except GitError as error:
        return tuple(services), (Problem(".git", 1, f"the git history is not read: {error}", "skipped"),)
    return tuple(
        service if history is None else msgspec.structs.replace(service, history=msgspec.to_builtins(history))
        for service, history in zip(services, histories, strict=True)
    ), ()


def _read(repository: Repository, below: str, services: Sequence[Service], files_of: Mapping[str, Collection[str]]) -> list[History | None]:
    """The history of each service; `below` is the workspace as seen from the repository, None for a service without commits."""
    head = repository.head
    commits, is_whole = _read_commits(repository, head, below)
    now = _time_of(repository, head)
    is_complete = is_whole and not repository.is_shallow
    places = [_place_of(below, service.root) for service in services]
    owners = _Owners(places, [{_place_of(below, path.rpartition("/")[0]) for path in files_of.get(one.root, ())} for one in services])
    files_now = owners.count(repository.files_at(head, below))
    # Along first parents: what was merged from another repository is no earlier state of this one.
    old = repository.run("rev-list", "--first-parent", "--max-count=1", f"--before={now - YEAR}", head).decode("ascii").strip()
    files_then = owners.count(repository.files_at(old, below)) if old else None
    own = _commits_by_owner(commits, owners)
    return [
        _summarize(
            own.get(place, []),
            now,
            horizon=None if is_complete else min((commit.time for commit in commits), default=now),
            files=files_now[place],
            files_then=None if files_then is None else files_then[place],
            shown=_route_files(service, below),
        )
        for place, service in zip(places, services, strict=True)
    ]


def _read_commits(repository: Repository, head: str, below: str) -> tuple[tuple[Commit, ...], bool]:
    """The newest commits of people, the newest first, and whether there are no more."""
    listing = repository.run(
        "log", "-z", "--no-merges", f"--max-count={COMMITS_READ}", "--format=%x01%ct%x02%ae%x02%an%x02",
        "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", head, *(["--", f"{below}/"] if below else []),
    )  # fmt: skip
    parts = listing.split(b"\x01")[1:]
    return tuple(commit for part in parts if (commit := _parse(part)) is not None), len(parts) < COMMITS_READ


def _parse(part: bytes) -> Commit | None:
    """A commit as `log` writes it; None for one of a robot."""
    fields = part.split(b"\x02", 3)
    if len(fields) != 4 or not fields[0].isdigit():
        return None
    time, mail, author, paths = fields
    if b"[bot]" in mail or b"[bot]" in author:
        return None
    changed = tuple(path for raw in paths.split(b"\0") if _is_source(path := os.fsdecode(raw.lstrip(b"\n"))))
    return Commit(os.fsdecode(mail).lower(), min(int(time), 2**40), changed)


def _time_of(repository: Repository, commit: str) -> int:
    written = repository.run("log", "--max-count=1", "--format=%ct", commit).strip()
    if not written.isdigit():
        raise GitError("the commit at HEAD has no date")
    return min(int(written), 2**37)  # far beyond any year that a date can have a use for, and within what datetime takes


def _is_source(path: str) -> bool:
    return path.endswith(".py")


def _place_of(below: str, folder: str) -> str:
    """A folder of the workspace as seen from the repository."""
    return "/".join(part for part in (below, folder) if part not in ("", ".")) or "."


class _Owners:
    """Whose a file is: the service's with the nearest root above it, and of each that has files in its folder."""

    def __init__(self, places: Sequence[str], folders: Sequence[Collection[str]]) -> None:
        self._places = {place: place for place in places}
        self._sharing: dict[str, set[str]] = defaultdict(set)
        for place, own in zip(places, folders, strict=True):
            for folder in own:
                self._sharing[folder].add(place)

    def of(self, path: str) -> set[str]:
        """The places of the services that a file belongs to."""
        nearest = owner_of(path, self._places)
        return self._sharing.get(path.rpartition("/")[0] or ".", set()) | ({nearest} if nearest is not None else set())

    def count(self, paths: Iterable[str]) -> Counter[str]:
        """How many source files each has."""
        return Counter(place for path in paths if _is_source(path) for place in self.of(path))


def _commits_by_owner(commits: Iterable[Commit], owners: _Owners) -> dict[str, list[Commit]]:
    """Place to the commits that changed the service there, each with the files of that service alone."""
    found: dict[str, list[Commit]] = defaultdict(list)
    for commit in commits:
        paths: dict[str, list[str]] = defaultdict(list)
        for path in commit.paths:
            for owner in owners.of(path):
                paths[owner].append(path)
        for owner, own in paths.items():
            found[owner].append(Commit(commit.author, commit.time, tuple(own)))
    return found


def _summarize(
    commits: Sequence[Commit], now: int, *, horizon: int | None, files: int, files_then: int | None, shown: Mapping[str, str]
) -> History | None:
    """What the commits of one service say; `horizon` is the time before which nothing is known, None if all is."""
    if not commits:
        return None
    oldest = min(commit.time for commit in commits)
    known_since = oldest if horizon is None else horizon
    years = [[commit for commit in commits if now - (back + 1) * YEAR < commit.time <= now - back * YEAR] for back in range(YEARS)]
    covered = max(1, min(YEARS, -(-(now - known_since) // YEAR) if horizon is None else (now - known_since) // YEAR))
    last = years[0]
    authors = Counter(commit.author for commit in last)
    changes = Counter(path for commit in last for path in commit.paths)
    is_known_for_a_year = now - min(oldest, known_since) >= YEAR
    is_growing = bool(files_then) and files > GROWTH * (files_then or 0)
    is_compared = is_known_for_a_year and files_then is not None
    return History(
        head_day=datetime.fromtimestamp(now, UTC).date().isoformat(),
        is_complete=horizon is None,
        age_days=max(0, now - oldest) // DAY,
        last_change_days=max(0, now - max(commit.time for commit in commits)) // DAY,
        commits_in_year=len(last),
        commits_per_year=tuple(len(year) for year in years[:covered]),
        files_changed_per_year=tuple(len({path for commit in year for path in commit.paths}) for year in years[:covered]),
        authors_in_year=len(authors),
        bus_factor=_bus_factor(authors),
        python_files=files,
        python_files_year_ago=files_then or None,
        is_growing=is_growing if is_compared else None,
        is_rarely_changed=len(last) <= RARE and not is_growing if is_known_for_a_year else None,
        churn={path: changes[place] for place, path in sorted(shown.items()) if changes[place]},
    )


def _bus_factor(authors: Counter[str]) -> int:
    """The fewest authors who made half of the commits."""
    half, total = sum(authors.values()) / 2, 0
    for number, count in enumerate(sorted(authors.values(), reverse=True), start=1):
        total += count
        if total >= half:
            return number
    return 0


def _route_files(service: Service, below: str) -> dict[str, str]:
    """Path in the repository to path in the workspace of the files that hold routes."""
    paths = {route.location.path for route in service.routes}
    return {f"{below}/{path}" if below else path: path for path in paths}
