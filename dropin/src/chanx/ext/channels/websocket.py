"""``chanx.channels.websocket`` under its other name."""

from chanx.channels.websocket import *
