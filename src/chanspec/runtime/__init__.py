"""What happens on a connection of a typed consumer, with no framework: loop, codec, outbox, hub, authentication."""
