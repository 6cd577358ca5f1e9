"""The schema of a serializer and DRF agree on what is accepted, and DRF sends what the schema says."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rest_framework import serializers
from rest_framework.utils.encoders import JSONEncoder

from chanspec.channels.serializers import describe
from tests.drf.generate import accepted_by, serializer_classes, wrong_for

pytestmark = pytest.mark.filterwarnings("ignore:The list-based error format")

FORMATS = {"time-local": lambda text: jsonschema_rs.is_valid(TIME, text + "Z", validate_formats=True)}
TIME = {"$schema": "https://json-schema.org/draft/2020-12/schema", "format": "time"}
RELAXED = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def validator(schema: dict[str, Any], draft: type) -> Any:
    return draft(schema, validate_formats=True, formats=FORMATS)


def as_json(data: Any) -> Any:
    return json.loads(json.dumps(data, cls=JSONEncoder))


def has_null_among_objects(field: Any, value: Any) -> bool:
    """Whether a list of nested objects has a null in it: `ListSerializer` hands it to its child's fields."""
    if isinstance(field, serializers.ListSerializer):
        return isinstance(value, list) and any(
            each is None or has_null_among_objects(field.child, each) for each in value
        )
    if not isinstance(field, serializers.Serializer) or not isinstance(value, dict):
        return False
    return any(has_null_among_objects(each, value.get(name)) for name, each in field.fields.items())


def test_what_is_set_aside_is_a_null_among_nested_objects_and_nothing_else() -> None:
    class Item(serializers.Serializer[Any]):
        number = serializers.IntegerField()
        note = serializers.CharField(allow_null=True)

    class Order(serializers.Serializer[Any]):
        first = Item(allow_null=True, required=False)
        rest = Item(many=True, allow_null=True, required=False)

    for aside, value in (
        (True, {"rest": [{"number": 1, "note": "a"}, None]}),
        (False, {"rest": [{"number": 1, "note": None}]}),
        (False, {"rest": None, "first": None}),
        (False, {"first": {"number": 1, "note": None}}),
    ):
        checked = Order(data=value)
        assert checked.is_valid(), checked.errors
        assert has_null_among_objects(checked, value) is aside
        if aside:
            with pytest.raises(AttributeError):
                checked.data  # noqa: B018 - it is made when it is asked for
        else:
            assert as_json(checked.data) == {"first": None, "rest": None, **value}
    assert has_null_among_objects(Order(many=True), [{"rest": [None]}])


@RELAXED
@given(serializer=serializer_classes, is_many=st.booleans(), data=st.data())
def test_what_the_schema_accepts_drf_accepts_and_sends_as_described(serializer, is_many, data) -> None:
    build = {"many": True} if is_many else {}
    inbound = describe(serializer(**build), "in")
    value = data.draw(accepted_by(inbound, inbound.get("$defs", {})))
    assert validator(inbound, jsonschema_rs.Draft202012Validator).is_valid(value)

    checked = serializer(data=value, **build)
    assert checked.is_valid(), checked.errors
    try:
        sent = as_json(checked.data)
    except AttributeError:  # DRF takes a null among nested objects that may be null, and cannot write it
        assume(not has_null_among_objects(checked, value))
        raise
    outbound = describe(serializer(**build), "out")
    validator(outbound, jsonschema_rs.Draft202012Validator).validate(sent)

    again = serializer(data=sent, **build)
    assert again.is_valid(), again.errors
    assert as_json(again.data) == sent


@RELAXED
@given(serializer=serializer_classes, data=st.data())
def test_what_has_the_wrong_type_both_refuse(serializer, data) -> None:
    inbound = describe(serializer, "in")
    value = data.draw(accepted_by(inbound, inbound.get("$defs", {})))
    assume(value)
    name = data.draw(st.sampled_from(sorted(inbound["properties"])))
    schema = inbound["properties"][name]
    broken = {**value, name: data.draw(st.sampled_from(wrong_for(schema, inbound.get("$defs", {}))))}
    assume(not validator(inbound, jsonschema_rs.Draft202012Validator).is_valid(broken))

    checked = serializer(data=broken)
    assert not checked.is_valid()
    assert list(checked.errors) == [name]


@RELAXED
@given(serializer=serializer_classes, data=st.data())
def test_what_is_required_both_miss(serializer, data) -> None:
    inbound = describe(serializer, "in")
    value = data.draw(accepted_by(inbound, inbound.get("$defs", {})))
    assume(inbound.get("required"))
    del value[data.draw(st.sampled_from(inbound["required"]))]
    assert not validator(inbound, jsonschema_rs.Draft202012Validator).is_valid(value)
    assert not serializer(data=value).is_valid()


@RELAXED
@given(serializer=serializer_classes, direction=st.sampled_from(["in", "out"]))
def test_schema_is_one_by_either_draft_and_uses_all_it_defines(serializer, direction) -> None:
    schema = describe(serializer(many=True), direction)
    for draft in ("http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"):
        jsonschema_rs.meta.validate({"$schema": draft, **schema})
    text = json.dumps(schema)
    assert all(f'"#/$defs/{name}"' in text for name in schema["$defs"])
    assert text.count('"$ref"') >= len(schema["$defs"])
