"""Pydantic's JSON Schema generator, with chanspec's forms.

Pydantic reads the annotations. What differs from its own output: fields get no titles made of their names, and
plain classes (dataclasses, typed dicts: whatever is no pydantic model) have the forms people write by hand: a
``Decimal`` is a string, and a field ``T | None`` is a ``T`` that may be absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jsonschema_rs
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from chanspec.aliases import camelized
from chanspec.schemas.registry import JsonSchema

FOREIGN = "x-foreign"
"""Stands for ``$ref`` while pydantic generates, because it looks every ``$ref`` up among its own."""

_PLAIN = (str, int, bool, type(None))
_REGEX = jsonschema_rs.Draft7Validator({"format": "regex"}, validate_formats=True)


class Forms(GenerateJsonSchema):
    """A generator of schemas in chanspec's forms.

    Args:
        foreign: Returns the reference to a class that pydantic cannot look into, or None.
        camelize: Whether fields are described under the names in camelCase that the runtime then reads and writes.
    """

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - pydantic's own attribute

    def __init__(self, foreign: Callable[[type], JsonSchema | None], camelize: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._foreign = foreign
        self._camelize = camelize
        self._plain = True

    def generate(self, schema: Any, mode: JsonSchemaMode = "validation") -> JsonSchema:
        return super().generate(camelized(schema) if self._camelize else schema, mode)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> JsonSchema:
        with self._inside(plain=False):
            return super().model_schema(schema)

    def dataclass_schema(self, schema: Any) -> JsonSchema:
        with self._inside(plain=True):
            return super().dataclass_schema(schema)

    def typed_dict_schema(self, schema: Any) -> JsonSchema:
        with self._inside(plain=True):
            return super().typed_dict_schema(schema)

    def dataclass_args_schema(self, schema: Any) -> JsonSchema:
        # An InitVar is not kept, so not sent; a field without init is not taken.
        kept: Any = {**schema, "fields": [each for each in schema["fields"] if not self._is_other_way(each)]}
        return super().dataclass_args_schema(kept)

    def dataclass_field_schema(self, schema: Any) -> JsonSchema:
        return self.generate_inner(_without_null(schema["schema"]))

    def typed_dict_field_schema(self, schema: Any) -> JsonSchema:
        return self.generate_inner(_without_null(schema["schema"]))

    def field_is_required(self, field: Any, total: bool) -> bool:
        is_plain = field["type"] in ("dataclass-field", "typed-dict-field")
        if is_plain and _without_null(field["schema"]) is not field["schema"]:
            return False
        return super().field_is_required(field, total)

    def decimal_schema(self, schema: Any) -> JsonSchema:
        return {"type": "string", "format": "decimal"} if self._plain else super().decimal_schema(schema)

    def str_schema(self, schema: Any) -> JsonSchema:
        out = super().str_schema(schema)
        if "pattern" in out and not _REGEX.is_valid(out["pattern"]):  # not one of ECMA-262, which JSON Schema has
            out["x-pattern"] = out.pop("pattern")
        return out

    def is_instance_schema(self, schema: Any) -> JsonSchema:
        if (described := self._foreign(schema["cls"])) is None:
            raise PydanticInvalidForJsonSchema(f"nobody describes the class {schema['cls'].__qualname__}")
        return {FOREIGN: described["$ref"]}

    def function_plain_schema(self, schema: Any) -> JsonSchema:
        # What pydantic makes of a model of its version 1.
        cls = getattr(schema["function"]["function"], "__self__", None)
        described = self._foreign(cls) if isinstance(cls, type) else None
        return super().function_plain_schema(schema) if described is None else {FOREIGN: described["$ref"]}

    def encode_default(self, dft: Any) -> Any:
        # Pydantic builds a serializer for each default; these few need none.
        return dft if type(dft) in _PLAIN or dft in ([], {}) else super().encode_default(dft)

    def sort(self, value: Any, parent_key: str | None = None) -> Any:
        return value

    def _is_other_way(self, field: Any) -> bool:
        return bool(field.get("init_only")) if self.mode == "serialization" else field.get("init") is False

    @contextmanager
    def _inside(self, *, plain: bool) -> Iterator[None]:
        outer, self._plain = self._plain, plain
        try:
            yield
        finally:
            self._plain = outer


def _without_null(schema: Any) -> Any:
    """The core schema of ``T`` for that of ``T | None``, with or without a default; else the schema itself."""
    if schema["type"] == "nullable":
        return schema["schema"]
    if schema["type"] == "default" and schema["schema"]["type"] == "nullable":
        inner = schema["schema"]["schema"]
        return inner if schema.get("default", ...) is None else {**schema, "schema": inner}
    return schema
