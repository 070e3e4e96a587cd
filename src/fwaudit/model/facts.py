"""What one Python file says, as written: names are not resolved, so a file's facts depend on that file alone.

A file is a tree of scopes (module, functions, classes, lambdas, generator expressions).
Each scope owns a flat list of expressions; expressions refer to each other by index into that list,
to bindings by index into the scope's bindings, to places by index into the module's spans.
Order in the list is evaluation order, operands before their users.
The flow inside one scope is already resolved here: a `Name` lists the bindings that can reach it.

Everything is a msgspec struct written as an array, so that a file's facts can be cached without pickle.
"""

from __future__ import annotations

from array import array
from functools import cache

import msgspec

NOWHERE = -1
"""An index that refers to nothing: no expression, no scope, no span."""
FILLING_METHODS = frozenset({"add", "append", "appendleft"})
"""Methods of containers that put their first argument in."""


class _Record(msgspec.Struct, frozen=True, array_like=True, gc=False, tag_field="tag"):
    """A small immutable record, encoded as an array."""


# --- expressions -----------------------------------------------------------------------------


class Name(_Record, frozen=True, tag=1):
    """A name that is read. `bindings` are those of this scope that reach it; empty: look in all
    bindings of that name in this scope (a loop may carry it), then in the enclosing scopes, then builtins.
    """

    name: str
    bindings: tuple[int, ...] = ()


class Attribute(_Record, frozen=True, tag=2):
    """`value.name`, read."""

    value: int
    name: str
    span: int


class Call(_Record, frozen=True, tag=3):
    """`function(*arguments, **keywords)`; `*x` is a `Starred` argument, `**x` a keyword with the name ""."""

    function: int
    arguments: tuple[int, ...]
    keywords: tuple[tuple[str, int], ...]
    span: int


class Await(_Record, frozen=True, tag=4):
    """`await value`."""

    value: int
    span: int


class Subscript(_Record, frozen=True, tag=5):
    """`value[index]`; a slice is an `Other` index, several indices are a `Display` of kind tuple."""

    value: int
    index: int


class Constant(_Record, frozen=True, tag=6):
    """A literal. `kind`: str, bytes, int, float, complex, bool, None, ellipsis; `text`: the value of a str, else its source."""

    kind: str
    text: str


