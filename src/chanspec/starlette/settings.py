"""The runtime's settings of an application without Django. A consumer's class attribute goes before them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chanspec.problems import near_match
from chanspec.runtime.settings import DEFAULTS, NAMES, RuntimeSettings, checked

__all__ = ["configure", "current"]

_settings = DEFAULTS


def configure(**settings: Any) -> RuntimeSettings:
    """Set how the connections of all consumers in this process behave, and return the settings.

    Call it before the first connection. Each call begins with the defaults: ``configure()`` restores them.

    Args:
        settings: Any of :class:`chanspec.runtime.settings.RuntimeSettings`.

    Raises:
        TypeError: There is no such setting, or it has the wrong kind.

    Example:
        >>> configure(camelize=True, log_websocket_message=False)
    """
    global _settings
    for name in settings:
        if name not in NAMES:
            hint = near_match(name, NAMES) or f"; there are {', '.join(NAMES)}"
            raise TypeError(f"configure() has no setting {name!r}{hint}")
    told = {name: checked(name, value, "configure()", for_process=True) for name, value in settings.items()}
    _settings = replace(DEFAULTS, **told)
    return _settings


def current() -> RuntimeSettings:
    """What ``configure`` was last told."""
    return _settings
