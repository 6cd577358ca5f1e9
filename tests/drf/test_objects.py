"""Whole serializers: required, nested, recursive, many, partial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rest_framework import serializers

from chanspec.channels.serializers import describe
from chanspec.schemas import CannotDescribe
from tests.drf.conftest import serializer_with

if TYPE_CHECKING:
    pass

S = serializers
REF = "#/$defs/"


class StopSerializer(S.Serializer):
    lat = S.FloatField()
    lng = S.FloatField(required=False)


class NodeSerializer(S.Serializer):
    name = S.CharField()

    def get_fields(self) -> dict[str, S.Field]:
        return {**super().get_fields(), "children": NodeSerializer(many=True, required=False)}


class EvenSerializer(S.Serializer):
    def get_fields(self) -> dict[str, S.Field]:
        return {"odd": OddSerializer(allow_null=True)}


class OddSerializer(S.Serializer):
    def get_fields(self) -> dict[str, S.Field]:
        return {"even": EvenSerializer()}


class TestRequired:
    def test_in_is_what_must_be_sent(self) -> None:
        cls = serializer_with(
            a=S.IntegerField(),
            b=S.IntegerField(required=False),
            c=S.IntegerField(default=1),
            d=S.IntegerField(allow_null=True),
        )
        assert describe(cls, "in")["required"] == ["a", "d"]

    def test_out_is_what_is_always_sent(self) -> None:
        cls = serializer_with(
            a=S.IntegerField(),
            b=S.IntegerField(required=False),
            c=S.IntegerField(default=1),
            d=S.IntegerField(required=False, allow_null=True),
            e=S.IntegerField(read_only=True),
            f=S.IntegerField(source="x.y", read_only=True),
            g=S.IntegerField(source="x.y"),
            h=S.SerializerMethodField(),
            get_h=lambda self, instance: 1,
        )
        assert describe(cls, "out")["required"] == ["a", "c", "d", "e", "g", "h"]

    def test_field_whose_default_is_none_may_be_null_on_the_way_out(self, schema_of) -> None:
        assert schema_of(S.IntegerField(default=None), "in") == {"type": "integer"}
        assert schema_of(S.IntegerField(default=None), "out") == {"type": ["integer", "null"]}

    def test_partial_requires_nothing_and_applies_no_default(self) -> None:
        cls = serializer_with(a=S.IntegerField(), b=S.IntegerField(default=1), stop=StopSerializer())
        schema = describe(cls(partial=True), "in")
        assert "required" not in schema
        assert "required" not in schema["$defs"]["Stop"]
        assert "default" not in schema["properties"]["b"]
        assert describe(cls(partial=True), "out")["required"] == ["a", "stop"]
        assert "required" not in describe(cls(many=True, partial=True), "in")["items"]


class TestNested:
    def test_nested_serializer_is_defined_once_and_referenced(self) -> None:
        cls = serializer_with(
            start=StopSerializer(),
            end=StopSerializer(allow_null=True),
            stops=StopSerializer(many=True, min_length=1, max_length=9),
        )
        schema = describe(cls, "in")
        assert list(schema["$defs"]) == ["Stop"]
        assert schema["$defs"]["Stop"]["required"] == ["lat"]
        ref = {"$ref": REF + "Stop"}
        assert schema["properties"] == {
            "start": ref,
            "end": {"anyOf": [ref, {"type": "null"}]},
            "stops": {"type": "array", "items": ref, "minItems": 1, "maxItems": 9},
        }

    def test_annotations_stand_beside_a_reference(self, schema_of) -> None:
        schema = schema_of(StopSerializer(help_text="Where", label="First stop"), "in")
        assert schema == {"allOf": [{"$ref": REF + "Stop"}], "title": "First stop", "description": "Where"}

    def test_serializers_in_lists_and_dicts_are_references(self, schema_of) -> None:
        assert schema_of(S.ListField(child=StopSerializer()), "in")["items"] == {"$ref": REF + "Stop"}
        assert schema_of(S.DictField(child=StopSerializer()), "in")["additionalProperties"] == {"$ref": REF + "Stop"}

    def test_list_that_must_not_be_empty_needs_an_item(self, schema_of) -> None:
        assert schema_of(StopSerializer(many=True, allow_empty=False), "in")["minItems"] == 1
        assert "minItems" not in schema_of(StopSerializer(many=True, allow_empty=False), "out")

    def test_two_classes_of_one_name_get_two_names(self) -> None:
        other = type("StopSerializer", (S.Serializer,), {"code": S.CharField()})
        schema = describe(serializer_with(a=StopSerializer(), b=other(), c=StopSerializer()), "in")
        assert [schema["properties"][name]["$ref"] for name in "abc"] == [REF + "Stop", REF + "Stop2", REF + "Stop"]
        assert list(schema["$defs"]["Stop2"]["properties"]) == ["code"]

    def test_one_class_with_other_fields_is_another_definition(self) -> None:
        class DynamicSerializer(S.Serializer):
            a = S.IntegerField()
            b = S.IntegerField()

            def __init__(self, *args: Any, only: list[str] | None = None, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.only = only

            def get_fields(self) -> dict[str, S.Field]:
                fields = super().get_fields()
                return {name: fields[name] for name in self.only or fields}

        schema = describe(
            serializer_with(x=DynamicSerializer(only=["a"]), y=DynamicSerializer(), z=DynamicSerializer(only=["a"])),
            "in",
        )
        assert [list(schema["$defs"][name]["properties"]) for name in ("Dynamic", "Dynamic2")] == [["a"], ["a", "b"]]
        assert schema["properties"]["z"] == {"$ref": REF + "Dynamic"}

    def test_definition_that_is_not_used_is_not_made(self) -> None:
        cls = serializer_with(a=StopSerializer(read_only=True), b=StopSerializer(write_only=True))
        assert list(describe(cls, "in")["properties"]) == ["b"]
        only_read = serializer_with(a=StopSerializer(read_only=True))
        assert "$defs" not in describe(only_read, "in")


class TestRecursion:
    @pytest.mark.parametrize("direction", ["in", "out"])
    def test_serializer_that_contains_itself_is_defined_once(self, direction) -> None:
        schema = describe(NodeSerializer, direction)
        assert schema["properties"]["children"] == {"type": "array", "items": {"$ref": REF + "Node"}}
        assert list(schema["$defs"]) == ["Node"]
        assert schema["$defs"]["Node"]["properties"] == schema["properties"]

    def test_two_that_contain_each_other_terminate(self) -> None:
        schema = describe(EvenSerializer, "in")
        assert set(schema["$defs"]) == {"Odd", "Even"}
        assert schema["$defs"]["Even"]["properties"]["odd"]["anyOf"][0] == {"$ref": REF + "Odd"}

    def test_endless_fields_are_refused(self) -> None:
        class DeepSerializer(S.Serializer):
            def __init__(self, *args: Any, level: int = 0, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.level = level

            def get_fields(self) -> dict[str, S.Field]:
                return {"next": DeepSerializer(level=self.level + 1)}

        with pytest.raises(CannotDescribe, match="DeepSerializer is nested more than 64 deep"):
            describe(DeepSerializer, "in")


class TestMany:
    def test_list_root_is_an_array_of_references(self) -> None:
        schema = describe(StopSerializer(many=True, allow_empty=False, max_length=3), "in")
        assert (schema["type"], schema["items"]) == ("array", {"$ref": REF + "Stop"})
        assert (schema["minItems"], schema["maxItems"]) == (1, 3)
        assert list(schema["$defs"]) == ["Stop"]

    def test_list_serializer_class_with_a_child_is_an_array(self) -> None:
        cls = type("StopsSerializer", (S.ListSerializer,), {"child": StopSerializer()})
        assert describe(cls, "out")["items"] == {"$ref": REF + "Stop"}


def test_serializer_is_found_by_its_entry_point() -> None:
    from chanspec.schemas import describe as describe_payload

    described = describe_payload(NodeSerializer, "out")
    assert described.root["properties"]["children"]["items"] == {"$ref": REF + "Node"}
    assert list(described.definitions) == ["Node"]
    assert describe_payload(StopSerializer(many=True), "in").root["type"] == "array"
    assert describe_payload(list[StopSerializer], "in").root["type"] == "array"
