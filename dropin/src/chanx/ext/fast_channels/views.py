"""``chanx.fast_channels.views`` under its other name."""

from chanx.fast_channels.views import *
