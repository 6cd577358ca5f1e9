"""URL patterns read as the paths they match."""

from __future__ import annotations

import re

import pytest
from django.urls import path, re_path, register_converter
from hypothesis import given
from hypothesis import strategies as st

from chanspec.asyncapi.addresses import AddressError, Parameter, build
from chanspec.channels.patterns import paths_of, paths_of_regex


def addresses(regex: str) -> list[str]:
    return [build(parts).path for parts in paths_of_regex(regex)]


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        # anchors, flags, look-arounds and comments are no text
        (r"^ws/chat/$", ["/ws/chat/"]),
        (r"\Aws/chat/\Z", ["/ws/chat/"]),
        (r"(?i)^ws/chat/$", ["/ws/chat/"]),
        (r"^ws/(?!admin)(?P<name>\w+)/$", ["/ws/{name}/"]),
        (r"^ws/(?#the room)chat\b/$", ["/ws/chat/"]),
        # named groups, nested ones inside
        (r"^ws/(?P<room>\w+)/$", ["/ws/{room}/"]),
        (r"^ws/(?P<room>(?:a|b)+(?:-\d{1,3})?)/$", ["/ws/{room}/"]),
        (r"^ws/(?P<outer>a-(?P<inner>\d+))/$", ["/ws/{outer}/"]),
        (r"^ws/(?P<room>[()/]+)/$", ["/ws/{room}/"]),
        (r"^ws/(?P<room>[]\]]+)/$", ["/ws/{room}/"]),
        (r"^ws/(?P<room>\(\w+\))/$", ["/ws/{room}/"]),
        # unnamed groups and bare classes
        (r"^ws/(\d+)/((x|y)\w+)/$", ["/ws/{part1}/{part2}/"]),
        (r"^ws/[a-z][a-z0-9]*/\d{4}/$", ["/ws/{part1}/{part2}/"]),
        (r"^ws/(?P<a>\w)(?P=a)/$", ["/ws/{a}{part1}/"]),
        # optional parts
        (r"^ws/chat/?$", ["/ws/chat/"]),
        (r"^ws/rooms?/$", ["/ws/rooms/"]),
        (r"^ws/(?:(?P<room>\w+)/)?$", ["/ws/{room}/", "/ws/"]),
        (r"^ws/(?P<room>\w+)?$", ["/ws/{room}", "/ws/"]),
        (r"^ws/(?:v1/)?chat/$", ["/ws/v1/chat/", "/ws/chat/"]),
        # choices
        (r"^ws/(?:v1|v2)/chat/$", ["/ws/v1/chat/", "/ws/v2/chat/"]),
        (r"^(?:a|b)$", ["/a", "/b"]),
        (r"^a/$|^b/$", ["/a/", "/b/"]),
        (r"^(?:a|a)/$", ["/a/"]),
        (r"^(?:a|b)(?:c|d)(?:e|f)(?:g|h)/(?:i/)?$", ["/aceg/i/"]),
        # escapes and repetitions
        (r"^ws\/a\.b\-c/x{2}/y+/$", ["/ws/a.b-c/xx/y/"]),
        (r"^ws/a\x2db\u002ec/$", ["/ws/a-b.c/"]),
        (r"^ws/\?\#/$", ["/ws/%3F%23/"]),
        (r"^ws/{room}/$", ["/ws/%7Broom%7D/"]),
        (r"^ws/(?:x){0}chat/$", ["/ws/chat/"]),
        (r"(?x) ^ws/ (?P<room> \d ) + / # a comment (" + "\n $", ["/ws/{room}/"]),
    ],
)
def test_a_regular_expression_is_read_as_paths(regex: str, expected: list[str]) -> None:
    assert addresses(regex) == expected


@pytest.mark.parametrize(
    ("group", "schema"),
    [
        (r"(?P<x>\d+)", {"type": "string", "pattern": r"^\d+$"}),
        (r"(?P<x>a\d|b)", {"type": "string", "pattern": r"^(?:a\d|b)$"}),
        (r"(?P<x>lobby|vip)", {"type": "string", "enum": ["lobby", "vip"]}),
        (r"(?P<x>[^/]+)", {"type": "string"}),
        (r"(?P<x>.*)", {"type": "string"}),
        (r"(?P<x>(?P<y>a)b+)", {"type": "string"}),
        (r"(?P<x>\w++)", {"type": "string"}),
    ],
)
def test_a_group_gives_its_parameter_the_text_it_matches(group: str, schema: dict[str, object]) -> None:
    assert build(paths_of_regex(f"^ws/{group}/$")[0]).parameters["x"].schema == schema


def test_a_broken_regular_expression_is_refused() -> None:
    with pytest.raises(AddressError, match="not a regular expression"):
        paths_of_regex("^ws/(")


_PIECES = st.lists(
    st.sampled_from(
        [
            ("chat", None),
            (r"a\.b", None),
            ("s?", None),
            (r"(?P<{name}>\w+)", "w0"),
            (r"(?P<{name}>[-0-9a-f]{{4}})", "0-af"),
            (r"(?P<{name}>(?:x|y)+)", "xy"),
            (r"(?:v1|v2)", None),
            (r"(?:(?P<{name}>\d+)/)?", "7"),
            (r"(?:opt/)?", None),
        ]
    ),
    min_size=1,
    max_size=5,
)


@given(_PIECES)
def test_every_path_of_a_regular_expression_is_matched_by_it(pieces: list[tuple[str, str | None]]) -> None:
    regex = "^ws/" + "/".join(text.format(name=f"p{n}") for n, (text, _) in enumerate(pieces)) + "/$"
    samples = {f"p{n}": sample for n, (_, sample) in enumerate(pieces)}
    for parts in paths_of_regex(regex):
        filled = "".join(part if isinstance(part, str) else str(samples[part.name]) for part in parts)
        assert re.search(regex, filled), (regex, filled)


class HexConverter:
    """A number in base sixteen.

    Upper case is not accepted.
    """

    regex = "[0-9a-f]+"

    def to_python(self, value: str) -> int:
        return int(value, 16)

    def to_url(self, value: int) -> str:
        return f"{value:x}"


register_converter(HexConverter, "discovery-hex")


@pytest.mark.parametrize(
    ("route", "parameter"),
    [
        ("<int:x>/", Parameter("x", {"type": "integer"}, "A whole number.")),
        ("<uuid:x>/", Parameter("x", {"type": "string", "format": "uuid"}, "A UUID.")),
        ("<x>/", Parameter("x", {"type": "string"}, "")),
        ("<str:x>/", Parameter("x", {"type": "string"}, "")),
        (
            "<slug:x>/",
            Parameter(
                "x",
                {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
                "Letters, digits, hyphens and underscores.",
            ),
        ),
        ("<path:x>", Parameter("x", {"type": "string"}, "The rest of the path; may hold slashes.")),
        (
            "<discovery-hex:x>/",
            Parameter("x", {"type": "string", "pattern": "^[0-9a-f]+$"}, "A number in base sixteen."),
        ),
    ],
)
def test_a_path_converter_types_and_describes_its_parameter(route: str, parameter: Parameter) -> None:
    [parts] = paths_of(path(route, lambda request: None).pattern)
    assert build(parts).parameters == {"x": parameter}


def test_re_path_and_path_are_both_read() -> None:
    assert paths_of(re_path(r"^ws/$", lambda request: None).pattern) == [["ws/"]]
    assert paths_of(path("ws/", lambda request: None).pattern) == [["ws/"]]
