"""The Contract: what a consumer class says it receives and sends, compiled once and never changed.

Everything else (document, page, runtime, tests) reads contracts; only this package reads decorators and MROs.
Payload classes are kept as they were declared: :mod:`chanspec.schemas` turns them into JSON Schema on demand.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from chanspec.bases import check_base
from chanspec.contract.annotated import compile_annotated
from chanspec.contract.builtin import with_builtins
from chanspec.contract.constants import naming_field
from chanspec.contract.declarations import declarations
from chanspec.contract.fields import ACTION_FIELD, EVENT_FIELD, Fields, fields_of, own_fields, told_in
from chanspec.contract.typed import Typed, compile_typed
from chanspec.contract.values import Action, Contract, Direction, Event, Handler, Message
from chanspec.contract.wire import check_event, check_message
from chanspec.notes import CHANNEL_NOTE, ChannelNote
from chanspec.problems import Problem

__all__ = [
    "ACTION_FIELD",
    "EVENT_FIELD",
    "Action",
    "Contract",
    "Direction",
    "Event",
    "Handler",
    "Message",
    "contract_of",
    "declared_by",
    "naming_field",
]

_COMPILED, _COMPLETED = "__chanspec_declared__", "__chanspec_contract__"
"""The attributes of a class that keep its contract. A registry would keep the class alive: its contract names it."""


def contract_of(consumer: type) -> Contract:
    """Return the contract of a consumer class, compiled once and kept as long as the class lives.

    Where the project's settings have changed since, as between tests, it is completed anew.

    Args:
        consumer: A class. One without declarations has an empty (falsy) contract.

    Raises:
        TypeError: ``consumer`` is no class, or a typed handler cannot work.
    """
    compiled = declared_by(consumer)
    key = (
        fields_of(consumer),
        consumer.__dict__.get(CHANNEL_NOTE),
        _is_set(consumer, "camelize", False),
        _is_set(consumer, "send_authentication_message", True),
    )
    known: tuple[Any, Contract] | None = consumer.__dict__.get(_COMPLETED)
    if known is not None and known[0] == key:
        return known[1]
    contract = _completed(compiled, *key)
    setattr(consumer, _COMPLETED, (key, contract))
    return contract


def declared_by(consumer: type) -> Contract:
    """Return what the methods of a class declare: its contract without what ``@channel`` and settings add.

    A typed class is compiled while it is being defined: only then are the names in its annotations sure to be found,
    and ``@channel`` and the project's settings may not have been read.

    Args:
        consumer: The class.

    Raises:
        TypeError: As :func:`contract_of`.
    """
    if not isinstance(consumer, type):
        hint = "; pass the class, not what as_asgi() returns" if hasattr(consumer, "consumer_class") else ""
        raise TypeError(f"a consumer class was expected, not {consumer!r}{hint}")
    compiled: Contract | None = consumer.__dict__.get(_COMPILED)
    if compiled is None:
        compiled = _compile(consumer)
        setattr(consumer, _COMPILED, compiled)
    return compiled


def _is_set(consumer: type, name: str, default: bool) -> bool:
    """A setting of a typed consumer: its own, else the project's, as the runtime has it."""
    value = getattr(consumer, name, None)
    if value is None and hasattr(consumer, "runtime_settings"):
        value = getattr(consumer.runtime_settings(), name)
    return default if value is None else bool(value)


def _completed(
    compiled: Contract, fields: Fields, note: ChannelNote | None, camelize: bool, authentication_message: bool
) -> Contract:
    """Add to what methods declare what ``@channel`` and the settings say."""
    contract = replace(compiled, camelize=camelize)
    if fields != (contract.action_field, contract.event_field):
        contract = _named_by(contract, fields)
    for message in _messages(contract.actions, contract.events):
        check_message(message, camelize=camelize)
    if contract.handlers or contract.event_handlers:
        contract = with_builtins(contract, authentication_message=authentication_message)
    if note is None:
        return contract
    return replace(
        contract,
        name=note.name or contract.consumer.__name__,
        description=note.description or contract.description,
        tags=note.tags,
    )


def _named_by(contract: Contract, fields: Fields) -> Contract:
    """The same contract, its described messages named by other fields."""
    problems: list[Problem] = []
    found = list(declarations(contract.consumer))
    actions, events = compile_annotated(found, fields, problems)
    return replace(
        contract,
        actions=(*actions, *contract.actions[len(actions) :]),
        events=(*events, *contract.events[len(events) :]),
        problems=(*problems, *contract.problems[len(problems) :]),
        action_field=fields.action,
        event_field=fields.event,
    )


def _messages(actions: Iterable[Action], events: Iterable[Event]) -> Iterator[Message]:
    """The messages of classes, each once."""
    found = [message for action in actions for message in (action.message, *action.replies)]
    found += [message for event in events for message in event.messages]
    return (message for message in dict.fromkeys(found) if message.name)


def _kind_of(typed: Typed) -> str:
    """What a class handles messages with, as it is written."""
    if typed.handlers:
        return f"@ws_handler on {typed.handlers[0].method}"
    first = typed.event_handlers[0]
    return "passthrough_events" if first.passthrough else f"@event_handler on {first.method}"


def _compile(consumer: type) -> Contract:
    problems: list[Problem] = []
    found = list(declarations(consumer))
    discriminator = getattr(consumer, "discriminator_field", ACTION_FIELD)
    fields = own_fields(consumer)
    actions, events = compile_annotated(found, fields, problems)
    typed = compile_typed(consumer, found, discriminator)
    is_typed = bool(typed.handlers or typed.event_handlers)
    where = f"{consumer.__module__}:{consumer.__qualname__}"
    if is_typed:
        check_base(consumer, _kind_of(typed))
    if is_typed and not (isinstance(discriminator, str) and discriminator):
        raise TypeError(
            f"{where}.discriminator_field is {discriminator!r}; write the name of the field that tells its messages "
            f"apart, {ACTION_FIELD!r} for instance"
        )
    for handler in typed.event_handlers:
        check_event(handler)
    for message in _messages(typed.actions, typed.events):
        check_message(message)
    problems += _misplaced(consumer, where, is_described=bool(actions or events), is_typed=is_typed)
    return Contract(
        consumer=consumer,
        where=where,
        name=consumer.__name__ if is_typed else None,
        description=inspect.cleandoc(consumer.__dict__.get("__doc__") or ""),
        tags=(),
        actions=actions + typed.actions,
        events=(*events, *typed.events),
        discriminator_field=discriminator,
        camelize=False,
        handlers=typed.handlers,
        event_handlers=typed.event_handlers,
        outgoing=typed.outgoing,
        problems=tuple(problems),
        action_field=fields.action,
        event_field=fields.event,
    )


def _misplaced(consumer: type, where: str, *, is_described: bool, is_typed: bool) -> Iterator[Problem]:
    """The attributes for described messages on a typed class, and the other way round: nobody reads them."""
    if is_typed and not is_described:
        for name in told_in(consumer):
            cure = "write discriminator_field, which names typed messages"
            yield Problem(where, f"{name} names described messages, and the class has typed ones only", cure)
    elif is_described and not is_typed and _says_discriminator(consumer):
        cure = "write action_field for what clients send, and event_field for what the consumer sends"
        yield Problem(where, "discriminator_field names typed messages, and the class only describes its own", cure)


def _says_discriminator(consumer: type) -> bool:
    # A class of chanspec's own always has one; it may have its typed handlers in a subclass.
    return hasattr(consumer, "discriminator_field") and not hasattr(consumer, "runtime_settings")
