"""What came of a message, against the document: the verdicts, without saying yet how to get there again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chanspec.conformance.budget import BudgetSpentError
from chanspec.conformance.document import Action, Channel, Message
from chanspec.conformance.findings import Kind
from chanspec.conformance.link import Outcome, Received
from chanspec.conformance.noise import Noise
from chanspec.conformance.nulls import is_valid_without_nulls
from chanspec.conformance.samples import Expectation, Sample
from chanspec.conformance.schemas import Schemas
from chanspec.conformance.sites import may_be_refused
from chanspec.runtime.codec import TOO_MANY
from chanspec.runtime.consumer import FAILED
from chanspec.terminal import shown

__all__ = ["Judge", "Verdict"]

ABNORMAL, INTERNAL = 1006, 1011  # RFC 6455, 7.4.1
MAX_COMPLAINTS, MAX_PLACE = 100, 100
_SIGNALS = frozenset({"complete", "event_complete", "group_complete"})  # for tests; no document has them


@dataclass(frozen=True, slots=True)
class Verdict:
    """Something that is not as the document says.

    Attributes:
        kind: What sort of drift.
        what: A sentence about it.
        key: The same for what is the same drift.
        received: What came, shortened.
    """

    kind: Kind
    what: str
    key: tuple[Any, ...]
    received: tuple[str, ...] = ()


class Judge:
    """Judges what comes on one channel.

    Attributes:
        schemas: The document's.
        unjudged: The names of messages that came and could not be judged, each with the reason.
        refused: Of each operation, what the first of its valid messages was refused for that no schema can say.
        handled: The operations of which some valid message was not refused as invalid.
    """

    def __init__(self, channel: Channel, schemas: Schemas) -> None:
        self._channel = channel
        self.schemas = schemas
        self.unjudged: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.handled: set[str] = set()
        self.refusals = tuple(each for each in channel.events if each.is_refusal)

    def is_named(self, message: Message, value: Any) -> bool:
        """Whether a value claims to be a message; one that no constant names is told by its schema."""
        return message.is_named_by(value) if message.constants else self._is_valid(message, value)

    def taken_as(self, value: Any) -> list[Action]:
        """The actions that no constant names and that a value is a valid message of."""
        unnamed = (action for action in self._channel.actions if not action.message.constants)
        return [action for action in unnamed if self._is_valid(action.message, value)]

    def is_refusal(self, value: Any) -> bool:
        """Whether a value claims to be one of the documented errors."""
        return any(self.is_named(each, value) for each in self.refusals)

    def answers(self, action: Action, value: Any) -> bool:
        """Whether a value claims to be an answer to an action, be it a refusal."""
        return any(self.is_named(each, value) for each in action.replies) or self.is_refusal(value)

    def of_sample(self, action: Action, sample: Sample, outcome: Outcome) -> list[Verdict]:
        """Judge what came of a message."""
        operation = action.operation
        # A server that closes on what it takes for invalid does so for every action: that is one finding.
        is_doubtful = sample.expectation is not Expectation.VALID or sample.is_uncertain
        is_failure = outcome.closed is not None and outcome.closed.code in (ABNORMAL, INTERNAL)
        source = "invalid" if is_doubtful and not is_failure else operation
        verdicts = self._harm(outcome, source) + self._frames(outcome)
        received = _received(outcome)
        if sample.expectation is Expectation.VALID:
            verdicts += self._refusal(action, sample, outcome)
        if outcome.came or verdicts:
            return verdicts
        if sample.expectation is Expectation.INVALID:
            what = f"an invalid message was not answered with an error, though {sample.what or 'it is invalid'}"
            return [Verdict("invalid accepted", what, ("invalid accepted", operation), received)]
        expected = " or ".join(each.value for each in action.replies)
        what = f"the document promises {expected} in reply, and nothing of that came, nor an error"
        return [Verdict("no reply", what, ("no reply", operation), received)]

    def _refusal(self, action: Action, sample: Sample, outcome: Outcome) -> list[Verdict]:
        """Judge the first answer that says that a valid message is invalid, if there is one."""
        operation = action.operation
        for each in outcome.frames:
            if not self.is_refusal(each.value) or not (complaints := _complaints(each.value)):
                continue
            false = [one for one in complaints if not self._is_beside_the_schema(action, sample, one[0])]
            place, text = (false or complaints)[0]
            said = f"{shown('.'.join(place), 80) or 'the message'}: {text}"
            if not false:
                self.refused.setdefault(operation, said)
                return []
            what = f"a valid message was refused as invalid: {said}"
            return [Verdict("valid refused", what, ("valid refused", operation, place), _received(outcome))]
        if outcome.came and outcome.closed is None:
            self.handled.add(operation)
        return []

    def _is_beside_the_schema(self, action: Action, sample: Sample, place: tuple[str, ...]) -> bool:
        """Whether a refusal may be for what the schema says that it cannot say."""
        try:
            return may_be_refused(self.schemas, action.message.schema, sample.value, place)
        except BudgetSpentError:
            return True

    def of_noise(self, noise: Noise, outcome: Outcome) -> list[Verdict]:
        """Judge what came of a frame that is no message."""
        verdicts = self._harm(outcome, "invalid", noise) + self._frames(outcome)
        if noise.needs_error and not outcome.came and not verdicts:
            what = "a message of no documented action was not answered with an error"
            verdicts = [Verdict("invalid accepted", what, ("invalid accepted", "noise"), _received(outcome))]
        return verdicts

    def of_arrivals(self, outcome: Outcome) -> list[Verdict]:
        """Judge what came before anything was sent."""
        return self._harm(outcome, "arrival") + self._frames(outcome)

    def _harm(self, outcome: Outcome, source: str, noise: Noise | None = None) -> list[Verdict]:
        received = _received(outcome)
        crashes = [
            Verdict("crash", f"the handler failed with {crash}", ("crash", crash.where or crash.kind), received)
            for crash in outcome.crashes
        ]
        if not crashes and any(self._says_failed(each) for each in outcome.frames):
            what = "the server answered that its handler failed"
            crashes = [Verdict("crash", what, ("crash", source), received)]
        if crashes:
            return crashes[:1]
        if outcome.closed is not None:
            code, reason = outcome.closed.code, outcome.closed.reason
            if noise is not None and noise.may_close(code):
                return []
            said = f" ({shown(reason, 120)})" if reason else ""
            return [
                Verdict(
                    "closed", f"the connection was closed with code {code}{said}", ("closed", source, code), received
                )
            ]
        if outcome.works is False:
            what = "the connection stays open, but a message that was answered before is answered no more"
            return [Verdict("does not work afterwards", what, ("broken", source), received)]
        return []

    def _frames(self, outcome: Outcome) -> list[Verdict]:
        found: dict[tuple[Any, ...], Verdict] = {}
        for each in outcome.frames:
            verdict = self._frame(each)
            if verdict is not None:
                found.setdefault(verdict.key, verdict)
        return list(found.values())

    def _frame(self, received: Received) -> Verdict | None:
        line = (_line(received),)
        if not received.is_json:
            kind = "binary" if isinstance(received.frame, bytes) else "text that is not JSON"
            return Verdict("not JSON", f"the server sent a frame that is {kind}", ("not JSON", kind), line)
        value = received.value
        named = [each for each in self._channel.events if each.is_named_by(value)]
        unnamed = [each for each in self._channel.events if not each.constants]
        if any(self._is_valid(each, value) for each in (*named, *unnamed)) or _is_signal(value):
            return None
        if named:
            place, text = self.schemas.received.mistake(named[0].schema, value) or ("", "")
            where = f"at {shown(place, 80)}, " if place else ""
            what = f"{shown(named[0].value, 60)} is not as documented: {where}{shown(text, 200)}"
            return Verdict("wrong message", what, ("wrong message", named[0].name, _general(place), text[:20]), line)
        name = self._name_of(value)
        what = f"the server sent {name}, which the document does not have"
        return Verdict("undocumented message", what, ("undocumented", name), line)

    def _is_valid(self, message: Message, value: Any) -> bool:
        """Whether a value keeps a message's schema; true where that is too much work to find out, and is said."""
        try:
            schemas = self.schemas.received
            if schemas.is_valid(message.schema, value):
                return True
            return schemas.is_chanspecs and is_valid_without_nulls(schemas, message.schema, value)
        except BudgetSpentError as error:
            self.unjudged[message.name] = str(error)
            return True
        except (ValueError, RecursionError):
            return False

    def _name_of(self, value: Any) -> str:
        if isinstance(value, dict):
            fields = dict.fromkeys(field for each in self._channel.events for field in each.constants)
            for field in (*fields, "type", "action"):
                if isinstance(name := value.get(field), str):
                    return f"the message {shown(name, 60)!r}"
        return "a message without a known name"

    def _says_failed(self, received: Received) -> bool:
        """Whether it is what chanspec's runtime answers for a handler that raised."""
        value = received.value
        return self.is_refusal(value) and FAILED in (value.get("detail"), _at(value.get("payload"), "detail"))


def _complaints(value: Any) -> list[tuple[tuple[str, ...], str]]:
    """The places that a refusal names as wrong, and why: some list in it has objects with ``loc`` and ``msg``."""
    waiting, looked = [value], 0
    while waiting and looked < 100:
        each = waiting.pop()
        looked += 1
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            found = [
                (tuple(map(str, one["loc"][:MAX_PLACE])), shown(str(one["msg"]), 160))
                for one in each[:MAX_COMPLAINTS]
                if isinstance(one, dict)
                and "msg" in one
                and isinstance(one.get("loc"), list)
                and one.get("type") != TOO_MANY  # it stands for others, and has no place of its own
            ]
            if found:
                return found
            waiting += each[:10]
    return []


def _is_signal(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(each, str) and each in _SIGNALS for each in value.values())


def _general(place: str) -> str:
    return ".".join("0" if part.isdigit() else part for part in place.split("."))


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _received(outcome: Outcome) -> tuple[str, ...]:
    return tuple(_line(each) for each in outcome.frames[:5])


def _line(received: Received) -> str:
    return shown(received.frame) if isinstance(received.frame, str) else f"{len(received.frame)} bytes"
