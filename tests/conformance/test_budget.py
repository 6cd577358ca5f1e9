"""What is counted before it is done: sizes of values, work of judging, and text for patterns."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chanspec.conformance.budget import Account, Budget, BudgetSpentError, TimeUpError
from chanspec.conformance.cost import MAX_JUDGING, Costs, size_of
from chanspec.conformance.document import read
from chanspec.conformance.patterns import UnreadablePatternError, matching
from chanspec.conformance.search import search
from chanspec.conformance.sizes import Sizes
from chanspec.conformance.strategies import Generator
from tests.hostile_templates import document_with, ref
from tests.nasty import JSON_OBJECTS

LETTERS = st.characters(codec="ascii", categories=["L", "N", "P"])
TEXT = st.text(LETTERS, max_size=5)


def test_an_account_is_spent_once_and_for_all() -> None:
    budget, account = Budget(), Account("counting", 10)
    budget.spend(10**9)  # nobody pays
    with budget.paid_by(account):
        budget.spend(10)
        with pytest.raises(BudgetSpentError, match="counting takes more than 10 steps"):
            budget.spend()
        with pytest.raises(BudgetSpentError):
            budget.spend(0)
    budget.spend(10**9)


def test_an_account_ends_with_the_time() -> None:
    budget = Budget(is_stopped=lambda: True)
    with budget.paid_by(Account("counting")), pytest.raises(TimeUpError, match="the time was up while counting"):
        budget.spend()


@given(JSON_OBJECTS)
def test_the_size_of_a_value_is_about_that_of_its_text(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert len(text) / 8 <= size_of(value) <= 4 * len(text) + 8


def test_what_is_there_many_times_counts_as_often_and_is_looked_at_once() -> None:
    value: Any = ["x"] * 10
    for _ in range(200):
        value = [value] * 10
    assert size_of(value) > 10**200
    value.append(value)
    with pytest.raises(BudgetSpentError, match="nested too deeply"):
        size_of(value)


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z]+$",
        "^(?:[a-z]{2,4}-)+[0-9]{3}$",
        r"^\d{4}-\d{2}-\d{2}$",
        r"^[\w.+-]+@([\w-]+\.)+[\w-]{2,}$",
        "^(a+)+$",
        "^(a?){20}a{20}$",
        r"^\+?[1-9]\d{1,14}$",
        r"^#(?:[0-9a-fA-F]{3}){1,2}$",
        "red|green|blue",
        r"^[^<>]{3,}$",
        r"^\p{Lu}\p{Ll}+$",
        r"^(?<year>\d+)\u002d\x41[\]\\-]$",
        r"^[\s\S]{5}$",
        r"^(?=.*\d).{8,}$",
        r"^.{0,5}$",
        "",
    ],
)
def test_text_for_a_pattern_mostly_matches_it(pattern: str) -> None:
    validator = jsonschema_rs.validator_for({"$schema": "http://json-schema.org/draft-07/schema#", "pattern": pattern})
    made: list[str] = []

    def keep(text: str) -> bool:
        made.append(text)
        return False

    search(matching(pattern, TEXT, LETTERS), keep, 50, Random(1), shrink=False)
    assert len(made) >= 1
    assert sum(map(validator.is_valid, made)) >= len(made) / 4, made


@settings(deadline=None)
@given(st.text(alphabet="ab[]()|*+?{}0123456789,\\^$.-dwpuxk<=!:", max_size=30))
def test_any_pattern_is_read_or_refused(pattern: str) -> None:
    try:
        strategy = matching(pattern, TEXT, LETTERS)
    except UnreadablePatternError:
        return
    found: list[str] = []

    def keep(text: str) -> bool:
        found.append(text)
        return True

    search(strategy, keep, 3, Random(1), shrink=False)
    assert all(len(each) < 200_000 for each in found)


def least(payload: Any, **schemas: Any) -> float:
    api = read(document_with(payload, **schemas))
    schema = api.channels[0].actions[1].message.schema
    assert isinstance(schema, dict)
    return Sizes(api.schemas).least(schema["properties"]["p"])[0]


@pytest.mark.parametrize(
    ("payload", "size"),
    [
        ({"type": "integer"}, 4),
        ({"type": "string", "minLength": 5.0}, 9),
        ({"type": "array", "minItems": 3, "items": {"type": "integer"}}, 16),
        ({"anyOf": [{"type": "string", "minLength": 50}, {"type": "null"}]}, 4),
        ({"type": "array", "minItems": 10**400, "items": {}}, 4 * 10**9 + 4),
        ({"type": "object", "required": ["ab"], "properties": {"ab": ref("S")}}, 20),
        (ref("S"), 14),
        (ref("L"), float("inf")),
        (ref("N"), 12),
    ],
)
def test_the_smallest_value_of_a_schema_is_known_before_any_is_made(payload: Any, size: float) -> None:
    schemas = {
        "S": {"type": "string", "minLength": 10},
        "L": {"type": "object", "required": ["next"], "properties": {"next": ref("L")}},
        "N": {"type": "object", "required": ["next"], "properties": {"next": {"anyOf": [ref("N"), {"type": "null"}]}}},
    }
    assert least(payload, **schemas) == size


SHAPES = st.recursive(
    st.sampled_from([{"type": "integer"}, {"type": "string", "minLength": 3}, {"enum": ["ab", 1]}, {"type": "null"}]),
    lambda inner: st.one_of(
        st.builds(lambda item, count: {"type": "array", "items": item, "minItems": count}, inner, st.integers(0, 3)),
        st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner),
        st.builds(
            lambda one, other: {"type": "object", "properties": {"a": one, "b": other}, "required": ["a"]},
            inner,
            inner,
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(SHAPES)
def test_no_value_that_is_made_is_smaller_than_the_smallest(payload: dict[str, Any]) -> None:
    api = read(document_with(payload))
    schema = api.channels[0].actions[1].message.schema
    smallest, _ = Sizes(api.schemas).least(schema)
    found: list[Any] = []

    def keep(value: Any) -> bool:
        found.append(value)
        return True

    search(Generator(api.schemas, 7).valid(schema), keep, 5, Random(1), shrink=False)
    assert all(size_of(each) >= smallest for each in found)


@settings(max_examples=60, deadline=None)
@given(SHAPES, JSON_OBJECTS)
def test_work_that_is_small_is_never_refused(payload: dict[str, Any], value: Any) -> None:
    api = read(document_with(payload))
    schema = api.channels[0].actions[1].message.schema
    assert 0 < Costs(api.schemas.follow).check(schema, {"action": "go", "p": value}) < MAX_JUDGING
