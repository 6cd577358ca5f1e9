"""A payload, however it is declared → JSON Schema in AsyncAPI's dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chanspec.contract import Direction
from chanspec.schemas.check import check
from chanspec.schemas.dialect import REF, Described, normalize
from chanspec.schemas.registry import CannotDescribe, JsonSchema, described_by, describer_of, register

__all__ = ["REF", "CannotDescribe", "Described", "Direction", "JsonSchema", "check", "describe", "register"]


def describe(
    payload: Any, direction: Direction, *, is_response: bool = False, camelize: bool = False, nulls: bool = False
) -> Described:
    """Return the JSON Schema of a payload.

    Args:
        payload: A pydantic model, dataclass, ``TypedDict``, named tuple, attrs or msgspec class, a class with a
            registered describer (a DRF serializer), any other annotation, or a JSON Schema dict.
        direction: Who sends it.
        is_response: Whether a dict may be the shorthand of ``responses=``.
        camelize: Whether the fields of classes that pydantic reads are in camelCase on the wire.
        nulls: Whether fields ``T | None`` of plain classes may also be null: for checking, where null is as good as
            absent. A document does not say it.

    Returns:
        The schema, which may hold Python values (defaults) that :func:`check` takes only in their JSON form.

    Raises:
        CannotDescribe: It has no JSON Schema.
    """
    return normalize(_raw(payload, direction, is_response, camelize, nulls))


def _raw(payload: Any, direction: Direction, is_response: bool, camelize: bool, nulls: bool) -> JsonSchema:
    if isinstance(payload, Mapping):
        from chanspec.schemas.shorthand import expand, is_json_schema, refuse_shorthand

        if is_response and not is_json_schema(payload):
            return expand(payload)
        refuse_shorthand(payload)
        return dict(payload)
    if (describer := describer_of(payload)) is not None:
        return described_by(describer, payload, direction)
    from chanspec.schemas.python import describe_type, is_annotation

    if not is_annotation(payload):
        raise CannotDescribe(
            f"the payload {payload!r} is an instance, not a type",
            "pass the class itself, or a JSON Schema dict",
        )
    return describe_type(payload, direction, camelize=camelize, nulls=nulls)
