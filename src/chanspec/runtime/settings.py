"""The runtime's settings as one value. Where they come from (Django's settings, defaults) is the frameworks' part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from chanspec.problems import near_match


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """How connections behave. A consumer's class attribute of the same name goes before, except for ``OF_PROCESS``.

    What waits is counted in bytes of memory: 1 for each character of a text, 2 or 4 where it has others than those of
    Latin-1, and some 50 for the text itself.

    Servers built on Autobahn (Daphne) let applications close with 1000 and 3000 to 4999 only: there the close codes
    below are 3000 higher, 4013 for 1013.

    Attributes:
        send_completion: Send ``complete``, ``event_complete`` and ``group_complete`` when something was handled;
            for tests.
        send_message_immediately: Send each message when the handler sends it; otherwise together when it ends.
        send_authentication_message: Tell the client how its authentication ended.
        camelize: Write the names of fields in camelCase on the wire.
        log_websocket_message: Log every message, at level INFO of the logger ``chanspec``.
        log_ignored_actions: Messages that are not logged.
        log_undeclared_messages: Log, once each, messages that are sent and that no handler declares, so that the
            document does not have them; with the place and what to write. Django's default is its ``DEBUG``.
        max_frame_bytes: A longer text frame closes the connection with code 1009 (RFC 6455, 7.4.1).
        max_depth: How deep arrays and objects may be nested in a message; a deeper one is answered with an error.
            pydantic itself stops at about 200.
        max_waiting_frames: How many frames are read ahead while a handler runs, of ``max_frame_bytes`` together. While
            they are fewer, a disconnect is noticed at once.
        max_waiting_events: How many channel events may wait for a consumer that handles them too slowly; one more
            closes the connection with code 1013.
        max_waiting_events_bytes: How large those are that wait behind the first, in bytes; as above for more.
        max_messages_per_second: A client that sends more, averaged over a second, is closed with code 1008; 0 is no
            limit.
        max_concurrent: How many ``concurrent`` handlers of one connection run at once. No frame is handled while all
            do.
        max_outbox: How many frames of broadcasts may wait for a client that reads too slowly; one more closes the
            connection with code 1013.
        max_outbox_bytes: How large they may be together, in bytes; one more closes likewise. One alone may have any
            size.
        max_process_outbox_bytes: How many bytes of broadcasts may wait for all clients of the process (of an event
            loop, where it has several), with those that are being sent. One that waits for many clients counts once.
            With more, connections that most of it waits for are closed with code 1013 until it is less again.
        full_outbox: What a connection does at these three limits: ``close`` as said; ``drop_oldest`` drops what has
            waited longest and ``drop_newest`` the new frame (the newest, at the process's limit), without a word,
            for messages of which a client needs the latest or may miss some.
        authentication_timeout: Seconds an authenticator may take.
        close_timeout: Seconds for a client that stopped reading to take the close frame.
    """

    send_completion: bool = False
    send_message_immediately: bool = True
    send_authentication_message: bool = True
    camelize: bool = False
    log_websocket_message: bool = True
    log_ignored_actions: frozenset[str] = frozenset()
    log_undeclared_messages: bool = True
    max_frame_bytes: int = 1_048_576
    max_depth: int = 64
    max_waiting_frames: int = 16
    max_waiting_events: int = 1000
    max_waiting_events_bytes: int = 1_048_576
    max_messages_per_second: int = 0
    max_concurrent: int = 16
    max_outbox: int = 256
    max_outbox_bytes: int = 1_048_576
    max_process_outbox_bytes: int = 268_435_456
    full_outbox: str = "close"
    authentication_timeout: float = 10.0
    close_timeout: float = 5.0


CHOICES = {"full_outbox": ("close", "drop_oldest", "drop_newest")}

OF_PROCESS = frozenset({"max_process_outbox_bytes"})
"""Settings that no class may have one of its own of."""

NAMES = tuple(field.name for field in fields(RuntimeSettings))

DEFAULTS = RuntimeSettings()


def checked(name: str, value: Any, where: str, *, for_process: bool = False) -> Any:
    """Return the value of a setting in the form :class:`RuntimeSettings` keeps.

    Args:
        name: The setting's.
        value: A consumer's own.
        where: The consumer, or whatever has it.
        for_process: Whether it is everybody's, and no consumer's own.

    Raises:
        TypeError: It has the wrong kind, or no consumer may have one of its own.
    """
    if name in OF_PROCESS and not for_process:
        raise TypeError(
            f"{where}.{name} is {value!r}, and this is a setting of the whole process; write "
            f"CHANSPEC = {{{name.upper()!r}: …}} in Django's settings, or configure({name}=…)"
        )
    default = getattr(DEFAULTS, name)
    if isinstance(default, frozenset):
        if isinstance(value, str) or not all(isinstance(each, str) for each in value):
            raise TypeError(f"{where}.{name} is {value!r}; write a list of strings")
        return frozenset(value)
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise TypeError(f"{where}.{name} is {value!r}; write {' or '.join(map(repr, CHOICES[name]))}")
        return value
    kinds = (int, float) if isinstance(default, float) else (type(default),)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise TypeError(f"{where}.{name} is {value!r}; write {'a number' if float in kinds else kinds[0].__name__}")
    if value < 0:
        raise TypeError(f"{where}.{name} is {value!r}; write a number that is not negative")
    return value


def overridden(settings: RuntimeSettings, overrides: Mapping[str, Any], where: str = "settings") -> RuntimeSettings:
    """Return ``settings`` with some of them replaced.

    Raises:
        TypeError: There is no such setting, or it has the wrong kind.
    """
    for name in overrides:
        if name not in NAMES:
            hint = near_match(name, NAMES) or f"; there are {', '.join(NAMES)}"
            raise TypeError(f"{where} has {name!r}, which is no setting{hint}")
    return replace(settings, **{name: checked(name, value, where) for name, value in overrides.items()})
