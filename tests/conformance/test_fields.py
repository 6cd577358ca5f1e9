"""Consumers whose messages are named by fields of their own, or by none, conform or do not like any others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from pydantic import Field, TypeAdapter, ValidationError

from chanspec import document_action, document_event
from chanspec.channels.dispatch import ContractDispatchMixin
from chanspec.conformance import check
from chanspec.conformance.channel_run import ChannelRun
from tests.conformance.conftest import django_app

OPTIONS: Any = {"reply_seconds": 20.0, "max_seconds": 240.0, "max_examples": 9}

pytestmark = pytest.mark.timeout(300)


@dataclass
class Move:
    x: Annotated[int, Field(ge=0, le=100)]


@dataclass
class Enveloped:
    data: Move


MOVED = {"x": "integer"}


class Commanded(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    action_field = "command"
    event_field = "msg_type"

    @document_action("Move it", payload=Move, responses={"moved": MOVED})
    async def handle_move(self, move: Move) -> None:
        await self.send_json({"msg_type": "moved", "x": move.x})

    @document_action("Stop it", responses={"stopped": {}})
    async def handle_stop(self) -> None:
        await self.send_json({"msg_type": "stopped"})


class Envelopes(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    action_field = event_field = "type"

    @document_action("Move it", payload=Enveloped, responses={"moved": {"data": MOVED}})
    async def handle_move(self, envelope: Enveloped) -> None:
        await self.send_json({"type": "moved", "data": {"x": envelope.data.x}})


class OneWithoutName(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    action_field = event_field = None

    @document_action("Move it", payload=Move, responses={"moved": {"now": MOVED}})
    async def handle_move(self, move: Move) -> None:
        await self.send_json({"now": {"x": move.x}})


_MOVE, _NUMBERS = TypeAdapter(Move), TypeAdapter(list[int])


class SeveralWithoutNames(AsyncJsonWebsocketConsumer):
    action_field = event_field = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        for adapter, answer in ((_MOVE, self.moved), (_NUMBERS, self.sum)):
            try:
                value: Any = adapter.validate_json(text_data or "", strict=True)  # type: ignore[attr-defined]
            except ValidationError:
                continue
            await answer(value)
            return
        await self.send_json({"refused": "neither"})

    @document_action("Move it", payload=Move, responses={"moved": {"now": MOVED}})
    async def moved(self, move: Move) -> None:
        await self.send_json({"now": {"x": move.x}})

    @document_action("Add them", payload=list[int], responses={"sum": {"sum": "integer"}})
    async def sum(self, numbers: list[int]) -> None:
        await self.send_json({"sum": sum(numbers)})

    @document_event("error", payload={"properties": {"refused": {"type": "string"}}, "required": ["refused"]})
    async def error(self) -> None: ...


@pytest.mark.parametrize("consumer", [Commanded, Envelopes, OneWithoutName, SeveralWithoutNames])
def test_one_that_keeps_its_contract_conforms(consumer: Any) -> None:
    report = check(django_app(consumer), **OPTIONS)
    assert [str(finding) for finding in report.findings] == []
    assert report.untested == []
    assert report.messages > 20


@pytest.mark.parametrize(
    ("base", "sent", "kind"),
    [
        (Commanded, {"type": "moved", "x": 1}, "undocumented message"),
        (Envelopes, {"type": "moved", "x": 1}, "wrong message"),
        (OneWithoutName, {"x": 1}, "undocumented message"),
    ],
)
def test_one_that_does_not_is_found(base: Any, sent: Any, kind: str) -> None:
    class Wrong(base):  # type: ignore[misc]
        async def handle_move(self, move: Any) -> None:
            await self.send_json(sent)

    report = check(django_app(Wrong), **{**OPTIONS, "reply_seconds": 0.3, "max_seconds": 5.0})
    assert kind in {finding.kind for finding in report.findings}, str(report)


def test_one_that_takes_what_it_should_refuse_is_found() -> None:
    class Lenient(SeveralWithoutNames):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
            await self.send_json({"now": {"x": 1}})

    report = check(django_app(Lenient), **{**OPTIONS, "reply_seconds": 0.3, "max_seconds": 5.0})
    assert "invalid accepted" in {finding.kind for finding in report.findings}, str(report)


def test_what_is_not_tried_for_two_reasons_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def try_known(run: Any) -> None:
        for samples in run._samples:
            run._not_tried(samples, "the first reason")
            run._not_tried(samples, "another")

    monkeypatch.setattr(ChannelRun, "try_known", try_known)
    monkeypatch.setattr(ChannelRun, "try_noise", lambda run: None)
    monkeypatch.setattr(ChannelRun, "try_random", lambda run: None)
    report = check(django_app(Commanded), **OPTIONS)
    assert [each.partition(": ")[2] for each in report.untested] == ["the first reason"] * 2
    assert report.summary.startswith("nothing was tested: no message was sent")
    assert report.actions == 0
