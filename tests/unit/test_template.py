"""Template mode: what is filled, what is titled, and that nothing else of a text changes."""

from __future__ import annotations

import difflib
import json
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chanspec.asyncapi.source import SourceError, compose, to_value
from chanspec.asyncapi.template import Template, render
from chanspec.asyncapi.text import scalar, to_json, to_yaml
from tests.nasty import JSON_OBJECTS, NASTY


def fill(source: str, host: str = "localhost:8000", protocol: str = "ws") -> Template:
    return render(source, host=host, protocol=protocol, name="ours.yaml")


def changed(source: str) -> list[str]:
    """The lines that filling adds and removes."""
    lines = difflib.ndiff(source.splitlines(), fill(source).text.splitlines())
    return [line for line in lines if line[0] in "+-"]


def messages(text: str) -> str:
    """A document of messages, given as YAML at no indentation."""
    indented = "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())
    return f"asyncapi: 3.0.0\ncomponents:\n  messages:\n{indented}"


@pytest.mark.parametrize("written", ["{{ WS_HOST }}", "{{WS_HOST}}", "{{\tWS_HOST  }}", "{{ ws_host }}", "{{ws_host}}"])
def test_a_placeholder_is_filled_however_it_is_spaced(written: str) -> None:
    source = f'asyncapi: 2.6.0\nservers:\n  a:\n    url: "{{{{ WS_PROTOCOL }}}}://{written}/ws"  # {written}\n'
    assert fill(source, "api.example.com", "wss").text == (
        'asyncapi: 2.6.0\nservers:\n  a:\n    url: "wss://api.example.com/ws"  # api.example.com\n'
    )


@pytest.mark.parametrize(
    "host", ["[::1]:8000", "127.0.0.1", "10.0.0.1:80", "12:30", "localhost:8000", "yes", "žluť.cz"]
)
def test_a_host_is_text_wherever_it_stands(host: str) -> None:
    document = fill(
        "asyncapi: 3.0.0\na: {{ WS_HOST }}\nb:\n  - c: {{WS_HOST}}   # it\nd: '{{ WS_HOST }}'\ne: x://{{ WS_HOST }}/\n",
        host,
    ).document
    assert document == {"asyncapi": "3.0.0", "a": host, "b": [{"c": host}], "d": host, "e": f"x://{host}/"}


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("http://a", "the host 'http://a' names a protocol too"),
        ("a/b", "the host 'a/b' holds a path"),
        *(
            (host, "is not a host")
            for host in ("", "a b", "a: b", "a\nb", "'", "{x}", "a:port", "a:123456", "-a", "#a")
        ),
    ],
)
def test_what_is_no_host_is_refused(host: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fill("asyncapi: 3.0.0\n", host)


def test_what_is_no_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match="the protocol is ws or wss, not 'http'"):
        fill("asyncapi: 3.0.0\n", protocol="http")


@pytest.mark.parametrize("other", ["{{ FOO }}", "{{ WS_HOST|upper }}", "{{ Ws_Host }}", "{% if x %}"])
def test_a_placeholder_that_nothing_fills_is_a_problem(other: str) -> None:
    (problem,) = fill(f"asyncapi: 3.0.0\n# Title\ninfo: {{title: '{other}'}}\n").problems
    assert str(problem).startswith(f"ours.yaml:3: nothing fills {other}; write its value out")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Ping:\n  payload:\n    # Says\n    type: object", ["+         title: Ping"]),
        ("Ping:\n    payload: &p\n        type: object\nPong: {payload: *p}", ["+             title: Ping"]),
        ("yes:\n  payload:\n    type: object", ['+         title: "yes"']),
        ("Ping:\n  payload:\n    title: Mine\n    type: object", []),
        ("Ping:\n  payload:\n    <<: {title: Merged}\n    type: object", []),
        ("Ping:\n  payload:\n    <<: {type: object}\n    x-a: 1", ["+         title: Ping"]),
        ("Ping:\n  payload:\n    ? type\n    : object", ["+         title: Ping"]),
        ("Ping:\n  payload: true\nPong:\n  payload:\nPung: {}\nPang: null", []),
        ("Ping:\n  payload: {$ref: 'other.yaml#/Ping'}", []),
        ("Ping:\n  $ref: '#/components/messages/Pong'\nPong:\n  payload:\n    type: object", ["+         title: Pong"]),
    ],
)
def test_a_block_payload_without_a_title_gets_one_line(source: str, expected: list[str]) -> None:
    assert changed(messages(source)) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("{}", "{title: Ping}"),
        ("{ }", "{title: Ping }"),
        ("{type: object}", "{title: Ping, type: object}"),
        ("{ type: object }", "{ title: Ping, type: object }"),
        ('{"type": "object"}', '{"title": "Ping", "type": "object"}'),
        ("&a !!map {type: object}", "&a !!map {title: Ping, type: object}"),
        ("{? type : object}", "{ title: Ping, ? type : object}"),
        ("{\n      # Says\n      type: object}", "{ title: Ping,\n      # Says\n      type: object}"),
        ('{\n      "type": "object"\n    }', '{\n      "title": "Ping",\n      "type": "object"\n    }'),
    ],
)
def test_a_flow_payload_gets_its_title_in_its_own_style(payload: str, expected: str) -> None:
    source = "asyncapi: 3.0.0\ncomponents: {messages: {Ping: {payload: %s}}}\n"
    filled = fill(source % payload)
    assert filled.text == source % expected
    assert to_value(compose(filled.text)) == filled.document  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("format_", "titled"),
    [
        ("application/vnd.aai.asyncapi;version=3.0.0", True),
        ("application/schema+json;version=draft-07", True),
        ("application/vnd.apache.avro;version=1.9.0", False),
        ("application/vnd.google.protobuf;version=3", False),
    ],
)
def test_only_formats_that_know_titles_get_one(format_: str, titled: bool) -> None:
    three = fill(messages(f"Ping: {{payload: {{schemaFormat: {format_}, schema: {{type: record}}}}}}"))
    two = fill(
        f"asyncapi: 2.6.0\ncomponents: {{messages: {{Ping: {{schemaFormat: {format_}, payload: {{type: a}}}}}}}}\n"
    )
    assert three.titles == two.titles == (("Ping",) if titled else ())


