"""The dispatch example's stories under ``mode="error"``, served as ``make demo`` serves it: no drift of the server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo import test_chat, test_story
from tests.demo.conftest import REPLY_SECONDS, Connect, Demo, connected, demo, document, seen  # noqa: F401 - fixtures


@pytest.fixture(scope="module", autouse=True)
def drifts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the server notes drifts. It is autouse so that the demo starts in this environment."""
    path = tmp_path_factory.mktemp("drifts") / "drifts"
    path.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent / "enforced"))
        patch.setenv("DRIFTS", str(path))
        yield path


def lines(path: Path, direction: str) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.startswith(direction)]


async def test_a_ride_from_request_to_cancellation(
    demo: Demo,  # noqa: F811
    connected: Connect,  # noqa: F811
    document: dict[str, Any],  # noqa: F811
    seen: dict[str, set[str]],  # noqa: F811
    drifts: Path,
) -> None:
    before = lines(drifts, "")
    await test_story.test_a_ride_from_request_to_cancellation(demo, connected, document, seen)
    assert lines(drifts, "") == before


async def test_a_rider_and_the_driver_who_comes_talk(
    demo: Demo,  # noqa: F811
    connected: Connect,  # noqa: F811
    document: dict[str, Any],  # noqa: F811
    seen: dict[str, set[str]],  # noqa: F811
    drifts: Path,
) -> None:
    """It sends three bad frames on purpose, which the typed consumer answers and the middleware hears of."""
    before = len(lines(drifts, "in"))
    await test_chat.test_a_rider_and_the_driver_who_comes_talk(demo, connected, document, seen)
    assert lines(drifts, "out") == []
    assert len(lines(drifts, "in")) == before + 3


async def test_bad_input_of_described_consumers_is_answered_by_the_middleware(
    demo: Demo,  # noqa: F811
    connected: Connect,  # noqa: F811
    drifts: Path,
) -> None:
    async with connected("notifications", token=demo.token) as client:
        before = len(lines(drifts, "in"))
        await client.raw('{"action": "mark_read", "notification_id": "7"}')
        frame = await asyncio.wait_for(client.socket.recv(), REPLY_SECONDS)
        assert '"loc":["notification_id"]' in str(frame)
        await client.is_answered()
    assert len(lines(drifts, "in")) == before + 1
    assert lines(drifts, "out") == []
