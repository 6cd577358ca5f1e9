"""Compiles ``@document_action`` and ``@document_event``: descriptions of a consumer that routes by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chanspec.contract.declarations import Declaration
from chanspec.contract.fields import Fields
from chanspec.contract.values import Action, Event, Message
from chanspec.notes import ActionNote, EventNote
from chanspec.problems import Problem

_PREFIX = "handle_"
_LIKE_A_NAME = re.compile(r"[a-z][a-z0-9]*(?:[._:-][a-z0-9]+)*")


def compile_annotated(
    declarations: Iterable[Declaration], fields: Fields, problems: list[Problem]
) -> tuple[tuple[Action, ...], tuple[Event, ...]]:
    """Return the documented actions and events, adding what is wrong with them to ``problems``.

    Args:
        declarations: The decorated methods.
        fields: The fields that name messages.
        problems: Where problems are added.
    """
    actions: dict[str, Action] = {}
    events: dict[str, Event] = {}
    for declaration in declarations:
        for note in declaration.notes:
            if isinstance(note, ActionNote):
                action = _action(note, declaration, fields)
                _check_summary(note, action, problems)
                _claim(actions, action, action.message, "action", problems)
            elif isinstance(note, EventNote):
                event = _event(note, declaration, fields.event)
                _claim(events, event, event.messages[0], "event type", problems)
    _join_replies(actions, events, problems)
    return tuple(actions.values()), tuple(events.values())


def _check_summary(note: ActionNote, action: Action, problems: list[Problem]) -> None:
    """Doubt a name in the place of the summary: ``@document_action("ride.cancel")`` names no action."""
    told = note.summary
    if note.action is None and isinstance(told, str) and told != action.name and _LIKE_A_NAME.fullmatch(told):
        what = f"the summary {told!r} looks like the name of an action, which is {action.name!r}"
        cure = f"write action={told!r} if that is its name, or a summary in words"
        problems.append(Problem(action.message.where, what, cure))


def _claim(
    taken: dict[str, Any], operation: Action | Event, message: Message, what: str, problems: list[Problem]
) -> None:
    """Let ``operation`` have its name; the most derived declaration wins, as it does for methods."""
    name = message.value
    if name in taken:
        cure = "rename one, or override the method instead of adding another"
        problems.append(Problem(message.where, f"{what} {name!r} is declared by {taken[name].method} too", cure))
    taken[name] = operation


def _join_replies(actions: dict[str, Action], events: dict[str, Event], problems: list[Problem]) -> None:
    """Make one message of all that is said of one event type, by ``document_event`` and by ``responses=``."""
    messages = {name: event.messages[0] for name, event in events.items()}
    for action in actions.values():
        for reply in action.replies:
            known = messages.setdefault(reply.value, reply)
            if known.payload is None and reply.payload is not None:
                messages[reply.value] = replace(known, payload=reply.payload, is_response=True)
            elif reply.payload is not None and not _same(known.payload, reply.payload):
                what = f"the response {reply.value!r} has another payload than {known.where} gives it"
                cure = "declare it once, with @document_event, and write None for it in responses="
                problems.append(Problem(reply.where, what, cure))
    for name, event in events.items():
        events[name] = replace(event, messages=(messages[name],))
    for name, action in actions.items():
        actions[name] = replace(action, replies=tuple(messages[reply.value] for reply in action.replies))


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and bool(one == other))


def _action(note: ActionNote, at: Declaration, fields: Fields) -> Action:
    value = note.action or at.method.removeprefix(_PREFIX) or at.method
    summary, description = at.texts(note)
    message = Message(
        direction="in",
        field=fields.action,
        value=value,
        payload=note.payload,
        where=at.where,
        summary=summary,
        description=description,
        examples=note.examples,
        tags=note.tags,
        deprecated=note.deprecated,
    )
    replies = tuple(
        Message("out", fields.event, event_type, payload, at.where, is_response=True)
        for event_type, payload in note.responses.items()
    )
    return Action(value, message, at.method, replies)


def _event(note: EventNote, at: Declaration, field: str | None) -> Event:
    summary, description = at.texts(note)
    message = Message(
        direction="out",
        field=field,
        value=note.event_type,
        payload=note.payload,
        where=at.where,
        summary=summary,
        description=description,
        examples=note.examples,
        tags=note.tags,
        deprecated=note.deprecated,
    )
    return Event(note.event_type, (message,), at.method, summary, description, note.tags, note.deprecated)
