"""What may arrive over a channel layer, as hypothesis' strategies: an application's own messages, and broken envelopes.

They need nothing of a test but hypothesis, so that a longer run may use them too.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

OWN_TYPES = ("chanspec.broadcast", "chanspec.event", "chanspec.beat", "chanspec.probe")
"""The types of the messages that are chanspec's."""

RESERVED = "__asgi_channel__"
"""The layers of Channels use this key themselves: they overwrite it, or refuse the message."""

TELLING = [
    *("type", "text", "bytes", "event", "chanspec", "group", "groups", "exclude", "sender", "number", "once", "token"),
    *(
        "beat",
        "handler",
        "action",
        "payload",
        "code",
        "channel_name",
        "to_dict",
        "__class__",
        "",
        "a.b",
        "chanspec.once",
    ),
]
"""Keys that have, had, or look as if they had a meaning to somebody on the way."""

# What Redis' layers carry: msgpack has no larger integers. A text without lone surrogates is hypothesis' usual one.
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["room", "lobby", *OWN_TYPES, "websocket.send", "websocket.disconnect", "websocket.close"]),
)
KEYS = st.one_of(st.sampled_from(TELLING), st.text(max_size=8)).filter(lambda key: key != RESERVED)


def json_values(scalars: st.SearchStrategy[Any] = _SCALARS, max_leaves: int = 12) -> st.SearchStrategy[Any]:
    """Any JSON, with keys that matter somewhere."""
    return st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
        max_leaves=max_leaves,
    )


def looks_like_marks(names: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Bookkeeping as it is in an envelope, or was once: right in form, and of which a hub could believe all.

    Args:
        names: Of channels and groups.
    """
    return st.fixed_dictionaries(
        {},
        optional={
            "group": names,
            "groups": st.lists(names, max_size=3),
            "exclude": names,
            "sender": st.sampled_from(["a.1", "b.2"]),
            "number": st.integers(-2, 5),
            "once": st.sampled_from(["a.1", "b.2"]),
            "token": st.sampled_from(["a.1", "b.2"]),
        },
    )


NAMES = st.sampled_from(["room", "lobby", "x"])


def types() -> st.SearchStrategy[str]:
    """Of messages of an application's."""
    near = [
        "chat.message",
        "websocket.send",
        "websocket.disconnect",
        "close",
        "send",
        "chanspec",
        "chanspec.broadcast ",
    ]
    return st.one_of(st.sampled_from(near), st.text(max_size=12)).filter(lambda kind: kind not in OWN_TYPES)


def foreign_messages(names: st.SearchStrategy[str] = NAMES) -> st.SearchStrategy[dict[str, Any]]:
    """An application's own messages: any dict with a ``type`` that JSON and every layer can carry."""
    more = st.dictionaries(KEYS, json_values(), max_size=5)
    marks = looks_like_marks(names)
    return st.builds(
        lambda first, second, nested, kind: {**first, **second, **nested, "type": kind},
        more,
        st.one_of(st.just({}), marks),
        st.one_of(st.just({}), marks.map(lambda inner: {"chanspec": inner})),
        types(),
    )


_WITH_SURROGATES = st.one_of(_SCALARS, st.text(st.characters(codec=None), max_size=8), st.just("\ud800"))


def envelopes(names: st.SearchStrategy[str] = NAMES) -> st.SearchStrategy[dict[str, Any]]:
    """Messages of chanspec's own types with anything in them: right, nearly right, and not at all. Some layers refuse
    to carry some."""
    anything = json_values(_WITH_SURROGATES)
    marks = looks_like_marks(names)
    right = st.fixed_dictionaries(
        {},
        optional={
            "text": st.one_of(st.text(max_size=20), st.just("\ud800"), st.just("x" * 1_000_000)),
            "event": st.dictionaries(KEYS, anything, max_size=4),
            "chanspec": st.one_of(marks, st.builds(lambda a, b: {**a, **b}, marks, st.dictionaries(KEYS, anything))),
            "beat": st.integers(0, 3),
        },
    )
    wrong = st.dictionaries(st.sampled_from(["text", "event", "chanspec", "beat", "group", "number"]), anything)
    return st.builds(
        lambda first, second, kind: {**first, **second, "type": kind},
        right,
        st.one_of(st.just({}), wrong),
        st.sampled_from(OWN_TYPES),
    )
