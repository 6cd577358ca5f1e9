"""The Contract: what a consumer class says it receives and sends, compiled once and never changed.

Everything else (document, page, runtime, tests) reads contracts; only this package reads decorators and MROs.
Payload classes are kept as they were declared: :mod:`chanspec.schemas` turns them into JSON Schema on demand.
"""

from __future__ import annotations

import inspect
from dataclasses import replace

from chanspec.contract.annotated import ACTION_FIELD, EVENT_FIELD, compile_annotated
from chanspec.contract.builtin import builtin_events
from chanspec.contract.declarations import declarations
from chanspec.contract.typed import compile_typed
from chanspec.contract.values import Action, Contract, Direction, Event, Handler, Message
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
]

_COMPILED = "__chanspec_contract__"
"""The attribute of a class that keeps its contract. A registry would keep the class alive: its contract names it."""


def contract_of(consumer: type) -> Contract:
    """Return the contract of a consumer class, compiled at the first call and kept as long as the class lives.

    Args:
        consumer: A class. One without declarations has an empty (falsy) contract.

    Raises:
        TypeError: ``consumer`` is no class, or a typed handler cannot work.
    """
    if not isinstance(consumer, type):
        hint = "; pass the class, not what as_asgi() returns" if hasattr(consumer, "consumer_class") else ""
        raise TypeError(f"a consumer class was expected, not {consumer!r}{hint}")
    note = consumer.__dict__.get(CHANNEL_NOTE)
    known: tuple[ChannelNote | None, Contract] | None = consumer.__dict__.get(_COMPILED)
    if known is not None and known[0] is note:
        return known[1]
    # A typed class compiles while it is being defined, before @channel has told its name.
    contract = _compile(consumer) if known is None else known[1]
    if note is not None:
        contract = replace(
            contract,
            name=note.name or consumer.__name__,
            description=note.description or contract.description,
            tags=note.tags,
        )
    setattr(consumer, _COMPILED, (note, contract))
    return contract


def _compile(consumer: type) -> Contract:
    problems: list[Problem] = []
    found = list(declarations(consumer))
    discriminator = getattr(consumer, "discriminator_field", ACTION_FIELD)
    actions, events = compile_annotated(found, problems)
    typed = compile_typed(consumer, found, discriminator)
    is_typed = bool(typed.handlers or typed.event_handlers)
    where = f"{consumer.__module__}:{consumer.__qualname__}"
    said = {message.value for event in typed.events for message in event.messages}
    builtin = builtin_events(consumer, discriminator, where) if is_typed else []
    return Contract(
        consumer=consumer,
        where=where,
        name=consumer.__name__ if is_typed else None,
        description=inspect.cleandoc(consumer.__dict__.get("__doc__") or ""),
        tags=(),
        actions=actions + typed.actions,
        events=(*events, *typed.events, *(event for event in builtin if event.name not in said)),
        discriminator_field=discriminator,
        camelize=bool(getattr(consumer, "camelize", False)),
        handlers=typed.handlers,
        event_handlers=typed.event_handlers,
        outgoing=typed.outgoing,
        problems=tuple(problems),
    )
