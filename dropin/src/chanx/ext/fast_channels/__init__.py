"""``chanx.fast_channels`` under its other name."""

from chanx.fast_channels import *