def test_a_referred_schema_is_titled_by_its_only_message_or_by_its_own_name() -> None:
    source = messages(
        "Ping: {payload: {$ref: '#/components/schemas/One'}}\n"
        "Pong: {payload: {$ref: '#/components/schemas/Two~1x'}}\n"
        "Pung: {payload: {$ref: '#/components/schemas/Two~1x'}}\n"
        "Pang: {payload: {$ref: '#/components/schemas/Titled'}}\n"
    )
    filled = fill(source + "  schemas:\n    One: {type: a}\n    Two/x:\n      type: b\n    Titled: {title: T}\n")
    assert filled.document["components"]["schemas"] == {
        "One": {"title": "Ping", "type": "a"},
        "Two/x": {"title": "Two/x", "type": "b"},
        "Titled": {"title": "T"},
    }


def test_the_types_inside_of_a_payload_are_titled_by_their_owner_and_the_way_to_them() -> None:
    source = messages(
        "Order:\n"
        "  payload:\n"
        "    type: object\n"
        "    properties:\n"
        "      state:\n"
        "        enum: [new, paid]  # of the order\n"
        "      kind: {const: order}\n"
        "      only: {enum: [one]}\n"
        "      meta: {type: object}\n"
        "      buyer:\n"
        "        type: object\n"
        "        properties:\n"
        "          address: {properties: {street: {type: string}}}\n"
        "      titled:\n"
        "        title: Mine\n"
        "        properties: {inner: {enum: [1, 2]}}\n"
        "      items:\n"
        "        type: array\n"
        "        items:\n"
        "          properties: {size: {enum: [s, m]}}\n"
        "      pay:\n"
        "        oneOf:\n"
        "          - properties: {card: {type: string}}\n"
        "          - $ref: '#/components/schemas/Cash'\n"
        "      part: {allOf: [{properties: {a: {enum: [1, 2]}}}]}\n"
        "      by-name: {additionalProperties: {properties: {x: {}}}}\n"
    )
    cash = "  schemas:\n    Cash: {properties: {coins: {items: {properties: {value: {type: integer}}}}}}\n"
    filled = fill(source + cash)
    assert set(filled.titles) == {
        *("Order", "OrderState", "OrderBuyer", "OrderBuyerAddress", "MineInner", "OrderItemsItem"),
        *("OrderItemsItemSize", "OrderPayOption1", "CashCoinsItem", "OrderPartA", "OrderByNameValue"),
    }
    assert to_value(compose(filled.text)) == filled.document  # type: ignore[arg-type]
    assert "        enum: [new, paid]  # of the order" in filled.text
    assert "title" not in filled.document["components"]["schemas"]["Cash"]
    assert fill(filled.text).titles == ()


def test_a_title_that_is_taken_is_not_given_to_another_type() -> None:
    filled = fill(
        messages(
            "A: {payload: {properties: {b: {enum: [1, 2]}, c: {enum: [1, 2]}, d: {enum: [1, 2]}}}}\n"
            "AB: {payload: {type: object}}\n"
            "Other: {payload: {title: AC}}\n"
        )
        + "  schemas: {AD: {type: string}}\n"
    )
    assert filled.titles == ("A", "AB", "AB2", "AC2", "AD2")


