"""``chanx.channels`` under its other name."""
