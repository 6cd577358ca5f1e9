"""What the npm readers of YAML get from a document's text: the same data that was written."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from chanspec.asyncapi.text import to_yaml
from tests.nasty import JSON_OBJECTS, TAKEN_FOR_OTHER_TYPES
from tests.official_parser.plugin import OfficialParser

READERS = ("yaml", "js-yaml", "js-yaml 1.1")


def _marked(value: Any) -> Any:
    """`value` with its booleans told apart from 0 and 1, which Python holds equal to them."""
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return (bool, value) if isinstance(value, bool) else value


def _check(parser: OfficialParser, document: dict[str, Any]) -> None:
    for reader, reading in parser.read(to_yaml(document)).items():
        assert reader in READERS
        assert reading.error is None, reader
        assert _marked(reading.value) == _marked(document), reader


@given(document=JSON_OBJECTS)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_npm_readers_get_the_data_that_was_written(official_parser: OfficialParser, document: dict[str, Any]) -> None:
    _check(official_parser, document)


def test_npm_readers_take_nasty_text_for_text(official_parser: OfficialParser) -> None:
    _check(official_parser, {text: [text, {"value": text}] for text in TAKEN_FOR_OTHER_TYPES})


def test_npm_readers_read_the_deepest_document(official_parser: OfficialParser) -> None:
    document: dict[str, Any] = {}
    for _ in range(99):
        document = {"a": document}
    _check(official_parser, document)


def test_npm_readers_take_a_key_longer_than_an_implicit_key_may_be(official_parser: OfficialParser) -> None:
    _check(official_parser, {"k" * 1500: {"k" * 1001: ["x", {"k" * 2000: "a\nb\n"}]}})
