"""How many of open-webui's sync database calls on the loop the audit finds, against an oracle that shares no code with it.

    python tests/benchmarks/oracle_open_webui.py [--packages FOLDER] [--fwaudit COMMAND] [--list]

The oracle reads open-webui 0.5.20 with `ast` alone and counts every call that
- is written `Name.method(...)`, where `Name` is a module singleton of `open_webui/models/*.py` (`Users = UsersTable()`) that the calling
  module imports from there or defines, and the method's body has `with get_db()`, or calls a method of `self` or a call that counts;
- stands in the body of an `async def`: lambdas and nested `def`s are left out, since they run when and where someone calls them, and so
  a method handed to an offloader, as it is or in a lambda, does not count;
- is not awaited itself.

A call is found if a finding of the category event-loop starts on one of its lines and its evidence goes through the method.
In 0.12.4 no finding may pass through `get_async_db`.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audits import Audit, load_audit
from fetch import DEFAULT_FOLDER, PACKAGES, fetch

MODELS = "open_webui.models."
SESSION_OPENER = "get_db"
ASYNC_SESSION_OPENER = "get_async_db"
EXPECTED = 353
NEVER_RUN = frozenset({("open_webui/utils/middleware.py", 1039), ("open_webui/utils/middleware.py", 2036)})
"""Calls under `get_active_status_by_user_id(...) is None`, which gives True or False and nothing else: fwaudit leaves them out, rightly."""
SHARE_WANTED = 0.95

Methods = set[tuple[str, str, str]]
"""Module, singleton and method names."""


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """A call in an async function of a method that opens a sync session. `method` is `Class.method`."""

    path: str
    line: int
    column: int
    end_line: int
    function: str
    method: str


@dataclass(frozen=True, slots=True)
class Table:
    """A class of methods in a models module, and its singleton."""

    module: str
    singleton: str
    class_name: str
    methods: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]


def direct_calls(root: Path) -> list[Call]:
    """Every call that the oracle counts, sorted."""
    trees = {path.relative_to(root).as_posix(): ast.parse(path.read_bytes()) for path in sorted(root.rglob("*.py"))}
    tables = {(table.module, table.singleton): table for path, tree in trees.items() for table in _tables(path, tree)}
    opening = _opening_methods(tables, trees)
    calls: list[Call] = []
    for path, tree in trees.items():
        singletons = _singletons(path, tree, tables)
        for function in ast.walk(tree):
            if isinstance(function, ast.AsyncFunctionDef):
                calls += _calls_in(path, function, singletons, opening)
    return sorted(calls)


def _module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _tables(path: str, tree: ast.Module) -> Iterator[Table]:
    """The classes of a models module that have a singleton there."""
    module = _module_of(path)
    if not module.startswith(MODELS):
        return
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=singleton)], value=ast.Call(func=ast.Name(id=name))) if name in classes:
                methods = {each.name: each for each in classes[name].body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
                yield Table(module, singleton, name, methods)


def _singletons(path: str, tree: ast.Module, tables: dict[tuple[str, str], Table]) -> dict[str, Table]:
    """What a module calls each table: imported anywhere in it, or defined by it."""
    module = _module_of(path)
    named = {singleton: table for (home, singleton), table in tables.items() if home == module}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                table = tables.get((node.module, alias.name))
                if table:
                    named[alias.asname or alias.name] = table
    return named


def _opening_methods(tables: dict[tuple[str, str], Table], trees: dict[str, ast.Module]) -> Methods:
    """Every sync method that opens a session itself or through another table method; a fixed point."""
    named = {_module_of(path): _singletons(path, tree, tables) for path, tree in trees.items() if _module_of(path).startswith(MODELS)}
    opening: Methods = set()
    while True:
        found = {
            (table.module, table.singleton, name)
            for table in tables.values()
            for name, method in table.methods.items()
            if isinstance(method, ast.FunctionDef) and _opens(method, table, named[table.module], opening)
        }
        if found == opening:
            return opening
        opening = found


def _opens(method: ast.FunctionDef, table: Table, singletons: dict[str, Table], opening: Methods) -> bool:
    for node in ast.walk(method):
        match node:
            case ast.withitem(context_expr=ast.Call(func=ast.Name(id=name))) if name == SESSION_OPENER:
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id=receiver), attr=name)):
                target = table if receiver == "self" else singletons.get(receiver)
                if target and (target.module, target.singleton, name) in opening:
                    return True
    return False


def _calls_in(path: str, function: ast.AsyncFunctionDef, singletons: dict[str, Table], opening: Methods) -> Iterator[Call]:
    awaited = {node.value for node in ast.walk(function) if isinstance(node, ast.Await)}
    for node in _own_nodes(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=receiver), attr=name)) if node not in awaited:
                table = singletons.get(receiver)
                if table and (table.module, table.singleton, name) in opening:
                    end = node.end_lineno or node.lineno
                    yield Call(path, node.lineno, node.col_offset + 1, end, function.name, f"{table.class_name}.{name}")


def _own_nodes(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """What the function's body runs itself: nothing of nested functions, lambdas and classes."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def split_found(calls: list[Call], audit: Audit) -> tuple[list[Call], list[Call]]:
    """Found and missed."""
    found: list[Call] = []
    missed: list[Call] = []
    ways: dict[tuple[str, int], list[str]] = {}
    for finding in audit.findings:
        if finding.category == "event-loop" and not finding.silenced:
            ways.setdefault((finding.path, finding.line), []).extend(step.function for step in finding.steps[1:])
    for call in calls:
        functions = [function for line in range(call.line, call.end_line + 1) for function in ways.get((call.path, line), [])]
        (found if any(function.endswith(f".{call.method}") for function in functions) else missed).append(call)
    return found, missed


