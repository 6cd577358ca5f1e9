"""What the schema of a type accepts, pydantic accepts, or the schema says that there is more to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from chanspec.schemas import describe
from tests.conformance.agreement import Refusals, disagreements
from tests.conformance.types_of_pydantic import TYPES

# Functions without a schema of their own take what they like.
MORE_LENIENT = {"ImportString", "plain", "plain of a type"}


def validator_of(annotation: Any) -> Any:
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)

    def refusals(value: Any) -> Refusals:
        try:
            adapter.validate_json(json.dumps(value))
        except ValidationError as error:
            return [each["loc"] for each in error.errors(include_url=False)]
        return []

    return refusals


@pytest.mark.parametrize("name", TYPES)
def test_pydantic_and_the_schema_of_a_type_agree(name: str) -> None:
    described, validate = describe(TYPES[name], "in"), validator_of(TYPES[name])
    assert disagreements(described, validate, is_lenient=name in MORE_LENIENT) == []
