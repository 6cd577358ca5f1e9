"""Reads the messages of an action whose payload is a DRF serializer, by the serializer itself."""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from chanspec.channels.serializers.instances import unwrapped
from chanspec.channels.serializers.unions import only_describes
from chanspec.contract import Message
from chanspec.enforcement.mistakes import ORDINARY, Mistake, of_error
from chanspec.enforcement.reading import Invalid
from chanspec.fail_fast import Size
from chanspec.runtime.codec import MAX_ERRORS, MAX_PATH

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer


def serializer_reader(message: Message, annotation: Any) -> SerializerReader | None:
    """What reads an action whose payload is a serializer; None for any other, and for one that only describes.

    Args:
        message: The action's.
        annotation: Of the parameter that takes it: the serializer to be given that, anything else for its
            ``validated_data``.

    Raises:
        TypeError: They do not fit.
    """
    serializers: Any = sys.modules.get("rest_framework.serializers")  # where it is not imported, no payload is of it
    payload = message.payload
    cls = payload if isinstance(payload, type) else payload.__class__
    if serializers is None or not issubclass(cls, serializers.BaseSerializer) or only_describes(cls):
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
        self._payload = unwrapped(message.payload)
        self._field = message.field
        self._gives_serializer = gives_serializer

    def read(self, content: Any, size: Size, consumer: Any) -> Any:
        """The serializer's ``validated_data``, or the serializer.

        Raises:
            Invalid: It is not valid.
        """
        serializer = self._bound(content, consumer)
        if size.values > ORDINARY:
            _stop_early(serializer, ())
        try:
            is_valid = serializer.is_valid()
        except _Stopped as error:
            raise Invalid(list(islice(_mistakes(error.detail, error.place), MAX_ERRORS))) from None
        if not is_valid:
            raise Invalid(list(islice(_mistakes(serializer.errors), MAX_ERRORS)))
        return serializer if self._gives_serializer else serializer.validated_data

    def _bound(self, content: Any, consumer: Any) -> BaseSerializer[Any]:
        payload = self._payload
        options: dict[str, Any] = {}
        if not isinstance(payload, type):  # RideSerializer(partial=True): made again with what it was made of
            options, payload = payload._kwargs, type(payload)
        fields = content
        if self._field is not None and not self._declares(payload):
            fields = {name: value for name, value in content.items() if name != self._field}
        context = {**options.get("context", {}), "consumer": consumer}
        serializer: BaseSerializer[Any] = payload(**{**options, "data": fields, "context": context})
        return serializer

    def _declares(self, serializer: Any) -> bool:
        return self._field in getattr(serializer, "_declared_fields", {})


class _Stopped(Exception):  # noqa: N818 - a verdict
    """One of very many items is not valid."""

    def __init__(self, place: tuple[str | int, ...], detail: Any) -> None:
        super().__init__(place)
        self.place = place
        self.detail = detail


def _stop_early(field: Any, place: tuple[str, ...]) -> None:
    """Let a serializer end with the first item that is not valid: it would make an error of each.

    Args:
        field: The serializer, or a field in it. Both are copies that belong to one message.
        place: Where it is.
    """
    for name, each in getattr(field, "fields", {}).items():
        _stop_early(each, (*place, name))
    child = getattr(field, "child", None)
    if child is None:
        return
    _stop_early(child, place)
    validate = child.run_validation

    def run_validation(*arguments: Any, **options: Any) -> Any:
        from rest_framework.exceptions import ValidationError

        try:
            return validate(*arguments, **options)
        except ValidationError as error:
            raise _Stopped(place, error.detail) from None

    child.run_validation = run_validation


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
