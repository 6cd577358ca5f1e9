"""The table says what was measured, what missed its target, and who did not finish."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from benchmarks.contenders import Contender
from benchmarks.figures import Target
from benchmarks.harness import Found
from benchmarks.scenario import BESIDE, Metric, Options, Scenario
from benchmarks.table import Row, markdown, rows, show

FLOOR = Contender("floor", "floor", "")
OURS = Contender("ours", "ours", "", ours=True)
PEER = Contender("peer", "a peer | with a bar", "")

SCENARIO = Scenario(
    "talk",
    "",
    (Metric("time", "Talking to {members:,}", "µs", 1e6, targets={"ours": Target(2)}),),
    (FLOOR, OURS, PEER),
    lambda contender, options: {},
)


def found(ours: list[float | None], peer: Found) -> list[Row]:
    results = {
        "talk": {
            "floor": Found([{"time": 1e-6}] * len(ours)),
            "ours": Found([None if each is None else {"time": each} for each in ours]),
            "peer": peer,
        }
    }
    return rows([SCENARIO], results, Options())


def test_a_row_has_the_figure_the_ratio_the_target_and_its_outcome() -> None:
    floor, ours, _ = found([1.5e-6, 3e-6, 1.2e-6], Found([{"time": 9e-6}] * 3))
    assert ours.what == "Talking to 1,000: µs"
    assert ours.cells() == ("ours", "1.50 (1.20 to 3.00)", "1.50 (1.20 to 3.00)", "≤ 2 × floor", "met")  # noqa: RUF001
    assert floor.cells() == ("floor", "1.00", "", "", "")


def test_a_ratio_is_to_the_floor_of_the_same_measurement_where_that_had_one() -> None:
    results = {
        "talk": {
            "floor": Found([{"time": 1e-6}, {"time": 9e-6}]),
            "ours": Found([{"time": 3e-6, BESIDE + "time": 2e-6}, None]),
            "peer": Found([{"time": 5e-6}, {"time": 9e-6}]),
        }
    }
    assert [row.cells()[2] for row in rows([SCENARIO], results, Options())] == ["", "1.50", "3.00 (1.00 to 5.00)"]


def test_a_missed_target_is_reported() -> None:
    assert [row.outcome for row in found([2.1e-6], Found([{"time": 9e-6}]))] == ["", "missed", ""]


def test_whoever_did_not_finish_is_shown_with_the_reason() -> None:
    _, _, peer = found([1e-6, 1e-6], Found([None, None], ["Too many connections", "Too many connections"]))
    assert peer.cells()[1] == "did not finish: Too many connections"
    assert peer.to_floor is None


def test_a_target_of_what_did_not_finish_is_missed() -> None:
    results = {"talk": {"floor": Found([{"time": 1e-6}]), "ours": Found([None], ["it broke"]), "peer": Found([None])}}
    assert [row.outcome for row in rows([SCENARIO], results, Options())] == ["", "missed", ""]


def test_runs_that_did_not_finish_are_told_beside_those_that_did() -> None:
    _, _, peer = found([1e-6, 1e-6, 1e-6], Found([{"time": 9e-6}, None, {"time": 9e-6}], ["Timeout"]))
    assert peer.cells()[1] == "9.00; 1 of 3 runs did not finish: Timeout"


def test_markdown_keeps_five_columns_whatever_the_names_are() -> None:
    text = markdown(found([1e-6], Found([None], ["a | b <script>"])))
    assert {line.replace("\\|", "").count("|") for line in text.splitlines()} == {6}
    assert "<script>" not in text


@pytest.mark.parametrize("is_terminal", [True, False])
def test_the_table_is_drawn_on_a_terminal_and_is_markdown_elsewhere(is_terminal: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=is_terminal, width=160, color_system=None)
    show(found([2.1e-6], Found([None], ["[bold] is no markup here"])), console)
    assert "missed" in out.getvalue()
    assert "[bold] is no markup here" in out.getvalue()
    assert out.getvalue().startswith("| who") != is_terminal
