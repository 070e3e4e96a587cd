"""What a module of settings says."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.inference.types import Types
from fwaudit.link.inference.written import Written
from fwaudit.link.symbols import Module
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

_SETTINGS_CLASS = "configurations.Configuration"
"""django-configurations: settings are the attributes of classes."""


def places_of_setting(types: Types, settings: Module, name: str) -> Iterator[Written]:
    """What a module of settings, or a class of settings in it, assigns to a setting."""
    classes = (class_ for class_ in settings.classes.values() if _SETTINGS_CLASS in types.classes.order(class_))
    for frame in (types.generic(settings.body_function), *map(types.classes.frame_of, classes)):
        for index in frame.function.scope.names.get(name, ()):
            binding = frame.function.body.bindings[index]
            if isinstance(binding, facts.Assigned | facts.Updated) and binding.value != NOWHERE:
                yield Written(frame, binding.value)
