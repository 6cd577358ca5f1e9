"""DRF serializers → JSON Schema: the describer that the entry point group ``chanspec.payloads`` names.

It says what is on the wire, not how DRF stores it, and never asks the database. ``in`` is what the serializer
is meant to be sent, ``out`` what its ``data`` holds; DRF's leniency on the way in (``"12"`` for an integer,
``"yes"`` for a boolean) is not documented, so everything an ``in`` schema accepts is meant to be accepted,
and not the reverse.

On the way out a field is ``required`` when DRF cannot leave it out: it is declared required, nullable or with
a default, it takes the whole object, or it is read-only or a model's attribute and no ``None`` can lie on the
path of its source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chanspec.channels.serializers.instances import instance_of
from chanspec.channels.serializers.walk import Walk

if TYPE_CHECKING:
    from chanspec.contract import Direction
    from chanspec.schemas import JsonSchema

__all__ = ["describe"]


def describe(serializer: Any, direction: Direction) -> JsonSchema:
    """Return the JSON Schema of a serializer, nested serializers under ``$defs``.

    Args:
        serializer: A serializer class, or an instance (``RideSerializer(many=True)``,
            ``RideSerializer(partial=True)``).
            A class is instantiated with a ``context`` in which everything that is asked for is absent.
        direction: ``in`` leaves out read-only fields, ``out`` write-only ones.

    Returns:
        An object schema, or an array's for a list serializer, in the vocabulary that Draft 7 and 2020-12
        share.

    Raises:
        CannotDescribe: The serializer's ``__init__`` or ``get_fields`` raised, or it has no fields to read.
    """
    root = instance_of(serializer)
    walk = Walk(direction, partial=bool(getattr(root, "partial", False)))
    schema = walk.root(root)
    return {**schema, "$defs": walk.definitions} if walk.definitions else schema
