"""What alternating runs are summed up to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import Figure, Target, figure, ratio, readable


def test_a_figure_is_the_median_with_the_lowest_and_the_highest() -> None:
    assert figure([3.0, 1.0, 2.0, 10.0, 2.5]) == Figure(2.5, 1.0, 10.0)


def test_ratios_are_taken_within_a_turn() -> None:
    # A machine that was half as fast in the second turn was so for both.
    assert ratio([2.0, 4.0, 2.0], [1.0, 2.0, 1.0]) == Figure(2.0, 2.0, 2.0)


def test_turns_that_did_not_finish_on_either_side_have_no_ratio() -> None:
    assert ratio([2.0, None, 9.0], [1.0, 1.0, None]) == Figure(2.0, 2.0, 2.0)
    assert ratio([None], [1.0]) is None


def test_turns_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("target", "met", "missed", "text"),
    [
        (Target(1.6), 1.6, 1.61, "≤ 1.6 × floor"),  # noqa: RUF001
        (Target(0.9, at_least=True), 0.9, 0.899, "≥ 0.9 × floor"),  # noqa: RUF001
        (Target(1, of_ratio=False), 0.2, 1.2, "≤ 1"),
    ],
)
def test_a_target_is_met_up_to_its_limit(target: Target, met: float, missed: float, text: str) -> None:
    assert target.is_met(met)
    assert not target.is_met(missed)
    assert str(target) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (0.1664, "0.166"),
        (1.0, "1.00"),
        (4.627, "4.63"),
        (39.12, "39.1"),
        (99.97, "100"),
        (186.4, "186"),
        (999.6, "1,000"),
        (37_049.0, "37,000"),
        (1_234_567.0, "1,230,000"),
        (-0.115, "-0.115"),
    ],
)
def test_numbers_have_three_digits(number: float, text: str) -> None:
    assert readable(number) == text


@given(st.floats(min_value=0.2, max_value=1e9))
def test_a_number_is_read_back_to_half_a_percent(number: float) -> None:
    assert float(readable(number).replace(",", "")) == pytest.approx(number, rel=0.0051)
