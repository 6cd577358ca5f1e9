"""Small helpers for projects on Django Channels."""
