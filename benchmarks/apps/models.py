"""The messages of everybody who has no base class of his own for them; the others declare the same fields."""

from __future__ import annotations

from typing import Annotated, Literal, Union

from pydantic import BaseModel, Discriminator, TypeAdapter


class Text(BaseModel):
    """What is said, and where."""

    text: str
    room: int


class Say(BaseModel):
    """What a client sends."""

    action: Literal["say"] = "say"
    payload: Text


class Ping(BaseModel):
    """The other message that a client may send, so that all have a choice to make."""

    action: Literal["ping"] = "ping"
    payload: None = None


class Said(BaseModel):
    """What clients receive."""

    action: Literal["said"] = "said"
    payload: Text


class Pong(BaseModel):
    """The answer to a ping."""

    action: Literal["pong"] = "pong"
    payload: None = None


say_or_ping: TypeAdapter[Say | Ping] = TypeAdapter(Annotated[Union[Say, Ping], Discriminator("action")])  # noqa: UP007
