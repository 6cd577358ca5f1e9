"""The ``CHANSPEC`` dict of a project's Django settings, with its defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.conf import ENVIRONMENT_VARIABLE
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from chanspec.contract.fields import ACTION_FIELD, EVENT_FIELD, Fields, register_project
from chanspec.problems import near_match
from chanspec.runtime.settings import CHOICES, RuntimeSettings
from chanspec.runtime.settings import NAMES as RUNTIME_NAMES

NAME = "CHANSPEC"

NAMES: dict[str, Settings] = {}
"""The dicts that are read: another distribution may read one of another name. A change of any changes documents."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """A setting's default and what it may be: of ``kinds``, or one of ``choices``; text that is like ``pattern``."""

    default: Any
    kinds: tuple[type, ...]
    choices: tuple[Any, ...] = ()
    pattern: str = ""
    like: str = ""

    def mistake(self, value: Any) -> str | None:
        if self.choices:
            return None if value in self.choices else " or ".join(map(repr, self.choices))
        is_lazy = str in self.kinds and hasattr(value, "_proxy____cast")  # a lazy translation is no string yet
        is_bool_for_number = isinstance(value, bool) and bool not in self.kinds
        if is_lazy or (isinstance(value, self.kinds) and not is_bool_for_number):
            if self.pattern and isinstance(value, str) and not re.match(self.pattern, value):
                return self.like
            return _wrong_within(value)
        return " or ".join("None" if each is type(None) else each.__name__.lower() for each in self.kinds)


def _wrong_within(value: Any) -> str | None:
    """What a value of the right kind should be instead, where its content is wrong."""
    if isinstance(value, list | tuple | set | frozenset) and not all(isinstance(each, str) for each in value):
        return "a list of strings"
    if isinstance(value, int | float) and not isinstance(value, bool) and not value >= 0:
        return "a number that is not negative"
    return None


def _limit(default: float) -> _Setting:
    return _Setting(default, (int, float) if isinstance(default, float) else (int,))


_NONE = type(None)
_RUNTIME = RuntimeSettings()

LIMITS = tuple(name for name in RUNTIME_NAMES if name.startswith("max_") or name.endswith("_timeout"))
"""The limits of connections, each a setting in capitals; :class:`RuntimeSettings` says what they mean."""

_SETTINGS = {
    # The document's title, version and description (Markdown).
    "TITLE": _Setting("WebSocket API", (str,)),
    "VERSION": _Setting("1.0.0", (str,)),
    "DESCRIPTION": _Setting("", (str,)),
    # The address of a single consumer given without one.
    "CHANNEL_PATH": _Setting("/", (str,)),
    # The AsyncAPI Servers Object by name; None derives one server from the request.
    "SERVERS": _Setting(None, (Mapping, _NONE)),
    # That server's host and protocol where they are not the request's; or both, and a path, in one URL.
    "WS_HOST": _Setting(None, (str, _NONE)),
    "WS_PROTOCOL": _Setting(None, (), ("ws", "wss", None)),
    "WEBSOCKET_BASE_URL": _Setting(
        None, (str, _NONE), pattern="(?:wss?|https?)://[^/]", like="a URL such as 'wss://example.com' or None"
    ),
    # How a handshake authenticates: the query parameter, or the cookie, that carries a token.
    "AUTH_QUERY_PARAM": _Setting(None, (str, _NONE)),
    "AUTH_COOKIE_NAME": _Setting(None, (str, _NONE)),
    # Whether the docs page offers to connect and send: not at all, when asked, or with its panel open from the start.
    # None leaves that to the two below.
    "TRY_IT_OUT": _Setting(None, (), ("off", "closed", "open", None)),
    # The same as two booleans, the first of which django-channels-spectacular has.
    "TRY_IT_OUT_ENABLED": _Setting(False, (bool,)),
    "TRY_IT_OUT_EXPANDED": _Setting(False, (bool,)),
    "ASYNCAPI_VERSION": _Setting("3.0.0", (), ("3.0.0", "3.1.0")),
    # From whose side the document is written.
    "PERSPECTIVE": _Setting("server", (), ("server", "client")),
    # Typed consumers; each has a class attribute that goes before. The first, `discriminator_field`, is read when a
    # class is defined; the others for each connection.
    "MESSAGE_ACTION_KEY": _Setting("action", (str,), pattern=".", like="the name of a field"),
    # Consumers that are only described: the fields that name what clients send and what the server sends; None where
    # none does. Each has a class attribute of its name, in lower case, that goes before.
    "ACTION_FIELD": _Setting(ACTION_FIELD, (str, _NONE), pattern=".", like="the name of a field or None"),
    "EVENT_FIELD": _Setting(EVENT_FIELD, (str, _NONE), pattern=".", like="the name of a field or None"),
    "SEND_COMPLETION": _Setting(False, (bool,)),
    "SEND_MESSAGE_IMMEDIATELY": _Setting(True, (bool,)),
    "SEND_AUTHENTICATION_MESSAGE": _Setting(True, (bool,)),
    "CAMELIZE": _Setting(False, (bool,)),
    "LOG_WEBSOCKET_MESSAGE": _Setting(True, (bool,)),
    "LOG_IGNORED_ACTIONS": _Setting((), (list, tuple, set, frozenset)),
    "LOG_UNDECLARED_MESSAGES": _Setting(None, (bool, _NONE)),  # None is Django's DEBUG
    **{name.upper(): _limit(getattr(_RUNTIME, name)) for name in LIMITS},
    **{name.upper(): _Setting(getattr(_RUNTIME, name), (), choices) for name, choices in CHOICES.items()},
}

