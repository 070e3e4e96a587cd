"""Schemas that say the fields of a stored model again."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.model.code import ClassUse
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "duplicate-schema"
_FEWEST = 5
_SHARE = 0.9
"""Of the schema's fields that are the model's; and of the model's that are the schema's, half of that."""
_KEYS = frozenset({"id", "created_at", "updated_at"})


def check(project: Project) -> Iterator[Draft]:
    """A finding for each model, with all schemas that repeat it."""
    classes = project.code.classes
    known = {key: frozenset(names) for key, names in project.names[RULE].items()}
    written = (one for one in classes if not known["schemas"].isdisjoint(one.bases) and known["derived"].isdisjoint(one.bases))
    schemas = [(one, _fields(one)) for one in written]
    for model in classes:
        if known["models"].isdisjoint(model.bases):
            continue
        columns = _fields(model)
        same = [schema for schema, fields in schemas if _is_named_after(schema, model) and _repeats(fields, columns)]
        if same:
            places = tuple(one.place for one in same)
            names = ", ".join(f"`{one.name.rpartition('.')[2]}`" for one in same[:3]) + (
                f" and {len(same) - 3} more" if len(same) > 3 else ""
            )
            message = f"{names} repeat{'' if len(same) > 1 else 's'} the fields of the model `{model.name}` by hand"
            yield Draft(RULE, Grade.LOW, Grade.MEDIUM, message, places[0], model.name, None, places=(*places, model.place))


def _is_named_after(schema: ClassUse, model: ClassUse) -> bool:
    """Whether the schema's name holds the model's: `UserOut` of `User` or `UserModel`; columns alone may be alike by chance."""
    name = model.name.rpartition(".")[2].removesuffix("Model")
    return name.lower().rstrip("s") in schema.name.rpartition(".")[2].lower()


def _fields(one: ClassUse) -> frozenset[str]:
    return frozenset(
        field.name for field in one.fields if not field.name.startswith("_") and field.name not in ("Config", "Meta", "model_config")
    )


def _repeats(fields: frozenset[str], columns: frozenset[str]) -> bool:
    shared = fields & columns
    return len(shared - _KEYS) >= _FEWEST and len(shared) >= _SHARE * len(fields) and len(shared) >= _SHARE / 2 * len(columns)
