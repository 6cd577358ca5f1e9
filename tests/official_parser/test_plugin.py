"""The fixture itself: that it finds faults, says where they are, and goes on afterwards."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.official_parser.plugin import OfficialParser

GOOD: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "Rides", "version": "1.0.0"},
    "channels": {"rides": {"address": "/ws/", "messages": {"Ping": {"payload": {"type": "object"}}}}},
    "operations": {
        "ping": {
            "action": "receive",
            "channel": {"$ref": "#/channels/rides"},
            "messages": [{"$ref": "#/channels/rides/messages/Ping"}],
        }
    },
}


def test_a_good_document_passes_with_only_an_info(official_parser: OfficialParser) -> None:
    official_parser.check(GOOD)
    assert {found.severity for found in official_parser.diagnostics(GOOD)} == {"info"}  # 3.1.0 exists


def test_faults_are_listed_with_their_place_and_the_next_document_is_parsed(official_parser: OfficialParser) -> None:
    bad = deepcopy(GOOD)
    bad["operations"]["ping"]["deprecated"] = True
    bad["channels"]["rides"]["messages"]["Ping"]["payload"] = {"$ref": "#/$defs/Nowhere"}
    with pytest.raises(AssertionError) as caught:
        official_parser.check(bad)
    assert "error at operations.ping.deprecated: Property " in str(caught.value)
    assert "'#/$defs/Nowhere' does not exist (invalid-ref)" in str(caught.value)
    official_parser.check(GOOD)


def test_text_that_is_no_yaml_is_an_error(official_parser: OfficialParser) -> None:
    with pytest.raises(AssertionError, match="refuses the document"):
        official_parser.check("asyncapi: [3.0.0")


def test_a_reference_to_another_file_is_an_error_and_is_not_fetched(official_parser: OfficialParser) -> None:
    elsewhere = {**GOOD, "channels": {"rides": {"$ref": "https://example.invalid/channels.yaml#/rides"}}}
    with pytest.raises(AssertionError, match=r"refers to https://example\.invalid/channels\.yaml, outside"):
        official_parser.check(elsewhere)


def test_a_reader_that_refuses_says_why(official_parser: OfficialParser) -> None:
    readings = official_parser.read("a: [")
    assert all(reading.error for reading in readings.values())


def test_a_process_that_ended_is_reported() -> None:
    broken = OfficialParser("false")
    with pytest.raises(RuntimeError, match="process ended"):
        broken.diagnostics(GOOD)
    with pytest.raises(RuntimeError, match="ended with 1"):
        broken.close()
