"""The schemas of one document: references resolved, values judged, and alternatives told apart.

A schema with ``$ref``, ``allOf``, ``anyOf`` and ``oneOf`` comes down to *flat* schemas, of which a value keeps at least
one: those that messages are made from and spoilt by. They are a good guess; whether a value is valid is always asked
of the real validator. AsyncAPI 3's Schema Object is JSON Schema, Draft 7.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import islice, product
from typing import Any, TypeAlias
from urllib.parse import unquote

import jsonschema_rs

from chanspec.conformance.budget import Budget, BudgetSpentError
from chanspec.conformance.cost import Costs, size_of
from chanspec.enforcement.formats import LENIENT
from chanspec.schemas.keywords import map_refs, map_subschemas
from chanspec.schemas.rules import RULES, STRICTER
from chanspec.terminal import shown

__all__ = ["DocumentError", "Flat", "Schema", "Schemas"]

Schema: TypeAlias = dict[str, Any] | bool
Flat: TypeAlias = dict[str, Any]
Formats: TypeAlias = dict[str, Callable[[str], bool]]

MAX_ALTERNATIVES = 32
MAX_KEPT = 3_000_000
"""How many entries of flat schemas, and characters of compiled ones by four, are kept: some hundred megabytes."""
MAX_BACKTRACKS = 20_000  # of a pattern that no automaton can match
_DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_WIDTHS = {"int32": 2**31, "int64": 2**63}
_ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "discriminator"}
    | {"externalDocs", "$comment", "$id", "$schema", "definitions", "$defs"}
)
_COMPOSING = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else"})
_LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_COUNTS = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"})
_SCHEMAS = frozenset({"additionalProperties", "additionalItems", "items", "contains", "propertyNames", "not"})


class DocumentError(ValueError):
    """The document cannot be used; the text says where and why."""


class Schemas:
    """The schemas of a document.

    Args:
        document: The whole document, which references lead into.
        budget: What all that may cost.
        formats: How formats are checked that Draft 7 does not know, or otherwise than it has them.

    Attributes:
        is_chanspecs: Whether the document is one that chanspec made.
    """

    def __init__(
        self, document: Mapping[str, Any], budget: Budget | None = None, formats: Formats | None = None
    ) -> None:
        self.budget = budget or Budget()
        self._formats = formats or _FORMATS
        self._document = document
        self.is_chanspecs = "x-perspective" in document
        self._costs = Costs(self._behind)
        self._checked: dict[int, Any] = {}
        self._kept = 0
        self._compiled = 0
        self._targets: dict[str, Any] = {}
        self._ends: dict[int, tuple[Any, Any]] = {}
        self._flat: dict[int, tuple[Any, list[Flat]]] = {}
        self._validators: dict[int, tuple[Any, jsonschema_rs.Validator]] = {}

    @cached_property
    def received(self) -> Schemas:
        """The same for what a server sends, whose dates and times are read as they are written in practice."""
        return Schemas(self._document, self.budget, {**_FORMATS, **LENIENT})

    def resolve(self, reference: str) -> Any:
        """What a reference of this document leads to (RFC 6901, 6).

        Raises:
            DocumentError: It leads out of the document, or nowhere.
        """
        if reference in self._targets:
            return self._targets[reference]
        if not reference.startswith("#"):
            raise DocumentError(
                f"the reference {reference[:200]!r} leads out of the document; put what it names into it"
            )
        found: Any = self._document
        for segment in _segments(reference):
            try:
                found = found[int(segment)] if isinstance(found, list) else found[segment]
            except (KeyError, IndexError, ValueError, TypeError):
                raise DocumentError(f"the reference {reference[:200]!r} leads nowhere in the document") from None
        self._targets[reference] = found
        return found

    def follow(self, node: Any) -> Any:
        """What a Reference Object, or a chain of them, stands for; anything else itself."""
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
            self.budget.spend()
            if reference in seen:
                raise DocumentError(f"the reference {reference[:200]!r} leads in a circle")
            seen.add(reference)
            node = self.resolve(reference)
        return node

    def _behind(self, schema: Any) -> Any:
        """What a schema is behind its references; itself where they lead in a circle. Each is followed once."""
        passed: dict[int, Any] = {}
        node = schema
        while isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
            if id(node) in self._ends:
                node = self._ends[id(node)][1]
                break
            if id(node) in passed:
                return schema
            passed[id(node)] = node
            node = self.resolve(reference)
        self._ends.update({key: (each, node) for key, each in passed.items()})
        return node

    def check(self, schema: Schema) -> None:
        """See that a schema is one.

        Raises:
            DocumentError: It is not, or it leads to one that is not.
        """
        self._validator(schema)

    def is_valid(self, schema: Schema, value: Any) -> bool:
        """Whether a JSON value is valid, its formats included.

        Raises:
            BudgetSpentError: To judge it is too much work.
        """
        validator = self._validator(schema)
        try:
            steps = self._costs.check(schema, value)
        except BudgetSpentError as error:
            self.budget.stop(error)
        self.budget.spend(steps)
        try:
            return validator.is_valid(value)
        except UnicodeEncodeError:
            return validator.is_valid(_in_unicode(value))
        except (ValueError, RecursionError):  # a number of too many digits; what is nested too deeply
            return False

    def mistake(self, schema: Schema, value: Any) -> tuple[str, str] | None:
        """The place and the text of the first thing wrong with a value; None for a valid one."""
        try:
            error = self.first_error(schema, value)
        except (ValueError, RecursionError) as refused:
            return "", shown(str(refused), 100)
        return None if error is None else (".".join(str(part) for part in error.instance_path), error.message)

    def first_error(self, schema: Schema, value: Any) -> jsonschema_rs.ValidationError | None:
        """The first thing wrong with a value; None for a valid one.

        Raises:
            ValueError: It holds a number of too many digits.
            RecursionError: It is nested too deeply.
        """
        try:
            self._validator(schema).validate(_in_unicode(value))
        except jsonschema_rs.ValidationError as error:
            return error
        return None

    def errors(self, schema: Schema, value: Any, most: int) -> list[jsonschema_rs.ValidationError]:
        """What is wrong with a value, each thing once; no more than so many of them.

        Raises:
            ValueError: It holds a number of too many digits.
            RecursionError: It is nested too deeply.
        """
        return list(islice(self._validator(schema).iter_errors(_in_unicode(value)), most))

    def alternatives(self, schema: Schema) -> list[Flat]:
        """The flat schemas that a schema comes down to, at most 32; none where nothing is valid.

        Raises:
            BudgetSpentError: There are too many to look at.
        """
        known = self._flat.get(id(schema))
        if known is not None:
            return known[1]
        self.budget.spend()
        # The schema is kept with its result: an id is good for as long as its object lives.
        self._flat[id(schema)] = (schema, [])  # what leads back here without stepping into the value adds nothing
        try:
            found = list(self._alternatives(schema))
        except BaseException as error:
            del self._flat[id(schema)]  # what is there is not all
            if isinstance(error, RecursionError):
                raise BudgetSpentError("its schemas lead through too many others") from None
            raise
        self._flat[id(schema)] = (schema, found)
        self.keep(sum(map(_entries, found)) if isinstance(schema, dict) and not schema.keys() <= {"$ref"} else 1)
        return found

    def keep(self, entries: int) -> None:
        """Count what is kept in memory to the end of the run.

        Raises:
            BudgetSpentError: It is too much.
        """
        self._kept += entries
        if self._kept > MAX_KEPT:
            what = f"the schemas of the document have more than {MAX_KEPT:,} entries with their alternatives"
            self.budget.stop(BudgetSpentError(what))

    def _alternatives(self, schema: Schema) -> Iterator[Flat]:
        schema = self._behind(schema)  # Draft 7 ignores what stands beside a reference
        if not isinstance(schema, dict):
            if schema is not False:
                yield {}
            return
        if "$ref" in schema:  # it leads in a circle: any value keeps it, and none is meant
            return
        parts = [[_own(schema)]]
        parts += [self.alternatives(each) for each in schema.get("allOf", ())]
        for key in ("anyOf", "oneOf"):
            if key in schema:
                parts.append([flat for each in schema[key] for flat in self.alternatives(each)])
        if "if" in schema:
            parts.append([flat for key in ("then", "else") for flat in self.alternatives(schema.get(key, True))])
        self.budget.spend(sum(map(len, parts)))
        merged = (self._merged_all(combination) for combination in product(*parts))
        yield from islice((flat for flat in merged if flat is not None), MAX_ALTERNATIVES)

    def _merged_all(self, flats: tuple[Flat, ...]) -> Flat | None:
        merged: Flat | None = {}
        for flat in flats:
            self.budget.spend(1 + _entries(flat))
            merged = _merged(merged, flat) if merged else (dict(flat) if merged is not None else None)
        return merged

    def _validator(self, schema: Schema) -> jsonschema_rs.Validator:
        known = self._validators.get(id(schema))
        if known is None:
            try:
                root = {"$schema": _DRAFT_7, "allOf": [_bounded(schema)], **self._reachable(schema)}
                size = size_of(root)
                if self._compiled + size > 4 * MAX_KEPT:
                    self._validators.clear()
                    self._compiled = 0
                self._compiled += size
                validator = jsonschema_rs.validator_for(
                    root,
                    validate_formats=True,
                    formats=self._formats,
                    pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKS),
                )
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
                if isinstance(error, DocumentError):
                    raise
                raise DocumentError(f"not a JSON Schema of Draft 7: {_first_line(error)}") from error
            except RecursionError:
                raise BudgetSpentError("its schemas are nested too deeply") from None
            known = self._validators[id(schema)] = (schema, validator)
        return known[1]

    def _reachable(self, schema: Schema) -> dict[str, Any]:
        """The part of the document that a schema's references lead to, at the same places."""
        part: dict[str, Any] = {}
        waiting, seen = _references(schema), set[str]()
        while waiting:
            reference = waiting.pop()
            if reference in seen:
                continue
            seen.add(reference)
            target = self.resolve(reference)
            self.budget.spend(1 + size_of(target) // 4)
            self._check_is_schema(reference, target)
            waiting |= _references(target)
            *parents, last = _segments(reference) or [""]
            place: Any = part
            for parent in parents:
                place = place.setdefault(parent, {}) if isinstance(place, dict) else place
            if isinstance(place, dict):  # else it is in a list that is there already
                place[last] = _bounded(target)
        return part

    def _check_is_schema(self, reference: str, target: Any) -> None:
        """See that a target is a schema: what stands below keywords that no schema has is not looked at by itself."""
        if isinstance(target, bool) or id(target) in self._checked:
            return
        if not isinstance(target, dict):
            raise DocumentError(f"the reference {reference[:200]!r} leads to something that is no schema")
        try:
            jsonschema_rs.meta.validate({**target, "$schema": _DRAFT_7})
        except jsonschema_rs.ValidationError as error:
            raise DocumentError(f"{reference[:200]!r} is not a JSON Schema of Draft 7: {_first_line(error)}") from error
        self._checked[id(target)] = target


def _own(schema: Mapping[str, Any]) -> Flat:
    """A schema's own keywords: no annotations, and a constant as the only value of an enumeration."""
    own = {
        key: value
        for key, value in schema.items()
        if key not in _ANNOTATIONS and key not in _COMPOSING and key != "const"
    }
    if not STRICTER.isdisjoint(own) and isinstance(examples := schema.get("examples"), list) and examples:
        own["examples"] = examples  # they keep what no schema says
    if "const" in schema:
        own["enum"] = [schema["const"]]
    for key in _COUNTS.intersection(own):
        own[key] = int(own[key])  # JSON Schema takes 2.0 for an integer
    if (width := _WIDTHS.get(str(schema.get("format")))) and own.get("type") == "integer":
        own.setdefault("minimum", -width)
        own.setdefault("maximum", width - 1)
    return own


def _entries(flat: Flat) -> int:
    """How many entries there are to copy: keywords, properties and allowed values."""
    return len(flat) + sum(len(each) for each in flat.values() if isinstance(each, dict | list))


def _merged(one: Flat, other: Flat) -> Flat | None:
    """What keeps both; None where they are seen to exclude each other."""
    merged = dict(one)
    for key, value in other.items():
        if key not in merged:
            merged[key] = value
        elif key == "type":
            if not (types := _common_types(merged[key], value)):
                return None
            merged[key] = types
        elif key == "enum":
            known = {json.dumps(each, sort_keys=True) for each in value}
            merged[key] = [each for each in merged[key] if json.dumps(each, sort_keys=True) in known]
            if not merged[key]:
                return None
        elif key in _LOWER or key in _UPPER:
            merged[key] = (max if key in _LOWER else min)(merged[key], value)
        elif key == "required":
            merged[key] = list(dict.fromkeys([*merged[key], *value]))
        elif key == RULES:
            merged[key] = list(dict.fromkeys([*_sentences(merged[key]), *_sentences(value)]))
        elif key in ("properties", "patternProperties"):
            both = {name: {"allOf": [merged[key][name], value[name]]} for name in merged[key].keys() & value.keys()}
            merged[key] = {**merged[key], **value, **both}
        elif key in _SCHEMAS and key != "not" and not isinstance(value, list) and not isinstance(merged[key], list):
            merged[key] = {"allOf": [merged[key], value]}
    return merged


def _sentences(value: Any) -> list[str]:
    """A list of texts, whatever a document has for one."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _common_types(one: Any, other: Any) -> list[str]:
    first, second = _listed(one), _listed(other)
    common = [each for each in first if each in second]
    if "integer" not in common and {"integer", "number"} <= {*first, *second}:
        common.append("integer")
    return common


def _listed(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else list(types)


def _bounded(schema: Any) -> Any:
    """A schema whose integers keep the width that their format names, which validators do not look at."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "integer" and (width := _WIDTHS.get(str(schema.get("format")))):
        schema = {"minimum": -width, "maximum": width - 1, **schema}
    return map_subschemas(schema, _bounded)


def _references(schema: Any) -> set[str]:
    found: set[str] = set()

    def note(reference: str) -> str:
        found.add(reference)
        return reference

    map_refs(schema, note)
    return found


def _segments(reference: str) -> list[str]:
    pointer = unquote(reference.removeprefix("#")).removeprefix("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")] if pointer else []


def _in_unicode(value: Any) -> Any:
    """A copy without halves of characters, which JSON can hold and validators cannot take."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_in_unicode(key): _in_unicode(each) for key, each in value.items()}
    return [_in_unicode(each) for each in value] if isinstance(value, list) else value


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _has_no_offset(read: Callable[[str], Any]) -> Callable[[str], bool]:
    def is_valid(text: str) -> bool:
        try:
            return read(text).tzinfo is None
        except ValueError:
            return False

    return is_valid


_DURATION = re.compile(r"[+-]?P(?!$)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)")

_FORMATS: Formats = {
    "uuid": _is_uuid,
    "decimal": _is_decimal,
    "date-time-local": _has_no_offset(datetime.fromisoformat),
    "time-local": _has_no_offset(time.fromisoformat),
    "duration": lambda text: _DURATION.fullmatch(text) is not None,
}
"""What Draft 7 does not know and documents of chanspec have."""
