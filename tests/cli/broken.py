"""A module that fails while it is imported."""

undefined  # type: ignore[name-defined]  # noqa: B018, F821
