"""``chanx.fast_channels.websocket`` under its other name."""

from chanx.fast_channels.websocket import *
