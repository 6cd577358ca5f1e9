"""Messages with more mistakes than anybody wants to read: the same verdict as ever, at the cost of a valid message."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Set
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticOmit, PydanticUseDefault, SchemaValidator, core_schema

from chanspec import fail_fast
from chanspec.fail_fast import MAX_LISTED, MAX_RETRIED, FailFast, size_of
from tests.multiplied import CORPUS, core_schema_of, large, worst

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, "", "a", "1", "+", "*", "red", "leaf", "cash"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "b", "bee", "c", "of", "op", "left", "value", "kind", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def _known(native: Set[str]) -> dict[str, tuple[FailFast, SchemaValidator]]:
    own, fail_fast.NATIVE = fail_fast.NATIVE, frozenset(native)
    try:
        schemas = {name: core_schema_of(name) for name in CORPUS}
        fulls = {name: SchemaValidator(schema) for name, schema in schemas.items()}
        return {name: (FailFast(schemas[name], fulls[name]), fulls[name]) for name in CORPUS}
    finally:
        fail_fast.NATIVE = own


# As this release of pydantic-core allows, and as the first that we support does.
BY_RELEASE = {"newest": _known(fail_fast.NATIVE), "first": _known({"list", "tuple", "set", "frozenset"})}
KNOWN = BY_RELEASE["newest"]


def outcome(validate: Any, text: str) -> Any:
    """What a validator makes of a text: a value, or its mistakes."""
    try:
        return validate(text)
    except ValidationError as error:
        # An exception that a validator raised, in "ctx", is equal only to itself.
        return [{**each, "ctx": repr(each.get("ctx"))} for each in error.errors(include_url=False)]


def verdict(validate: Any, text: str) -> Any:
    """What a validator makes of a text, whatever it raises."""
    try:
        return validate(text)
    except Exception:
        return "not valid"


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """Some JSON with something else at one place, or with something more."""
    if isinstance(value, dict | list) and value and draw(st.booleans()):
        key = draw(st.sampled_from(list(value) if isinstance(value, dict) else range(len(value))))
        new = draw(changed(value[key]))
        return {**value, key: new} if isinstance(value, dict) else [*value[:key], new, *value[key + 1 :]]
    if isinstance(value, dict) and draw(st.booleans()):
        return {**value, **draw(st.dictionaries(st.sampled_from(["a", "b", "1", "no", "left"]), VALUES, max_size=2))}
    if isinstance(value, list) and draw(st.booleans()):
        return [*value, *draw(st.lists(VALUES, max_size=3))]
    return draw(VALUES)


@pytest.mark.parametrize("name", CORPUS)
@pytest.mark.parametrize("release", BY_RELEASE)
def test_valid_json_becomes_what_pydantic_makes_of_it(release: str, name: str) -> None:
    checked, full = BY_RELEASE[release][name]
    for text in (json.dumps(CORPUS[name][1]), large(name, 20_000)):
        assert checked.read(text) == full.validate_json(text)


def test_what_a_validator_raises_is_said_as_pydantic_says_it() -> None:
    checked, full = KNOWN["a model that checks"]
    text = '{"names": {"a": "b", "no": ""}}'
    (error,) = outcome(checked.validate_json, text)
    assert error["ctx"] == "{'error': ValueError('no')}"
    assert [error] == outcome(full.validate_json, text)


@pytest.mark.parametrize("name", CORPUS)
@pytest.mark.parametrize("release", BY_RELEASE)
@given(data=st.data())
def test_what_stops_early_says_what_pydantic_says(release: str, name: str, data: st.DataObject) -> None:
    checked, full = BY_RELEASE[release][name]
    text = json.dumps(data.draw(changed(CORPUS[name][1])))
    # The first verdict is by what stops early alone; after it every mistake of an ordinary message is listed.
    assert verdict(checked.read, text) == verdict(full.validate_json, text)
    if checked.lists_all(size_of(text)):
        assert outcome(checked.validate_json, text) == outcome(full.validate_json, text)


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("list of a union", [{}] * 30, 90),
        ("dict of numbers", {str(number): "x" for number in range(100)}, 100),
        ("models that are closed", [{"a": "x", "b": 1, "c": 2}] * 20, 60),
        ("a tree", {"value": "x", "left": {"value": "x"}, "right": {}}, 3),
        ("expressions", {"op": "-", "left": {"op": "*", "left": "x"}, "right": 3}, 19),
        ("forms of one payload", {"kind": "leaf", "colour": 1, "a": [None, [], []]}, 2),
        ("a branch", {"kind": "branch", "items": [{"kind": "leaf", "colour": 1, "more": 2}]}, 6),
        ("everything", {}, 23),
    ],
)
def test_an_ordinary_message_has_every_mistake_listed(name: str, content: Any, count: int) -> None:
    checked, full = KNOWN[name]
    text = json.dumps(content)
    found = outcome(checked.validate_json, text)
    assert found == outcome(full.validate_json, text)
    assert len(found) == count


WITHIN_THEMSELVES = frozenset(
    {"a branch", "an alias that leads back to itself", "expressions", "models that nothing tells apart"}
)
"""Unions whose choices are tried within each other."""


@pytest.mark.parametrize("name", CORPUS)
@pytest.mark.parametrize("release", BY_RELEASE)
def test_a_frame_full_of_mistakes_is_refused_with_few_of_them(release: str, name: str) -> None:
    checked, full = BY_RELEASE[release][name]
    for text in worst(name, 3000):
        found = verdict(full.validate_json, text)
        assert verdict(checked.read, text) == found
        if found == "not valid":
            with pytest.raises(ValidationError) as caught:
                checked.validate_json(text)
            assert caught.value.error_count() <= MAX_RETRIED
            if name not in WITHIN_THEMSELVES:
                assert caught.value.error_count() <= MAX_LISTED


def nested(depth: int) -> str:
    return '{"of": ' * depth + '"x"' + "}" * depth


def test_models_that_nothing_tells_apart_are_not_tried_without_end() -> None:
    checked, full = KNOWN["models that nothing tells apart"]
    assert checked.read(nested(4).replace('"x"', "1")) == full.validate_json(nested(4).replace('"x"', "1"))
    for depth in (20, 60):  # which would be tried a million times, and 10¹⁸ times
        (error,) = outcome(checked.validate_json, nested(depth))
        assert error["type"] == "too_complex"
    assert checked.read(nested(4).replace('"x"', "1"))  # nothing is left of it


def test_an_error_of_the_applications_stays_what_it_is() -> None:
    class Broken(BaseModel):
        of: dict[str, int]

    def fail(_: Any) -> Any:
        raise RuntimeError("broken")

    schema = core_schema.union_schema(
        [
            core_schema.dict_schema(core_schema.str_schema(), core_schema.no_info_plain_validator_function(fail)),
            core_schema.int_schema(),
        ]
    )
    checked = FailFast(schema, SchemaValidator(schema))
    with pytest.raises(RuntimeError, match="broken"):
        checked.validate_json('{"a": 1}')


@pytest.mark.parametrize("order", [PydanticOmit, PydanticUseDefault])
def test_items_that_are_to_be_left_out_are(order: type[Exception]) -> None:
    def leave(value: Any) -> Any:
        if value == 3:
            raise order
        return value

    item = core_schema.no_info_after_validator_function(leave, core_schema.int_schema())
    if order is PydanticUseDefault:
        item = core_schema.with_default_schema(item, default=0)  # type: ignore[assignment]
    schema = core_schema.dict_schema(core_schema.str_schema(), core_schema.list_schema(item))
    full = SchemaValidator(schema)
    for text in ('{"a": [1, 3]}', '{"a": [1, "x"]}'):
        assert verdict(FailFast(schema, full).read, text) == verdict(full.validate_json, text)


MEASURE = """
import os, sys
from itertools import islice
from chanspec.fail_fast import FailFast
from pydantic_core import SchemaValidator, ValidationError, from_json
from tests.multiplied import CORPUS, core_schema_of, large, worst