def through_async_session(audit: Audit) -> list[str]:
    """Findings whose evidence passes through the async session's opener."""
    return [
        f"{finding.path}:{finding.line} {finding.message}"
        for finding in audit.findings
        if not finding.silenced and any(ASYNC_SESSION_OPENER in f"{step.function} {step.note}" for step in finding.steps)
    ]


def main() -> None:
    """Print both comparisons; exit 1 if one falls short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, default=DEFAULT_FOLDER, metavar="FOLDER", help="where fetch.py put the packages")
    parser.add_argument("--fwaudit", default="fwaudit", metavar="COMMAND")
    parser.add_argument("--old-report", type=Path, metavar="FILE", help="a JSON report of 0.5.20, instead of an audit")
    parser.add_argument("--new-report", type=Path, metavar="FILE", help="a JSON report of 0.12.4, instead of an audit")
    parser.add_argument("--list", action="store_true", help="only list what the oracle counts")
    arguments = parser.parse_args()
    old, new = (fetch(package, arguments.packages) for package in PACKAGES[:2])
    calls = direct_calls(old)
    if arguments.list:
        _print_calls(calls)
        return
    if len(calls) != EXPECTED:
        print(f"the oracle counts {len(calls)} calls where {EXPECTED} are known")
    found, missed = split_found(calls, load_audit(old, arguments.fwaudit, arguments.old_report))
    for call in missed:
        why = "never runs" if (call.path, call.line) in NEVER_RUN else "missed"
        print(f"{why} {call.path}:{call.line} {call.method} in {call.function}")
    share = len(found) / len(calls)
    print(f"open-webui 0.5.20: {len(found)} of {len(calls)} direct calls found, {share:.1%}; {len(NEVER_RUN)} never run")
    wrong = through_async_session(load_audit(new, arguments.fwaudit, arguments.new_report))
    for line in wrong:
        print(f"wrong {line}")
    print(f"open-webui 0.12.4: {len(wrong)} findings through {ASYNC_SESSION_OPENER}")
    sys.exit(share < SHARE_WANTED or bool(wrong) or len(calls) != EXPECTED)


def _print_calls(calls: list[Call]) -> None:
    for call in calls:
        print(f"{call.path}:{call.line}:{call.column} {call.method} in {call.function}")
    methods = Counter(call.method for call in calls)
    print(f"{len(calls)} calls of {len(methods)} methods in {len({call.path for call in calls})} files")


if __name__ == "__main__":
    main()
