"""The short form of `make fuzz`: a fixed seed and number of cases for each fuzzer. No clock decides anything."""

from __future__ import annotations

from types import ModuleType

import pytest

from fuzzing import costs, documents, envelopes, frames, soak
from fuzzing.session import Session

pytestmark = pytest.mark.django_db  # Channels' own consumers close old connections before each frame

SEED = 13
COUNTS = {frames: 700, costs: 40, envelopes: 250, documents: 16, soak: 1}


def name_of(fuzzer: ModuleType) -> str:
    return fuzzer.__name__.rpartition(".")[2]


@pytest.mark.parametrize("fuzzer", COUNTS, ids=name_of)
def test_nothing_that_is_sent_does_harm(fuzzer: ModuleType) -> None:
    session = Session(name_of(fuzzer), SEED, count=COUNTS[fuzzer], redis=False, browser=False)
    fuzzer.fuzz(session)
    assert not session.failures, "\n".join(map(str, session.failures.values()))
    assert session.done == COUNTS[fuzzer]
