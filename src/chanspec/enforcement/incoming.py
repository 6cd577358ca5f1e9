"""Checks what clients send to a consumer, by the validators of the types that its contract names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from chanspec.contract import Contract, Message
from chanspec.enforcement.meant import field_meant
from chanspec.enforcement.mistakes import Mistake, mistake, of_error
from chanspec.enforcement.reading import Reader
from chanspec.fail_fast import size_of
from chanspec.runtime.codec import Codec


class Refused(NamedTuple):
    """A frame that is refused: why, and the message that it was meant to be, if that is known.

    ``meant`` is another field that seems to name it, shown so that it can be logged; or empty.
    """

    mistakes: list[Mistake]
    message: Message | None = None
    name: str | None = None
    meant: str = ""


class AnnotatedActions:
    """The actions of a consumer that routes by itself.

    Attributes:
        readers: How each action is read, by its name.
    """

    def __init__(self, contract: Contract) -> None:
        # Those with a name of their own are classes, which the runtime takes.
        self._messages = {each.message.value: each.message for each in contract.actions if not each.message.name}
        self.readers = {value: Reader(message) for value, message in self._messages.items()}
        self.field = contract.action_field

    def check(self, text: str, content: Any) -> Refused | None:
        """Say what is wrong with a frame.

        Args:
            text: The frame.
            content: The same as JSON.
        """
        if self.field is None and self.readers:
            return self._check_all(text, content)
        value = find_action(content, self.readers, self.field)
        if not isinstance(value, str):
            return value
        mistakes = self.readers[value].check(content, size_of(text))
        return Refused(mistakes, self._messages[value], value) if mistakes else None

    def _check_all(self, text: str, content: Any) -> Refused | None:
        """Say what is wrong with a frame that nothing names, by the action that it comes nearest to."""
        size = size_of(text)
        nearest: tuple[tuple[bool, int], Refused] | None = None
        for value, reader in self.readers.items():
            mistakes = reader.check(content, size)
            if not mistakes:
                return None
            # One that refuses the frame as a whole, for its type, was hardly meant.
            distance = (any(not each.loc for each in mistakes), len(mistakes))
            if nearest is None or distance < nearest[0]:
                nearest = distance, Refused(mistakes, self._messages[value], value)
        return nearest[1] if nearest is not None else None

    def refused(self, errors: list[dict[str, Any]], value: str | None) -> Refused:
        """What the consumer itself refused, as it told it."""
        return Refused([of_error(each) for each in errors], self._messages.get(value or ""), value)


def find_action(content: Any, names: Collection[str], field: str | None) -> str | Refused:
    """Which of some actions a frame's content names, or why none.

    Args:
        content: The frame's.
        names: Those of the actions.
        field: The field that names them; None where there is one action, and it needs no name.
    """
    if field is None and names:
        return next(iter(names))
    if type(content) is not dict:
        return Refused([mistake("model_attributes_type", "Input should be an object")])
    if not names or field is None:
        return Refused([mistake("no_messages", "This channel takes no messages")])
    value = content.get(field)
    if type(value) is str and value in names:
        return value
    meant = field_meant(content, names, field)
    if value is None:
        return Refused([mistake("union_tag_not_found", "Field required", field)], meant=meant)
    text = f"Input should be one of {', '.join(map(repr, names))}"
    return Refused([mistake("union_tag_invalid", text, field)], None, str(value), meant)


class TypedMessages:
    """The messages that a typed consumer's handlers take, read as its connections read them."""

    def __init__(self, contract: Contract) -> None:
        self._codec = Codec(contract.handlers, (), contract.discriminator_field, camelize=contract.camelize)
        self.field = self._codec.wire_discriminator
        self._messages = {each.message.value: each.message for each in contract.actions}

    def check(self, text: str) -> Refused | None:
        """Say what is wrong with a frame."""
        try:
            self._codec.decode(text)
        except ValidationError as error:
            return self.refused(self._codec.errors(error), self._codec.named(error))
        except Exception:
            return None  # a validator of the application's that fails will fail there too, and is its own to find
        return None

    def refused(self, errors: list[Mapping[str, Any]] | list[dict[str, Any]], value: str | None) -> Refused:
        """What the runtime refused, as it told it."""
        return Refused([of_error(each) for each in errors], self._messages.get(value or ""), value)
