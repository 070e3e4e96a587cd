"""Facts as readable text, for assertions."""

from __future__ import annotations

import textwrap

from fwaudit.extract.module import extract_module
from fwaudit.model.facts import (
    Assigned,
    Attribute,
    Await,
    Binding,
    Body,
    Call,
    Caught,
    Choice,
    Comprehension,
    Constant,
    Display,
    Entered,
    Expression,
    Formatted,
    FunctionValue,
    Imported,
    Iterated,
    ModuleFacts,
    Name,
    Narrowed,
    Operation,
    Other,
    Parameter,
    Scope,
    Starred,
    Subscript,
    Updated,
    Yield,
    read_body,
)


def facts_of(source: str) -> ModuleFacts:
    """The facts of a dedented source."""
    return extract_module(textwrap.dedent(source).encode())


def scope_named(facts: ModuleFacts, qualified_name: str) -> Scope:
    """The scope of that name."""
    return next(scope for scope in facts.scopes if scope.qualified_name == qualified_name)


def body_named(facts: ModuleFacts, qualified_name: str) -> Body:
    """The body of the scope of that name."""
    return read_body(scope_named(facts, qualified_name))


def shown(body: Body, index: int) -> str:
    """An expression in something like Python."""
    return "-" if index < 0 else _shown(body, body.expressions[index])


def _shown(body: Body, expression: Expression) -> str:  # noqa: C901, PLR0912 - one line a kind
    def show(index: int) -> str:
        return shown(body, index)

    match expression:
        case Name(name=name):
            return name
        case Attribute(value=value, name=name):
            return f"{show(value)}.{name}"
        case Call(function=function, arguments=arguments, keywords=keywords):
            inside = [*map(show, arguments), *(f"{name or '**'}={show(value)}" for name, value in keywords)]
            return f"{show(function)}({', '.join(inside)})"
        case Await(value=value):
            return f"await {show(value)}"
        case Subscript(value=value, index=index):
            return f"{show(value)}[{show(index)}]"
        case Constant(kind=kind, text=text):
            return repr(text) if kind == "str" else text
        case Display(kind="dict", items=items, keys=keys):
            return "{" + ", ".join(f"{show(key)}: {show(item)}" for key, item in zip(keys, items, strict=True)) + "}"
        case Display(kind=kind, items=items):
            return f"{kind}({', '.join(map(show, items))})"
        case Comprehension(kind=kind, element=element):
            return f"{kind} of {show(element)}"
        case FunctionValue(scope=scope):
            return f"scope {scope}"
        case Operation(operator=operator, left=left, right=right):
            return f"({show(left)} {operator} {show(right)})"
        case Choice(options=options):
            return "one of " + ", ".join(map(show, options))
        case Yield(value=value, is_from=is_from):
            return f"yield {'from ' if is_from else ''}{show(value)}"
        case Starred(value=value):
            return f"*{show(value)}"
        case Formatted(texts=(), values=values):
            return f"<str of {', '.join(map(show, values))}>"
        case Formatted(texts=texts, values=values):
            return "f" + repr("".join(f"{text}{{{show(value)}}}" for text, value in zip(texts, values, strict=False)) + texts[-1])
        case Other(kind=kind):
            return f"<{kind}>"


def shown_binding(body: Body, binding: Binding) -> str:
    """A binding in a few words."""
    match binding:
        case Parameter(index=index):
            return f"parameter {index}"
        case Assigned(value=value, annotation=annotation, path=path):
            declared = "" if annotation < 0 else f": {shown(body, annotation)}"
            return f"{shown(body, value)}{_steps(path)}{declared}"
        case Iterated(value=value, is_async=is_async, path=path):
            return f"{'async ' if is_async else ''}each of {shown(body, value)}{_steps(path)}"
        case Entered(value=value, is_async=is_async, path=path):
            return f"{'async ' if is_async else ''}entered {shown(body, value)}{_steps(path)}"
        case Imported(module=module, name=name, level=level):
            return f"import {'.' * level}{module}{':' if name else ''}{name}"
        case Narrowed(bindings=bindings, type=type_, is_instance=is_instance):
            inside = " | ".join(shown_binding(body, body.bindings[index]) for index in bindings)
            return f"({inside} {'is' if is_instance else 'is no'} {shown(body, type_)})"
        case Caught(type=type_):
            return f"caught {shown(body, type_)}"
        case Updated(bindings=bindings, operator=operator, value=value):
            inside = " | ".join(shown_binding(body, body.bindings[index]) for index in bindings)
            return f"({inside}) {operator}= {shown(body, value)}"
        case _:
            return type(binding).__name__


def _steps(path: tuple[int, ...]) -> str:
    return "".join(f"[{step}]" for step in path)


def revealed(source: str) -> list[str]:
    """For each `reveal(name)`, scope by scope, what reaches the name there; "" where none of the scope's bindings does."""
    found = []
    for scope in facts_of(source).scopes:
        body = read_body(scope)
        for index in body.calls:
            call = body.expressions[index]
            assert isinstance(call, Call)
            if shown(body, call.function) == "reveal":
                argument = body.expressions[call.arguments[0]]
                assert isinstance(argument, Name)
                found.append(" | ".join(shown_binding(body, body.bindings[binding]) for binding in argument.bindings))
    return found
