"""Which fields name the messages of consumers that are only described: the class says it, else the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

ACTION_FIELD = "action"
EVENT_FIELD = "type"

ATTRIBUTES = ("action_field", "event_field")
"""The attributes of a consumer class that name the two fields. None says that no field does."""

_MISSING: Any = object()


class Fields(NamedTuple):
    """The fields that name messages; None where none does.

    Attributes:
        action: Of what clients send.
        event: Of what the server sends.
    """

    action: str | None = ACTION_FIELD
    event: str | None = EVENT_FIELD


Project = Callable[[], Fields | None]
"""What a framework's settings say; None where there are none."""

_projects: dict[str, Project] = {}

_FRAMEWORKS = {"channels": ("channels", "chanspec.channels"), "starlette": ("fast_channels", "chanspec.starlette")}
"""The packages of each framework's consumer classes, by names: nothing is imported."""


def register_project(framework: str, project: Project) -> None:
    """Let a framework's settings name the fields of the classes that do not.

    Args:
        framework: ``"channels"`` or ``"starlette"``. A later call for the same one replaces the earlier.
        project: What the settings say; None where there are none.
    """
    _projects[framework] = project


def own_fields(consumer: type) -> Fields:
    """Return what a class itself says, and the defaults for what it leaves open.

    Raises:
        TypeError: An attribute is neither the name of a field nor None.
    """
    return _told(consumer, Fields())


def fields_of(consumer: type) -> Fields:
    """Return the fields of a class: those it names, else those of its project's settings, else the defaults.

    Raises:
        TypeError: As :func:`own_fields`.
    """
    if all(hasattr(consumer, name) for name in ATTRIBUTES):
        return own_fields(consumer)
    framework = _framework_of(consumer)
    found = (project() for name, project in _projects.items() if framework in (name, None))
    return _told(consumer, next((each for each in found if each is not None), Fields()))


def told_in(consumer: type) -> list[str]:
    """The attributes that a class or a base of its has."""
    return [name for name in ATTRIBUTES if hasattr(consumer, name)]


def checked_field(value: Any, what: str) -> str | None:
    """Return the name of a field, or None.

    Args:
        value: Of an attribute or a setting.
        what: What has it, for the error.

    Raises:
        TypeError: It is neither.
    """
    if value is None or (isinstance(value, str) and value):
        return value
    raise TypeError(f"{what} is {value!r}; write the name of the field that names messages, or None where none does")


def _framework_of(consumer: type) -> str | None:
    """The framework that a class is of; None where it derives from none's, and any project may own it."""
    for base in consumer.__mro__:
        for framework, packages in _FRAMEWORKS.items():
            if any(f"{base.__module__}.".startswith(f"{package}.") for package in packages):
                return framework
    return None


def _told(consumer: type, otherwise: Fields) -> Fields:
    where = f"{consumer.__module__}:{consumer.__qualname__}"
    values = (getattr(consumer, name, _MISSING) for name in ATTRIBUTES)
    told = [
        default if value is _MISSING else checked_field(value, f"{where}.{name}")
        for name, value, default in zip(ATTRIBUTES, values, otherwise, strict=True)
    ]
    return Fields(*told)
