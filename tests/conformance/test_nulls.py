"""Null for a field ``T | None`` that may be left out: no drift of a described consumer's, as enforcement has it."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from chanspec import AsyncAPIGenerator, document_event
from chanspec.conformance.document import read
from chanspec.conformance.judge import Judge
from chanspec.conformance.link import Outcome, Received
from chanspec.enforcement import checker_of


@dataclass
class Card:
    number: int
    note: str | None


@dataclass
class Ride:
    name: str
    note: str | None
    card: Card | None = None
    cards: list[Card] | None = None
    either: Card | int | None = None


class Rides:
    @document_event("ride", payload=Ride)
    async def ride(self) -> None: ...


def judged(event: Any, document: dict[str, Any]) -> list[str]:
    api = read(document)
    received = Received(json.dumps(event), event, is_json=True)
    return [each.kind for each in Judge(api.channels[0], api.schemas).of_arrivals(Outcome([received]))]


@pytest.mark.parametrize(
    ("fields", "is_valid"),
    [
        ({"name": "a"}, True),
        ({"name": "a", "note": None}, True),
        ({"name": "a", "note": None, "card": None, "cards": None, "either": None}, True),
        ({"name": "a", "card": {"number": 1, "note": None}, "cards": [{"number": 1, "note": None}]}, True),
        ({"name": "a", "either": {"number": 1, "note": None}}, True),
        ({"name": "a", "cards": [{"number": n, "note": None} for n in range(200)]}, True),
        ({"name": "a", "cards": [*[{"number": n, "note": None} for n in range(200)], {"number": None}]}, False),
        ({"name": None}, False),
        ({"name": "a", "note": 3}, False),
        ({"name": "a", "note": None, "card": {"number": None}}, False),
        ({"name": "a", "cards": [None]}, False),
        ({"name": "a", "either": [None]}, False),
    ],
)
def test_conform_and_enforcement_judge_nulls_alike(fields: Any, is_valid: bool) -> None:
    event = {"type": "ride", **fields}
    document = AsyncAPIGenerator(consumers=[(Rides, "/")]).get_spec()
    assert judged(event, document) == ([] if is_valid else ["wrong message"])
    assert (checker_of(Rides).outbound(json.dumps(event)) is None) is is_valid


def test_in_documents_of_others_null_is_what_the_schema_says() -> None:
    document = AsyncAPIGenerator(consumers=[(Rides, "/")]).get_spec()
    del document["x-perspective"]
    assert judged({"type": "ride", "name": "a", "note": None}, document) == ["wrong message"]
