"""The runtime's settings of an application without Django. A consumer's class attribute goes before them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chanspec.contract.fields import ATTRIBUTES, Fields, checked_field, register_project
from chanspec.problems import near_match
from chanspec.runtime.settings import DEFAULTS, NAMES, RuntimeSettings, checked

__all__ = ["configure", "current"]

_settings = DEFAULTS
_fields: Fields | None = None


def configure(**settings: Any) -> RuntimeSettings:
    """Set how the connections of all consumers in this process behave, and return the settings.

    Call it before the first connection. Each call begins with the defaults: ``configure()`` restores them.

    Args:
        settings: Any of :class:`chanspec.runtime.settings.RuntimeSettings`; and ``action_field`` and ``event_field``,
            which name the messages of consumers that are only described.

    Raises:
        TypeError: There is no such setting, or it has the wrong kind.

    Example:
        >>> configure(camelize=True, log_websocket_message=False)
    """
    global _settings, _fields
    known = (*NAMES, *ATTRIBUTES)
    for name in settings:
        if name not in known:
            hint = near_match(name, known) or f"; there are {', '.join(known)}"
            raise TypeError(f"configure() has no setting {name!r}{hint}")
    fields = [
        checked_field(settings.pop(name, default), f"configure({name}=…)")
        for name, default in zip(ATTRIBUTES, Fields(), strict=True)
    ]
    told = {name: checked(name, value, "configure()", for_process=True) for name, value in settings.items()}
    _settings, _fields = replace(DEFAULTS, **told), Fields(*fields)
    return _settings


register_project("starlette", lambda: _fields)


def current() -> RuntimeSettings:
    """What ``configure`` was last told."""
    return _settings
