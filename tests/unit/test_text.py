"""A document's text: what YAML and JSON are written, and that Python's readers get the same data back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
import yaml as pyyaml
from django.utils.translation import gettext_lazy
from hypothesis import example, given, settings
from ruamel.yaml import YAML

from chanspec.asyncapi.plain import MAX_DEPTH
from chanspec.asyncapi.text import scalar, to_json, to_yaml
from tests.nasty import JSON_OBJECTS, TAKEN_FOR_OTHER_TYPES


def read_1_2(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def read_1_1(text: str) -> Any:
    return pyyaml.safe_load(text)


@given(JSON_OBJECTS)
@settings(max_examples=300, deadline=None)
@example({"a": "x\n", "b": "x\n\n", "c": " x\n y", "d": "\n x", "e": "x\n  ", "f": "x\n \ny", "g": "\tx\ny"})
@example({"k" * 1500: {"k" * 1100: ["k" * 1001]}, "list": [{"k" * 1200: 1}]})
def test_yaml_and_json_read_back_as_the_same_data(document: dict[str, Any]) -> None:
    text = to_yaml(document)
    # By their `repr`, since Python holds True, 1 and 1.0 equal.
    assert repr(read_1_1(text)) == repr(read_1_2(text)) == repr(document)
    assert repr(json.loads(to_json(document))) == repr(document)


@given(JSON_OBJECTS)
@settings(deadline=None)
def test_json_is_yaml_1_2_too(document: dict[str, Any]) -> None:
    assert repr(read_1_2(to_json(document))) == repr(document)


@pytest.mark.parametrize("text", TAKEN_FOR_OTHER_TYPES)
def test_text_that_a_reader_takes_for_another_type_is_quoted(text: str) -> None:
    document = {"value": text, "items": [text], text: "key"}
    assert scalar(text)[0] in "\"'"
    written = to_yaml(document)
    assert read_1_1(written) == document
    assert read_1_2(written) == document


@pytest.mark.parametrize(
    "text",
    [
        "ride.offer",
        "Request a ride",
        "3 drivers, at most",
        "/ws/rides/{ride_id}/",
        "$ref",
        "http://example.com/#top",
        "naïve Žluťoučký 漢字 🚕",
        "Don't",
        "a, b [c] {d} & *e !f | > % @ `",
    ],
)
def test_ordinary_text_is_not_quoted(text: str) -> None:
    assert scalar(text) == text


def test_a_regular_expression_stays_readable() -> None:
    assert scalar(r"^\d+$") == r"'^\d+$'"


def test_text_of_many_lines_is_a_literal_block_and_long_lines_are_not_folded() -> None:
    long = "word " * 100 + "end"
    assert to_yaml({"info": {"description": f"# Title\n\n{long}\n", "summary": long}}) == (
        f"info:\n  description: |\n    # Title\n\n    {long}\n  summary: {long}\n"
    )


@pytest.mark.parametrize(
    ("text", "header"),
    [("a\nb", "|-"), ("a\nb\n", "|"), ("a\nb\n\n", "|+"), ("  a\nb", "|2-"), ("a  \n\tb", "|-"), ("a\n \nb", "|-")],
)
def test_a_literal_block_says_how_it_ends_and_where_it_begins(text: str, header: str) -> None:
    written = to_yaml({"list": [{"text": text}], "text": text})
    assert f"\ntext: {header}\n" in written
    assert read_1_1(written) == read_1_2(written) == {"list": [{"text": text}], "text": text}


@pytest.mark.parametrize(
    "text", ["a\r\nb", "a\n\x00b", "\n", "\n\n", " \na", "a\n ", "\ta\nb", "a\nb\u2028c", "a\nb\ufeff"]
)
def test_lines_that_a_literal_block_cannot_hold_are_quoted(text: str) -> None:
    written = to_yaml({"text": text})
    assert written.startswith('text: "')
    assert read_1_1(written) == read_1_2(written) == {"text": text}


def test_shape_of_nested_collections() -> None:
    document = {"a": {"b": [{"c": 1, "d": [2, [3, []]]}, {}], "e": {}}, "f": [None, True, False]}
    assert to_yaml(document) == (
        "a:\n  b:\n    - c: 1\n      d:\n        - 2\n        - - 3\n          - []\n    - {}\n  e: {}\n"
        "f:\n  - null\n  - true\n  - false\n"
    )


def test_an_empty_document_is_an_empty_mapping() -> None:
    assert to_yaml({}) == "{}\n"


def test_a_value_used_twice_is_written_twice_without_an_alias() -> None:
    shared = {"type": "string"}
    assert to_yaml({"a": shared, "b": shared}) == "a:\n  type: string\nb:\n  type: string\n"


@pytest.mark.parametrize("number", [1e20, 1e-7, 1.5e300, -2e16, 0.1, -0.0, 5e-324, 10**30, -1, 0])
def test_numbers_are_numbers_for_every_reader(number: float) -> None:
    for read in (read_1_1, read_1_2):
        found = read(to_yaml({"n": number}))["n"]
        assert (type(found), repr(found)) == (type(number), repr(number))


class Payment(Enum):
    CASH = "cash"


class Level(IntEnum):
    HIGH = 3


@dataclass
class Point:
    x: Decimal
    at: date


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (UUID("d290f1ee-6c54-4b01-90e6-d701748f0851"), "d290f1ee-6c54-4b01-90e6-d701748f0851"),
        (Decimal("1500.00"), "1500.00"),
        (datetime(2024, 5, 1, 12, 30, tzinfo=UTC), "2024-05-01T12:30:00Z"),
        (date(2024, 5, 1), "2024-05-01"),
        (timedelta(minutes=90), "PT1H30M"),
        (Payment.CASH, "cash"),
        (Level.HIGH, 3),
        ({"b", "a"}, ["a", "b"]),
        ((1, "2"), [1, "2"]),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
        ({Payment.CASH: 1, Level.HIGH: 2, UUID(int=1): 3, True: 4}, None),
        (Point(Decimal("1.5"), date(2024, 5, 1)), {"x": "1.5", "at": "2024-05-01"}),
        (b"bytes", "bytes"),
        (Text("yes"), "yes"),
        (gettext_lazy("Monday"), "Monday"),
    ],
)
def test_python_values_take_their_json_form_in_both(value: Any, form: Any) -> None:
    if form is None:
        form = {"cash": 1, "3": 2, str(UUID(int=1)): 3, "true": 4}
    document = {"value": value}
    assert (
        read_1_1(to_yaml(document)) == read_1_2(to_yaml(document)) == json.loads(to_json(document)) == {"value": form}
    )


def _endless() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def _endless_mapping() -> dict[str, Any]:
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    return loop


@pytest.mark.parametrize("write", [to_yaml, to_json])
@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (float("nan"), ValueError, r"\$\.messages\[0\]\.x: nan is not a JSON number"),
        (Point(Decimal("1"), float("inf")), ValueError, r"\$\.messages\[0\]\.x\.at: inf is not"),  # type: ignore[arg-type]
        (object(), TypeError, r"\$\.messages\[0\]\.x: a value of type builtins\.object has no JSON form"),
        ("\ud800", ValueError, r"\$\.messages\[0\]\.x: .*surrogate"),
        ({1: "a", "1": "b"}, ValueError, r"\$\.messages\[0\]\.x: two keys are both written '1'"),
        ({(1, 2): "a"}, TypeError, r"\$\.messages\[0\]\.x: a key is tuple"),
        (_endless(), ValueError, f"nested more than {MAX_DEPTH} levels deep"),
        (_endless_mapping(), ValueError, f"nested more than {MAX_DEPTH} levels deep"),
    ],
)
def test_what_json_cannot_hold_is_an_error_that_names_the_path(write: Any, value: Any, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        write({"messages": [{"x": value}]})


def test_the_same_input_gives_the_same_bytes() -> None:
    document = {"tags": {"b", "a", "c"}, "z": 1, "a": {"y": 1, "b": 2}}
    assert to_yaml(document) == to_yaml(dict(document))
    assert list(read_1_2(to_yaml(document))) == ["tags", "z", "a"]
