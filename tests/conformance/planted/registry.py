"""Names the planted drifts: each is a function from a framework's base consumer to a consumer with that one drift."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Planted:
    """One drift.

    Attributes:
        name: What is wrong.
        kind: The kind of finding that it is; None where nothing is wrong.
        plant: Makes the consumer.
        action: Where it is found, if that is one action.
    """

    name: str
    kind: str | None
    plant: Callable[[Any], type]
    action: str | None = None


class Registry(dict[str, Planted]):
    """The drifts of one sort of consumer, by name."""

    def __call__(self, kind: str | None, action: str | None = None) -> Callable[[Callable[[Any], type]], Any]:
        def register(plant: Callable[[Any], type]) -> Callable[[Any], type]:
            self[plant.__name__] = Planted(plant.__name__, kind, plant, action)
            return plant

        return register
