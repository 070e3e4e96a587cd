"""Suppression comments."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from fwaudit.directives import MARK, read_directives
from fwaudit.model.facts import SuppressionComment

_MARK = MARK.encode()


def read_suppressions(content: bytes, encoding: str) -> tuple[SuppressionComment, ...]:
    """The file's suppression comments in order; one that names no rule has no rules, and silences nothing."""
    if _MARK not in content:
        return ()
    text = content.decode(encoding).removeprefix("\ufeff")
    return tuple(suppression for line, column, comment in _comments(text) for suppression in read_directives(comment, line, column))


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