def test_a_schema_that_contains_itself_or_is_shared_is_titled_once() -> None:
    tree = "  schemas:\n    Tree: {properties: {leaf: {properties: {up: {$ref: '#/components/schemas/Tree'}}}}}\n"
    filled = fill(
        messages(
            "A: {payload: {properties: {tree: {$ref: '#/components/schemas/Tree'}, x: &x {enum: [1, 2]}, y: *x}}}\n"
            "B: {payload: {properties: {tree: {$ref: '#/components/schemas/Tree'}}}}\n"
        )
        + tree
    )
    assert sorted(filled.titles) == ["A", "AX", "B", "TreeLeaf"]


def test_a_type_that_a_reference_inside_of_a_payload_leads_to_is_titled() -> None:
    filled = fill(
        messages(
            "A: {payload: {properties: {b: {$ref: '#/components/messages/A/payload/definitions/Inner'}},"
            " definitions: {Inner: {enum: [1, 2]}}}}\n"
        )
    )
    assert filled.titles == ("A", "AB")


def test_a_message_that_has_a_name_gives_it_as_the_title() -> None:
    filled = fill(
        messages(
            "a: {name: OrderPlaced, payload: {properties: {state: {enum: [1, 2]}}}}\n"
            "b: {name: Shared, payload: {type: object}}\n"
            "c: {name: Shared, payload: {type: object}}\n"
            "d: {name: '', payload: {type: object}}\n"
            "e: {$ref: '#/components/messages/a'}\n"
        )
    )
    assert filled.titles == ("OrderPlaced", "b", "c", "d", "OrderPlacedState")


def test_messages_that_stand_in_channels_are_titled_too() -> None:
    said = "{payload: {properties: {a: {enum: [1, 2]}}}}"
    three = f"asyncapi: 3.0.0\nchannels:\n  c:\n    messages:\n      Said: {said}\n"
    assert fill(three).titles == ("Said", "SaidA")
    two = (
        "asyncapi: 2.6.0\nchannels:\n  rides/new:\n"
        "    publish: {message: {name: Placed, payload: {type: object}}}\n"
        "    subscribe: {message: {oneOf: [{payload: {type: object}}, {$ref: '#/components/messages/M'}]}}\n"
        "components: {messages: {M: {payload: {type: object}}}}\n"
    )
    assert set(fill(two).titles) == {"M", "Placed", "RidesNewSubscribe"}


def test_a_reference_may_lead_into_a_list() -> None:
    source = messages("Ping: {payload: {$ref: '#/components/schemas/All/allOf/1'}}\n")
    filled = fill(source + "  schemas:\n    All: {allOf: [{type: a}, {type: b}]}\n")
    assert filled.document["components"]["schemas"]["All"] == {"allOf": [{"type": "a"}, {"title": "Ping", "type": "b"}]}


def test_a_reference_to_nothing_is_a_problem_and_one_in_a_circle_is_left() -> None:
    filled = fill(
        messages(
            "Ping: {payload: {$ref: '#/components/schemas/No'}}\n"
            "Pong: {$ref: '#/components/messages/Pong'}\n"
            "Pung: {payload: {$ref: '#/components/list/7'}}"
        )
        + "  list: [1]\n"
    )
    assert [str(problem) for problem in filled.problems] == [
        "ours.yaml:4: #/components/schemas/No is not in the document; correct the reference, or add what it names",
        "ours.yaml:6: #/components/list/7 is not in the document; correct the reference, or add what it names",
    ]


def test_windows_line_ends_stay() -> None:
    source = messages("Ping:\n  payload:\n    type: object").replace("\n", "\r\n")
    assert fill(source).text == source.replace("        type", "        title: Ping\r\n        type")


def _tagged(document: Any) -> str:
    """Flow collections, everything quoted, numbers with a tag: `{'a': !!int '1'}`."""
    text: str = pyyaml.safe_dump(document, default_flow_style=True, default_style="'", sort_keys=False)
    return text


@settings(max_examples=60, deadline=None)
@given(
    payloads=st.dictionaries(NASTY, JSON_OBJECTS, max_size=4),
    write=st.sampled_from([to_yaml, to_json, _tagged]),
)
def test_any_document_gets_its_titles_and_keeps_everything_else(payloads: dict[str, Any], write: Any) -> None:
    plain = {key: payload for key, payload in payloads.items() if "$ref" not in payload and "schema" not in payload}
    source = write({"asyncapi": "3.0.0", "components": {"messages": {k: {"payload": p} for k, p in plain.items()}}})
    if "{{" in source or "{%" in source:
        return
    filled = fill(source)
    expected = {key: {"title": key, **payload} for key, payload in plain.items()}
    assert to_value(compose(filled.text)) == filled.document  # type: ignore[arg-type]
    found = {key: message["payload"] for key, message in filled.document["components"]["messages"].items()}
    assert found == expected
    added = sum("title" not in payload for payload in plain.values())
    assert len(filled.titles) == added
    if not added:
        assert filled.text == source


