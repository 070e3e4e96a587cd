"""What a Python file says in literals, read without running it: setup.py, gunicorn.conf.py."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterator

from fwaudit.manifests.text import ManifestError, lines_of

_SIZE_LIMIT = 200_000
_DEEPEST = 20
_MOST_BRACKETS = 100
_BUDGET = 20_000
"""The most that is read out of one file: a list counts each time that it is named, a long text more than once."""
_TEXT_STEP = 50
"""How many characters of a text count as one."""
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
    """The values of names that a module gives once, at its top and without a condition."""

    def __init__(self, module: ast.Module) -> None:
        given = {target.id: value for statement in module.body for target, value in _assigned(statement)}
        lists = {name for name, value in given.items() if isinstance(value, ast.List | ast.Set | ast.Tuple)}
        stores = list(_stored(module, lists))
        times = Counter(name for name, _ in stores)
        all_from = max((line for name, line in stores if name == "*"), default=0)
        self._values = {name: value for name, value in given.items() if times[name] == 1 and value.lineno > all_from}
        self._bound = frozenset(times)
        self._left = _BUDGET
        self._ended = 0  # the line where the budget did

    def is_bound(self, name: str) -> bool:
        """Whether anything gives the name a value, known or not."""
        return name in self._bound

    def value_of(self, name: str) -> ast.expr | None:
        """What the name stands for; None if that is not told once."""
        return self._values.get(name)

    def texts(self, node: ast.expr | None, depth: int = 0) -> Iterator[tuple[str, int]]:
        """The texts of a list, with their lines; what is computed or read from files is left out.

        Raises ManifestError where lists that hold each other multiply.
        """
        if depth > _DEEPEST or node is None:
            return
        self._spend(1, node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._spend(len(node.value) // _TEXT_STEP, node)
            for offset, line in enumerate(lines_of(node.value)):
                if line.strip():
                    self._spend(1, node)
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

    def _spend(self, steps: int, node: ast.expr) -> None:
        self._left -= steps
        if self._left < 0:
            self._ended = self._ended or node.lineno
            raise ManifestError(
                self._ended, f"its lists name each other so often that they hold more than {_BUDGET:,} texts: write them out"
            )


def _assigned(statement: ast.stmt) -> Iterator[tuple[ast.Name, ast.expr]]:
    """The names that the statement gives a value, each with the value."""
    if isinstance(statement, ast.Assign):
        yield from ((target, statement.value) for target in statement.targets if isinstance(target, ast.Name))
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None:
        yield statement.target, statement.value


def _stored(module: ast.Module, lists: Collection[str]) -> Iterator[tuple[str, int]]:
    """Every name of the module with the line, as often as something binds it: also under a condition, in a loop or out of a function.

    What is added to one of `lists` (`requires += more`) binds nothing anew: what was in the list stays. "*" stands for `import *`.
    """
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
            yield from ((name, inner.lineno) for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
            continue  # its own names are others
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0], node.lineno
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name, node.lineno
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in lists:
            continue
        waiting.extend(ast.iter_child_nodes(node))
