"""``chanx.fast_channels.testing`` under its other name."""

from chanx.fast_channels.testing import *
