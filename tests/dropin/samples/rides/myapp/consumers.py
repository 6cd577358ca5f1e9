from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels_spectacular import document_action, document_event
from rest_framework import serializers


class RequestRideSerializer(serializers.Serializer):
    pickup_lat = serializers.FloatField()
    pickup_lng = serializers.FloatField()
    fare = serializers.DecimalField(max_digits=9, decimal_places=2)
    payment_method = serializers.ChoiceField(["cash", "card"])


class AcceptOfferSerializer(serializers.Serializer):
    ride_id = serializers.UUIDField()


class RideOfferSerializer(serializers.Serializer):
    ride_id = serializers.UUIDField()
    fare = serializers.DecimalField(max_digits=9, decimal_places=2)
    driver_name = serializers.CharField()
    expires_at = serializers.FloatField(required=False)


class DispatchConsumer(AsyncJsonWebsocketConsumer):
    @document_action(
        summary="Request a ride",
        payload=RequestRideSerializer,  # DRF, Pydantic, dataclass, or dict
        responses={"ride.requested": {"ride_id": "uuid"}},
        tags=["rides"],
        examples=[
            {
                "name": "Cash payment",
                "summary": "Rider pays with cash",
                "payload": {
                    "action": "request_ride",
                    "pickup_lat": 6.5244,
                    "pickup_lng": 3.3792,
                    "fare": "1500.00",
                    "payment_method": "cash",
                },
            },
        ],
    )
    async def handle_request_ride(self, content): ...

    @document_action(summary="Accept an offer", payload=AcceptOfferSerializer)
    async def handle_accept_offer(self, content): ...

    @document_event(
        "ride.offer",
        summary="Offer pushed to driver",
        payload=RideOfferSerializer,
        examples=[
            {
                "name": "Standard offer",
                "payload": {
                    "type": "ride.offer",
                    "ride_id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
                    "fare": "1500.00",
                    "driver_name": "Emeka",
                },
            },
        ],
    )
    async def ride_offer(self, event): ...

    @document_event("ride.accepted", summary="Ride accepted by driver")
    async def ride_accepted(self, event): ...


class RideConsumer(AsyncJsonWebsocketConsumer):
    @document_action(
        summary="Request a ride",
        payload=RequestRideSerializer,
        examples=[
            {
                "name": "Cash payment",
                "summary": "Rider pays with cash at destination",
                "payload": {
                    "action": "request_ride",
                    "pickup_lat": 6.5244,
                    "pickup_lng": 3.3792,
                    "fare": "1500.00",
                    "payment_method": "cash",
                },
            },
            {
                "name": "Card payment",
                "payload": {
                    "action": "request_ride",
                    "pickup_lat": 6.5244,
                    "pickup_lng": 3.3792,
                    "fare": "1800.00",
                    "payment_method": "card",
                },
            },
        ],
    )
    async def handle_request_ride(self, content): ...

    @document_event(
        "ride.offer",
        summary="Offer pushed to driver",
        payload=RideOfferSerializer,
        examples=[
            {
                "name": "Standard offer",
                "payload": {
                    "type": "ride.offer",
                    "ride_id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
                    "fare": "1500.00",
                    "driver_name": "Emeka",
                    "expires_at": 1717000015.0,
                },
            },
        ],
    )
    async def ride_offer(self, event): ...


class NotifConsumer(AsyncJsonWebsocketConsumer):
    @document_event("notif.new", summary="Something happened", payload={"type": "object"})
    async def notif_new(self, event): ...


class BaseConsumer(AsyncJsonWebsocketConsumer):
    @document_action(summary="Ping")
    async def handle_ping(self, content): ...


class ExtendedConsumer(BaseConsumer):
    @document_action(summary="Override ping with more detail")
    async def handle_ping(self, content): ...  # overrides parent

    @document_action(summary="Extra action")
    async def handle_extra(self, content): ...