@given(NASTY)
def test_a_scalar_reads_back_as_text(text: str) -> None:
    assert to_value(compose(f"a: {scalar(text)}\n")) == {"a": text}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "line", "column", "said"),
    [
        ("", 1, 1, "not an AsyncAPI document: it is empty"),
        ("- a", 1, 1, "not an AsyncAPI document: it is not a mapping"),
        ("a: 1", 1, 1, "not an AsyncAPI document: it has no `asyncapi` key"),
        ("asyncapi: 1.2.0", 1, 11, "not an AsyncAPI document of version 2 or 3"),
        ("asyncapi: [3]", 1, 11, "not an AsyncAPI document of version 2 or 3"),
        ("asyncapi: 3.0.0\na: [\n", 3, 1, "not valid YAML: while parsing a flow node"),
        ("asyncapi: 3.0.0\n\ta: 1", 2, 1, "not valid YAML: .* cannot start any token"),
        ("asyncapi: 3.0.0\nb: \x01", 2, 4, "not valid YAML: unacceptable character #x0001"),
        ("asyncapi: 3.0.0\na: *b", 2, 4, "undefined alias"),
        ("asyncapi: 3.0.0\n---\nb: 1", 2, 1, "expected a single document"),
        ("asyncapi: 3.0.0\na: 1\na: 2", 3, 1, "the key 'a' is here a second time"),
        ("asyncapi: 3.0.0\na: !!python/object:os.system x", 2, 4, "names no JSON type; remove it"),
        ("asyncapi: 3.0.0\n!x a: 1", 2, 1, "names no JSON type; remove it"),
        ("asyncapi: 3.0.0\na: !mine {b: 1}", 2, 4, "the tag !mine names no JSON type"),
        ("asyncapi: 3.0.0\na: &a [*a]", 2, 4, "an alias makes this contain itself"),
        ("asyncapi: 3.0.0\na: .nan", 2, 4, r"\.nan is not a JSON number"),
        ("asyncapi: 3.0.0\na: 1e999", 2, 4, "1e999 is not a JSON number"),
        ("asyncapi: 3.0.0\na: " + "9" * 9999, 2, 4, "too many digits"),
        ("asyncapi: 3.0.0\na: {<<: 1}", 2, 9, "merges mappings only"),
        ("asyncapi: 3.0.0\n? [a]\n: b", 2, 3, "a key is a mapping or a list"),
        ("asyncapi: 3.0.0\nhost: {{ FOO }}", 2, 8, "a key is a mapping .*; nothing fills {{ FOO }} there"),
        ("asyncapi: 3.0.0\n{% if x %}", 2, 2, "not valid YAML: .*; nothing fills {% if x %} there"),
    ],
)
def test_an_error_is_one_line_with_its_place(source: str, line: int, column: int, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        fill(source)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"line {line}, column {column}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("source", ["a: " + "[" * 5000, "a: " + "[" * 150 + "]" * 150, "x" * 10_000_001])
def test_endless_nesting_and_size_are_refused(source: str) -> None:
    with pytest.raises(SourceError, match=r"nested|more than 10,000,000 characters"):
        fill(f"asyncapi: 3.0.0\n{source}")


def test_aliases_that_multiply_are_refused() -> None:
    layers = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    with pytest.raises(SourceError, match="once its aliases are written out"):
        fill(f"asyncapi: 3.0.0\na0: &a0 [lol]\n{layers}")


def test_plain_scalars_are_read_as_yaml_1_2_reads_them() -> None:
    text = (
        "[yes, ~, null, True, 012, 0o14, 0x1F, 1_000, 12:30:45, 2024-05-01, 1e3, .5, -1, !!str 1, '1', !!str null, =]"
    )
    expected = [
        "yes",
        None,
        None,
        True,
        12,
        12,
        31,
        "1_000",
        "12:30:45",
        "2024-05-01",
        1000.0,
        0.5,
        -1,
        "1",
        "1",
        "null",
        "=",
    ]
    node = compose(text)
    assert node is not None
    assert json.dumps(to_value(node)) == json.dumps(expected)


def test_merged_keys_are_written_out_with_the_nearer_first() -> None:
    node = compose("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\nd: {<<: *b, 1: 2}\n")
    assert node is not None
    value = to_value(node)
    assert value["c"] == {"x": 3, "y": 1, "z": 2}
    assert value["d"] == {"y": 2, "z": 2, "1": 2}
