"""What a comment tells fwaudit: `# fwaudit: ignore[rule] reason until=2027-01-31`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.model.facts import SuppressionComment

MARK = "fwaudit:"
"""What every such comment holds."""

_COMMENT = re.compile(r"#\s*fwaudit:\s*(ignore-file|ignore)(?![\w-])(?:\[([^\]#]*)\])?([^#]*)")
_UNTIL = re.compile(r"(?:^|\s)until=(\S+)")


def read_directives(comment: str, line: int, column: int) -> Iterator[SuppressionComment]:
    """The suppressions in a comment that starts in a column, counted from 0; one that names no rule has no rules."""
    for match in _COMMENT.finditer(comment):
        rules = tuple(rule.strip() for rule in (match[2] or "").split(",") if rule.strip())
        until = _UNTIL.search(match[3])
        reason = " ".join(_UNTIL.sub(" ", match[3]).split())
        end = column + match.start() + len(match[0].rstrip())
        yield SuppressionComment(
            rules, reason, "" if until is None else until[1], match[1] == "ignore-file", line, column + match.start() + 1, end + 1
        )
