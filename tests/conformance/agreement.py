"""Whether a validator and a schema agree: the samples that a conformance run would send, given to the validator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chanspec.conformance.document import read
from chanspec.conformance.samples import Expectation, Samples
from chanspec.conformance.search import search
from chanspec.conformance.sites import may_be_refused
from chanspec.conformance.strategies import DEPTHS, Generator
from chanspec.schemas import Described, check
from chanspec.schemas.dialect import map_refs
from chanspec.schemas.keywords import REF

Refusals = list[tuple[Any, ...]]
Validate = Callable[[Any], Refusals]
"""The places that a validator refuses a value for; none where it takes it."""

KNOWN, DRAWN = 14, 2


def document_of(described: Described) -> dict[str, Any]:
    """A document with one action, whose field `p` is as described."""

    def component(schema: Any) -> Any:
        return map_refs(schema, lambda ref: f"#/components/schemas/{ref.removeprefix(REF)}")

    payload = {
        "type": "object",
        "properties": {"action": {"const": "go"}, "p": component(described.root)},
        "required": ["action", "p"],
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Go", "version": "1"},
        "channels": {"c": {"address": "/", "messages": {"Go": {"payload": payload}}}},
        "operations": {"go": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
        "components": {"schemas": {name: component(each) for name, each in described.definitions.items()}},
    }


def disagreements(described: Described, validate: Validate, *, is_lenient: bool = False) -> list[str]:
    """Samples that a validator refuses for what their schema does not name, and mistakes that it takes.

    Args:
        described: The schema.
        validate: Says of a value at which places it is refused.
        is_lenient: Whether it may take mistakes.
    """
    check(described)
    api = read(json.loads(json.dumps(document_of(described))))
    [action] = api.channels[0].actions
    samples = Samples(action, api.schemas, [Generator(api.schemas, DEPTHS[1])], 1)
    assert samples.bases, samples.problem
    drawn: list[Any] = []
    search(samples.valid(), lambda value: bool(drawn.append(value)), DRAWN, samples.random(), shrink=False)
    known = [each.value for each in samples.known_valid(KNOWN) if each.expectation is Expectation.VALID]

    def is_explained(value: Any, place: tuple[Any, ...]) -> bool:
        return may_be_refused(api.schemas, action.message.schema, value, ("p", *map(str, place)))

    refused = [(value, place) for value in (*known, *drawn) for place in validate(value["p"])]
    mistakes = [] if is_lenient else [each for each in samples.known_invalid(KNOWN) if "p" in each.value]
    return [
        *(f"{value['p']!r} is refused at {place}" for value, place in refused if not is_explained(value, place)),
        *(f"{each.value['p']!r} is taken: {each.what}" for each in mistakes if not validate(each.value["p"])),
    ]
