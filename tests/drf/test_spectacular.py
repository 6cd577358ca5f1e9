"""What drf-spectacular's helpers, decorators and extensions state, and serializers that stand for one of several."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.testing import WebsocketCommunicator
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.helpers import lazy_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    PolymorphicProxySerializer,
    extend_schema_field,
    extend_schema_serializer,
    inline_serializer,
)
from rest_framework import serializers
from typing_extensions import TypedDict

from chanspec import AsyncAPIGenerator, document_action, document_event
from chanspec.channels.dispatch import ContractDispatchMixin
from chanspec.channels.serializers import describe
from chanspec.schemas import CannotDescribe
from tests.drf.conftest import serializer_with
from tests.drf.models import City, Tag

S = serializers
REF = "#/$defs/"
HERE = "tests.drf.test_spectacular"


class PersonSerializer(S.Serializer):
    """Whoever has a name."""

    kind = S.ChoiceField([("person", "A person")])
    name = S.CharField()


class CompanySerializer(S.Serializer):
    kind = S.SerializerMethodField()
    number = S.IntegerField()

    def get_kind(self, instance: Any) -> str:
        return "company"


class GuestSerializer(S.Serializer):
    number = S.IntegerField()


class NodeSerializer(S.Serializer):
    """A node of a tree."""

    name = S.CharField()
    children = S.SerializerMethodField()
    parent = S.SerializerMethodField()
    cousins = S.SerializerMethodField()

    def get_children(self, instance: Any) -> list[NodeSerializer]:
        return []

    def get_parent(self, instance: Any) -> NodeSerializer | None:
        return None

    @extend_schema_field(lazy_serializer(f"{HERE}.NodeSerializer")(many=True))
    def get_cousins(self, instance: Any): ...


def customer(**options: Any) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer(
        **{
            "component_name": "Customer",
            "serializers": [PersonSerializer, CompanySerializer],
            "resource_type_field_name": "kind",
            **options,
        }
    )


class TestRecursion:
    def test_annotation_that_names_its_own_serializer_has_one_definition(self) -> None:
        schema = describe(NodeSerializer, "out")
        assert list(schema["$defs"]) == ["Node"]
        assert schema["properties"]["children"] == {"type": "array", "items": {"$ref": REF + "Node"}}
        assert schema["properties"]["parent"] == {"anyOf": [{"$ref": REF + "Node"}, {"type": "null"}]}
        assert schema["properties"]["cousins"] == schema["properties"]["children"]
        assert schema["$defs"]["Node"]["properties"] == schema["properties"]

    def test_serializer_made_inside_a_function_may_name_itself(self) -> None:
        class TwigSerializer(S.Serializer):
            twigs = S.SerializerMethodField()

            def get_twigs(self, instance: Any) -> list[TwigSerializer]:
                return []

        assert list(describe(TwigSerializer, "out")["$defs"]) == ["Twig"]

    def test_class_of_a_module_goes_before_one_that_a_serializer_extends(self) -> None:
        schema = describe(serializer_with(a=S.SerializerMethodField(), get_a=returning_field), "out")
        assert schema["$defs"]["Field"]["properties"] == {"width": {"type": "integer"}}

    def test_serializers_that_name_each_other_have_one_definition_each(self) -> None:
        schema = describe(LeftSerializer, "out")
        assert list(schema["$defs"]) == ["Right", "Left"]
        assert schema["$defs"]["Right"]["properties"]["left"] == {"$ref": REF + "Left"}

    def test_plain_class_of_the_name_of_a_serializer_is_another_definition(self) -> None:
        stated = {"$ref": "#/$defs/Node", "$defs": {"Node": {"type": "string"}}}
        plain = extend_schema_field(stated)(lambda self, instance: "")
        schema = describe(serializer_with(tree=NodeSerializer(), node=S.SerializerMethodField(), get_node=plain), "out")
        assert schema["properties"]["tree"] == {"$ref": REF + "Node"}
        assert schema["properties"]["node"] == {"$ref": REF + "Node2"}


class Field(TypedDict):
    width: int


def returning_field(self: Any, instance: Any) -> Field: ...


class LeftSerializer(S.Serializer):
    right = S.SerializerMethodField()

    def get_right(self, instance: Any) -> RightSerializer: ...


class RightSerializer(S.Serializer):
    left = S.SerializerMethodField()

    def get_left(self, instance: Any) -> LeftSerializer: ...


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (lazy_serializer(f"{HERE}.GuestSerializer"), {"$ref": REF + "Guest"}),
        (lazy_serializer(f"{HERE}.GuestSerializer")(), {"$ref": REF + "Guest"}),
        (lazy_serializer(f"{HERE}.GuestSerializer")(many=True), {"type": "array", "items": {"$ref": REF + "Guest"}}),
        (inline_serializer("Inline", {"a": S.IntegerField()}), {"$ref": REF + "Inline"}),
        (
            inline_serializer("Inline", {"a": S.IntegerField()}, many=True),
            {"type": "array", "items": {"$ref": REF + "Inline"}},
        ),
        (customer(), {"$ref": REF + "Customer"}),
        (customer(many=True), {"type": "array", "items": {"$ref": REF + "Customer"}}),
        (OpenApiTypes.TIME, {"type": "string", "format": "time-local"}),
        (OpenApiTypes.DATETIME, {"type": "string", "format": "date-time"}),
    ],
)  # fmt: skip
def test_statement_counts_on_a_method_a_property_a_field_class_and_a_serializer(stated, expected) -> None:
    def stating(owner: Any) -> Any:
        return extend_schema_field(stated)(owner)

    cls = serializer_with(
        a=S.SerializerMethodField(),
        b=stating(type("OwnField", (S.Field,), {}))(),
        c=stating(type("OwnSerializer", (S.Serializer,), {"x": S.IntegerField()}))(),
        get_a=stating(lambda self, instance: None),
    )
    properties = describe(cls, "out")["properties"]
    assert properties["a"] == properties["b"] == properties["c"] == expected


def test_statement_on_a_serializer_describes_it_as_a_payload_too() -> None:
    stated = extend_schema_field({"type": "object", "properties": {"x": {"type": "integer"}}})
    cls = stated(type("OwnSerializer", (S.Serializer,), {"y": S.CharField()}))
    assert describe(cls, "out") == {"type": "object", "properties": {"x": {"type": "integer"}}}
    assert describe(cls(many=True), "out")["items"] == describe(cls, "out")


def test_schema_of_a_serializers_own_goes_before_the_statement() -> None:
    stated = extend_schema_field({"type": "string"})
    cls = stated(type("OwnSerializer", (S.Serializer,), {"chanspec_schema": {"type": "object", "x-own": 1}}))
    assert describe(serializer_with(a=cls()), "out")["properties"]["a"] == describe(cls, "out") == cls.chanspec_schema


def test_statement_with_a_component_name_is_a_definition_of_that_name() -> None:
    stated = extend_schema_field({"type": "string", "enum": ["a", "b"]}, component_name="Letter")
    cls = serializer_with(a=S.SerializerMethodField(), get_a=stated(lambda self, instance: "a"))
    schema = describe(cls, "out")
    assert schema["properties"]["a"] == {"$ref": REF + "Letter"}
    assert schema["$defs"] == {"Letter": {"type": "string", "enum": ["a", "b"]}}


class TestUnions:
    def test_member_has_the_value_that_tells_it_from_the_others(self) -> None:
        schema = describe(customer(), "out")
        assert schema["title"] == "Customer"
        assert "description" not in schema
        assert schema["oneOf"] == [{"$ref": REF + "Person"}, {"$ref": REF + "Company"}]
        person, company = schema["$defs"]["Person"], schema["$defs"]["Company"]
        assert person["properties"]["kind"] == {"type": "string", "const": "person"}
        assert company["properties"]["kind"] == {"type": "string", "const": "company"}
        assert (person["required"], company["required"]) == (["kind", "name"], ["kind", "number"])

    def test_values_may_be_given_and_the_serializers_made_late(self) -> None:
        given = customer(
            serializers=lambda: {"p": PersonSerializer, "c": lazy_serializer(f"{HERE}.CompanySerializer")()}
        )
        definitions = describe(given, "out")["$defs"]
        assert [each["properties"]["kind"]["const"] for each in definitions.values()] == ["p", "c"]

    def test_without_such_a_value_any_of_them_will_do(self) -> None:
        for union in (
            customer(resource_type_field_name=None),
            customer(serializers=[PersonSerializer, GuestSerializer]),  # the field is missing
            customer(serializers=[PersonSerializer, serializer_with(kind=S.CharField())]),  # it may be anything
        ):
            schema = describe(union, "out")
            assert len(schema["anyOf"]) == 2
            assert "oneOf" not in schema

    def test_lists_may_be_among_them(self) -> None:
        union = customer(serializers=[PersonSerializer, GuestSerializer(many=True)], resource_type_field_name=None)
        assert describe(union, "out")["anyOf"][1] == {"type": "array", "items": {"$ref": REF + "Guest"}}

    def test_serializer_that_is_used_alone_keeps_its_own_definition(self) -> None:
        cls = serializer_with(person=PersonSerializer(), customer=S.SerializerMethodField(),
                              get_customer=extend_schema_field(customer())(lambda self, instance: None))  # fmt: skip
        definitions = describe(cls, "out")["$defs"]
        assert list(definitions) == ["Person", "PersonTyped", "Company", "Customer"]
        assert definitions["Person"]["properties"]["kind"]["enum"] == ["person"]

    def test_union_of_nothing_is_refused(self) -> None:
        with pytest.raises(CannotDescribe, match="PolymorphicProxySerializer stands for no serializer; give it"):
            describe(customer(serializers=[]), "out")


class TestSerializerDecorator:
    def test_all_that_it_says_is_in_the_schema(self) -> None:
        @extend_schema_serializer(
            exclude_fields=["secret"],
            deprecate_fields=["old", "node"],
            component_name="Renamed",
            description="In other words.",
            extensions={"x-color": "red"},
            examples=[
                OpenApiExample("one", value={"old": 1}),
                OpenApiExample("two", value={"old": 2}, request_only=True),
                OpenApiExample("three", value={"old": 3}, response_only=True),
            ],
        )
        class ThingSerializer(S.Serializer):
            """Not this."""

            secret = S.CharField()
            old = S.IntegerField()
            node = GuestSerializer()

        schema = describe(ThingSerializer, "in")
        assert schema == {
            "type": "object",
            "title": "Renamed",
            "description": "In other words.",
            "properties": {
                "old": {"type": "integer", "deprecated": True},
                "node": {"allOf": [{"$ref": REF + "Guest"}], "deprecated": True},
            },
            "required": ["old", "node"],
            "examples": [{"old": 1}, {"old": 2}],
            "x-color": "red",
            "$defs": schema["$defs"],
        }
        assert describe(ThingSerializer, "out")["examples"] == [{"old": 1}, {"old": 3}]

        class HeirSerializer(ThingSerializer):
            """This one."""

        heir = describe(HeirSerializer, "in")
        assert (heir["title"], heir["description"]) == ("Heir", "This one.")
        assert list(heir["properties"]) == ["old", "node"]

    def test_its_examples_carry_the_discriminator_in_a_message(self, official_parser) -> None:
        cls = extend_schema_serializer(examples=[OpenApiExample("one", value={"x": 1})])(
            serializer_with(x=S.IntegerField())
        )

        class ThingConsumer:
            @document_action("Do a thing", action="thing", payload=cls)
            def thing(self, content: Any) -> None: ...

        document = AsyncAPIGenerator(ThingConsumer).get_spec()
        official_parser.check(document)
        assert document["components"]["messages"]["Thing"]["payload"]["examples"] == [{"action": "thing", "x": 1}]


class OwnField(S.Field):
    pass


class BrokenField(S.Field):
    pass


class PairSerializer(S.BaseSerializer):
    pass


@pytest.fixture
def extensions(monkeypatch):
    """The extensions of a project, registered as long as a test runs."""
    for kind in (OpenApiSerializerFieldExtension, OpenApiSerializerExtension):
        monkeypatch.setattr(kind, "_registry", list(kind._registry))

    class OwnExtension(OpenApiSerializerFieldExtension):
        target_class = OwnField

        def map_serializer_field(self, auto_schema, direction):
            guest = auto_schema.resolve_serializer(GuestSerializer, direction)
            text = auto_schema._map_serializer_field(S.CharField(max_length=3), direction, bypass_extensions=True)
            return {
                "type": "array",
                "items": guest.ref,
                "x-text": text["maxLength"],
                "nullable": False,
                "x-way": direction,
            }

    class BrokenExtension(OpenApiSerializerFieldExtension):
        target_class = BrokenField

        def map_serializer_field(self, auto_schema, direction):
            return {"type": auto_schema.view.kind}

    class PairExtension(OpenApiSerializerExtension):
        target_class = PairSerializer

        def map_serializer(self, auto_schema, direction):
            return {"type": "object", "properties": {"left": {"type": "integer", "nullable": True}}}


@pytest.mark.usefixtures("extensions")
class TestExtensions:
    def test_field_and_serializer_are_described_by_their_extensions(self) -> None:
        cls = serializer_with(
            own=OwnField(), null=OwnField(allow_null=True), pair=PairSerializer(), pairs=PairSerializer(many=True)
        )
        schema = describe(cls, "out")
        guests = {
            "type": "array",
            "items": {"$ref": REF + "Guest"},
            "x-text": 3,
            "nullable": False,
            "x-way": "response",
        }
        assert schema["properties"]["own"] == guests
        assert schema["properties"]["null"] == {**guests, "type": ["array", "null"]}
        pair = {"type": "object", "properties": {"left": {"type": "integer", "nullable": True}}}
        assert schema["properties"]["pair"] == pair
        assert schema["properties"]["pairs"] == {"type": "array", "items": pair}
        assert schema["$defs"] == {"Guest": describe(GuestSerializer, "out")}
        assert describe(PairSerializer, "in") == pair

    def test_extension_that_needs_a_view_is_named(self) -> None:
        with pytest.raises(
            CannotDescribe, match=r":BrokenField cannot be described: .*BrokenExtension raised Attribute.*view"
        ):
            describe(serializer_with(a=BrokenField()), "out")


@extend_schema_field(customer())
class CustomerField(S.Field):
    pass


NODE = lazy_serializer(f"{HERE}.NodeSerializer")()


class CustomerConsumer:
    @document_action("Add a customer", action="customer.add", payload=customer(), responses={"customer.added": NODE})
    def add(self, content: Any) -> None: ...

    @document_event("customer.changed", payload=serializer_with(customer=CustomerField()))
    def changed(self, event: Any) -> None: ...


def test_document_with_unions_and_lazy_serializers_passes_the_official_parser(official_parser) -> None:
    generator = AsyncAPIGenerator(CustomerConsumer)
    document = generator.get_spec()
    assert generator.problems == ()
    official_parser.check(document)
    # A read-only field cannot tell what the client sends.
    assert document["components"]["messages"]["CustomerAdd"]["payload"]["anyOf"]
    schemas = document["components"]["schemas"]
    assert len(schemas["Customer"]["oneOf"]) == 2
    own = ["Company", "Customer", "CustomerChangedCompany", "CustomerChangedPerson", "Node", "Person"]
    assert sorted(schemas) == own


class RoutedConsumer(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    @document_action(
        "Add a customer", action="customer.add", payload=customer(serializers=[PersonSerializer, GuestSerializer])
    )
    async def add(self, payload: dict[str, Any]) -> None:
        await self.send_json({"type": "added", **payload})

    @document_action("Add a guest", action="guest.add", payload=lazy_serializer(f"{HERE}.GuestSerializer")())
    async def add_guest(self, payload: dict[str, Any]) -> None:
        await self.send_json({"type": "added", **payload})


@pytest.mark.django_db(transaction=True)  # Channels looks after the database around each message
async def test_messages_are_read_by_lazy_serializers_and_checked_by_the_schema_of_unions() -> None:
    communicator = WebsocketCommunicator(RoutedConsumer.as_asgi(), "/")
    connected, _ = await communicator.connect()
    assert connected
    for content, expected in (
        (
            {"action": "customer.add", "kind": "person", "name": "Ada"},
            {"type": "added", "kind": "person", "name": "Ada"},
        ),
        ({"action": "customer.add", "name": "Ada"}, "error"),
        ({"action": "guest.add", "number": 7}, {"type": "added", "number": 7}),
        ({"action": "guest.add", "number": "many"}, "error"),
    ):
        await communicator.send_json_to(content)
        answer = await communicator.receive_json_from()
        assert answer == expected or answer["type"] == expected
    await communicator.disconnect()


class PolymorphicSerializer(S.Serializer):
    """As django-rest-polymorphic's, as far as it is read; its serializers are made in its ``__init__``."""

    __module__ = "rest_polymorphic.serializers"
    resource_type_field_name = "resourcetype"
    model_serializer_mapping: dict[Any, Any] = {}

    def to_resource_type(self, model: Any) -> str:
        return model.__name__


