"""Contenders take turns, failures are kept with their reasons, and each measurement is a process."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmarks import protocol
from benchmarks.contenders import Contender
from benchmarks.harness import Clock, Found, Step, as_json, from_json, in_process_of_its_own, run, steps
from benchmarks.progress import in_words
from benchmarks.protocol import DidNotFinishError, read
from benchmarks.scenario import Metric, Options, Scenario
from benchmarks.scenarios import SCENARIOS, scenario

A, B = Contender("a", "A", ""), Contender("b", "B", "")


def talking(**changes: object) -> Scenario:
    made = Scenario("talk", "", (Metric("time", "Time", "s"),), (A, B), lambda contender, options: {})
    return replace(made, **changes)  # type: ignore[arg-type]


def test_contenders_take_turns() -> None:
    order = []

    def measure(scenario: Scenario, contender: Contender, options: Options) -> dict[str, float]:
        order.append(contender.key)
        return {"time": float(len(order))}

    results = run([talking()], 3, Options(), measure=measure)
    assert order == ["a", "b", "a", "b", "a", "b"]
    assert results["talk"]["b"].values("time") == [2.0, 4.0, 6.0]


def test_a_count_is_measured_no_more_often_than_it_says() -> None:
    assert [step.contender.key for step in steps([talking(most_runs=2)], 5)] == ["a", "b", "a", "b"]


def test_a_failure_is_kept_and_the_others_go_on() -> None:
    asked = []

    def measure(scenario: Scenario, contender: Contender, options: Options) -> dict[str, float]:
        asked.append(contender.key)
        if contender is A:
            raise DidNotFinishError("too many connections")
        return {"time": 1.0}

    results = run([talking()], 4, Options(), measure=measure)
    assert results["talk"]["a"] == Found([None] * 4, ["too many connections"] * 2)
    assert results["talk"]["b"].values("time") == [1.0] * 4
    assert asked.count("a") == 2, "whoever failed twice is not waited for again"


def test_what_is_watched_is_told_what_comes_and_how_long_it_takes() -> None:
    told: list[tuple[str, int, float]] = []
    run(
        [talking(set_up=2.0)],
        2,
        Options(seconds=1.0),
        lambda step, left: told.append((step.contender.key, step.turn, left)),
        lambda scenario, contender, options: {"time": 1.0},
    )
    assert [(key, turn) for key, turn, _ in told] == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    left = [each for *_, each in told]
    assert left == sorted(left, reverse=True)
    assert left[0] == pytest.approx(4 * 3.3)


def test_the_guess_is_what_the_last_of_its_kind_took() -> None:
    clock = Clock(Options())
    step = Step(talking(), A, 1, 2)
    clock.note(step, 7.0)
    assert clock.guess(Step(talking(), A, 2, 2)) == 7.0
    assert in_words(clock.left([step] * 2)) == "about 14 s left"
    assert in_words(600) == "about 10 min left"


def test_results_survive_json() -> None:
    results = {"talk": {"a": Found([{"time": 1.5}, None], ["why"])}}
    assert from_json(json.loads(json.dumps(as_json(results)))) == results


@pytest.mark.parametrize("output", ["", "Traceback", "[]", '{"values": 1}', '{"values": {"time": "soon"}}'])
def test_a_process_that_says_nothing_sensible_did_not_finish(output: str) -> None:
    with pytest.raises(DidNotFinishError, match="without a result"):
        read(output)


def test_only_the_last_line_of_a_process_counts() -> None:
    assert read('noise\n{"values": {"time": 1}}\n') == {"time": 1.0}
    with pytest.raises(DidNotFinishError, match="it broke"):
        read('{"failed": "it broke"}')


def test_reasons_are_one_short_line() -> None:
    assert protocol.shortened("a\n  b") == "a b"
    assert len(protocol.shortened("x" * 1000)) == protocol.LONGEST


def test_a_measurement_is_made_in_a_process_of_its_own() -> None:
    echo = scenario("echo")
    found = in_process_of_its_own(echo, echo.contender("floor"), Options(seconds=0.02))
    assert found["message"] > 0


def test_a_process_that_takes_too_long_is_ended() -> None:
    echo = replace(scenario("echo"), most=0.05)
    with pytest.raises(DidNotFinishError, match="nothing after 0 s"):
        in_process_of_its_own(echo, echo.contender("floor"), Options(seconds=600))


def test_a_process_that_fails_says_why() -> None:
    echo = scenario("echo")
    nobody = Contender("nobody", "nobody", "")
    with pytest.raises(DidNotFinishError, match="no contender 'nobody'"):
        in_process_of_its_own(echo, nobody, Options(seconds=0.02))


def test_a_scenario_on_uvloop_has_everybody_on_it_and_others_have_nobody() -> None:
    for each in SCENARIOS:
        loop = "uvloop" if each.key.endswith("-uvloop") else "asyncio"
        assert {contender.loop for contender in each.contenders} == {loop}


def test_every_scenario_has_a_floor_that_takes_part_and_targets_for_chanspec_only() -> None:
    assert len({each.key for each in SCENARIOS}) == len(SCENARIOS)
    for each in SCENARIOS:
        keys = [contender.key for contender in each.contenders]
        assert len(set(keys)) == len(keys)
        for metric in each.metrics:
            assert metric.floor is None or metric.floor in keys
            assert set(metric.only or ()) <= set(keys)
            assert all(target.of_ratio == (metric.floor is not None) for target in metric.targets.values())
            assert set(metric.targets) <= {one.key for one in each.contenders if one.ours}
