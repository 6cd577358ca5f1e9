"""Serializers that need a context, or that cannot be made at all."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework import serializers

from chanspec.channels.serializers import describe
from chanspec.schemas import CannotDescribe
from tests.drf.conftest import serializer_with
from tests.drf.models import City, Driver, Ride

if TYPE_CHECKING:
    pass

S = serializers
REF = "#/$defs/"


class StopSerializer(S.Serializer):
    lat = S.FloatField()
    lng = S.FloatField(required=False)


class TestContext:
    def test_what_a_request_would_hold_is_absent(self) -> None:
        class OwnSerializer(S.ModelSerializer):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.user = kwargs["context"]["request"].user

            def get_fields(self) -> dict[str, S.Field]:
                fields = super().get_fields()
                user = self.context["request"].user
                fields["driver"].queryset = Driver.objects.filter(city=user.city_id, pk__in=user.drivers.all())
                fields["city"].queryset = City.objects.filter(driver__name=str(user), pk=user.city)
                fields["previous"].queryset = Ride.objects.filter(id=user.ride, seats__gte=user.seats)
                if not user.is_authenticated or "admin" not in self.context["roles"] or len(user.groups) == 0:
                    del fields["fare"]
                fields["driver"].queryset &= Driver.objects.filter(pk=user.pk, id__in=[user.pk])
                if user.level > 3 or user.role == "admin":
                    del fields["fare"]
                if self.context.get("view"):
                    del fields["note"]
                if self.context["view"].kwargs["pk"]:
                    del fields["day"]
                return fields

            class Meta:
                model = Ride
                fields = ["driver", "city", "previous", "fare", "note", "day"]

        schema = describe(OwnSerializer, "in")
        assert list(schema["properties"]) == ["driver", "city", "previous", "note", "day"]

    def test_context_of_an_instance_is_kept(self) -> None:
        class RoleSerializer(S.Serializer):
            def get_fields(self) -> dict[str, S.Field]:
                return {self.context["role"]: S.IntegerField(), self.context["request"].tenant or "x": S.IntegerField()}

        assert list(describe(RoleSerializer(context={"role": "admin"}), "in")["properties"]) == ["admin", "x"]
        nested = describe(RoleSerializer(many=True, context={"role": "rider", "lock": threading.Lock()}), "in")
        assert list(nested["$defs"]["Role"]["properties"]) == ["rider", "x"]

    def test_instance_is_not_changed(self) -> None:
        instance = StopSerializer(many=True)
        describe(instance, "in")
        assert instance.context == {}
        assert "fields" not in vars(instance.child)

    def test_fields_changed_on_an_instance_are_the_ones_described(self) -> None:
        instance = StopSerializer()
        del instance.fields["lng"]
        assert list(describe(instance, "in")["properties"]) == ["lat"]
        many = StopSerializer(many=True)
        del many.child.fields["lat"]
        assert list(describe(many, "in")["$defs"]["Stop"]["properties"]) == ["lng"]

    def test_init_that_takes_no_context_gets_it_afterwards(self) -> None:
        class BareSerializer(S.Serializer):
            def __init__(self) -> None:
                super().__init__()

            def get_fields(self) -> dict[str, S.Field]:
                return {} if self.context["request"] else {"a": S.IntegerField()}

        assert list(describe(BareSerializer, "in")["properties"]) == ["a"]

    @pytest.mark.parametrize("stage", ["__init__", "get_fields"])
    def test_error_names_the_class_and_the_cause(self, stage) -> None:
        def fail(self, *args: Any, **kwargs: Any) -> None:
            raise LookupError("no tenant")

        cls = type("TenantSerializer", (S.Serializer,), {stage: fail, "__module__": "rides.api"})
        with pytest.raises(CannotDescribe) as caught:
            describe(cls, "in")
        assert caught.value.what == (
            f"rides.api:TenantSerializer cannot be described: its {stage}() raised LookupError: no tenant"
        )
        assert "pass an instance" in caught.value.cure

    def test_nested_serializer_that_cannot_be_described_is_the_one_named(self) -> None:
        broken = type("BrokenSerializer", (S.Serializer,), {"get_fields": lambda self: 1 / 0})
        with pytest.raises(CannotDescribe, match=r"BrokenSerializer cannot .* ZeroDivisionError"):
            describe(serializer_with(a=broken(many=True)), "in")

    def test_payload_that_is_no_serializer_is_refused(self) -> None:
        with pytest.raises(CannotDescribe, match="is no serializer"):
            describe(int, "in")
