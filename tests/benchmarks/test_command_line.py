"""What ``make bench`` takes, refuses, writes and leaves alone."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import charts, harness, machine, results
from benchmarks.contenders import Contender
from benchmarks.scenario import STOOD_STILL, Options, Scenario
from tests.redis import shared_redis  # noqa: F401 - a fixture

STARTS_REDIS = pytest.mark.usefixtures("shared_redis")
"""Of a command that starts a server for those who need one: where there is none to start, the fixture says so."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that all files go to, with results of an earlier run."""
    written = tmp_path / "RESULTS.md"
    written.write_text("# Results\n\n<!-- benchmarks.page: begin -->\nthe page\n<!-- benchmarks.page: end -->\n")
    monkeypatch.setattr(results, "RESULTS", written)
    monkeypatch.setattr(command, "RAW", tmp_path / "results.json")
    monkeypatch.setattr(charts, "IMAGES", tmp_path / "images")
    return tmp_path


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who was measured; everybody's figure is the same."""
    asked: list[str] = []

    def measure(scenario: Scenario, contender: Contender, options: Options) -> dict[str, float]:
        asked.append(f"{scenario.key} {contender.key}")
        return {metric.key: 1.0 for metric in scenario.metrics} | {"busy": 0.5}

    monkeypatch.setattr(harness, "in_process_of_its_own", measure)
    return asked