DEFAULTS: Mapping[str, Any] = {name: setting.default for name, setting in _SETTINGS.items()}


class Settings:
    """The settings, by attribute: ``settings.TITLE``.

    They are read and checked at the first use, and anew when a test overrides the dict.

    Args:
        name: Of the dict in Django's settings.
        keys: What a dict of another name calls them, where that differs: its key → ours.
        defaults: Those of a dict of another name, where they differ.
        spare: Where a dict of another name has no value, these are asked before the defaults. It may then hold keys
            that nobody knows, which are ignored.
    """

    def __init__(
        self,
        name: str = NAME,
        *,
        keys: Mapping[str, str] | None = None,
        defaults: Mapping[str, Any] | None = None,
        spare: Settings | None = None,
    ) -> None:
        self.name = name
        self.defaults = MappingProxyType({**DEFAULTS, **(defaults or {})})
        renamed = keys or {}
        self._keys = {**{key: key for key in DEFAULTS if key not in renamed}, **renamed}
        self._spare = spare
        self._values: dict[str, Any] | None = None
        NAMES[name] = self
        setting_changed.connect(self._reload)

    def __repr__(self) -> str:
        return f"Settings({self.name!r})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._values is None:
            if mistakes := self.mistakes():
                raise ImproperlyConfigured(" ".join(mistakes))
            self._values = {**self.defaults, **self._told()}
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"{self.name} has no setting {name!r}{near_match(name, self._values)}") from None

    def mistakes(self) -> list[str]:
        """What is wrong with the project's dict, a sentence each."""
        given = self._given()
        mistakes = [] if self._spare is None else self._spare.mistakes()
        if not isinstance(given, Mapping):
            return [*mistakes, f"{self.name} is a dict of settings, not {given!r}."]
        if self._spare is None:
            mistakes += self._unknown(given)
        for key, value in given.items():
            if key in self._keys and (allowed := _SETTINGS[self._keys[key]].mistake(value)) is not None:
                mistakes.append(f"{self.name}[{key!r}] is {allowed}, not {value!r}.")
        return mistakes

    def ignored(self) -> list[str]:
        """What the project's dict holds that nobody reads, a sentence each."""
        given = self._given()
        return self._unknown(given) if self._spare is not None and isinstance(given, Mapping) else []

    def _unknown(self, given: Mapping[str, Any]) -> list[str]:
        return [
            f"{self.name}[{key!r}] is no setting{near_match(str(key), self._keys) or '.'}"
            for key in given
            if key not in self._keys
        ]

    def _told(self) -> dict[str, Any]:
        """What the project set, by our keys."""
        told = {self._keys[key]: value for key, value in self._given().items() if key in self._keys}
        return told if self._spare is None else {**self._spare._told(), **told}

    def _given(self) -> Any:
        return getattr(django_settings, self.name, {})

    def _reload(self, *, setting: str, **_: Any) -> None:
        if setting in NAMES:
            self._values = None


settings = Settings()


def _fields() -> Fields | None:
    """The fields that the project's settings name; None where no settings are to be had."""
    if not django_settings.configured and ENVIRONMENT_VARIABLE not in os.environ:
        return None
    told = (Fields(each.ACTION_FIELD, each.EVENT_FIELD) for each in NAMES.values())
    return next((fields for fields in told if fields != Fields()), Fields())


register_project("channels", _fields)