SIZE = 100_000


def peak(validate, text):
    # In a process of its own, whose heap no earlier message has grown.
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # forgets the peak
        before = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")
        try:
            validate(text)
        except ValueError:
            pass
        status = open("/proc/self/status").read()
        after = int(status.split("VmHWM:")[1].split()[0]) * 1024
        os.write(write, str(after - before).encode())
        os._exit(0)
    os.close(write)
    with open(read) as file:
        grown = int(file.read())
    os.waitpid(child, 0)
    return grown


def count(validator, text):
    try:
        validator.validate_json(text)
    except ValidationError as error:
        return error.error_count()
    return 0


for name in CORPUS:
    schema = core_schema_of(name)
    full = SchemaValidator(schema)
    checked = FailFast(schema, full)
    valid = peak(checked.validate_json, large(name, SIZE))
    # The worst is the one with most errors: it is looked for among small ones.
    counts = [count(full, text) for text in worst(name, 600)]
    text = next(islice(worst(name, SIZE), counts.index(max(counts)), None))
    print(name, max(valid, peak(from_json, text)), peak(checked.validate_json, text), len(text), text[:80], sep="|")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells a process's peak of memory on Linux")
def test_a_frame_full_of_mistakes_takes_no_more_memory_than_a_valid_one() -> None:
    told = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, timeout=600)
    lines = [line.split("|") for line in told.stdout.splitlines()]
    assert len(lines) == len(CORPUS)
    # Reading 100 kB of JSON takes up to 10 MB; a mistake for each value would take 50 MB and more.
    too_much = [(name, *each) for name, valid, worst, *each in lines if int(worst) > 2 * int(valid) + 8_000_000]
    assert not too_much