class Display(_Record, frozen=True, tag=7):
    """A list, tuple, set or dict display. `kind`: list, tuple, set, dict; for a dict, `items` are the values.

    The key of what is spread into a dict (`**more`) is -1.
    """

    kind: str
    items: tuple[int, ...]
    keys: tuple[int, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Of a dict, the keys that are written and their values, in order; what is spread into it is left out."""
        return tuple((key, item) for key, item in zip(self.keys, self.items, strict=True) if key != NOWHERE)


class Comprehension(_Record, frozen=True, tag=8):
    """A list, set or dict comprehension, which runs where it stands. `element` is the element (a dict's value)."""

    kind: str
    element: int
    span: int


class FunctionValue(_Record, frozen=True, tag=9):
    """A lambda or a generator expression: `scope` is its index in the module's scopes."""

    scope: int
    span: int


class Operation(_Record, frozen=True, tag=10):
    """`left operator right` for arithmetic and `|`; comparisons and `not` are `Other`."""

    operator: str
    left: int
    right: int
    span: int


class Choice(_Record, frozen=True, tag=11):
    """One of several: `a or b`, `a and b`, `a if test else b`."""

    options: tuple[int, ...]


class Yield(_Record, frozen=True, tag=12):
    """`yield value` or `yield from value`; its own value is what is sent in."""

    value: int
    is_from: bool
    span: int


class Starred(_Record, frozen=True, tag=13):
    """`*value` in a call or display."""

    value: int


class Other(_Record, frozen=True, tag=14):
    """Anything else; `kind` names a builtin type where the syntax fixes it (str for an f-string, bool for a comparison)."""

    kind: str = ""


class Formatted(_Record, frozen=True, tag=15):
    """An f-string. Where it has no blanks, as in paths: the texts before, between and behind its `values` (-1: formatted in some way).
    Else no texts, and all its values.
    """

    texts: tuple[str, ...]
    values: tuple[int, ...]


Expression = (
    Name
    | Attribute
    | Call
    | Await
    | Subscript
    | Constant
    | Display
    | Comprehension
    | FunctionValue
    | Operation
    | Choice
    | Yield
    | Starred
    | Other
    | Formatted
)
Named = Name | Attribute
"""What is written with a name."""


def last_name(expression: Expression | None) -> str:
    """`c` of the expression `a.b.c`, and of `c` itself; "" for anything else."""
    # `type(...) is`: link asks this of nearly every call, and isinstance with a union takes four times as long.
    return expression.name if type(expression) is Name or type(expression) is Attribute else ""


# --- bindings: what gives a name its value --------------------------------------------------------

# A `path` leads through unpacking: (1,) is the second element; (1, 0) its first; -1 is a starred rest.


class Parameter(_Record, frozen=True, tag=1):
    """The scope's parameter at `index`."""

    index: int


class Assigned(_Record, frozen=True, tag=2):
    """`name: annotation = value`; either may be missing (-1). A plain `x: int` declares without a value."""

    value: int
    annotation: int = NOWHERE
    path: tuple[int, ...] = ()


class Iterated(_Record, frozen=True, tag=3):
    """A target of `for` or of a comprehension's `for`; `value` is what is iterated."""

    value: int
    is_async: bool = False
    path: tuple[int, ...] = ()


class Entered(_Record, frozen=True, tag=4):
    """A target of `with value as name`."""

    value: int
    is_async: bool = False
    path: tuple[int, ...] = ()


class Imported(_Record, frozen=True, tag=5):
    """`from module import name` (`level` leading dots), or, with an empty name, the module itself.
    `import a.b` binds `a` to module a; `import a.b as c` binds c to module a.b.
    """

    module: str
    name: str = ""
    level: int = 0


class DefinedFunction(_Record, frozen=True, tag=6):
    """`def` or `async def`."""

    scope: int


class DefinedClass(_Record, frozen=True, tag=7):
    """`class`."""

    index: int


class Narrowed(_Record, frozen=True, tag=8):
    """The same value as `bindings`, known to be (or not to be) an instance of `type`."""

    name: str
    bindings: tuple[int, ...]
    type: int
    is_instance: bool


class Caught(_Record, frozen=True, tag=9):
    """`except type as name`."""

    type: int


class Updated(_Record, frozen=True, tag=10):
    """`name operator= value`."""

    bindings: tuple[int, ...]
    operator: str
    value: int


class Opaque(_Record, frozen=True, tag=11):
    """Bound in a way that says nothing of its value: `del`, a match capture, a type parameter."""


Binding = Parameter | Assigned | Iterated | Entered | Imported | DefinedFunction | DefinedClass | Narrowed | Caught | Updated | Opaque


# --- implicit calls and stores ----------------------------------------------------------------------


class Iteration(_Record, frozen=True):
    """`for ... in value`, a comprehension over value, or `yield from value`."""

    value: int
    is_async: bool
    span: int


class WithItem(_Record, frozen=True):
    """`with value`."""

    value: int
    is_async: bool
    span: int


class ItemAccess(_Record, frozen=True):
    """`value[...]` read, assigned to or deleted, or `... in value`.

    `method`: __getitem__, __setitem__, __delitem__, __contains__; `span`: the subscript, or the whole comparison.
    """

    value: int
    method: str
    span: int
    stored: int = NOWHERE
    """Of __setitem__: what the item becomes, where one expression tells it."""


class AttributeStore(_Record, frozen=True):
    """`base.name: annotation = value`, anywhere in a scope's body."""

    base: int
    name: str
    value: int
    annotation: int = NOWHERE
    path: tuple[int, ...] = ()


class Guard(_Record, frozen=True, tag=1):
    """The call, or the value of a `return`, is reached only where the scope's parameter `parameter`, as it was passed,
    is None, is not None, is true or is false. One may have several.

    `kind`: none, not-none, true, false. The last two tell of what was passed only where its truth cannot change:
    a list may be filled before it is tested. But whatever is true is not None.
    """

    place: int
    parameter: int
    kind: str


class Decided(_Record, frozen=True):
    """A place that is reached only where the expression `test` holds, or where it fails.

    Tests that are followed: calls of `isinstance`, and of functions that tell coroutine functions from others;
    and comparisons with None, whose operands stand right before them, of attributes and of names for the result of a call.
    """

    place: int
    """A call, or the value of a `return`; where `is_definition`, the binding of a function."""
    test: int
    holds: bool
    is_definition: bool = False


class Loop(_Record, frozen=True):
    """A `for`, a `while`, or a `for` of a comprehension: the expressions from `first` to before `end` run once for each turn."""

    iterated: int
    """What is iterated, an expression; -1 for a `while`."""
    first: int
    end: int
    leaving: tuple[tuple[int, int], ...]
    """Of these expressions, those from and before such a pair stand in a block that ends by leaving the loop: they run in one turn only."""


class Branch(_Record, frozen=True):
    """A branch of an `if`, or an `except` handler. `leaves`: it ends by `return`, `raise` or `abort(...)`; `is_broad`: it catches
    what a wrong value raises.

    The expressions from `first` to before `last` are the test, or the body of the `try`; from `begin` to before `end`, the branch.
    """

    first: int
    last: int
    begin: int
    end: int
    is_handler: bool
    leaves: bool
    is_broad: bool = False


class Body(_Record, frozen=True):
    """What runs in one scope. All tuples of integers are indices of expressions."""

    expressions: tuple[Expression, ...]
    bindings: tuple[Binding, ...]
    calls: tuple[int, ...]
    """Every `Call`, in evaluation order."""
    awaited: tuple[int, ...]
    """Operands of `await`."""
    discarded: tuple[int, ...]
    """Calls that stand alone as a statement."""
    attributes: tuple[int, ...]
    """Every `Attribute` that is not itself called: it may be a property."""
    iterations: tuple[Iteration, ...]
    entries: tuple[WithItem, ...]
    returns: tuple[int, ...]
    yields: tuple[int, ...]
    """`Yield` expressions."""
    stores: tuple[AttributeStore, ...]
    operations: tuple[int, ...]
    """Every `Operation`."""
    items: tuple[ItemAccess, ...]
    """In evaluation order; none in annotations and lists of base classes."""
    guards: tuple[Guard, ...]
    """From tests of a parameter, in the order of the calls; never across scopes.

    It was not rebound before, or only where a test had told something of it: `if address: address = resolved(address)`."""
    first_time: tuple[int, ...]
    """Calls made only while a value that outlives the call is missing, on a way that then stores it: a name declared
    `global` or `nonlocal`, `cls.attribute`, or `Name.attribute` where no function around binds the name; and an item of a table
    that is such an attribute, `self.attribute` or a global, under a key that nothing passed to the function goes into. Ascending."""
    first_of_key: tuple[tuple[int, int], ...]
    """Likewise, while such a table has no item under a key that may be another one on each call: the call and the key."""
    first_of_instance: tuple[tuple[int, str], ...]
    """Likewise, while an attribute of `self` is missing: the call and the attribute's name."""
    conditional: tuple[int, ...]
    """Calls and reads of attributes in a branch of an `if`, an arm of a ternary, an operand of `and` or `or` but the first, a case,
    a loop's `else`. Ascending."""
    unlikely: tuple[int, ...]
    """Calls in an `except` handler, or in a branch of an `if` or a case that ends in `raise`; and those made while a value that outlives
    the call is missing, or once more when a test of it says so. Ascending."""
    loops: tuple[Loop, ...]
    """Inner loops before those around them."""
    branches: tuple[Branch, ...]
    """In a function, in the order in which they end."""
    decided: tuple[Decided, ...]
    """In evaluation order; never across scopes."""
    ends: bool
    """Whether its end can be reached: a function then may return None without saying so."""

    def call(self, index: int) -> Call:
        """Expression `index`, which is a call: one of `calls`."""
        call = self.expressions[index]
        assert isinstance(call, Call)
        return call


class ParameterDeclaration(_Record, frozen=True):
    """`kind`: positional-only, plain, variadic, keyword-only, keywords. Expressions belong to the parent scope."""

    name: str
    kind: str
    annotation: int = NOWHERE
    default: int = NOWHERE


class Scope(_Record, frozen=True):
    """A module, function, class body, lambda or generator expression.

    `decorators`, `returns` and the parameters' annotations and defaults are expressions of the parent scope.
    """

    kind: str
    """module, function, class, lambda, generator."""
    name: str
    qualified_name: str
    """Dotted from the module: `Repo.load.retry`; a lambda is `<lambda>`, a generator expression `<generator>`; "" for the module."""
    parent: int
    """The enclosing scope's index; -1 for the module."""
    is_async: bool
    is_generator: bool
    parameters: tuple[ParameterDeclaration, ...]
    """Parameter i is binding i of the body."""
    decorators: tuple[int, ...]
    returns: int
    span: int
    """The `def`, `class` or lambda; -1 for the module."""
    names: dict[str, tuple[int, ...]]
    """Every name bound in this scope, with all its bindings (comprehension targets excluded)."""
    final: dict[str, tuple[int, ...]]
    """Module and class only: the bindings of each name that can hold when the body has run."""
    own_stores: tuple[tuple[str, int], ...]
    """Functions in a class body only: (attribute, index in `Body.stores`) for stores to the first parameter."""
    foreign_stores: tuple[str, ...]
    """The names of the other attributes that the body assigns to, sorted."""
    filled: tuple[str, ...]
    """The last names of containers that the body puts something into, by a subscript or a call of their method, sorted."""
    outer_stores: tuple[tuple[str, int], ...]
    """(name, binding) for names that this scope binds but declares `global`; nonlocal names likewise."""
    mentions: tuple[str, ...]
    """Every attribute name and every free name that the body reads, sorted; of a module or class every name but those of base classes."""
    body: msgspec.Raw
    """A `Body`, encoded; see `read_body`."""


class ClassDeclaration(_Record, frozen=True):
    """A class statement. Expressions belong to the parent scope."""

    name: str
    qualified_name: str
    scope: int
    """The class body."""
    parent: int
    """The scope in which the class is defined."""
    bases: tuple[int, ...]
    keywords: tuple[tuple[str, int], ...]
    decorators: tuple[int, ...]
    span: int


class ImportStatement(_Record, frozen=True):
    """One imported module or name. `is_runtime`: not under TYPE_CHECKING."""

    module: str
    name: str
    level: int
    span: int
    is_runtime: bool = True


class SuppressionComment(_Record, frozen=True):
    """`# fwaudit: ignore[rule, ...] reason until=DATE`; `until` is "" where it does not expire.

    One without rules names none, and is a mistake to report.
    """

    rules: tuple[str, ...]
    reason: str
    until: str
    whole_file: bool
    line: int
    column: int
    end_column: int


class ModuleFacts(_Record, frozen=True):
    """Everything that one file says."""

    lines: int
    scopes: tuple[Scope, ...]
    """`scopes[0]` is the module itself."""
    classes: tuple[ClassDeclaration, ...]
    imports: tuple[ImportStatement, ...]
    star_imports: tuple[tuple[str, int], ...]
    """(module, level) of each `from module import *`, in order."""
    exported: tuple[str, ...] | None
    """The names in a literal `__all__` (with `+=` and `.extend` of literals), if there is one."""
    suppressions: tuple[SuppressionComment, ...]
    spans: bytes
    """Four 32-bit numbers a span: line, column, end line, end column; lines and columns start at 1, columns count code points."""

    def span(self, index: int) -> tuple[int, int, int, int]:
        """(line, column, end line, end column) of span `index`; (1, 1, 1, 1) for -1."""
        if index < 0:
            return (1, 1, 1, 1)
        numbers = array("I", self.spans[index * 16 : index * 16 + 16])
        return (numbers[0], numbers[1], numbers[2], numbers[3])


@cache
def _body_decoder() -> msgspec.msgpack.Decoder[Body]:
    return msgspec.msgpack.Decoder(Body)


@cache
def _facts_decoder() -> msgspec.msgpack.Decoder[ModuleFacts]:
    return msgspec.msgpack.Decoder(ModuleFacts)


def read_body(scope: Scope) -> Body:
    """The scope's body, decoded. Decoding is lazy because link looks into few of all bodies."""
    return _body_decoder().decode(scope.body)


def encode_facts(facts: ModuleFacts) -> bytes:
    """`facts` as msgpack."""
    return msgspec.msgpack.encode(facts)


def decode_facts(data: bytes) -> ModuleFacts:
    """The facts that `encode_facts` wrote; raises `msgspec.MsgspecError` for anything else."""
    return _facts_decoder().decode(data)
