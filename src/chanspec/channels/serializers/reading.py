"""Reads the messages of an action whose payload is a DRF serializer, by the serializer itself."""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chanspec.contract import Message
from chanspec.enforcement.mistakes import Mistake, of_error
from chanspec.enforcement.reading import Invalid
from chanspec.runtime.codec import MAX_ERRORS, MAX_PATH

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer


def serializer_reader(message: Message, annotation: Any) -> SerializerReader | None:
    """What reads an action whose payload is a serializer; None for any other.

    Args:
        message: The action's.
        annotation: Of the parameter that takes it: the serializer to be given that, anything else for its
            ``validated_data``.

    Raises:
        TypeError: They do not fit.
    """
    serializers: Any = sys.modules.get("rest_framework.serializers")  # where it is not imported, no payload is of it
    payload = message.payload
    cls = payload if isinstance(payload, type) else type(payload)
    if serializers is None or not issubclass(cls, serializers.BaseSerializer):
        return None
    if issubclass(cls, serializers.ListSerializer):
        raise TypeError(f"{message.where} declares a list of {cls.__name__}; an action is an object, give it a field")
    wanted: Any = typing.get_origin(annotation) or annotation
    is_told = isinstance(wanted, type) and wanted not in (Any, object)
    is_serializer = is_told and issubclass(cls, wanted) and issubclass(wanted, serializers.BaseSerializer)
    if is_told and not is_serializer and not issubclass(dict, wanted):
        raise TypeError(
            f"{message.where} is annotated with {wanted.__qualname__}, but is given what {cls.__name__} validated; "
            f"write `payload: dict[str, Any]`, or `serializer: {cls.__name__}` for the serializer itself"
        )
    return SerializerReader(message, gives_serializer=is_serializer)


class SerializerReader:
    """Reads the messages of one action. It may ask the database: validators do."""

    blocks = True

    def __init__(self, message: Message, *, gives_serializer: bool) -> None:
        self._payload = message.payload
        self._field = message.field
        self._gives_serializer = gives_serializer

    def read(self, content: dict[str, Any], length: int, consumer: Any) -> Any:
        """The serializer's ``validated_data``, or the serializer.

        Raises:
            Invalid: It is not valid.
        """
        serializer = self._bound(content, consumer)
        if not serializer.is_valid():
            raise Invalid(list(_mistakes(serializer.errors))[:MAX_ERRORS])
        return serializer if self._gives_serializer else serializer.validated_data

    def _bound(self, content: dict[str, Any], consumer: Any) -> BaseSerializer[Any]:
        payload = self._payload
        options: dict[str, Any] = {}
        if not isinstance(payload, type):  # RideSerializer(partial=True): made again with what it was made of
            options, payload = payload._kwargs, type(payload)
        fields = {name: value for name, value in content.items() if name != self._field or self._declares(payload)}
        context = {**options.get("context", {}), "consumer": consumer}
        serializer: BaseSerializer[Any] = payload(**{**options, "data": fields, "context": context})
        return serializer

    def _declares(self, serializer: Any) -> bool:
        return self._field in getattr(serializer, "_declared_fields", {})


def _mistakes(errors: Any, loc: tuple[str | int, ...] = ()) -> Iterator[Mistake]:
    """What a serializer found, field by field."""
    if len(loc) > MAX_PATH:
        return
    if isinstance(errors, Mapping):
        from rest_framework.settings import api_settings

        for name, each in errors.items():
            place = () if name == api_settings.NON_FIELD_ERRORS_KEY else (name if isinstance(name, int) else str(name),)
            yield from _mistakes(each, (*loc, *place))
    elif isinstance(errors, list | tuple):
        for index, each in enumerate(errors):
            yield from _mistakes(each, (*loc, index) if isinstance(each, Mapping) else loc)
    else:
        yield of_error({"loc": loc, "msg": str(errors), "type": getattr(errors, "code", None) or "invalid"})
