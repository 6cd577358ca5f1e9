"""Makes the serializer instance that is described, in a context that holds nothing and breaks little.

Serializers are written to run inside a request. Here there is none: what ``context["request"]`` returns is
false, empty and unknown, so that code that looks at it takes its "nobody is asking" branch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from rest_framework.serializers import BaseSerializer, Field

from chanspec.schemas import CannotDescribe

if TYPE_CHECKING:
    from collections.abc import Iterator

# Django asks values for these to learn whether they are expressions.
_NOT_THERE = frozenset({"resolve_expression", "as_sql", "get_compiler"})


class Absent(int):
    """What is not there: false, zero, empty, and as absent in all its attributes, items and results.

    A number, so that it can be compared, and be the key in a queryset's filter.
    """

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("_") or name in _NOT_THERE:
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Absent:
        return self

    def __getitem__(self, key: Any) -> Absent:
        return self

    def __contains__(self, key: Any) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __str__(self) -> str:
        return ""


ABSENT = Absent()


class TolerantContext(dict[str, Any]):
    """A serializer's context; a key that is missing is :data:`ABSENT`."""

    def __missing__(self, key: str) -> Absent:
        return ABSENT


def instance_of(payload: Any) -> BaseSerializer[Any]:
    """Return an instance of a serializer class, or a copy of an instance made with a tolerant context.

    Raises:
        CannotDescribe: It is no serializer, or its ``__init__`` raised.
    """
    payload = unwrapped(payload)
    if isinstance(payload, BaseSerializer):
        # Somebody who has already looked at the fields may have changed them: that instance is the one meant.
        return payload if "fields" in vars(getattr(payload, "child", payload)) else _again(payload)
    if not (isinstance(payload, type) and issubclass(payload, BaseSerializer)):
        raise CannotDescribe(f"{payload!r} is no serializer", "pass a serializer class or instance")
    return _new(payload)


def unwrapped(value: Any) -> Any:
    """Return what drf-spectacular's ``lazy_serializer`` stands for; any other value is returned as it is.

    Such a stand-in pretends to be the serializer, down to its ``__class__``, but its type is another.
    """
    if isinstance(value, type) or type(value) is value.__class__ or type(value).__name__ != "LazySerializer":
        return value
    return value.lazy_obj  # there since it was asked for its class


def fields_of(serializer: Any) -> list[Field[Any, Any, Any, Any]]:
    """Return the serializer's fields in order, as its ``get_fields`` makes them.

    Raises:
        CannotDescribe: ``get_fields`` raised.
    """
    try:
        return list(serializer.fields.values())
    except Exception as error:
        _refuse(type(serializer), "get_fields() raised", error)


def path_of(cls: type) -> str:
    """A class as ``module:Class``."""
    return f"{cls.__module__}:{cls.__qualname__}"


def _new(cls: type[Any]) -> BaseSerializer[Any]:
    context = TolerantContext()
    try:
        serializer: BaseSerializer[Any] = cls(context=context)
    except Exception as error:
        try:
            serializer = cls()  # an __init__ of its own that takes no context
        except Exception:
            _refuse(cls, "__init__() raised", error)
        serializer._context = context
    return serializer


def _again(serializer: Any) -> BaseSerializer[Any]:
    arguments = dict(serializer._kwargs)  # DRF keeps the arguments of every field, to clone it
    if isinstance(child := arguments.get("child"), BaseSerializer):
        arguments["child"] = _again(child)
    try:
        copy: BaseSerializer[Any] = type(serializer)(*serializer._args, **arguments)
    except Exception as error:
        _refuse(type(serializer), "__init__() raised", error)
    copy._context = TolerantContext(serializer._context)
    return copy


def _refuse(cls: type, what: str, error: Exception) -> NoReturn:
    if isinstance(error, CannotDescribe):
        raise error
    raise CannotDescribe(
        f"{path_of(cls)} cannot be described: its {what} {type(error).__name__}: {error}",
        "let it work without a request, or pass an instance that has what it needs as the payload",
    ) from error