def running(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    return command.main()


@STARTS_REDIS
def test_a_whole_run_writes_the_table_the_raw_figures_and_the_charts(
    files: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running(monkeypatch) == 0
    text = (files / "RESULTS.md").read_text()
    assert "the page" in text, "the part of another command"
    assert "chanx on fast-channels" in text
    assert "met" in text
    assert "less than 85% of the time" in text, "a server that waited is told"
    assert {each.name for each in (files / "images").iterdir()} == set(charts.NAMES)
    assert json.loads((files / "results.json").read_text())["runs"] == 5
    assert measured.count("echo floor") == 5


@pytest.mark.parametrize("seconds", [0.002, 0.02])
def test_clients_that_stood_still_are_told(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seconds: float
) -> None:
    def measure(scenario: Scenario, contender: Contender, options: Options) -> dict[str, float]:
        return {metric.key: 1.0 for metric in scenario.metrics} | {STOOD_STILL: seconds}

    monkeypatch.setattr(harness, "in_process_of_its_own", measure)
    assert running(monkeypatch, "--only", "flood", "--runs", "1") == 0
    told = "in flood, the clients' own process stood still for up to 20 ms" in capsys.readouterr().err
    assert told == (seconds == 0.02)


@STARTS_REDIS
def test_the_charts_can_be_drawn_again_without_measuring(
    files: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running(monkeypatch) == 0
    before = (files / "RESULTS.md").read_text()
    measured.clear()
    shutil.rmtree(files / "images")
    assert running(monkeypatch, "--redraw") == 0
    assert not measured
    assert (files / "RESULTS.md").read_text() == before
    assert {each.name for each in (files / "images").iterdir()} == set(charts.NAMES)


@STARTS_REDIS
def test_a_scenario_measured_anew_is_kept_within_the_results_of_the_last_whole_run(
    files: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running(monkeypatch, "--only", "outage", "--keep") == 2
    assert "a whole run writes it" in capsys.readouterr().err
    monkeypatch.setattr(machine, "load", lambda: 0.0)
    assert running(monkeypatch) == 0
    before = json.loads((files / "results.json").read_text())
    measured.clear()
    monkeypatch.setattr(harness, "in_process_of_its_own", lambda *_: {"again": 7.0})
    assert running(monkeypatch, "--only", "outage", "--keep", "--runs", "4") == 2
    assert "--keep needs 5 runs" in capsys.readouterr().err
    monkeypatch.setattr(machine, "load", lambda: 3.5)
    assert running(monkeypatch, "--only", "outage", "--keep") == 0
    after = json.loads((files / "results.json").read_text())
    assert after["found"].pop("outage") != before["found"].pop("outage")
    assert after.pop("complaints") == [
        *before.pop("complaints"),
        "of outage, measured later: the machine was not idle before the first measurement: its load was 3.5",
    ]
    assert after == before
    assert "7.00" in (files / "RESULTS.md").read_text()
    monkeypatch.setattr(machine, "machine", lambda: "another one")
    monkeypatch.setattr(harness, "in_process_of_its_own", lambda *_: pytest.fail("it could have been known before"))
    with pytest.raises(SystemExit, match=r"the last whole run had other machine, .* and not another one"):
        running(monkeypatch, "--only", "outage", "--keep")
    assert json.loads((files / "results.json").read_text())["machine"] == before["machine"]


def test_a_scenario_measured_apart_has_a_part_of_its_own_until_the_next_whole_run(
    files: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running(monkeypatch, "--only", "flood", "--apart", "--quick") == 2
    assert "--apart needs 5 runs" in capsys.readouterr().err
    assert running(monkeypatch, "--only", "flood", "--apart") == 0
    text = (files / "RESULTS.md").read_text()
    assert "the page" in text
    assert '## Measured apart\n\n    make bench ARGS="--only flood --apart"\n' in text
    assert "Beside a client that floods" in text
    assert not (files / "results.json").exists()


@STARTS_REDIS
def test_a_whole_run_replaces_what_was_measured_apart(
    files: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running(monkeypatch, "--only", "flood", "--apart") == 0
    assert running(monkeypatch) == 0
    text = (files / "RESULTS.md").read_text()
    assert "Measured apart" not in text
    assert "Beside a client that floods" in text


def test_nothing_to_redraw_says_what_to_do(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running(monkeypatch, "--redraw") == 2
    assert "make bench" in capsys.readouterr().err


@STARTS_REDIS
@pytest.mark.parametrize(
    "arguments", [("--only", "echo"), ("--skip", "fanout"), ("--who", "chanx"), ("--quick",), ("--runs", "4")]
)
def test_a_part_of_a_run_is_printed_and_not_kept(
    files: Path,
    measured: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    before = (files / "RESULTS.md").read_text()
    assert running(monkeypatch, *arguments) == 0
    assert "| floor |" in capsys.readouterr().out
    assert (files / "RESULTS.md").read_text() == before
    assert not (files / "results.json").exists()


@STARTS_REDIS
def test_an_interrupted_run_leaves_everything_as_it_was(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> dict[str, float]:
        raise KeyboardInterrupt

    monkeypatch.setattr(harness, "in_process_of_its_own", interrupted)
    before = (files / "RESULTS.md").read_text()
    assert running(monkeypatch) == 130
    assert "RESULTS.md is as it was" in capsys.readouterr().err
    assert (files / "RESULTS.md").read_text() == before


def test_only_those_who_are_asked_for_are_measured_and_the_floor(
    files: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running(monkeypatch, "--only", "echo", "--who", "starlette", "--runs", "1") == 0
    assert measured == ["echo floor", "echo starlette"]


@STARTS_REDIS
def test_what_takes_long_is_measured_when_it_is_asked_for(
    files: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = next(each for each in command.SCENARIOS if each.on_request)
    assert running(monkeypatch, "--quick") == 0
    assert not [each for each in measured if each.startswith(f"{long.key} ")]
    assert running(monkeypatch, "--only", long.key, "--runs", "1") == 0
    assert [each for each in measured if each.startswith(f"{long.key} ")]


def test_without_redis_it_says_what_to_install(
    files: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert running(monkeypatch) == 2
    assert "apt-get install redis-server" in capsys.readouterr().err
    assert running(monkeypatch, "--only", "echo") == 0, "which needs none"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--only", "ehco"), "choose from"),
        (("--runs", "0"), "not a number above 0"),
        (("--runs", "many"), "invalid int value"),
        (("--seconds", "nan"), "not a number above 0"),
    ],
)
def test_a_wrong_argument_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        running(monkeypatch, *arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_help_names_every_scenario(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        running(monkeypatch, "--help")
    said = capsys.readouterr().out
    assert all(each.key in said for each in command.SCENARIOS)


def test_the_machine_is_told_without_its_name() -> None:
    import platform

    said = machine.machine()
    assert "Python" in said
    assert "GiB" in said
    assert not platform.node() or platform.node() not in said
    assert "/" not in said
    assert machine.versions()["pydantic"][0].isdigit()
