"""The generator used directly."""

from channels_spectacular import AsyncAPIGenerator
from myapp.consumers import DispatchConsumer, ExtendedConsumer, NotifConsumer, RideConsumer

# Single consumer
single = AsyncAPIGenerator(
    DispatchConsumer,
    info={"title": "Dispatch API", "version": "1.0.0"},
    servers={"prod": {"host": "api.example.com", "protocol": "wss"}},
    channel_path="/ws/dispatch/",
)

# Multiple consumers
generator = AsyncAPIGenerator(
    consumers=[
        (RideConsumer, "/ws/rides/"),
        (NotifConsumer, "/ws/notifications/"),
    ],
    info={"title": "All Consumers", "version": "1.0.0"},
    servers={"prod": {"host": "api.example.com", "protocol": "wss"}},
)

inherited = AsyncAPIGenerator(ExtendedConsumer)

spec_dict = generator.get_spec()  # Python dict
spec_yaml = generator.get_yaml()  # YAML string
