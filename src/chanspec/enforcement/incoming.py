"""Checks what clients send to a consumer, by the validators of the types that its contract names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from chanspec.contract import ACTION_FIELD, Contract, Message
from chanspec.enforcement.mistakes import Mistake, mistake, of_error
from chanspec.enforcement.reading import Reader
from chanspec.fail_fast import size_of
from chanspec.runtime.codec import Codec


class Refused(NamedTuple):
    """A frame that is refused: why, and the message that it was meant to be, if that is known."""

    mistakes: list[Mistake]
    message: Message | None = None
    name: str | None = None


class AnnotatedActions:
    """The actions of a consumer that routes by itself.

    Attributes:
        readers: How each action is read, by its name.
    """

    def __init__(self, contract: Contract) -> None:
        # Those with a name of their own are classes, which the runtime takes.
        self._messages = {each.message.value: each.message for each in contract.actions if not each.message.name}
        self.readers = {value: Reader(message) for value, message in self._messages.items()}

    def check(self, text: str, content: Any) -> Refused | None:
        """Say what is wrong with a frame.

        Args:
            text: The frame.
            content: The same as JSON.
        """
        value = find_action(content, self.readers)
        if not isinstance(value, str):
            return value
        mistakes = self.readers[value].check(content, size_of(text))
        return Refused(mistakes, self._messages[value], value) if mistakes else None

    def refused(self, errors: list[dict[str, Any]], value: str | None) -> Refused:
        """What the consumer itself refused, as it told it."""
        return Refused([of_error(each) for each in errors], self._messages.get(value or ""), value)


def find_action(content: Any, names: Collection[str]) -> str | Refused:
    """Which of some actions a frame's content names, or why none."""
    if type(content) is not dict:
        return Refused([mistake("model_attributes_type", "Input should be an object")])
    if not names:
        return Refused([mistake("no_messages", "This channel takes no messages")])
    value = content.get(ACTION_FIELD)
    if type(value) is str and value in names:
        return value
    if value is None:
        return Refused([mistake("union_tag_not_found", "Field required", ACTION_FIELD)])
    text = f"Input should be one of {', '.join(map(repr, names))}"
    return Refused([mistake("union_tag_invalid", text, ACTION_FIELD)], None, str(value))


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
