"""``chanx.channels.authenticator`` under its other name."""

from chanx.channels.authenticator import *
