"""The ``CHANSPEC`` dict of a project's Django settings, with its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from chanspec.problems import near_match
from chanspec.runtime.settings import NAMES as RUNTIME_NAMES
from chanspec.runtime.settings import RuntimeSettings

NAME = "CHANSPEC"


@dataclass(frozen=True, slots=True)
class _Setting:
    """A setting's default and what it may be: of ``kinds``, or one of ``choices``."""

    default: Any
    kinds: tuple[type, ...]
    choices: tuple[Any, ...] = ()

    def mistake(self, value: Any) -> str | None:
        if self.choices:
            return None if value in self.choices else " or ".join(map(repr, self.choices))
        is_lazy = str in self.kinds and hasattr(value, "_proxy____cast")  # a lazy translation is no string yet
        is_bool_for_number = isinstance(value, bool) and bool not in self.kinds
        if is_lazy or (isinstance(value, self.kinds) and not is_bool_for_number):
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
    "WEBSOCKET_BASE_URL": _Setting(None, (str, _NONE)),
    # How a handshake authenticates: the query parameter, or the cookie, that carries a token.
    "AUTH_QUERY_PARAM": _Setting(None, (str, _NONE)),
    "AUTH_COOKIE_NAME": _Setting(None, (str, _NONE)),
    # Whether the docs page offers to connect and send, and whether that panel starts open.
    "TRY_IT_OUT_ENABLED": _Setting(False, (bool,)),
    "TRY_IT_OUT_EXPANDED": _Setting(False, (bool,)),
    "ASYNCAPI_VERSION": _Setting("3.0.0", (), ("3.0.0", "3.1.0")),
    # From whose side the document is written.
    "PERSPECTIVE": _Setting("server", (), ("server", "client")),
    # Typed consumers; each has a class attribute that goes before. The first, `discriminator_field`, is read when a
    # class is defined; the others for each connection.
    "MESSAGE_ACTION_KEY": _Setting("action", (str,)),
    "SEND_COMPLETION": _Setting(False, (bool,)),
    "SEND_MESSAGE_IMMEDIATELY": _Setting(True, (bool,)),
    "SEND_AUTHENTICATION_MESSAGE": _Setting(True, (bool,)),
    "CAMELIZE": _Setting(False, (bool,)),
    "LOG_WEBSOCKET_MESSAGE": _Setting(True, (bool,)),
    "LOG_IGNORED_ACTIONS": _Setting((), (list, tuple, set, frozenset)),
    **{name.upper(): _limit(getattr(_RUNTIME, name)) for name in LIMITS},
}

DEFAULTS: Mapping[str, Any] = {name: setting.default for name, setting in _SETTINGS.items()}


class Settings:
    """The settings, by attribute: ``settings.TITLE``.

    They are read and checked at the first use, and anew when a test overrides ``CHANSPEC``.
    """

    def __init__(self) -> None:
        self._values: dict[str, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._values is None:
            if mistakes := self.mistakes():
                raise ImproperlyConfigured(" ".join(mistakes))
            self._values = {**DEFAULTS, **_given()}
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"{NAME} has no setting {name!r}{near_match(name, DEFAULTS)}") from None

    def mistakes(self) -> list[str]:
        """What is wrong with the project's dict, a sentence each."""
        given = _given()
        if not isinstance(given, Mapping):
            return [f"{NAME} is a dict of settings, not {given!r}."]
        mistakes = []
        for key, value in given.items():
            if key not in _SETTINGS:
                mistakes.append(f"{NAME}[{key!r}] is no setting{near_match(str(key), DEFAULTS) or '.'}")
            elif (allowed := _SETTINGS[key].mistake(value)) is not None:
                mistakes.append(f"{NAME}[{key!r}] is {allowed}, not {value!r}.")
        return mistakes

    def reload(self, *, setting: str, **_: Any) -> None:
        if setting == NAME:
            self._values = None


def _given() -> Any:
    return getattr(django_settings, NAME, {})


settings = Settings()
setting_changed.connect(settings.reload)
