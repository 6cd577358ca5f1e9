"""Pydantic's JSON Schema generator, where what it says is not what pydantic-core writes and reads as JSON.

Keys of objects are strings, a combination of flags is a number of its own, some enum values cannot be read, a
serializer without a return annotation writes anything. Not for chanspec's own forms: those are in
:mod:`chanspec.schemas.pydantic_forms`.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import SchemaValidator, core_schema, to_json

from chanspec.schemas.optional import Definitions
from chanspec.schemas.registry import JsonSchema
from chanspec.schemas.rules import LIMITS, STRICTER

_INTEGER = "^(0|-?[1-9][0-9]*)$"
_NOT_NEGATIVE = "^(0|[1-9][0-9]*)$"
_POSITIVE = "^[1-9][0-9]*$"
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_WRITTEN_NUMBER = r"^(-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?|-?inf|nan|NaN)$"  # of keys pydantic-core writes these so
_NOT_FINITE: dict[str, JsonSchema] = {"strings": {"enum": ["NaN", "Infinity", "-Infinity"]}, "null": {"type": "null"}}
"""How pydantic writes numbers that are not finite, by ``ser_json_inf_nan``."""
_ONE_BY_ONE = 64
"""How many combinations of flags are listed, where no range of numbers says which there are."""
_OF_A_KEY = ("type", "format", "pattern", "minLength", "maxLength", "const", "enum", "anyOf", "$ref", *sorted(STRICTER))


Note = Callable[[str, str], None]
"""Takes what is odd about a type that has a schema nevertheless, and what to write instead."""


class WireForms(GenerateJsonSchema):
    """A generator of schemas that say what is on the wire.

    Args:
        note: Told of types that are described truly, but hardly as they were meant.
    """

    def __init__(self, note: Note, **options: Any) -> None:
        super().__init__(**options)
        self._note = note
        self._inherited: Mapping[str, Any] = {}

    _core: Definitions = {}  # noqa: RUF012 - replaced by each generator
    """The definitions of the core schema that is being described."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        if self.mode == "serialization" and field.get("serialization_exclude_if") is not None:
            return False  # pydantic before 2.13 forgets it
        return super().field_is_required(field, total)

    # Settings, which plain classes without a config have from the model around them: pydantic before 2.13 forgets it

    def model_schema(self, schema: Any) -> JsonSchema:
        with self._inheriting({}):
            return super().model_schema(schema)

    def dataclass_schema(self, schema: Any) -> JsonSchema:
        with self._inheriting({} if hasattr(schema["cls"], "__pydantic_config__") else self._settings()):
            return super().dataclass_schema(schema)

    def typed_dict_schema(self, schema: Any) -> JsonSchema:
        with self._inheriting({} if hasattr(schema.get("cls"), "__pydantic_config__") else self._settings()):
            return super().typed_dict_schema(schema)

    @contextmanager
    def _inheriting(self, settings: Mapping[str, Any]) -> Iterator[None]:
        outer, self._inherited = self._inherited, settings
        try:
            yield
        finally:
            self._inherited = outer

    def _settings(self) -> Mapping[str, Any]:
        own: Mapping[str, Any] = self._config.config_dict
        return {**self._inherited, **own} if self._inherited else own

    # Values

    def enum_schema(self, schema: Any) -> JsonSchema:
        out = super().enum_schema(schema)
        if issubclass(schema["cls"], enum.Flag):
            del out["enum"]
            return {**out, "type": "integer", **_combinations(schema["cls"], self.mode)}
        values = self._readable(schema, _each_once(out.pop("enum")))
        return {**out, "enum": values} if values else {**out, "not": {}}

    def literal_schema(self, schema: Any) -> JsonSchema:
        out = super().literal_schema(schema)
        told = out.pop("enum") if "enum" in out else [out.pop("const")]
        values = self._readable(schema, _each_once(told))
        if not values:
            return {"not": {}}
        return {**out, **({"const": values[0]} if len(values) == 1 else {"enum": values})}

    def float_schema(self, schema: Any) -> JsonSchema:
        out = super().float_schema(schema)
        written = _NOT_FINITE.get(self._settings().get("ser_json_inf_nan", ""))
        allowed = schema.get("allow_inf_nan", self._settings().get("allow_inf_nan"))
        if self.mode != "serialization" or written is None or allowed is False:
            return out
        return {"anyOf": [out, dict(written)]}

    def decimal_schema(self, schema: Any) -> JsonSchema:
        # Before 2.13 it has a pattern that knows no exponents: "1E-7".
        text = {"type": "string", "format": "decimal"}
        out = super().decimal_schema(schema)
        return {"anyOf": [out["anyOf"][0], text]} if "anyOf" in out else text

    def bytes_schema(self, schema: Any) -> JsonSchema:
        out = super().bytes_schema(schema)
        way = "ser_json_bytes" if self.mode == "serialization" else "val_json_bytes"
        return {**out, "format": "base64url" if self._settings().get(way) == "base64" else "binary"}

    def date_schema(self, schema: Any) -> JsonSchema:
        return self._moment(super().date_schema(schema))

    def time_schema(self, schema: Any) -> JsonSchema:
        return self._moment(super().time_schema(schema))

    def datetime_schema(self, schema: Any) -> JsonSchema:
        return self._moment(super().datetime_schema(schema))

    def timedelta_schema(self, schema: Any) -> JsonSchema:
        old = "seconds" if self._settings().get("ser_json_timedelta") == "float" else "iso8601"
        return self._moment(super().timedelta_schema(schema), old)

    def _moment(self, out: JsonSchema, otherwise: str = "iso8601") -> JsonSchema:
        # Pydantic before 2.13 forgets this setting.
        is_number = self._settings().get("ser_json_temporal", otherwise) != "iso8601"
        return {"type": "number"} if is_number and self.mode == "serialization" else out

    def ser_schema(self, schema: Any) -> JsonSchema | None:
        out = super().ser_schema(schema)
        is_function = schema["type"] in ("function-plain", "function-wrap")
        if out is None and is_function and not _is_known(schema["function"]):
            name = getattr(schema["function"], "__qualname__", str(schema["function"]))
            self._note(
                f"the serializer {name} does not say what it returns, so the document allows any value",
                "annotate what it returns",
            )
            return {}
        return out

    def generate_inner(self, schema: Any) -> JsonSchema:
        out = super().generate_inner(schema)
        if schema["type"] == "function-plain" and out.get("format") == "regex":  # `re.Pattern`
            function = schema["function"]["function"]
            if self.mode == "serialization":  # Python's, which ECMA-262 differs from
                return {**{key: value for key, value in out.items() if key != "format"}, "x-format": "python-regex"}
            if getattr(function, "__name__", "") == "pattern_bytes_validator":
                raise PydanticInvalidForJsonSchema("no JSON is read as a pattern of bytes")
        return out

    def _readable(self, schema: Any, values: list[Any]) -> list[Any]:
        """The values of an enum or literal that pydantic reads from JSON, where a client is to send them."""
        declared = [getattr(each, "value", each) for each in schema.get("members", schema.get("expected"))]
        if self.mode == "serialization" or all(type(each) in (str, int) for each in declared):
            return values
        found = [each for each in values if _is_read(schema, to_json(each))]
        if not found:
            self._note(
                f"pydantic reads no value of {_named(schema)} from JSON, so no client can send one",
                "give it values that JSON has",
            )
        return found

    # Keys

    def dict_schema(self, schema: Any) -> JsonSchema:
        return self._keyed(super().dict_schema(schema), schema)

    def frozendict_schema(self, schema: Any) -> JsonSchema:
        return self._keyed(super().frozendict_schema(schema), schema)

    def ordered_dict_schema(self, schema: Any) -> JsonSchema:
        return self._keyed(super().ordered_dict_schema(schema), schema)

    def counter_schema(self, schema: Any) -> JsonSchema:
        return self._keyed(super().counter_schema(schema), schema)

    def _keyed(self, out: JsonSchema, schema: Any) -> JsonSchema:
        """The schema of a dict, with its keys as the strings that they are on the wire."""
        keys = schema.get("keys_schema")
        if keys is None or keys["type"] in ("any", "str"):
            return out
        target = self._core.get(keys["schema_ref"], keys) if keys["type"] == "definition-ref" else keys
        if self.mode == "validation" and target["type"] == "enum" and issubclass(target["cls"], enum.Flag):
            names = self._listed([str(each.value) for each in target["cls"]], keys)  # of combinations it reads none
        else:
            names = self._names(self.generate_inner(keys), keys)
        if names is None:
            self._note(
                "it has a dict that clients can only send empty: keys are strings in JSON, and pydantic reads none of "
                "them as the keys that are declared",
                "declare keys that are read from a string",
            )
            return {**out, "maxProperties": 0}
        names = {key: names[key] for key in _OF_A_KEY if key in names}
        if names.get("type") == "string":
            del names["type"]
        out.pop("propertyNames", None)
        if "patternProperties" in out:  # what is left of the pattern of the names
            names.pop("pattern", None)
        return {**out, "propertyNames": names} if names else out

    def _names(self, schema: JsonSchema, keys: Any) -> JsonSchema | None:
        """What strings a dict's keys may be, of which ``schema`` says what values they are; None where none is read."""
        if "$ref" in schema:
            target = self.get_schema_from_definitions(schema["$ref"]) or {}
            names = self._names(target, keys)
            return schema if names == target else names
        if "const" in schema or "enum" in schema:
            values = schema["enum"] if "enum" in schema else [schema["const"]]
            return schema if all(type(each) is str for each in values) else self._listed(map(_name, values), keys)
        if "anyOf" in schema:
            choices = [each for each in (self._names(each, keys) for each in schema["anyOf"]) if each is not None]
            if {} in choices:
                return {}
            return {"anyOf": _each_once(choices)} if len(choices) > 1 else choices[0] if choices else None
        match schema.get("type"):
            case "string":
                return schema
            case "integer":
                return {"type": "string", "pattern": _integer(schema), **_rules_of_number(schema)}
            case "number":
                pattern = _NUMBER if self.mode == "validation" else _WRITTEN_NUMBER
                return {"type": "string", "pattern": pattern, **_rules_of_number(schema)}
            case "boolean":
                return {"type": "string", "enum": ["true", "false"]}
            case "null":
                return self._listed(["None"], keys)
            case "array" | "object" if self.mode == "validation":
                return None
        return {}

    def _listed(self, names: Iterable[str], keys: Any) -> JsonSchema | None:
        found = _each_once(names)
        if self.mode == "validation":
            schema: Any = core_schema.dict_schema(keys)
            if self._core:
                schema = core_schema.definitions_schema(schema, list(self._core.values()))
            found = [each for each in found if _is_read(schema, to_json({each: None}))]
        return {"type": "string", "enum": found} if found else None


