"""``chanx.channels.apps`` under its other name."""

from chanx.channels.apps import ChanxChannelsConfig

__all__ = ["ChanxChannelsConfig"]
