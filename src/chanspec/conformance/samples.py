"""The messages of a run: each with what the document says of it, and so what has to come of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from random import Random
from typing import Any, TypeAlias

from hypothesis import assume
from hypothesis import strategies as st

from chanspec.conformance.budget import LARGEST_MESSAGE, Account, BudgetSpentError
from chanspec.conformance.cost import size_of
from chanspec.conformance.document import Action
from chanspec.conformance.edges import edges
from chanspec.conformance.mutations import mutations
from chanspec.conformance.schemas import DocumentError, Schemas
from chanspec.conformance.search import search
from chanspec.conformance.sites import Path, Site, replaced, sites
from chanspec.conformance.strategies import Generator

__all__ = ["Expectation", "Sample", "Samples", "encoded"]


class Expectation(Enum):
    """What the document says of a message."""

    VALID = "valid"
    """It must be handled, or refused for what it means; not for its form."""
    ODD = "odd"
    """It is valid, but may be refused for its form, too."""
    INVALID = "invalid"
    """It must be refused."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A message to send.

    Attributes:
        value: Its JSON value.
        expectation: What has to come of it.
        what: What is special about it, as a phrase.
        is_uncertain: Whether it is valid, and may be refused at some places for what no schema can say.
    """

    value: Any
    expectation: Expectation
    what: str = ""
    is_uncertain: bool = False

    @property
    def text(self) -> str:
        return encoded(self.value)


MAX_EXAMPLES = 3  # of which messages with mistakes are made
LONGEST_BASE = 4000  # characters; a message that has everything may be very long where types refer to each other

Wrong: TypeAlias = tuple[Any, str]


class Samples:
    """Makes the messages of one action.

    Args:
        action: The action.
        schemas: The document's.
        generators: Its strategies, those of the flattest values first.
        seed: The same seed makes the same messages.

    Attributes:
        account: The steps that making its messages may take.
        problem: Why no message of it can be made; empty where some can, or where that is not known.
    """

    def __init__(self, action: Action, schemas: Schemas, generators: Sequence[Generator], seed: int) -> None:
        self.action = action
        self.account = Account("making its messages")
        self.problem = ""
        self._schemas = schemas
        self._schema = action.message.schema
        self._generators = generators
        self._generator = generators[0]  # until it is known which is good for this message
        self._seed = f"{seed} {action.operation} {action.message.name}"
        self._bases: list[Any] | None = None

    @property
    def bases(self) -> list[Any]:
        """The simplest message, and the simplest one that has everything; empty where ``problem`` says why.

        Before them, where the schema names rules that it cannot say, some examples of the document.
        """
        if self._bases is None:
            self._bases = []
            try:
                with self._schemas.budget.paid_by(self.account):
                    self._bases = self._made_bases()
            except (BudgetSpentError, DocumentError) as error:
                self.problem = str(error)
            if not self._bases:
                self.problem = self.problem or "no valid message could be made up"
        return self._bases

    def _made_bases(self) -> list[Any]:
        self._schemas.check(self._schema)
        self._generator.sizes.check(self._schema)
        full = self._fullest()
        made = [self._simplest(full=False), full]
        if any(site.is_uncertain for each in made if each is not None for site in self._sites(each)):
            # What is made up may break rules that no schema says; an example keeps them.
            made = [*self._examples()[:MAX_EXAMPLES], *made]
        return [each for index, each in enumerate(made) if each is not None and each not in made[:index]]

    def of(self, value: Any, what: str = "") -> Sample:
        """A message with what the document says of it."""
        if not self._schemas.is_valid(self._schema, value):
            return Sample(value, Expectation.INVALID, what)
        is_uncertain = any(site.is_uncertain for site in self._sites(value))
        return Sample(value, Expectation.VALID, what, is_uncertain)

    def known_valid(self, count: int) -> list[Sample]:
        """The documented examples, the simplest messages, and those with values at the edge.

        Raises:
            BudgetSpentError: To make them is more work than it may be, or the time is up.
        """
        with self._schemas.budget.paid_by(self.account):
            return self._known_valid(count)

    def _known_valid(self, count: int) -> list[Sample]:
        first = [self.of(each, "an example of the document") for each in self._examples()]
        first += [self.of(each) for each in self.bases]
        return [*first, *self._shuffled(self._edged())][:count]

    def _examples(self) -> list[Any]:
        """The examples of the document that keep it."""
        return [each for each in self.action.message.examples if self._schemas.is_valid(self._schema, each)]

    def known_invalid(self, count: int) -> list[Sample]:
        """The simplest messages with one mistake each; raises as ``known_valid`` does."""
        samples = [Sample(value, Expectation.INVALID, what) for value, what in self._known_wrong]
        return self._shuffled(samples)[:count]

    @property
    def can_be_wrong(self) -> bool:
        """Whether there is any mistake to be made."""
        return bool(self._known_wrong)

    @cached_property
    def _known_wrong(self) -> list[Wrong]:
        bases = self.bases
        with self._schemas.budget.paid_by(self.account):
            return [wrong for base in bases for site in self._sites(base) for wrong in self._spoilt(base, site)]

    def valid(self) -> st.SearchStrategy[Any]:
        """Any valid messages."""
        assert self.bases
        return self._generator.valid(self._schema)

    def invalid(self) -> st.SearchStrategy[Wrong]:
        """Any valid messages with one mistake each, and what that is."""

        @st.composite
        def spoilt(draw: st.DrawFn) -> Wrong:
            value = draw(self.valid())
            made = [each for site in self._sites(value) for each in self._spoilt(value, site)]
            assume(made)
            return draw(st.sampled_from(made))

        return spoilt()

    def _edged(self) -> list[Sample]:
        found: dict[str, Sample] = {}
        for base in self.bases:
            for site in self._sites(base):
                if self._names_the_message(site):
                    continue
                for edge in edges(site):
                    value = self._replaced(base, site.path, edge.value)
                    if size_of(value) <= LARGEST_MESSAGE and self._schemas.is_valid(self._schema, value):
                        sample = self.of(value, f"{site.place} at the edge")
                        if edge.is_odd:
                            sample = Sample(value, Expectation.ODD, sample.what)
                        found.setdefault(sample.text, sample)
        return list(found.values())

    def _spoilt(self, value: Any, site: Site) -> list[Wrong]:
        made = []
        if self._names_the_message(site):
            return []  # it is not this action then; such frames are tried once a channel
        for mutation in mutations(site):
            wrong = self._replaced(value, mutation.path, mutation.value)
            if (not site.path and not isinstance(wrong, dict)) or size_of(wrong) > LARGEST_MESSAGE:
                continue
            if not self._schemas.is_valid(self._schema, wrong):
                made.append((wrong, mutation.what))
        return made

    def _replaced(self, value: Any, path: Path, new: Any) -> Any:
        self._schemas.budget.spend(1 + size_of(value) // 50)  # which is copied
        return replaced(value, path, new)

    def _names_the_message(self, site: Site) -> bool:
        return len(site.path) == 1 and site.path[0] in self.action.message.constants

    def _sites(self, value: Any) -> list[Site]:
        return sites(self._schemas, self._schema, value)

    def _fullest(self) -> Any:
        """A message that has everything, by the generator of the deepest values that are not too long."""
        best, lengths = None, [1]
        for generator in self._generators:
            if lengths[-1] * max(1, lengths[-1] // lengths[0]) > 2 * LONGEST_BASE:
                break  # the next would be longer by as much again
            self._generator, before = generator, self._generator
            full = self._simplest(full=True)
            if full is None or len(encoded(full)) > LONGEST_BASE:
                self._generator = before
                break
            best, lengths = full, [lengths[-1], len(encoded(full))]
        return best

    def _simplest(self, *, full: bool) -> Any:
        found: list[Any] = []

        def keep(value: Any) -> bool:
            found.append(value)
            return True

        strategy = self._generator.valid(self._schema, full=full)
        search(strategy, keep, 20, self.random(), shrink=False)
        if self.account.error is not None:
            raise self.account.error
        return found[0] if found else None

    def random(self) -> Random:
        """The same every time."""
        return Random(self._seed)  # noqa: S311 - to be repeated, not to be secret

    def _shuffled(self, samples: list[Sample]) -> list[Sample]:
        """Those of the simplest kind first would leave the others out where the count is small."""
        self.random().shuffle(samples)
        return samples


def encoded(value: Any) -> str:
    """A JSON value as text in ASCII."""
    return json.dumps(value)
