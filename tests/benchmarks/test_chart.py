"""The charts are whole SVG documents, with their figures in words, for light and dark pages."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.chart import LEFT, SPAN, WIDTH, Axis, Bar, Panel, draw
from benchmarks.charts import NAMES, drawn
from benchmarks.contenders import Contender
from benchmarks.harness import Found
from benchmarks.scenario import Options
from benchmarks.scenarios import SCENARIOS

SVG = "{http://www.w3.org/2000/svg}"


def bar(value: float | None, kind: Any = "peer", name: str = "a peer", text: str = "") -> Bar:
    return Bar(name, value, value or 0, value or 0, text or str(value), kind)


def drawn_bars(panel: Panel) -> list[tuple[float, float]]:
    """Left and right ends of all bars."""
    root = ElementTree.fromstring(draw("A chart", [panel]))
    rects = [each for each in root.iter(f"{SVG}rect") if each.get("class") in ("peer", "ours", "floor")]
    return [(float(each.attrib["x"]), float(each.attrib["x"]) + float(each.attrib["width"])) for each in rects]


def test_the_title_and_all_figures_are_there_in_words() -> None:
    panel = Panel("Time", "shorter is better", [bar(1, "floor", "floor", "1 µs"), bar(9, text="9 µs")], True)
    root = ElementTree.fromstring(draw("How long it takes", [panel]))
    assert root.get("role") == "img"
    named = {each.get("id"): each.text for each in root if each.get("id")}
    assert root.get("aria-labelledby") == " ".join(named)
    assert named["title"] == "How long it takes"
    assert named["description"] == "Time (shorter is better): floor, 1 µs; a peer, 9 µs."


def test_it_has_colours_for_dark_pages_and_a_background_of_its_own() -> None:
    svg = draw("A chart", [Panel("Time", "", [bar(1)], False)])
    assert "prefers-color-scheme: dark" in svg
    page = next(each for each in ElementTree.fromstring(svg).iter(f"{SVG}rect") if each.get("class") == "page")
    assert float(page.attrib["width"]) >= WIDTH - 1


def test_names_and_reasons_cannot_break_out_of_the_document() -> None:
    evil = "</text><script>alert(1)</script>&"
    svg = draw(evil, [Panel(evil, evil, [bar(None, name=evil, text=evil)], True)])
    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}script"))


def test_whoever_did_not_finish_has_words_and_no_bar() -> None:
    panel = Panel("Time", "", [bar(2), bar(None, text="did not finish: too many connections")], True)
    assert len(drawn_bars(panel)) == 1
    assert "did not finish: too many connections" in draw("A chart", [panel])


def test_ten_times_as_much_is_as_far_on_a_logarithmic_axis_wherever_it_begins() -> None:
    ends = [end for _, end in drawn_bars(Panel("Time", "", [bar(10), bar(100), bar(1000)], True))]
    assert ends[1] - ends[0] == pytest.approx(ends[2] - ends[1], abs=0.2)
    assert ends[0] - LEFT == pytest.approx(ends[1] - ends[0], abs=0.2)


def test_twice_as_much_is_twice_as_long_on_a_linear_axis() -> None:
    (left, short), (_, long) = drawn_bars(Panel("Rate", "", [bar(1000), bar(2000)], False))
    assert long - left == pytest.approx(2 * (short - left), abs=0.2)


def test_a_ratio_below_the_floor_goes_to_the_left() -> None:
    (left, right), (base, _) = drawn_bars(Panel("Time", "", [bar(0.5), bar(3)], True))
    assert left < right
    assert right == pytest.approx(base, abs=0.2)


@given(st.lists(st.floats(min_value=1e-3, max_value=1e8), min_size=1, max_size=8), st.booleans())
def test_every_value_fits_its_axis(values: list[float], is_ratio: bool) -> None:
    axis = Axis(values, is_ratio=is_ratio)
    assert axis.ticks == sorted(set(axis.ticks))
    assert len(axis.ticks) <= (25 if is_ratio else 8)
    for value in [*values, axis.base]:
        assert LEFT - 0.01 <= axis.at(value) <= LEFT + SPAN + 0.01
        assert math.isfinite(axis.at(value))


def everything(value: float | None) -> dict[str, dict[str, Found]]:
    def found(contender: Contender, metrics: list[str]) -> Found:
        if value is None and contender.key != "floor":
            return Found([None], ["it did not answer"])
        return Found([dict.fromkeys(metrics, value or 1.0)])

    return {
        each.key: {one.key: found(one, [metric.key for metric in each.metrics]) for one in each.contenders}
        for each in SCENARIOS
    }


@pytest.mark.parametrize("value", [2.5, None])
def test_both_charts_are_drawn_from_results_with_everybody_in_them(value: float | None) -> None:
    charts = drawn(SCENARIOS, everything(value), Options())
    assert [path.name for path in charts] == list(NAMES)
    for path, svg in charts.items():
        texts = [each.text for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]
        scenario = next(each for each in SCENARIOS if f"bench-{each.key}.svg" == path.name)
        assert {contender.name for contender in scenario.contenders} <= set(texts)


def test_results_of_one_scenario_have_its_chart_only() -> None:
    results = {key: found for key, found in everything(1.0).items() if key == "echo"}
    assert [path.name for path in drawn(SCENARIOS, results, Options())] == ["bench-echo.svg"]