def _combinations(cls: Any, mode: str) -> JsonSchema:
    """The numbers that combinations of flags are.

    Some classes keep bits that no flag names: then it is any. A negative number, which is read only, stands for the
    flags that its complement lacks.
    """
    is_read = mode == "validation"
    if cls._boundary_ is not enum.STRICT and is_read:
        return {}
    if cls._boundary_ is enum.EJECT:  # which is then the number itself
        return {}
    if cls._boundary_ is enum.KEEP:
        return {"minimum": 0}
    mask: int = cls._flag_mask_
    every = 1 << mask.bit_length()
    bits = [1 << place for place in range(mask.bit_length()) if mask >> place & 1]
    if len(bits) < mask.bit_length() and 1 << len(bits) <= _ONE_BY_ONE:  # there are gaps
        sums: list[int] = functools.reduce(lambda sums, bit: [*sums, *(each + bit for each in sums)], bits, [0])
        return {"enum": sorted([*sums, *(each - every for each in sums)] if is_read else sums)}
    return {"minimum": -every if is_read else 0, "maximum": mask}


def _integer(schema: JsonSchema) -> str:
    """The pattern of a whole number as a key. Of its bounds a pattern says only where they are at zero."""
    if schema.get("minimum", 0) > 0 or schema.get("exclusiveMinimum", -1) >= 0:
        return _POSITIVE
    return _NOT_NEGATIVE if schema.get("minimum", -1) >= 0 else _INTEGER


