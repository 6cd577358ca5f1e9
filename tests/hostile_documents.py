"""Documents from somebody who wants to stop the program that reads them: a page, a checker, a template. No tests here.

Each is small on the wire and asks for far more work than its size: it multiplies, nests, or backtracks. `DOCUMENTS` has
all of them by name. Every one is an AsyncAPI 3 document, or text that pretends to be one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Hostile:
    """One of them.

    Attributes:
        name: What it is called in tests and reports.
        about: One sentence: what it asks its reader to do.
        make: Returns the text of the document, in JSON unless `is_yaml`.
        is_yaml: Whether the text is YAML.
    """

    name: str
    about: str
    make: Callable[[], str]
    is_yaml: bool = False


DOCUMENTS: dict[str, Hostile] = {}


def _hostile(
    about: str, *, is_yaml: bool = False
) -> Callable[[Callable[[], Document | str]], Callable[[], Document | str]]:
    def register(make: Callable[[], Document | str]) -> Callable[[], Document | str]:
        def text() -> str:
            made = make()
            return made if isinstance(made, str) else json.dumps(made)

        DOCUMENTS[make.__name__] = Hostile(make.__name__, about, text, is_yaml)
        return make

    return register


def shell(payload: Any = None, *, description: str | None = None, **components: Any) -> Document:
    """An ordinary document around one hostile part: a client sends `ask`, the server answers with `answer`."""
    return {
        "asyncapi": "3.0.0",
        "x-perspective": "server",
        "info": {
            "title": "Hostile",
            "version": "1.0.0",
            **({} if description is None else {"description": description}),
        },
        "channels": {
            "room": {
                "address": "/room",
                "messages": {
                    "ask": {"payload": {"type": "object"} if payload is None else payload},
                    "answer": {"payload": {"type": "object", "properties": {"text": {"type": "string"}}}},
                },
            }
        },
        "operations": {
            "ask": {
                "action": "receive",
                "channel": {"$ref": "#/channels/room"},
                "messages": [{"$ref": "#/channels/room/messages/ask"}],
            },
            "answer": {
                "action": "send",
                "channel": {"$ref": "#/channels/room"},
                "messages": [{"$ref": "#/channels/room/messages/answer"}],
            },
        },
        "components": components,
    }


def schema_reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


# Schemas whose values multiply.


@_hostile("Eight arrays in each other, each of at least a thousand items: an example has 10^24 values.")
def nested_min_items() -> Document:
    payload: dict[str, Any] = {"type": "string"}
    for _ in range(8):
        payload = {"type": "array", "minItems": 1_000, "items": payload}
    return shell({"type": "object", "required": ["all"], "properties": {"all": payload}})


@_hostile("One array of at least a billion items.")
def a_billion_items() -> Document:
    return shell({"type": "array", "minItems": 1_000_000_000, "items": {"type": "string"}})


@_hostile("A text of at least two billion characters, and one whose length is no number.")
def a_long_text() -> Document:
    properties = {"text": {"type": "string", "minLength": 2_000_000_000}, "odd": {"type": "string", "minLength": "x"}}
    return shell({"type": "object", "required": ["text", "odd"], "properties": properties})


@_hostile("Numbers whose bounds and steps have three hundred digits, or are none.")
def large_numbers() -> Document:
    properties = {
        "step": {"type": "number", "minimum": 1e300, "multipleOf": 1e-300},
        "odd": {"type": "integer", "minimum": "x", "maximum": []},
        "none": {"type": "number", "multipleOf": 0},
    }
    return shell({"type": "object", "required": list(properties), "properties": properties})


@_hostile("Eight required references to one type, twelve levels deep: an example has 8^12 values.")
def required_references() -> Document:
    schemas: dict[str, Any] = {"S12": {"type": "string"}}
    for level in range(12):
        properties = {f"p{index}": schema_reference(f"S{level + 1}") for index in range(8)}
        schemas[f"S{level}"] = {"type": "object", "required": list(properties), "properties": properties}
    return shell(schema_reference("S0"), schemas=schemas)


@_hostile("Fourteen types with a member of each of the others' types, themselves among them.")
def types_that_hold_each_other() -> Document:
    names = [f"S{index}" for index in range(14)]
    properties = {name: schema_reference(name) for name in names}
    schemas = {name: {"type": "object", "required": names, "properties": properties} for name in names}
    return shell(schema_reference("S0"), schemas=schemas)


@_hostile("Alternatives of alternatives: two ways at each of thirty levels, all about one value.")
def nested_alternatives() -> Document:
    schemas: dict[str, Any] = {"A30": {"type": "string"}}
    for level in range(30):
        following = schema_reference(f"A{level + 1}")
        schemas[f"A{level}"] = {"anyOf": [following, following], "oneOf": [following, following]}
    return shell(schema_reference("A0"), schemas=schemas)


@_hostile("Parts of parts: `allOf` with two members at each of thirty levels, all about one value.")
def nested_all_of() -> Document:
    schemas: dict[str, Any] = {"A30": {"type": "object", "properties": {"x": {"type": "string"}}}}
    for level in range(30):
        following = schema_reference(f"A{level + 1}")
        schemas[f"A{level}"] = {"allOf": [following, {"allOf": [following]}]}
    return shell(schema_reference("A0"), schemas=schemas)


@_hostile("A condition in a condition, thirty levels deep, each of which doubles.")
def nested_conditions() -> Document:
    schemas: dict[str, Any] = {"C30": {"type": "object"}}
    for level in range(30):
        following = schema_reference(f"C{level + 1}")
        schemas[f"C{level}"] = {
            "type": "object",
            "if": following,
            "then": following,
            "else": following,
            "not": {"not": following},
        }
    return shell(schema_reference("C0"), schemas=schemas)


@_hostile("A type that is itself, by way of `allOf`, `anyOf` and `not`, with nothing in between.")
def a_type_without_end() -> Document:
    endless = {"allOf": [schema_reference("B")], "anyOf": [schema_reference("A")], "not": schema_reference("A")}
    return shell(schema_reference("A"), schemas={"A": endless, "B": {"oneOf": [schema_reference("A")]}})


@_hostile("Objects with `additionalProperties` of `additionalProperties`, two for each example, forty levels deep.")
def nested_additional_properties() -> Document:
    schemas: dict[str, Any] = {"M40": {"type": "string"}}
    for level in range(40):
        schemas[f"M{level}"] = {"type": "object", "additionalProperties": schema_reference(f"M{level + 1}")}
    return shell(schema_reference("M0"), schemas=schemas)


# Patterns.

PATTERNS = (
    r"^(a+)+$",
    r"^(a|a)*$",
    r"^(a|aa)+$",
    r"^(.*a){12}$",
    r"^a*a*a*a*a*a*a*a*b$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"^([\w-]+\.?)+@([\w-]+\.)+$",
    r"(?=(a+))a*b\1",
    r"^(?:(?:a{1,100}){1,100}){1,100}$",
    r"(x+x+)+y",
)


@_hostile(
    "Regular expressions that take exponential time on a short text: as patterns, as names of members, as parameters."
)
def slow_patterns() -> Document:
    properties = {f"p{index}": {"type": "string", "pattern": each} for index, each in enumerate(PATTERNS)}
    payload = {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "patternProperties": {each: {"type": "string"} for each in PATTERNS},
        "propertyNames": {"pattern": PATTERNS[0]},
    }
    document = shell(payload)
    document["channels"]["room"]["address"] = "/room/{name}"
    document["channels"]["room"]["parameters"] = {"name": {"x-schema": {"type": "string", "pattern": PATTERNS[1]}}}
    document["channels"]["room"]["messages"]["answer"]["payload"] = payload
    return document


# Long lists.


@_hostile("A choice of fifty thousand values.")
def a_long_choice() -> Document:
    choices = [f"value {index}" for index in range(50_000)]
    return shell(
        {"type": "object", "required": ["choice"], "properties": {"choice": {"type": "string", "enum": choices}}}
    )


@_hostile("Twenty thousand members in one object, all required.")
def a_wide_object() -> Document:
    properties = {f"member_{index}": {"type": "string"} for index in range(20_000)}
    return shell({"type": "object", "required": list(properties), "properties": properties})


@_hostile("Ten thousand alternatives, each an object of its own.")
def a_wide_union() -> Document:
    union = [{"type": "object", "title": f"T{i}", "properties": {"kind": {"const": i}}} for i in range(10_000)]
    return shell({"oneOf": union})


@_hostile("Twenty thousand examples of a message and of a value, and as many tags.")
def many_examples() -> Document:
    document = shell(
        {"type": "object", "properties": {"x": {"type": "string", "examples": [str(i) for i in range(20_000)]}}}
    )
    message = document["channels"]["room"]["messages"]["ask"]
    message["examples"] = [{"name": f"E{index}", "payload": {"x": index}} for index in range(20_000)]
    document["info"]["tags"] = [{"name": f"tag {index}"} for index in range(20_000)]
    return document


@_hostile("One example of a million values.")
def a_large_example() -> Document:
    document = shell()
    document["channels"]["room"]["messages"]["ask"]["examples"] = [{"payload": {"list": [0] * 1_000_000}}]
    return document


@_hostile("Five thousand channels, each with a message and an operation.")
def many_channels() -> Document:
    document = shell()
    for index in range(5_000):
        message = {"payload": {"type": "object", "properties": {"type": {"const": str(index)}}}}
        document["channels"][f"c{index}"] = {"address": f"/c/{index}", "messages": {"m": message}}
        document["operations"][f"o{index}"] = {"action": "receive", "channel": {"$ref": f"#/channels/c{index}"}}
    return document


@_hostile("Two thousand operations on a channel of two thousand messages: each operation may send all of them.")
def operations_times_messages() -> Document:
    document = shell()
    room = document["channels"]["room"]
    for index in range(2_000):
        room["messages"][f"m{index}"] = {"payload": {"type": "object", "properties": {"type": {"const": f"m{index}"}}}}
        document["operations"][f"o{index}"] = {
            "action": "receive" if index % 2 else "send",
            "channel": {"$ref": "#/channels/room"},
            "reply": {"channel": {"$ref": "#/channels/room"}},
        }
    return document


@_hostile("Two thousand operations whose one message is an object of three hundred members.")
def operations_times_members() -> Document:
    properties = {f"member_{index}": {"type": "string", "description": "Some **words**."} for index in range(300)}
    document = shell(schema_reference("Wide"), schemas={"Wide": {"type": "object", "properties": properties}})
    for index in range(2_000):
        document["operations"][f"o{index}"] = dict(document["operations"]["ask"])
    return document


@_hostile("Two thousand servers, and two thousand channels that are on each of them.")
def servers_times_channels() -> Document:
    document = shell()
    document["servers"] = {f"s{i}": {"host": f"h{i}.example", "protocol": "wss"} for i in range(2_000)}
    for index in range(2_000):
        document["channels"][f"c{index}"] = {
            "address": f"/c/{index}",
            "messages": {"m": {"payload": {"type": "object"}}},
        }
        document["operations"][f"o{index}"] = {"action": "receive", "channel": {"$ref": f"#/channels/c{index}"}}
    return document


@_hostile("Names, titles, addresses and summaries of a hundred thousand characters.")
def long_names() -> Document:
    long = "name_" * 20_000
    document = shell({"type": "object", "title": long, "required": [long], "properties": {long: {"const": long}}})
    document["info"]["title"] = long
    document["channels"][long] = {
        "address": f"/{long}",
        "title": long,
        "messages": {long: {"title": long, "payload": {}}},
    }
    document["operations"][long] = {"action": "send", "channel": {"$ref": f"#/channels/{long}"}, "summary": long}
    document["components"]["schemas"] = {long: {"type": "string"}}
    return document


@_hostile("An address with twenty thousand parameters.")
def many_parameters() -> Document:
    document = shell()
    room = document["channels"]["room"]
    room["address"] = "".join(f"/{{p{index}}}" for index in range(20_000))
    room["parameters"] = {f"p{index}": {"description": "d"} for index in range(20_000)}
    return document


# Depth and references.


def _deep(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = {"type": "object", "required": ["in"], "properties": {"in": value}}
    return value


@_hostile("Objects in each other, four hundred levels deep.")
def a_deep_object() -> Document:
    return shell(_deep({"type": "string"}, 400))


@_hostile("Arrays of arrays of arrays, twenty thousand levels deep, one after the other by reference.")
def deep_arrays() -> Document:
    schemas: dict[str, Any] = {"A20000": {"type": "string"}}
    for level in range(20_000):
        schemas[f"A{level}"] = {"type": "array", "minItems": 1, "items": schema_reference(f"A{level + 1}")}
    return shell(schema_reference("A0"), schemas=schemas)


@_hostile("Lists in each other, in an extension, thirty thousand levels deep.")
def a_deep_extension() -> str:
    text = json.dumps(shell() | {"x-deep": 0})
    return text.replace('"x-deep": 0', '"x-deep": ' + "[" * 30_000 + "]" * 30_000)


@_hostile("A default value and an example, thirty thousand levels deep.")
def a_deep_example() -> str:
    deep = "[" * 30_000 + "]" * 30_000
    document = shell({"type": "object", "properties": {"x": {"default": "DEEP", "examples": ["DEEP"]}}})
    document["channels"]["room"]["messages"]["ask"]["examples"] = [{"payload": "DEEP"}]
    return json.dumps(document).replace('"DEEP"', deep)


@_hostile("References to references, ten thousand in a row.")
def a_chain_of_references() -> Document:
    schemas: dict[str, Any] = {f"S{index}": schema_reference(f"S{index + 1}") for index in range(10_000)}
    schemas["S10000"] = {"type": "string"}
    return shell(schema_reference("S0"), schemas=schemas)


@_hostile("References through references: each leads through two others, thirty levels deep.")
def references_through_references() -> Document:
    schemas: dict[str, Any] = {"R30": {"p": {"p": {"type": "string"}}, "type": "object"}}
    for level in range(30):
        inner = {"$ref": f"#/components/schemas/R{level + 1}/p"}
        schemas[f"R{level}"] = {"type": "object", "p": {"p": inner, "$ref": f"#/components/schemas/R{level + 1}/p/p"}}
    schemas["R30"]["p"]["p"]["p"] = schemas["R30"]["p"]
    schemas["R30"] = {"type": "object", "p": {"$ref": "#/components/schemas/Leaf"}}
    schemas["Leaf"] = {"type": "string", "p": {"$ref": "#/components/schemas/Leaf"}}
    return shell({"$ref": "#/components/schemas/R0/p/p"}, schemas=schemas)


@_hostile("Ten thousand references that lead nowhere, each from a place deep in the document.")
def many_dangling_references() -> Document:
    return shell(_deep({"anyOf": [schema_reference(f"none{index}") for index in range(10_000)]}, 100))


@_hostile("Two hundred traits for each of two hundred messages, each of them the same tree of shared parts.")
def many_traits() -> Document:
    document = shell(schemas={})
    schemas = document["components"]["schemas"]
    for side in ("L", "R"):
        schemas[f"{side}14"] = {"type": "string", "title": side}
        for level in range(14):
            following = schema_reference(f"{side}{level + 1}")
            schemas[f"{side}{level}"] = {"title": side, "properties": {"a": following, "b": following, side: following}}
    traits = [{"headers": schema_reference("L0" if index % 2 else "R0")} for index in range(200)]
    for index in range(200):
        document["channels"]["room"]["messages"][f"m{index}"] = {"payload": {"type": "string"}, "traits": traits}
    return document


@_hostile("Two thousand extensions that all hold one tree, which holds the same parts again and again.")
def shared_extensions() -> Document:
    document = shell(schemas={})
    tree: dict[str, Any] = document["components"]["schemas"]
    tree["T14"] = {"leaf": 1}
    for level in range(14):
        tree[f"T{level}"] = {name: schema_reference(f"T{level + 1}") for name in "abcd"}
    document |= {f"x-{index}": schema_reference("T0") for index in range(2_000)}
    return document


# Text: Markdown.


def _markdown(name: str, about: str, text: Callable[[], str]) -> None:
    def make() -> Document:
        document = shell({"type": "object", "description": text()}, description=text())
        document["operations"]["ask"]["description"] = text()
        return document

    make.__name__ = f"markdown_{name}"
    _hostile(about)(make)


MARKDOWN: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("emphasis", "Ninety kilobytes of `*a_`, in Markdown.", lambda: "*a_" * 30_000),
    ("stars", "A hundred thousand stars, in Markdown.", lambda: "a**" * 33_000),
    ("underscores", "Emphasis that opens and never closes, in Markdown.", lambda: "_a " * 30_000),
    ("brackets", "Fifty thousand opening brackets, in Markdown.", lambda: "[" * 50_000),
    ("links", "Fifty thousand links that never end, in Markdown.", lambda: "[a](" * 25_000),
    ("images", "Twenty thousand images that never end, in Markdown.", lambda: "![" * 20_000),
    ("angles", "A hundred thousand `<`, in Markdown.", lambda: "<" * 100_000),
    ("tags", "Thirty thousand tags that never end, in Markdown.", lambda: "<a " * 30_000),
    ("backticks", "Runs of backticks of every length, in Markdown.", lambda: " ".join("`" * n for n in range(1, 450))),
    ("quotes", "Quotes in each other, five thousand levels deep, in Markdown.", lambda: ">" * 5_000 + " a"),
    ("lists", "Lists in each other, in Markdown.", lambda: "\n".join("  " * n + "- a" for n in range(450))),
    ("list_marks", "Lists in each other on one line, in Markdown.", lambda: "- " * 5_000 + "a"),
    (
        "tables",
        "A table of a hundred columns and five hundred rows, in Markdown.",
        lambda: "\n".join(["|a" * 100 + "|", "|-" * 100 + "|", *["|b" * 100 + "|"] * 500]),
    ),
    ("comments", "Twenty thousand comments that never end, in Markdown.", lambda: "<!--" * 20_000),
    (
        "definitions",
        "Ten thousand link definitions, in Markdown.",
        lambda: "\n".join(f"[{n}]: /x" for n in range(10_000)),
    ),
    ("entities", "Thirty thousand entities, in Markdown.", lambda: "&#x" * 30_000),
    ("spaces", "A hundred thousand spaces within a line, in Markdown.", lambda: "a" + " " * 100_000 + "b"),
    ("tildes", "Strikes that never end, in Markdown.", lambda: "~a~~" * 20_000),
    ("escapes", "Backslashes without end, in Markdown.", lambda: "\\" * 100_000),
    ("addresses", "Addresses that run into each other, in Markdown.", lambda: "www." * 25_000),
    (
        "code",
        "A hundred kilobytes of code for the highlighter, in Markdown.",
        lambda: "```yaml\n" + "a: [" * 25_000 + "\n```",
    ),
    ("html", "Elements in each other, ten thousand levels deep, in Markdown.", lambda: "<b>" * 10_000),
    ("words", "A megabyte of harmless words, in Markdown.", lambda: "Some *words* and `code`. " * 40_000),
)
for _each in MARKDOWN:
    _markdown(*_each)


@_hostile("Three thousand descriptions of three kilobytes of `*a_` each: every one is within any limit.")
def many_markdown_texts() -> Document:
    schemas = {f"S{i}": {"type": "string", "description": f"{i} " + "*a_" * 1_000} for i in range(3_000)}
    return shell(schemas=schemas)


# Text: YAML and JSON.

_YAML_HEAD = "asyncapi: 3.0.0\ninfo: {title: Hostile, version: '1'}\n"


@_hostile("Aliases of aliases: 9^9 values in nine lines of YAML.", is_yaml=True)
def yaml_aliases() -> str:
    lines = ["x-0: &a0 [lol]"]
    lines += [f"x-{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]
    return _YAML_HEAD + "\n".join(lines) + "\n"


@_hostile("Merge keys of merge keys, in YAML.", is_yaml=True)
def yaml_merges() -> str:
    lines = ["x-0: &a0 {k: 1}"]
    lines += [
        f"x-{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}], k{level}: 1}}" for level in range(1, 30)
    ]
    return _YAML_HEAD + "\n".join(lines) + "\n"


@_hostile("Twenty thousand `[` of YAML that never close.", is_yaml=True)
def yaml_brackets() -> str:
    return _YAML_HEAD + "x-deep: " + "[" * 20_000


@_hostile("Twenty thousand `[` of YAML, and as many `]`.", is_yaml=True)
def yaml_nested_lists() -> str:
    return _YAML_HEAD + "x-deep: " + "[" * 20_000 + "]" * 20_000 + "\n"


@_hostile("Block lists in each other, two thousand levels deep, in YAML.", is_yaml=True)
def yaml_nested_blocks() -> str:
    return _YAML_HEAD + "x-deep:\n" + "\n".join(" " * (n + 1) + f"k{n}:" for n in range(2_000)) + " 1\n"


@_hostile("Thirty thousand members in one object, in YAML.", is_yaml=True)
def yaml_wide_object() -> str:
    return _YAML_HEAD + "x-wide:\n" + "\n".join(f"  k{index}: 1" for index in range(30_000)) + "\n"


@_hostile("Thirty thousand anchors and aliases, in YAML.", is_yaml=True)
def yaml_many_anchors() -> str:
    return _YAML_HEAD + "x-list:\n" + "\n".join(f"  - &a{i} {i}\n  - *a{i}" for i in range(15_000)) + "\n"


@_hostile("Ten thousand mistakes, in YAML.", is_yaml=True)
def yaml_many_mistakes() -> str:
    return _YAML_HEAD + "\n".join("a: b: c: ] }" for _ in range(10_000)) + "\n"


@_hostile("A hundred thousand question marks and dashes, in YAML.", is_yaml=True)
def yaml_indicators() -> str:
    return _YAML_HEAD + "x-deep:\n  " + "? - " * 5_000 + "\n"


@_hostile("A million `[` of JSON that never close.")
def json_brackets() -> str:
    return "[" * 1_000_000


@_hostile("Half a million `[` of JSON, and as many `]`, as a member of the document.")
def json_nested_lists() -> str:
    return json.dumps(shell() | {"x-deep": 0}).replace('"x-deep": 0', '"x-deep": ' + "[" * 500_000 + "]" * 500_000)


# Frames, for who reads what a peer sends. Each is about a megabyte or less.

FRAMES: dict[str, Callable[[], str]] = {
    "a list of empty objects": lambda: "[" + ",".join(["{}"] * 330_000) + "]",
    "a list of numbers": lambda: "[" + ",".join(map(str, range(140_000))) + "]",
    "half a million brackets": lambda: "[" * 500_000,
    "lists in each other": lambda: "[" * 250_000 + "]" * 250_000,
    "one text": lambda: json.dumps({"text": "a" * 1_000_000}),
    "a text of short escapes": lambda: json.dumps({"text": "\u0001" * 160_000}),
    "quotes without end": lambda: '{"text": "' + '\\"' * 500_000,
    "an object of many members": lambda: json.dumps({f"k{index}": index for index in range(60_000)}),
    "a text for slow patterns": lambda: json.dumps({f"p{index}": "a" * 40 + "!" for index in range(len(PATTERNS))}),
}
