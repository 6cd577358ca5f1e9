"""What is wrong with one frame, in words that come from the contract and never from the frame.

Two kinds of validators find mistakes: pydantic-core, whose errors the runtime knows how to show, and jsonschema-rs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, get_args

import jsonschema_rs
from pydantic import ValidationError
from pydantic_core import core_schema, from_json

from chanspec import finite
from chanspec.asyncapi.payloads import validator
from chanspec.fail_fast import Size
from chanspec.runtime.codec import MAX_ERRORS, MAX_KEY, MAX_PATH, MAX_TEXT
from chanspec.runtime.log import shown

ORDINARY = 100
"""Values in a frame up to which all of its mistakes are looked for. With more only the first is: there may be hundreds
of thousands, and listing them takes seconds."""

_STANDARD = frozenset(get_args(core_schema.ErrorType)) - {"value_error", "assertion_error"}
"""The errors of pydantic-core, whose texts say what was expected."""

_LIMITS = {
    "minimum": "be at least {}",
    "maximum": "be at most {}",
    "exclusiveMinimum": "be greater than {}",
    "exclusiveMaximum": "be less than {}",
    "minLength": "have at least {} characters",
    "maxLength": "have at most {} characters",
    "minItems": "have at least {} items",
    "maxItems": "have at most {} items",
    "minProperties": "have at least {} fields",
    "maxProperties": "have at most {} fields",
    "multipleOf": "be a multiple of {}",
}
_ARTICLES = {"array": "an array", "integer": "an integer", "null": "null", "object": "an object"}


Formats = Mapping[str, Callable[[str], bool]]


class Mistake(NamedTuple):
    """One mistake. ``text`` is what its sender is told, ``what`` what is logged, which quotes even less."""

    loc: tuple[str | int, ...]
    text: str
    kind: str
    what: str

    def as_error(self) -> dict[str, Any]:
        """The form of the runtime's error message."""
        loc = [each if isinstance(each, int) else _shortened(each, MAX_KEY) for each in self.loc[:MAX_PATH]]
        return {"loc": loc, "msg": _shortened(self.text, MAX_TEXT), "type": self.kind}


def mistake(kind: str, text: str, *loc: str | int) -> Mistake:
    """A mistake whose text quotes nothing of the frame."""
    return Mistake(loc, text, kind, text)


def errors_of(mistakes: Sequence[Mistake]) -> list[dict[str, Any]]:
    """The payload of the error message, bounded."""
    return [each.as_error() for each in mistakes[:MAX_ERRORS]]


_INVALID_JSON = mistake("json_invalid", "Invalid JSON")
_SURROGATE = re.compile(r"\\u[dD]")


def read_json(text: str) -> Any:
    """Read JSON as RFC 8259 has it, without numbers that are not finite and text that is not Unicode.

    Returns:
        What it says, or a :class:`Mistake`.
    """
    try:
        content = from_json(text, allow_inf_nan=False)
    except (ValueError, TypeError):
        return _INVALID_JSON
    return mistake_in(text) or content


def mistake_in(text: str) -> Mistake | None:
    """What is wrong with a text that some parser took for JSON, where that is more lenient than RFC 8259."""
    try:
        finite.check_text(text)
        if _SURROGATE.search(text):
            from_json(text)
    except finite.NotFiniteError as error:
        return mistake("finite_number", finite.TEXT, *error.place)
    except (ValueError, TypeError):
        return _INVALID_JSON
    return None


def of_error(error: Mapping[str, Any]) -> Mistake:
    """The mistake in one entry of an error message's payload, as the runtime makes them of pydantic's errors."""
    kind, text = str(error["type"]), str(error["msg"])
    is_known = kind in _STANDARD or kind in _OWN
    return Mistake(tuple(error["loc"]), text, kind, text if is_known else f"not valid ({shown(kind, MAX_KEY)})")


_OWN = frozenset(
    {"binary_frame", "invalid", "too_complex", "too_deep", "too_long", "no_messages", "too_many_errors"}
    | {"anyOf", "const", "enum", "format", "oneOf", "pattern", "type", "uniqueItems", *_LIMITS}
)
"""The kinds of error that the runtime and schemas have. Their texts come from the contract too."""


def of_validation_error(error: ValidationError) -> list[Mistake]:
    """The mistakes that pydantic found in fields that were given as Python values."""
    if error.error_count() > 50 * MAX_ERRORS:
        return [mistake("too_many_errors", f"{error.error_count()} values are not valid")]
    found = []
    for each in error.errors(include_url=False, include_input=False, include_context=False)[:MAX_ERRORS]:
        text = each["msg"].partition(",")[0] if each["type"].endswith("_parsing") else each["msg"]
        found.append(of_error({"loc": each["loc"], "msg": text, "type": each["type"]}))
    return found


