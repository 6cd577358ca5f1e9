"""The schema that a field or serializer class states about itself: the ``chanspec_schema`` hook.

What methods are annotated with is in :mod:`.hints`, drf-spectacular's decorators are in :mod:`.spectacular`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chanspec.channels.serializers.instances import path_of
from chanspec.schemas import CannotDescribe, Described, JsonSchema, check
from chanspec.schemas import describe as describe_payload

if TYPE_CHECKING:
    from chanspec.contract import Direction


def hook_schema(field: Any, direction: Direction) -> JsonSchema | None:
    """Return what the ``chanspec_schema`` of a field or serializer class says.

    It is JSON Schema, or a method that takes the direction and returns it (or None: describe as usual), and
    the whole truth about the value: no null and no validators are added.

    Raises:
        CannotDescribe: It is anything else.
    """
    stated = getattr(field, "chanspec_schema", None)
    if callable(stated):
        stated = stated(direction)
    if stated is None:
        return None
    where, cure = (
        f"{path_of(type(field))}.chanspec_schema",
        "make it JSON Schema, or a method returning it",
    )
    if not isinstance(stated, Mapping):
        raise CannotDescribe(f"{where} is {stated!r}", cure)
    try:
        check(described := describe_payload(stated, direction))
    except CannotDescribe as error:
        raise CannotDescribe(f"{where}: {error.what}", error.cure) from error
    return _with_definitions(described)


def _with_definitions(described: Described) -> JsonSchema:
    return {**described.root, "$defs": described.definitions} if described.definitions else described.root
