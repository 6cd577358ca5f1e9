"""A payload, however it is declared → JSON Schema in AsyncAPI's dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chanspec.contract import Direction
from chanspec.schemas.check import check
from chanspec.schemas.dialect import REF, Described, normalize
from chanspec.schemas.optional import Nones
from chanspec.schemas.registry import CannotDescribe, JsonSchema, described_by, describer_of, register

__all__ = ["REF", "CannotDescribe", "Described", "Direction", "JsonSchema", "check", "describe", "register"]


def describe(
    payload: Any, direction: Direction, *, is_response: bool = False, camelize: bool = False, nones: Nones = "absent"
) -> Described:
    """Return the JSON Schema of a payload.

    Args:
        payload: A pydantic model, dataclass, ``TypedDict``, named tuple, attrs or msgspec class, a class with a
            registered describer (a DRF serializer), any other annotation, or a JSON Schema dict.
        direction: Who sends it.
        is_response: Whether a dict may be the shorthand of ``responses=``.
        camelize: Whether the fields of classes that pydantic reads are in camelCase on the wire.
        nones: How fields ``T | None`` of plain classes are described. ``"absent"``: as a ``T`` that may be absent.
            ``"either"``: as one that may also be null, for checking, where null is as good as absent. ``"null"``: as
            pydantic reads and writes them, which typed handlers do.

    Returns:
        The schema, which may hold Python values (defaults) that :func:`check` takes only in their JSON form.

    Raises:
        CannotDescribe: It has no JSON Schema.
    """
    notes: dict[str, str] = {}
    described = normalize(_raw(payload, direction, is_response, camelize, nones, notes))
    described.notes = notes
    return described


def _raw(
    payload: Any, direction: Direction, is_response: bool, camelize: bool, nones: Nones, notes: dict[str, str]
) -> JsonSchema:
    if isinstance(payload, Mapping):
        from chanspec.schemas.shorthand import expand, is_json_schema, refuse_shorthand

        if is_response and not is_json_schema(payload):
            return expand(payload)
        refuse_shorthand(payload, is_response=is_response)
        return dict(payload)
    if (describer := describer_of(payload)) is not None:
        return described_by(describer, payload, direction)
    from chanspec.schemas.python import describe_type, is_annotation

    if not is_annotation(payload):
        raise CannotDescribe(
            f"the payload {payload!r} is an instance, not a type",
            "pass the class itself, or a JSON Schema dict",
        )
    return describe_type(payload, direction, camelize=camelize, nones=nones, notes=notes)
