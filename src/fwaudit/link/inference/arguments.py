"""The arguments of one call, evaluated when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fwaudit.link.inference.texts import NOTHING_GIVEN, UNKNOWN_TEXT, Given, item_given, text_of
from fwaudit.link.values import NOTHING, UNKNOWN_VALUES, Frame, Object, PartialObject, Values, surely
from fwaudit.model import facts

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_MOST_NAMES = 12
"""Names that are followed for one argument."""


class Arguments:
    """Positional and keyword arguments: first those given beforehand (by a partial), then those of a call expression.

    `bound` says what names in the expression stand for, in one round of a loop or in one call of the function around it.
    """

    __slots__ = ("_given", "_given_keywords", "_types", "bound", "expression", "frame")

    def __init__(
        self,
        types: Types | None,
        frame: Frame | None,
        expression: facts.Call | None,
        given: tuple[Values, ...] = (),
        given_keywords: tuple[tuple[str, Values], ...] = (),
        *,
        bound: Given = NOTHING_GIVEN,
    ) -> None:
        self._types = types
        self.frame = frame
        self.expression = expression
        self._given = given
        self._given_keywords = given_keywords
        self.bound = bound

    @classmethod
    def of_expression(cls, types: Types, frame: Frame, expression: facts.Call, bound: Given = NOTHING_GIVEN) -> Arguments:
        """Those written in a call."""
        return cls(types, frame, expression, bound=bound)

    @classmethod
    def of_values(cls, values: tuple[Values, ...]) -> Arguments:
        """Positional ones that are known already."""
        return cls(None, None, None, values)

    @classmethod
    def nothing(cls) -> Arguments:
        """None that are known."""
        return _NOTHING

    def after(self, partial: PartialObject) -> Arguments:
        """These arguments behind those that `partial` holds."""
        return Arguments(
            self._types,
            self.frame,
            self.expression,
            (*partial.arguments, *self._given),
            (*partial.keywords, *self._given_keywords),
            bound=self.bound,
        )

    def rest(self, position: int) -> Arguments:
        """The positional arguments from `position` on, and all keywords: what an offloader hands to its callable."""
        return Arguments(None, None, None, tuple(self.positional()[position:]), self.keywords())

    @property
    def is_written(self) -> bool:
        """Whether these are all the arguments of a written call: nothing is spread into it, nothing is added elsewhere."""
        if self.expression is None or self.frame is None or self._given or self._given_keywords:
            return False
        expressions = self.frame.function.body.expressions
        starred = any(isinstance(expressions[index], facts.Starred) for index in self.expression.arguments)
        return not starred and all(name for name, _ in self.expression.keywords)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is passed."""
        expression = self.expression
        return not self._given and not self._given_keywords and (expression is None or not (expression.arguments or expression.keywords))

    def positional(self) -> list[Values]:
        """All positional arguments; a starred tuple is spread, anything else starred ends the list."""
        found = list(self._given)
        if self.expression is not None and self.frame is not None and self._types is not None:
            expressions = self.frame.function.body.expressions
            for index in self.expression.arguments:
                expression = expressions[index]
                if not isinstance(expression, facts.Starred):
                    found.append(self._types.value(self.frame, index))
                    continue
                spread = self._types.value(self.frame, expression.value)
                if len(spread) != 1 or not isinstance(spread[0][0], Object) or spread[0][0].class_ != "builtins.tuple":
                    break
                found.extend(spread[0][0].arguments)
        return found

    def keywords(self) -> tuple[tuple[str, Values], ...]:
        """All keyword arguments but `**`."""
        if self.expression is None or self.frame is None or self._types is None:
            return self._given_keywords
        own = tuple((name, self._types.value(self.frame, index)) for name, index in self.expression.keywords if name)
        return (*self._given_keywords, *own)

    def position(self, index: int) -> Values:
        """Argument `index`; nothing if it is not given."""
        if index < len(self._given):
            return self._given[index]
        if self.expression is None or self.frame is None or self._types is None:
            return NOTHING
        rest = index - len(self._given)
        arguments = self.expression.arguments
        expressions = self.frame.function.body.expressions
        if any(isinstance(expressions[argument], facts.Starred) for argument in arguments[: rest + 1]):
            spread = self.positional()
            return spread[index] if index < len(spread) else UNKNOWN_VALUES
        return self._value(arguments[rest]) if rest < len(arguments) else NOTHING

    def keyword(self, name: str) -> Values:
        """The keyword argument `name`; nothing if it is not given."""
        for given, values in self._given_keywords:
            if given == name:
                return values
        if self.expression is not None and self.frame is not None and self._types is not None:
            for given, index in self.expression.keywords:
                if given == name:
                    return self._value(index)
        return NOTHING

    def _value(self, index: int) -> Values:
        assert self._types is not None
        assert self.frame is not None
        if not self.bound:
            return self._types.value(self.frame, index)
        frame, place = self.place_of(index)
        return self._types.value(frame, place)

    def place_of(self, index: int) -> tuple[Frame, int]:
        """Where the expression stands that was written for an argument, or that its name is bound to."""
        frame = self.frame
        assert frame is not None
        for _ in range(_MOST_NAMES) if self.bound else ():
            written = frame.function.body.expressions[index]
            behind = self._bound_to(frame, written) if isinstance(written, facts.Name) else None
            if isinstance(written, facts.Subscript):
                behind = item_given(self.bound, frame, written)
            if behind is None:
                break
            frame, index = behind
        return frame, index

    def _bound_to(self, frame: Frame, name: facts.Name) -> tuple[Frame, int] | None:
        """What a name of the frame, or of one that it closes over, is bound to."""
        scope, bindings = frame.binding_scope(name)
        bindings = bindings or scope.function.scope.names.get(name.name, ())
        return self.bound.get((scope.function, bindings[0])) if len(bindings) == 1 else None

    def argument(self, position: int, keyword: str) -> Values:
        """The argument at `position`, or by keyword."""
        by_keyword = self.keyword(keyword) if keyword else NOTHING
        return by_keyword or (self.position(position) if position >= 0 else NOTHING)

    def for_parameter(self, parameters: Sequence[facts.ParameterDeclaration], index: int, offset: int) -> Values:
        """What parameter `index` gets; `offset` parameters are taken by the receiver."""
        declaration = parameters[index]
        if declaration.kind == "variadic":
            rest = self.positional()[index - offset :]
            return surely(Object("builtins.tuple", tuple(rest))) if any(rest) else NOTHING
        if declaration.kind == "keyword-only":
            return self.keyword(declaration.name)
        if declaration.kind == "positional-only":
            return self.position(index - offset)
        return self.keyword(declaration.name) or self.position(index - offset)

    def constant(self, position: int) -> str | None:
        """The text of a string at `position` that the source tells; None for anything else."""
        return self._text(self.index(position, ""))

    def keyword_constant(self, keyword: str) -> str | None:
        """The text of a string given by keyword that the source tells; None for anything else."""
        return self._text(self.index(-1, keyword)) if keyword else None

    def constants(self, position: int, keyword: str) -> tuple[str, ...]:
        """The texts of a literal list of strings."""
        index = self.index(position, keyword)
        if index is None or self.frame is None:
            return ()
        frame, place = self.place_of(index)
        expression = frame.function.body.expressions[place]
        items = expression.items if isinstance(expression, facts.Display) else (place,)
        texts = [self.text_at(frame, item) for item in items]
        return tuple(text for text in texts if text is not None and UNKNOWN_TEXT not in text)

    def _text(self, index: int | None) -> str | None:
        text = self.text(index) if index is not None else None
        return text if text is None or UNKNOWN_TEXT not in text else None

    def text(self, index: int) -> str | None:
        """The text of the expression that was written for an argument, with `<unknown>` for parts of it; None if it is not known."""
        return self.text_at(self.frame, index) if self.frame is not None else None

    def text_at(self, frame: Frame, index: int) -> str | None:
        """The same for an expression of the frame to which `place_of` leads."""
        return text_of(self._types, frame, index, self.bound) if self._types is not None else None

    def index(self, position: int, keyword: str) -> int | None:
        """The expression written for an argument; None if there is none."""
        if self.expression is None:
            return None
        for name, index in self.expression.keywords:
            if keyword and name == keyword:
                return index
        place = position - len(self._given)
        return self.expression.arguments[place] if 0 <= place < len(self.expression.arguments) and position >= 0 else None


_NOTHING = Arguments(None, None, None)
