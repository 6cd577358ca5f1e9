"""``chanx.fast_channels.type_defs`` under its other name."""

from chanx.fast_channels.type_defs import *
