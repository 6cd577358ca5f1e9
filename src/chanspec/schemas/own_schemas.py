"""Classes that bring their JSON Schema along: msgspec structs, and models of pydantic's version 1."""

from __future__ import annotations

from typing import Any

from chanspec.contract import Direction
from chanspec.schemas.keywords import REF
from chanspec.schemas.registry import CannotDescribe, Describer, JsonSchema
from chanspec.schemas.rules import OWN, add_rules


def describer_in(cls: type) -> Describer | None:
    """Return the describer of a class of one of these kinds; None for any other class."""
    if hasattr(cls, "__struct_fields__"):
        return _describe_struct
    if any(base.__module__ == "pydantic.v1.main" and base.__name__ == "BaseModel" for base in cls.__mro__):
        return _describe_v1_model
    return None


def _describe_struct(cls: Any, direction: Direction) -> JsonSchema:
    import msgspec

    try:
        [schema], components = msgspec.json.schema_components([cls], ref_template="#/$defs/{name}")
    except TypeError as error:
        what = f"{cls.__qualname__} has no JSON Schema ({str(error).partition(chr(10))[0]})"
        raise CannotDescribe(what, "use a type that JSON can carry") from error
    if hasattr(cls, "__post_init__"):
        add_rules(components[schema["$ref"].removeprefix(REF)], OWN)
    return {**schema, "$defs": components}


def _describe_v1_model(cls: Any, direction: Direction) -> JsonSchema:
    schema: JsonSchema = dict(cls.schema(ref_template="#/$defs/{model}"))  # pydantic keeps what it returns
    definitions = {name: _without_titles(each) for name, each in schema.pop("definitions", {}).items()}
    if cls.__validators__ or cls.__pre_root_validators__ or cls.__post_root_validators__:
        add_rules(schema, OWN)
    return {**_without_titles(schema), "$defs": definitions}


def _without_titles(schema: JsonSchema) -> JsonSchema:
    """A schema whose fields have no titles made of their names."""
    properties = {
        name: {key: value for key, value in each.items() if (key, value) != ("title", _title(name))}
        for name, each in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema


def _title(name: str) -> str:
    return name.title().replace("_", " ")
