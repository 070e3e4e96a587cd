"""The baseline: findings that were accepted once, in a file with one line for each, and what it silences.

A line is JSON, so that any name fits into it, and the lines are sorted: two branches that accept or mend different findings merge
by themselves. A finding is told by its fingerprint (rule, function, leaf and a number), never by its line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from fwaudit.config import Config
from fwaudit.errors import ConfigError
from fwaudit.model.finding import Finding
from fwaudit.reading import UnreadableError, read_source

DEFAULT_NAME = "fwaudit-baseline.jsonl"
VERSION = 1
FILE_LIMIT = 50_000_000
"""The most bytes of a baseline that are read."""

_VERSION_KEY = "fwaudit_baseline"
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


class AcceptedFinding(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """One accepted finding. `path` counts from the folder of the settings, else from the workspace; the rest is the finding's own."""

    path: str
    function: str
    rule: str
    callee: str
    fingerprint: str


@dataclass(slots=True)
class Accepted:
    """The entries of a baseline as one workspace sees them, and which of them were found again. `place`: see Config.place_of."""

    entries: tuple[AcceptedFinding, ...] = ()
    place: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What findings in renamed files are told by now, to the fingerprint in the baseline."""
    found: set[str] = field(default_factory=set)

    def mark(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """`findings`, those silenced that were accepted and that no suppression silences."""
        known = {**self.aliases, **{entry.fingerprint: entry.fingerprint for entry in self.entries}}
        marked = []
        for finding in findings:
            if finding.fingerprint in known:
                self.found.add(known[finding.fingerprint])
                if finding.silenced is None:
                    finding = msgspec.structs.replace(finding, silenced="baseline")  # noqa: PLW2901
            marked.append(finding)
        return tuple(marked)

    def mended(self, ran: frozenset[str]) -> tuple[str, ...]:
        """The fingerprints that nothing was found for, of the rules that `ran`, and of this workspace alone."""
        return tuple(
            sorted(
                {
                    entry.fingerprint
                    for entry in self.entries
                    if entry.rule in ran and _is_below(entry.path, self.place) and entry.fingerprint not in self.found
                }
            )
        )


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def file_of(config: Config, root: str) -> Path:
    """Where the baseline is, or would be: what the settings say, else a file of the usual name beside them, or in the workspace."""
    return Path(config.folder or root, config.baseline or DEFAULT_NAME)


def read_accepted(config: Config, root: str) -> Accepted:
    """What the baseline of the settings accepts; nothing where they name none. ConfigError for a file that cannot be used."""
    place = config.place_of(Path(root))
    if config.baseline is None:
        return Accepted(place=place)
    entries = read_baseline(file_of(config, root))
    if entries is None:
        raise ConfigError(f"{file_of(config, root)}: there is no baseline; `fwaudit baseline` writes it")
    return Accepted(entries, place)


def read_baseline(file: Path) -> tuple[AcceptedFinding, ...] | None:
    """The entries in `file`, sorted; None if there is no such file. ConfigError if it is damaged or of another version."""
    if not os.path.lexists(file):
        return None
    folder, name = os.path.split(os.path.realpath(file))
    try:
        content = read_source(folder, name, FILE_LIMIT)
    except UnreadableError as error:
        raise ConfigError(f"{file}: the baseline {error}") from None
    try:
        lines = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: not a baseline: it is not UTF-8") from None
    _check_version(file, lines[0])
    return tuple(sorted({_read_line(file, number, line) for number, line in enumerate(lines[1:], 2) if line.strip()}))


def _check_version(file: Path, line: str) -> None:
    """Raises ConfigError unless `line` is the first one of a baseline that this version reads."""
    document = _parse(line)
    version = document.get(_VERSION_KEY) if isinstance(document, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise ConfigError(f'{file}:1: not a baseline: it does not start with {{"{_VERSION_KEY}": {VERSION}}}')
    if version != VERSION:
        raise ConfigError(f"{file}:1: a baseline of version {version}, and this fwaudit reads version {VERSION}: use the one that wrote it")


def _read_line(file: Path, number: int, line: str) -> AcceptedFinding:
    if line.startswith(_CONFLICT):
        raise ConfigError(f"{file}:{number}: a conflict of a merge: keep the lines of both sides, then run `fwaudit baseline`")
    try:
        return msgspec.convert(_parse(line), AcceptedFinding, strict=True)
    except msgspec.ValidationError as error:
        reason = str(error)
        raise ConfigError(f"{file}:{number}: a damaged line of the baseline: {reason[:1].lower()}{reason[1:]}") from None


def _parse(line: str) -> object:
    """The value of one line; None if it is not JSON. Python's parser, for msgspec reads no lone surrogates."""
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value


def render(entries: Iterable[AcceptedFinding]) -> str:
    """The file's content: the version, then the entries, sorted."""
    lines = [json.dumps({_VERSION_KEY: VERSION}), *(json.dumps(msgspec.structs.asdict(entry)) for entry in sorted(set(entries)))]
    return "\n".join(lines) + "\n"


def entry_of(finding: Finding, place: str) -> AcceptedFinding:
    """The line that accepts `finding`."""
    path = f"{place}/{finding.path}" if place else finding.path
    return AcceptedFinding(path, finding.function, finding.rule, finding.callee or "", finding.fingerprint)


@dataclass(frozen=True, slots=True)
class Ratchet:
    """What becomes of a baseline: the entries it then has, and how many findings came in, went out, or stay outside."""

    entries: tuple[AcceptedFinding, ...]
    added: int
    removed: int
    refused: int


def turn(old: Accepted, findings: Iterable[Finding], mended: Iterable[str], *, accept_new: bool) -> Ratchet:
    """The next baseline: a finding that is not in the old one comes in only with `accept_new`, one that is mended goes."""
    findings = tuple(findings)
    new = {entry_of(finding, old.place) for finding in findings if finding.silenced is None}
    seen = {
        old.aliases.get(finding.fingerprint, finding.fingerprint): entry_of(finding, old.place)
        for finding in findings
        if finding.silenced == "baseline"
    }
    gone = set(mended)
    kept = tuple(seen.get(entry.fingerprint, entry) for entry in old.entries if entry.fingerprint not in gone)
    taken = new if accept_new else set()
    entries = tuple(sorted({*kept, *taken}))
    return Ratchet(entries, len(taken), len(old.entries) - len(kept), len(new) - len(taken))
