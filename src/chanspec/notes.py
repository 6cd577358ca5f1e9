"""What the decorators record on methods and classes, and how they check their arguments.

:mod:`chanspec.decorators` writes these notes and :mod:`chanspec.contract` reads them; nothing else does.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from chanspec import bases
from chanspec.problems import near_match

Method = TypeVar("Method", bound=Callable[..., Any])

NOTES = "__chanspec__"
"""The attribute of a method that holds what its decorators recorded: a tuple of notes."""

CHANNEL_NOTE = "__chanspec_channel__"
"""The attribute of a class that holds what ``channel`` recorded."""


@dataclass(frozen=True, slots=True, eq=False)
class ActionNote:
    """What ``document_action`` was told. ``action`` is None where the method's name shall give it."""

    action: str | None
    summary: str
    description: str
    payload: Any
    responses: Mapping[str, Any]
    examples: tuple[Any, ...]
    tags: tuple[str, ...]
    deprecated: bool


@dataclass(frozen=True, slots=True, eq=False)
class EventNote:
    """What ``document_event`` was told."""

    event_type: str
    summary: str
    description: str
    payload: Any
    examples: tuple[Any, ...]
    tags: tuple[str, ...]
    deprecated: bool


@dataclass(frozen=True, slots=True, eq=False)
class HandlerNote:
    """What ``ws_handler`` (kind ``"message"``) or ``event_handler`` (kind ``"event"``) was told."""

    kind: Literal["message", "event"]
    action: str | None
    input_type: Any
    output_type: Any
    summary: str
    description: str
    tags: tuple[str, ...]
    concurrent: bool


@dataclass(frozen=True, slots=True, eq=False)
class ChannelNote:
    """What ``channel`` was told."""

    name: str | None
    description: str
    tags: tuple[str, ...]


Note = ActionNote | EventNote | HandlerNote


def placed(decorator: Method) -> Method:
    """Let the errors of a decorator's arguments say where it stands, and which argument may have been meant."""
    known = list(inspect.signature(decorator).parameters)

    @functools.wraps(decorator)
    def checked(*arguments: Any, **named: Any) -> Any:
        try:
            return decorator(*arguments, **named)
        except TypeError as error:
            place = f"{bases.place()}: "
            unknown = next((name for name in named if name not in known), None)
            hint = "" if unknown is None else near_match(unknown, known) or f"; it has {', '.join(known)}"
            text = str(error) if unknown is None else f"{decorator.__name__} has no argument {unknown!r}{hint}"
            raise TypeError(place + text.removeprefix(place)) from None

    return checked  # type: ignore[return-value]


def recorder(decorator: str, note: Note) -> Callable[[Method], Method]:
    def record(method: Method) -> Method:
        if not callable(method) and not hasattr(method, "__func__"):
            raise TypeError(f"{bases.place()}: @{decorator} decorates a method, not {method!r}")
        # functools.wraps copies this attribute, so a wrapper outside keeps it; a tuple is never shared by change.
        setattr(method, NOTES, (*getattr(method, NOTES, ()), note))
        if isinstance(note, HandlerNote):
            bases.guard(decorator, method)
        return method

    return record


def check_name(decorator: str, argument: str, value: Any) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{decorator}({argument}=…) takes a string, not {value!r}")
    if not value:
        raise TypeError(f"{decorator}({argument}=…) is empty; leave it out or name the message")
    if any(character.isspace() for character in value):
        # A sentence in the place of the name is a summary; a key of responses= is only a name that is wrong.
        cure = (
            f"write {'.'.join(value.split()) or 'pong'!r}"
            if argument == "responses"
            else f"did you mean summary={value!r}?"
        )
        raise TypeError(f"{decorator}: {value!r} cannot name a message, it contains whitespace; {cure}")


def check_text(decorator: str, argument: str, value: Any) -> Any:
    if value is None:
        return ""
    # A lazy translation is no str; it is kept lazy, because no language is active while modules are imported.
    if isinstance(value, str) or hasattr(value, "_proxy____cast"):
        return value
    raise TypeError(f"{decorator}({argument}=…) takes a string, not {value!r}")


def check_list(decorator: str, argument: str, value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
        raise TypeError(f"{decorator}({argument}=…) takes a list, not {value!r}")
    return tuple(value)


def check_tags(decorator: str, value: Any) -> tuple[str, ...]:
    tags = check_list(decorator, "tags", value)
    for tag in tags:
        if not isinstance(tag, str):
            raise TypeError(f"{decorator}(tags=…) takes a list of strings, not {tag!r} in it")
    return tuple(dict.fromkeys(tags))


def check_responses(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(
            f"document_action(responses=…) takes a dict of event type to payload, not {value!r}; "
            'write {"ride.requested": RidePayload}'
        )
    for event_type in value:
        check_name("document_action", "responses", event_type)
    return dict(value)


def name_of(method: Any) -> str:
    return getattr(method, "__qualname__", repr(method))