def _rules_of_number(schema: JsonSchema) -> JsonSchema:
    """What a number is to keep besides, where it stands as text."""
    limits = {limit: str(schema[key]) for limit in LIMITS.values() if (key := limit.removeprefix("x-")) in schema}
    return {**{key: schema[key] for key in STRICTER if key in schema}, **limits}


def _name(value: Any) -> str:
    """A JSON value as pydantic-core writes it as a key."""
    if isinstance(value, list):
        return ",".join(map(_name, value))
    if value is None:
        return "None"
    return value if isinstance(value, str) else to_json(value).decode()


def _is_read(schema: Any, text: bytes) -> bool:
    """Whether pydantic reads a text by a core schema."""
    try:
        SchemaValidator(schema).validate_json(text)
    except Exception:  # a class of the application's may have a say in it
        return False
    return True


def _each_once(values: Iterable[Any]) -> list[Any]:
    return list({to_json(each): each for each in values}.values())


def _named(schema: Any) -> str:
    if "cls" in schema:
        return str(schema["cls"].__qualname__)
    return f"Literal[{', '.join(map(repr, schema['expected']))}]"


def _is_known(function: Callable[..., Any]) -> bool:
    """Whether a serializer is pydantic's, or chanspec's, for types that they describe themselves."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__module__", "")).partition(".")[0] in ("chanspec", "pydantic")
