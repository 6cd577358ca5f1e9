"""Every message between the page and the server, as classes. The docs at /ws-docs/ are made from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chanspec.messages import BaseChannelEvent, BaseMessage

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
KEPT_POSTS = 50


class Post(BaseModel):
    """What somebody said."""

    id: int = Field(description="Counts up in each room.")
    name: str
    text: str
    at: AwareDatetime


# Client -> server


class Say(BaseModel):
    text: Text


class SayMessage(BaseMessage):
    action: Literal["say"] = "say"
    payload: Say


class Typing(BaseModel):
    active: bool = Field(description="Whether the client's user is typing now.")


class TypingMessage(BaseMessage):
    action: Literal["typing"] = "typing"
    payload: Typing


class Past(BaseModel):
    limit: Annotated[int, Field(ge=1, le=KEPT_POSTS)] = KEPT_POSTS


class HistoryMessage(BaseMessage):
    action: Literal["history"] = "history"
    payload: Past = Past()


class Ask(BaseModel):
    question: Question


class AskMessage(BaseMessage):
    action: Literal["ask"] = "ask"
    payload: Ask


# Server -> client


class PostedMessage(BaseMessage):
    action: Literal["posted"] = "posted"
    payload: Post


class Posts(BaseModel):
    posts: list[Post] = Field(description="Oldest first.")


class PastMessage(BaseMessage):
    action: Literal["past"] = "past"
    payload: Posts


class Typist(BaseModel):
    name: str
    active: bool


class TypistMessage(BaseMessage):
    action: Literal["typist"] = "typist"
    payload: Typist


class People(BaseModel):
    names: list[str]


class PeopleMessage(BaseMessage):
    action: Literal["people"] = "people"
    payload: People


class AnswerStart(BaseModel):
    answer: int = Field(description="Tells this answer from others that stream at the same time.")
    question: str


class AnswerStartMessage(BaseMessage):
    action: Literal["answer_start"] = "answer_start"
    payload: AnswerStart


class AnswerWord(BaseModel):
    answer: int
    word: str


class AnswerWordMessage(BaseMessage):
    action: Literal["answer_word"] = "answer_word"
    payload: AnswerWord


class AnswerEnd(BaseModel):
    answer: int
    words: int = Field(description="How many there were.")


class AnswerEndMessage(BaseMessage):
    action: Literal["answer_end"] = "answer_end"
    payload: AnswerEnd


class Announcement(BaseModel):
    text: Text


class AnnouncementMessage(BaseMessage):
    """Sent from the HTTP side of the application to everybody in a room."""

    action: Literal["announcement"] = "announcement"
    payload: Announcement


# Inside the server


class PeopleChangedEvent(BaseChannelEvent):
    """Somebody came or left."""

    handler: Literal["people_changed"] = "people_changed"
    payload: None = None
