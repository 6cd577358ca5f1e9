"""The short form of `make fuzz`: a fixed seed and number of cases for each fuzzer. No clock decides anything."""

from __future__ import annotations

from types import ModuleType

import pytest

from fuzzing import costs, documents, envelopes, frames, soak
from fuzzing.session import Session

pytestmark = pytest.mark.django_db  # Channels' own consumers close old connections before each frame

SEED = 13


@pytest.mark.parametrize(
    ("fuzzer", "count"),
    [(frames, 1_500), (costs, 25), (envelopes, 300), (soak, 1)],
    ids=lambda each: each.__name__.rpartition(".")[2] if isinstance(each, ModuleType) else str(each),
)
def test_nothing_that_is_sent_does_harm(fuzzer: ModuleType, count: int) -> None:
    session = Session(fuzzer.__name__.rpartition(".")[2], SEED, count=count, redis=False, browser=False)
    fuzzer.fuzz(session)
    assert session.done == count
    assert not session.failures, "\n".join(map(str, session.failures.values()))


@pytest.mark.parametrize("reader", documents.READERS)
def test_a_hostile_document_costs_its_reader_a_bounded_amount_of_work(reader: str) -> None:
    child = documents.Child()
    try:
        found = {
            name: wrong
            for name, make in documents.own().items()
            if (wrong := documents.wrong_with(child.read(reader, make()), reader)) is not None
        }
    finally:
        child.close()
    assert not found
