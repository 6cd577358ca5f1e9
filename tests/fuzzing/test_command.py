"""The command: a seed makes the same cases, what is found is kept and done again, and the table is the run's own."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from fuzzing import __main__ as command
from fuzzing import frames, readme, session, targets
from fuzzing.mutators import ATOMS, garbled, mangled, written
from fuzzing.session import Failure, Session, lump

pytestmark = pytest.mark.django_db

VALUE = {"action": "say", "payload": {"list": [1, {"a": None}], "text": "x"}}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A consumer that fails on a word is the only target, and failures are kept elsewhere."""

    class Fails(targets.Consumer[Any]):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            if "harm" in str(content):
                raise RuntimeError("on purpose")
            await super().receive_json(content, **kwargs)

    consumer: Any = targets.typed("Broken", Fails)
    broken = targets.Target("broken", consumer, consumer.as_asgi(), targets.TYPED_ANSWERS)
    monkeypatch.setattr(frames, "TARGETS", {"broken": broken})
    monkeypatch.setattr(session, "FAILURES", tmp_path)
    return tmp_path


@pytest.mark.parametrize("number", range(50))
def test_mutations_are_the_same_for_a_seed_and_leave_the_message_alone(number: int) -> None:
    def made() -> Any:
        random = Random(number)
        return garbled(random, written(*mangled(random, VALUE)))

    before = json.dumps([VALUE, ATOMS])
    frame = made()
    assert frame == made()
    assert json.dumps([VALUE, ATOMS]) == before
    if isinstance(frame, str):
        frame.encode()  # what no socket carries is no frame


async def test_a_sequence_is_made_as_short_as_shows_the_failure() -> None:
    async def is_bad(items: list[int]) -> bool:
        return {3, 17} <= set(items)

    assert await lump(list(range(20)), is_bad, 200) == [3, 17]


def test_harm_is_found_made_small_kept_and_done_once_more(
    broken: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shot = frames.Shot('{"action": "text", "payload": "much harm and more", "other": [1, 2, 3]}')
    monkeypatch.setattr(frames, "Shots", lambda *_: SimpleNamespace(one=lambda _: shot))
    run = Session("frames", 1, count=3)
    frames.fuzz(run)
    (failure,) = run.failures.values()
    (text,) = failure.case["frames"]
    assert "harm" in text
    assert len(text) < 15
    assert set(run.hits.values()) == {3}
    path = failure.write(broken)
    assert Failure.read(path) == failure
    assert command.main(["--replay", str(path)]) == 1
    assert "RuntimeError" in capsys.readouterr().out


def test_what_does_no_harm_is_said_to(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harmless = Failure("frames", 1, "", {"target": "broken", "frames": ["[]"]}).write(broken)
    assert command.main(["--replay", str(harmless)]) == 0
    assert "does no harm" in capsys.readouterr().out


def test_a_file_that_is_no_failure_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("{}")
    assert command.main(["--replay", str(tmp_path / "x.json")]) == 2
    assert "is no failure" in capsys.readouterr().err


def test_ctrl_c_ends_a_run_with_what_it_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: Session) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(frames, "fuzz", interrupted)
    assert command.main(["--only", "frames", "--seed", "5"]) == 130
    said = capsys.readouterr()
    assert "seed 5" in said.err
    assert "Interrupted" in said.err
    assert "frames: 0 cases" in said.out


def test_the_table_is_written_between_the_markers(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("before\n<!-- fuzzing: begin -->\nold\n<!-- fuzzing: end -->\nafter\n")
    run = Session("frames", 7, figures={"worst": "2 | 3"}, done=1234)
    readme.write([run], "--minutes 60", path)
    text = path.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert 'make fuzz ARGS="--minutes 60"' in text
    assert "| frames | 1,234 | 0 | worst: 2 \\| 3 |" in text


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.parsed(["--help"])
    said = capsys.readouterr().out
    for name in command.NAMES:
        assert f"  {name} " in said