def test_polymorphic_serializer_is_one_of_its_models_serializers_with_its_name() -> None:
    class ListedSerializer(PolymorphicSerializer):
        """Whatever is listed."""

        model_serializer_mapping = {City: GuestSerializer(), Tag: CompanySerializer()}

    for direction in ("in", "out"):
        schema = describe(serializer_with(one=ListedSerializer(), all=ListedSerializer(many=True)), direction)
        assert schema["properties"]["one"] == schema["properties"]["all"]["items"] == {"$ref": REF + "Listed"}
        assert schema["$defs"]["Listed"]["oneOf"] == [{"$ref": REF + "Guest"}, {"$ref": REF + "Company"}]
        guest = schema["$defs"]["Guest"]
        assert guest["properties"]["resourcetype"] == {"type": "string", "const": "City"}
        assert guest["required"] == ["resourcetype", "number"]


def test_serializers_are_described_without_drf_spectacular() -> None:
    code = (
        "import sys; sys.modules['drf_spectacular'] = None\n"
        "from django.conf import settings; settings.configure()\n"
        "from rest_framework import serializers as S\n"
        "from chanspec.channels.serializers import describe\n"
        "class TreeSerializer(S.Serializer):\n"
        "    trees = S.SerializerMethodField()\n"
        "    def get_trees(self, instance) -> 'list[TreeSerializer]': ...\n"
        "print(list(describe(TreeSerializer, 'out')['$defs']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.strip() == "['Tree']", done.stderr
