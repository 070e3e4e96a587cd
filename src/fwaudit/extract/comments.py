"""Suppression comments."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from fwaudit.model.facts import SuppressionComment

_MARK = b"fwaudit:"
_COMMENT = re.compile(r"#\s*fwaudit:\s*(ignore-file|ignore)(?![\w-])(?:\[([^\]]*)\])?([^#]*)")
_UNTIL = re.compile(r"(?:^|\s)until=(\S+)")


def read_suppressions(content: bytes, encoding: str) -> tuple[SuppressionComment, ...]:
    """The file's suppression comments in order; one that names no rule has no rules, and silences nothing."""
    if _MARK not in content:
        return ()
    text = content.decode(encoding).removeprefix("\ufeff")
    return tuple(suppression for line, column, comment in _comments(text) for suppression in _suppressions(comment, line, column))


def _comments(text: str) -> list[tuple[int, int, str]]:
    """(line, column, text) of each comment; columns count from 0."""
    comments = []
    try:
        # One by one, so that those before a failure are kept.
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                comments.append((*token.start, token.string))  # noqa: PERF401
    except (tokenize.TokenError, SyntaxError):
        # Grammar that this Python does not know yet: take the comments that no quote can hide.
        seen = {line for line, _, _ in comments}
        comments.extend(comment for comment in _plain_comments(text) if comment[0] not in seen)
        comments.sort()
    return comments


def _plain_comments(text: str) -> Iterator[tuple[int, int, str]]:
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        column = line.find("#")
        if column >= 0 and "'" not in line[:column] and '"' not in line[:column]:
            yield number, column, line[column:]


def _suppressions(comment: str, line: int, column: int) -> Iterator[SuppressionComment]:
    for match in _COMMENT.finditer(comment):
        rules = tuple(rule.strip() for rule in (match[2] or "").split(",") if rule.strip())
        until = _UNTIL.search(match[3])
        reason = " ".join(_UNTIL.sub(" ", match[3]).split())
        end = column + match.start() + len(match[0].rstrip())
        yield SuppressionComment(
            rules, reason, "" if until is None else until[1], match[1] == "ignore-file", line, column + match.start() + 1, end + 1
        )
