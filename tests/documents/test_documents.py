"""Whole documents: each is the one in its golden file, and the official parser takes each without a word."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from typing import Any

import pytest

from chanspec import AsyncAPIGenerator
from tests.documents import corpus
from tests.official_parser.plugin import OfficialParser

DOCUMENTS: dict[str, dict[str, Any]] = {
    name: options
    for module in pkgutil.iter_modules(corpus.__path__)
    for name, options in importlib.import_module(f"{corpus.__name__}.{module.name}").DOCUMENTS.items()
}


@pytest.fixture(params=DOCUMENTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def generator(name: str) -> AsyncAPIGenerator:
    return AsyncAPIGenerator(**DOCUMENTS[name])


def test_the_document_is_the_golden_one(
    name: str, generator: AsyncAPIGenerator, golden: Callable[[str, str], None]
) -> None:
    golden(f"{name}.yaml", generator.get_yaml())


def test_the_problems_are_the_golden_ones(
    name: str, generator: AsyncAPIGenerator, golden: Callable[[str, str], None]
) -> None:
    problems = [re.sub(r" at 0x[0-9a-f]+", "", str(problem)) for problem in generator.problems]
    if name in ("mistakes", "empty"):
        golden(f"{name}.problems.txt", "".join(f"{problem}\n" for problem in problems))
    else:
        assert problems == []


@pytest.mark.parametrize("perspective", ["server", "client"])
@pytest.mark.parametrize("version", ["3.0.0", "3.1.0"])
def test_the_official_parser_takes_the_document(
    name: str, perspective: str, version: str, official_parser: OfficialParser
) -> None:
    options = {**DOCUMENTS[name], "perspective": perspective, "asyncapi_version": version}
    official_parser.check(AsyncAPIGenerator(**options).get_yaml())


def test_every_reader_of_yaml_gets_the_same_document(
    generator: AsyncAPIGenerator, official_parser: OfficialParser
) -> None:
    document = _as_javascript(generator.get_spec())
    for reading in official_parser.read(generator.get_yaml()).values():
        assert reading.error is None
        assert reading.value == document


def test_every_payload_is_titled_and_requires_its_discriminator(generator: AsyncAPIGenerator) -> None:
    for name, message in generator.get_spec()["components"]["messages"].items():
        payload = message["payload"]
        if name.startswith("Unnamed"):  # of a consumer whose messages no field names
            assert payload["title"] == name
            continue
        field = next(iter(payload["properties"]))
        assert field in ("action", "type", "message_kind", "messageKind", "command", "msg_type")
        assert payload["properties"][field]["const"] == message["title"]
        assert field in payload["required"]
        assert payload["title"]


def test_no_two_types_have_one_title(generator: AsyncAPIGenerator) -> None:
    components = generator.get_spec()["components"]
    types = [message["payload"] for message in components["messages"].values()]
    types += components.get("schemas", {}).values()
    titles = [each["title"] for each in types if "title" in each]
    assert len(titles) == len(set(titles))


def test_no_definitions_are_left_in_place(generator: AsyncAPIGenerator) -> None:
    references = re.findall(r'"\$ref": "([^"]*)"', generator.get_json())
    assert all(each.startswith(("#/components/", "#/channels/")) for each in references)


def _as_javascript(value: Any) -> Any:
    """The value with its numbers as JavaScript holds them."""
    if isinstance(value, dict):
        return {key: _as_javascript(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_javascript(each) for each in value]
    return float(value) if isinstance(value, int) and abs(value) > 2**53 else value
