"""Parties that take short turns."""

from __future__ import annotations

from benchmarks.pairing import Turn, found, in_turns
from benchmarks.scenario import BESIDE


def party(name: str, done: int, taken: float, asked: list[str]) -> Turn:
    async def turn(seconds: float) -> tuple[int, float]:
        assert seconds == 0.5
        asked.append(name)
        return done, taken

    return turn


async def test_everybody_works_as_long_and_begins_as_often() -> None:
    asked: list[str] = []
    sums = await in_turns([party("a", 10, 1.0, asked), party("b", 30, 2.0, asked)], 4.0, 0.5)
    assert asked == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert [(each.done, each.taken, each.rate) for each in sums] == [(40, 4.0, 10.0), (120, 8.0, 15.0)]


def test_what_is_found_has_the_floor_beside_it_unless_it_is_the_floor_s() -> None:
    assert found("time", 2.0, None) == {"time": 2.0}
    assert found("time", 2.0, 1.0) == {"time": 2.0, BESIDE + "time": 1.0}
