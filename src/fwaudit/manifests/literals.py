"""What a Python file says in literals, read without running it: setup.py, gunicorn.conf.py."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from fwaudit.manifests.text import ManifestError, lines_of

_SIZE_LIMIT = 200_000
_DEEPEST = 20
_MOST_BRACKETS = 100
_BRACKET = re.compile(r"[\[({]|[\])}]")


def parse_python(text: str) -> ast.Module:
    """The syntax tree. Raises ManifestError for what is too large or nested too deeply to be parsed safely, and for wrong syntax."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[({" else -1
        if depth > _MOST_BRACKETS:
            raise ManifestError(text.count("\n", 0, bracket.start()) + 1, "brackets are nested too deeply")
    if len(text) > _SIZE_LIMIT:
        raise ManifestError(1, f"has more than {_SIZE_LIMIT:,} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise ManifestError(error.lineno or 1, f"cannot be parsed: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ManifestError(1, "cannot be parsed") from error


class Literals:
    """The values of names that a module gives once, at its top."""

    def __init__(self, module: ast.Module) -> None:
        self._values: dict[str, ast.expr] = {}
        twice: set[str] = set()
        for statement in module.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if isinstance(statement, ast.AnnAssign) and statement.value is not None:
                targets = [statement.target]
            for target in targets:
                if isinstance(target, ast.Name) and isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                    twice |= {target.id} & self._values.keys()
                    self._values[target.id] = statement.value
        for name in twice:
            del self._values[name]

    def value_of(self, name: str) -> ast.expr | None:
        """What the name stands for; None if that is not told once."""
        return self._values.get(name)

    def texts(self, node: ast.expr | None, depth: int = 0) -> Iterator[tuple[str, int]]:
        """The texts of a list, with their lines; what is computed or read from files is left out."""
        if depth > _DEEPEST or node is None:
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for offset, line in enumerate(lines_of(node.value)):
                if line.strip():
                    yield line.strip(), node.lineno + offset
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            for item in node.elts:
                yield from self.texts(item, depth + 1)
        elif isinstance(node, ast.Name):
            yield from self.texts(self._values.get(node.id), depth + 1)
        elif isinstance(node, ast.Starred):
            yield from self.texts(node.value, depth + 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from self.texts(node.left, depth + 1)
            yield from self.texts(node.right, depth + 1)

    def entries(self, node: ast.expr | None, depth: int = 0) -> Iterator[tuple[str, ast.expr]]:
        """The entries of a dict whose keys are texts."""
        if isinstance(node, ast.Name) and depth < _DEEPEST:
            yield from self.entries(self._values.get(node.id), depth + 1)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
