"""A message's payload on the wire: the declared fields plus the discriminator."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import jsonschema_rs

from chanspec.asyncapi.plain import uncopied
from chanspec.camel import camel_case
from chanspec.contract import Message
from chanspec.problems import Problem
from chanspec.schemas import REF, CannotDescribe, Described, JsonSchema, check, describe
from chanspec.schemas.dialect import RESERVED_KEYS
from chanspec.schemas.optional import Nones
from chanspec.schemas.shorthand import doubts

_OBJECT_KEYWORDS = ("maxProperties", "minProperties", "patternProperties", "propertyNames")
_ALTERNATIVES = ("anyOf", "oneOf")
_OF_CONSTANTS = frozenset({"const", "default", "description", "title", "type"})


def _format_of_2020(name: str) -> Callable[[str], bool]:
    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid


# Formats that payloads are full of and that Draft 7 does not know yet, or nobody but chanspec does.
_FORMATS: dict[str, Callable[[str], bool]] = {
    "decimal": lambda text: re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) is not None,
    "duration": _format_of_2020("duration"),
    "uuid": _format_of_2020("uuid"),
}


class Payloads:
    """The payloads of one document: each declaration is described once, however many messages have it.

    Args:
        nulls: Whether they are to be checked by, not shown: null is as good as absent for a field ``T | None`` of a
            plain class. Typed messages are as pydantic has them in either case.
    """

    def __init__(self, *, nulls: bool = False) -> None:
        self._nones: Nones = "either" if nulls else "absent"
        self._described: dict[Hashable, tuple[Any, Described | CannotDescribe]] = {}

    def wire(self, message: Message, title: str, *, camelize: bool = False) -> tuple[Described, list[Problem]]:
        """Return the schema of what is really sent for a message, and what was wrong with its declaration.

        The discriminator is a required constant beside the declared fields. A payload that cannot be described,
        or that is no object and so cannot carry the discriminator, leaves the discriminator alone. Where no field
        names the message, the payload is all of it and may be of any type.

        Args:
            message: The message.
            title: The schema's, where it has none of its own.
            camelize: Whether the names of a message class's fields are in camelCase on the wire.
        """
        camelize = camelize and bool(message.name)  # only typed messages: of others the application decides
        try:
            described = Described({}) if message.payload is None else self._describe(message, camelize)
            root = _whole(message, title, described, camelize)
            # What is checked by a true schema has no problem.
            notes = described.notes if self._nones == "absent" else {}
            problems = [Problem(message.where, f"{_subject(message)}: {what}", cure) for what, cure in notes.items()]
        except CannotDescribe as error:
            described, problems = Described({}), [Problem(message.where, error.what, error.cure)]
            root = {} if _is_unnamed(message) else _Carrier(message, title, {}, camelize).carrying({})
        # A class gives its schema its own name; the message's says more, and is unique in the document.
        own = root.pop("title", None) if isinstance(message.payload, Mapping) else None
        return Described({**root, "title": own or title}, described.definitions), problems

    def _describe(self, message: Message, camelize: bool) -> Described:
        nones: Nones = "null" if message.name else self._nones
        key = (id(message.payload), message.direction, message.is_response, camelize, nones)
        if key not in self._described:
            # The payload is kept too, so that its id stays its own.
            self._described[key] = (message.payload, _checked(message, camelize, nones))
        found = self._described[key][1]
        if isinstance(found, CannotDescribe):
            raise found
        return found


def doubts_of(message: Message) -> Iterator[Problem]:
    """Yield what may be otherwise than meant in a declaration that can be described."""
    if isinstance(message.payload, Mapping):
        for what, cure in doubts(message.payload):
            yield Problem(message.where, f"in the payload of {message.value!r}, {what}", cure)
    if message.field in RESERVED_KEYS:
        what = f"the field {message.field!r} names its messages, which readers of AsyncAPI do not survive"
        yield Problem(message.where, what, "use another field")
    elif message.field is None and message.payload is None:
        what = f"{message.value!r} has neither a field that names it nor a payload: any JSON is this message"
        yield Problem(message.where, what, "declare its payload, {} if that is right")


def _is_unnamed(message: Message) -> bool:
    """Whether its schema has no discriminator."""
    return message.field is None or message.field in RESERVED_KEYS


def _whole(message: Message, title: str, described: Described, camelize: bool) -> JsonSchema:
    """All of a message.

    Raises:
        CannotDescribe: Its discriminator has no place in what is declared.
    """
    if not _is_unnamed(message):
        return _Carrier(message, title, described.definitions, camelize).carrying(described.root)
    root: Any = described.root
    while isinstance(root, dict) and "$ref" in root:  # beside which a title would be ignored
        root = described.definitions[root["$ref"].removeprefix(REF)]
    if not isinstance(root, dict):
        return {} if root else {"not": {}}
    # Whoever lists fields means an object, as of a message with a name.
    return {"type": "object", **root} if "properties" in root else dict(root)


def _subject(message: Message) -> str:
    return message.name or f"the payload of {message.value!r}"


def _checked(message: Message, camelize: bool, nones: Nones) -> Described | CannotDescribe:
    """The payload as it was declared, in a form that a document can hold; or why there is none."""
    try:
        described = describe(
            message.payload, message.direction, is_response=message.is_response, camelize=camelize, nones=nones
        )
        root, definitions = uncopied(described.root, "payload"), uncopied(described.definitions, "definitions")
        described = Described(root, definitions, described.notes)
        check(described)
    except CannotDescribe as error:
        return error
    except (TypeError, ValueError) as error:
        return CannotDescribe(f"the payload's schema is not JSON ({error})", "use plain values in it")
    return described


def validator(
    schema: Any, definitions: dict[str, JsonSchema], formats: Mapping[str, Callable[[str], bool]] | None = None
) -> jsonschema_rs.Draft7Validator:
    """Return a validator of ``schema``, which may refer to ``definitions``; it checks formats.

    Args:
        schema: In AsyncAPI's dialect.
        definitions: What is under ``#/$defs/``.
        formats: How some formats are checked instead.
    """
    document = {"allOf": [schema], "$defs": definitions}
    return jsonschema_rs.Draft7Validator(document, validate_formats=True, formats={**_FORMATS, **(formats or {})})


def titled_branches(schema: JsonSchema) -> Iterator[JsonSchema]:
    """Yield the types with a title that a payload is made or chosen from, as far as they stand in it."""
    for keyword in ("allOf", *_ALTERNATIVES):
        for branch in schema.get(keyword, ()):
            if isinstance(branch, dict):
                if "title" in branch:
                    yield branch
                yield from titled_branches(branch)


class _Carrier:
    """Puts a message's discriminator into checked schemas of objects."""

    def __init__(self, message: Message, title: str, definitions: dict[str, JsonSchema], camelize: bool) -> None:
        self.title = title
        field = message.field or ""
        self.field = camel_case(field) if camelize else field
        attribute = message.attribute or field
        self.attribute = camel_case(attribute) if camelize else attribute
        self.value = message.value
        self.definitions = definitions

    def carrying(self, schema: Any) -> JsonSchema:
        """Return the schema of ``schema``'s objects with the discriminator among their properties.

        Raises:
            CannotDescribe: It admits no object, or none with the discriminator.
        """
        if isinstance(schema, dict) and "$ref" in schema:
            return self.carrying(self.definitions[schema["$ref"].removeprefix(REF)])
        node = {} if schema is True else schema
        if not _admits_objects(node):
            raise self.refusal()
        node = {key: value for key, value in node.items() if key != "type"}
        for keyword in _ALTERNATIVES:
            if keyword in node:
                node[keyword] = self.alternatives(node[keyword])
        if "allOf" in node:
            node["allOf"] = [self.branch(each) for each in node["allOf"]]
        return self.merged(node) or self.with_constant(node)

    def alternatives(self, branches: list[Any]) -> list[Any]:
        """Those of the branches that admit an object with the discriminator."""
        kept, refusal = [], None
        for each in branches:
            try:
                kept.append(self.branch(each))
            except CannotDescribe as error:
                refusal = error
        if not kept and refusal is not None:
            raise refusal
        return kept

    def branch(self, schema: Any) -> Any:
        """A branch that minds fields it does not know gets the discriminator; any other stays as it is."""
        carrying = self.carrying(schema)
        if not self.minds(schema):
            return schema
        # It is another type than the one it was, whose title stays that one's.
        return carrying | ({"title": self.title + carrying["title"]} if "title" in carrying else {})

    def minds(self, schema: Any) -> bool:
        """Whether the discriminator would make a difference to ``schema``."""
        if not isinstance(schema, dict):
            return False
        if "$ref" in schema:
            return self.minds(self.definitions[schema["$ref"].removeprefix(REF)])
        if schema.get("additionalProperties", True) not in (True, {}) or not schema.keys().isdisjoint(_OBJECT_KEYWORDS):
            return True
        return any(self.minds(each) for keyword in ("allOf", *_ALTERNATIVES) for each in schema.get(keyword, ()))

    def merged(self, node: JsonSchema) -> JsonSchema | None:
        """The only branch of a schema that says nothing else; None for any other schema."""
        rest = node.keys() - {"title", "description", "default", "examples", "deprecated"}
        if len(rest) != 1 or (keyword := rest.pop()) not in ("allOf", *_ALTERNATIVES) or len(node[keyword]) != 1:
            return None
        [branch] = node.pop(keyword)
        return {**self.carrying(branch), **node}

    def with_constant(self, node: JsonSchema) -> JsonSchema:
        properties = node.pop("properties", {})
        declared = properties.get(self.attribute)
        if declared is None:
            self.make_room(node)
        elif not self.admits_constant(declared):
            raise CannotDescribe(
                f"the payload of {self.value!r} declares {self.field!r} itself, with another value",
                f"leave {self.field!r} out of it, or name the message so",
            )
        named = (self.field, self.attribute)
        if isinstance(examples := node.get("examples"), list):
            node["examples"] = [
                {self.field: self.value, **each} if isinstance(each, dict) else each for each in examples
            ]
        required = [name for name in node.pop("required", []) if name not in named]
        return {
            **{key: node.pop(key) for key in ("title", "description") if key in node},
            "type": "object",
            "properties": {
                self.field: self.constant(declared),
                **{name: each for name, each in properties.items() if name not in named},
            },
            "required": [self.field, *required],
            **node,
        }

    def admits_constant(self, declared: Any) -> bool:
        if isinstance(declared, dict) and "const" in declared and declared.keys() <= _OF_CONSTANTS:
            return bool(declared["const"] == self.value and declared.get("type", "string") == "string")
        return validator(declared, self.definitions).is_valid(self.value)

    def constant(self, declared: Any) -> JsonSchema:
        told = declared if isinstance(declared, dict) else {}
        texts = {key: told[key] for key in ("title", "description") if key in told}
        return {**texts, "type": "string", "const": self.value}

    def make_room(self, node: JsonSchema) -> None:
        """Let the rules for fields, which were made without the discriminator, take it in."""
        for key in ("minProperties", "maxProperties"):
            if key in node:
                node[key] += 1
        if "propertyNames" in node:
            node["propertyNames"] = {"anyOf": [{"const": self.field}, node["propertyNames"]]}
        patterns = {"patternProperties": node["patternProperties"]} if "patternProperties" in node else None
        if patterns and not validator(patterns, self.definitions).is_valid({self.field: self.value}):
            raise CannotDescribe(
                f"the payload of {self.value!r} gives the name {self.field!r} to fields of another type",
                f"narrow the pattern of its fields' names, or declare {self.field!r} in it",
            )

    def refusal(self) -> CannotDescribe:
        return CannotDescribe(
            f"the payload of {self.value!r} is no object, so it has no place for {self.field!r}",
            "declare a class or a schema with fields",
        )


def _admits_objects(node: Any) -> bool:
    if not isinstance(node, dict) or "const" in node or "enum" in node:
        return False
    kinds = node.get("type", "object")
    return "object" in (kinds if isinstance(kinds, list) else [kinds])
