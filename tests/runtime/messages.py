"""The messages and events of the tests' consumers."""

from __future__ import annotations

from typing import Any, Literal

from chanspec.messages import BaseChannelEvent, BaseMessage


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: str


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: Any


class Count(BaseMessage):
    action: Literal["count"] = "count"
    payload: int


class Notify(BaseChannelEvent):
    handler: Literal["notify"] = "notify"
    payload: Any = None
