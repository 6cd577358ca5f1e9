"""Pydantic's JSON Schema generator, with chanspec's forms.

Pydantic reads the annotations. What differs from its own output: fields get no titles made of their names, and
plain classes (dataclasses, typed dicts: whatever is no pydantic model) have the forms people write by hand: a
``Decimal`` is a string, and a field ``T | None`` is a ``T`` that may be absent.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import jsonschema_rs
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import JsonSchemaMode

from chanspec.aliases import camelized
from chanspec.schemas.optional import PLAIN_FIELDS, Nones, definitions_of, without_null
from chanspec.schemas.pydantic_rules import RULED, with_stated_rules
from chanspec.schemas.registry import JsonSchema
from chanspec.schemas.wire_forms import Note, WireForms

FOREIGN = "x-foreign"
"""Stands for ``$ref`` while pydantic generates, because it looks every ``$ref`` up among its own."""

_PLAIN = (str, int, bool, type(None))
_REGEX = jsonschema_rs.Draft7Validator({"format": "regex"}, validate_formats=True)


class Forms(WireForms):
    """A generator of schemas in chanspec's forms.

    Args:
        foreign: Returns the reference to a class that pydantic cannot look into, or None.
        note: See :class:`WireForms`.
        camelize: Whether fields are described under the names in camelCase that the runtime then reads and writes.
        nones: How fields ``T | None`` of plain classes are described.
    """

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - pydantic's own attribute

    def __init__(
        self,
        foreign: Callable[[type], JsonSchema | None],
        note: Note,
        camelize: bool = False,
        nones: Nones = "absent",
        **options: Any,
    ) -> None:
        super().__init__(note, **options)
        self._again = partial(type(self), foreign, note, nones=nones, **options)
        self._foreign = foreign
        self._camelize = camelize
        self._nones = nones
        self._plain = True
        self._are_named_by_class = False

    def generate(self, schema: Any, mode: JsonSchemaMode = "validation") -> JsonSchema:
        schema = camelized(schema) if self._camelize else schema
        try:
            return self._named_by_class(schema, mode)
        except _OtherNames:
            again = self._again()
            again._core = definitions_of(schema)
            return super(Forms, again).generate(schema, mode)
        finally:
            # A generator works once, and is in cycles that only a collection of garbage ends.
            vars(self).clear()

    def _named_by_class(self, schema: Any, mode: JsonSchemaMode) -> JsonSchema:
        """Generate a schema whose definitions have the names of their classes, which is what pydantic ends up with.

        Wherever no two have the same name, that is: finding out takes it more time than all the rest.

        Raises:
            _OtherNames: Two have the same name, or pydantic's names are not what they were.
        """
        self._are_named_by_class = True
        self._core = definitions_of(schema)
        self._mode = mode
        if self.mode != mode:
            raise _OtherNames
        root = self.generate_inner(schema)
        counts = self.get_json_ref_counts(root)
        if root.keys() == {"$ref"} and counts[root["$ref"]] == 1:
            counts[root["$ref"]] = 0
            root = dict(self.get_schema_from_definitions(root["$ref"]) or root)
        used = {self.json_to_defs_refs[ref] for ref, count in counts.items() if count and ref in self.json_to_defs_refs}
        if used:
            root["$defs"] = {name: each for name, each in self.definitions.items() if name in used}
        return root

    def get_defs_ref(self, core_mode_ref: Any) -> Any:
        unique = super().get_defs_ref(core_mode_ref)
        if not self._are_named_by_class:
            return unique
        # In pydantic's order of preference; the first is the name of the class.
        choices = getattr(self, "_prioritized_defsref_choices", {}).get(unique)
        if not choices or not _SIMPLE.fullmatch(choices[0]) or choices[0] in self.defs_to_core_refs:
            raise _OtherNames
        return choices[0]

    def build_schema_type_to_method(self) -> dict[Any, Any]:
        known = _METHODS.get(type(self))
        if known is None:
            mapping = super().build_schema_type_to_method()
            known = _METHODS[type(self)] = {kind: method.__name__ for kind, method in mapping.items()}
        return {kind: getattr(self, name) for kind, name in known.items()}

    def generate_inner(self, schema: Any) -> JsonSchema:
        out = super().generate_inner(schema)
        if schema["type"] not in RULED:
            return out
        if "$ref" not in out or "ref" not in schema:
            return with_stated_rules(schema, out)
        # A class with a name: what is described is the definition that the reference leads to.
        name = self.json_to_defs_refs.get(out["$ref"])
        if name is not None and name in self.definitions:
            self.definitions[name] = with_stated_rules(schema, self.definitions[name])
        return out

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> JsonSchema:
        with self._inside(plain=False):
            return super().model_schema(schema)

    def dataclass_schema(self, schema: Any) -> JsonSchema:
        with self._inside(plain=True):
            out = super().dataclass_schema(schema)
        if "description" not in out and (written := _docstring(schema["cls"])):  # pydantic before 2.13 has none
            out["description"] = written
        return out

    def typed_dict_schema(self, schema: Any) -> JsonSchema:
        with self._inside(plain=True):
            return super().typed_dict_schema(schema)

    def dataclass_args_schema(self, schema: Any) -> JsonSchema:
        # An InitVar is not kept, so not sent; a field without init is not taken.
        kept: Any = {**schema, "fields": [each for each in schema["fields"] if not self._is_other_way(each)]}
        return super().dataclass_args_schema(kept)

    def dataclass_field_schema(self, schema: Any) -> JsonSchema:
        return self._plain_field(schema)

    def typed_dict_field_schema(self, schema: Any) -> JsonSchema:
        return self._plain_field(schema)

    def field_is_required(self, field: Any, total: bool) -> bool:
        if self._nones != "null" and field["type"] in PLAIN_FIELDS and self._without_null(field) is not field["schema"]:
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

    def _plain_field(self, field: Any) -> JsonSchema:
        return self.generate_inner(self._without_null(field) if self._nones == "absent" else field["schema"])

    def _without_null(self, field: Any) -> Any:
        return without_null(field["schema"], self._core)

    def _is_other_way(self, field: Any) -> bool:
        return bool(field.get("init_only")) if self.mode == "serialization" else field.get("init") is False

    @contextmanager
    def _inside(self, *, plain: bool) -> Iterator[None]:
        outer, self._plain = self._plain, plain
        try:
            yield
        finally:
            self._plain = outer


class _OtherNames(Exception):  # noqa: N818 - reads as what it says
    """Names of classes will not do for the definitions of a payload."""


# Nothing that one of pydantic's longer names may look like: `package__module__Class`, `Class-Input`.
_SIMPLE = re.compile(r"_?[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*_?")
_METHODS: dict[type, dict[Any, str]] = {}
"""The names of the methods that describe each kind of core schema: pydantic collects them for every generator."""


def _docstring(cls: type) -> str | None:
    """What somebody wrote about a dataclass; not its signature, which `dataclass` writes where there is nothing."""
    told = cls.__doc__
    return inspect.cleandoc(told) if told and not told.startswith(f"{cls.__name__}(") else None