class SchemaCheck:
    """Checks JSON against a schema, at a cost that a client cannot multiply.

    Args:
        schema: In AsyncAPI's dialect.
        definitions: What is under ``#/$defs/``.
        formats: How some formats are checked instead.
    """

    def __init__(self, schema: Any, definitions: dict[str, Any], formats: Formats | None = None) -> None:
        self._declared = (schema, definitions, formats)
        self._full = validator(schema, definitions, formats)
        self._brief: jsonschema_rs.Draft7Validator | None = None

    def is_valid(self, instance: Any) -> bool:
        """Whether the schema takes a value. One that is no JSON, or nested by hundreds of levels, it does not take."""
        try:
            return self._full.is_valid(instance)
        except ValueError:
            return False

    def mistakes(self, instance: Any, size: Size) -> list[Mistake]:
        """The mistakes of a value that the schema refuses; at least one.

        Args:
            instance: JSON.
            size: What its text holds.
        """
        found: list[Mistake] = []
        try:
            if size.values <= ORDINARY:
                errors = self._full.iter_errors(instance)
                found = list(islice((each for error in errors for each in _mistakes(error)), MAX_ERRORS))
            else:
                if self._brief is None:
                    schema, definitions, formats = self._declared
                    self._brief = validator(_briefly(schema), _briefly(definitions), formats)
                self._brief.validate(instance)
        except jsonschema_rs.ValidationError as error:
            found = list(islice(_mistakes(error), MAX_ERRORS))
        except ValueError:
            found = [mistake("json_invalid", "Invalid JSON")]
        return found or [mistake("invalid", "Input is not valid")]


def _briefly(node: Any) -> Any:
    """The same schema without branches in its errors, which have all errors of each: they are negated twice."""
    if isinstance(node, list):
        return [_briefly(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    brief = {key: value if key in _VALUES else _briefly(value) for key, value in node.items()}
    branches = {key: brief.pop(key) for key in ("anyOf", "oneOf") if isinstance(brief.get(key), list)}
    if branches:
        brief["allOf"] = [*brief.get("allOf", ()), *({"not": {"not": {key: each}}} for key, each in branches.items())]
    return brief


def _is_negated_twice(schema: Any) -> bool:
    inner = schema.get("not") if isinstance(schema, Mapping) else None
    return isinstance(inner, Mapping) and len(inner) == 1 and next(iter(inner)) in ("anyOf", "oneOf")


_VALUES = ("const", "default", "enum", "examples")  # no schemas, whatever they look like


def _mistakes(error: jsonschema_rs.ValidationError) -> Iterator[Mistake]:
    name, told, loc = error.kind.name, error.kind.as_dict(), tuple(error.instance_path)
    if name == "not" and _is_negated_twice(told.get("schema")):
        yield mistake("anyOf", "Input should have one of the declared forms", *loc)
    elif name == "required":
        yield mistake("missing", "Field required", *loc, told["property"])
    elif name == "additionalProperties":
        for key in told["unexpected"][:MAX_ERRORS]:
            yield mistake("extra_forbidden", "Extra inputs are not permitted", *loc, key)
    elif name in ("anyOf", "oneOf") and "context" in told:
        yield from _of_branches(loc, name, told["context"])
    else:
        yield mistake(name, f"Input should {_expected(name, told)}", *loc)


def _of_branches(
    loc: tuple[str | int, ...], name: str, branches: Iterable[Iterable[jsonschema_rs.ValidationError]]
) -> Iterator[Mistake]:
    """What is wrong with a value that fits none of several forms: the form that it comes nearest to says it."""
    known = [list(branch) for branch in branches]
    # A branch that refuses the value's very type is not what was meant.
    of_type = [[each.kind.as_dict()["types"] for each in errors if _is_of_type(each, loc)] for errors in known]
    meant = [errors for errors, types in zip(known, of_type, strict=True) if errors and not types]
    if len(meant) == 1:
        for error in meant[0]:
            yield from _mistakes(error)
    elif not meant and all(of_type):
        types = dict.fromkeys(each for branch in of_type for types in branch for each in types)
        yield mistake("type", f"Input should be {_either(types)}", *loc)
    else:
        yield mistake(name, "Input should have one of the declared forms", *loc)


def _is_of_type(error: jsonschema_rs.ValidationError, loc: tuple[str | int, ...]) -> bool:
    return error.kind.name == "type" and tuple(error.instance_path) == loc


def _expected(name: str, told: Mapping[str, Any]) -> str:
    if name == "type":
        return f"be {_either(told['types'])}"
    if name in ("const", "enum"):
        options = told["options"] if name == "enum" else [told["expected_value"]]
        return f"be {'one of ' if len(options) > 1 else ''}{', '.join(map(repr, options[:MAX_ERRORS]))}"
    if name == "format":
        return f"be a valid {told['format']}"
    if name == "pattern":
        return f"match the pattern {told['pattern']}"
    if name in _LIMITS:
        return _LIMITS[name].format(next(iter(told.values())))
    if name == "uniqueItems":
        return "have no item twice"
    return f"satisfy {name!r} of its schema"


def _either(types: Iterable[str]) -> str:
    return " or ".join(_ARTICLES.get(each, f"a {each}") for each in types)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
