"""Text and documents that writers of YAML get wrong; shared by the tests that read them back. No tests here."""

from __future__ import annotations

from hypothesis import strategies as st

TAKEN_FOR_OTHER_TYPES = [
    *(
        "",
        "~",
        "null",
        "Null",
        "NULL",
        "true",
        "True",
        "TRUE",
        "false",
        "yes",
        "Yes",
        "no",
        "NO",
        "on",
        "Off",
        "y",
        "N",
    ),
    *("0", "1", "-1", "+1", "012", "0o14", "0x10", "0XFF", "0b101", "1_000", "1,000", "08", "1.", ".5", "1.5", "-.5"),
    *("1e3", "1E3", "1e+3", "1.0e-3", "12e03", "-2E+05", "1_0.5", ".inf", "-.Inf", "+.INF", ".nan", ".NaN", "NaN", "."),
    *("12:30", "12:30:45", "190:20:30.15", "1:2:3", "2024-05-01", "2024-05-01T12:30:00Z", "2024-05-01 12:30:00 +01:00"),
    *(
        "=",
        "<<",
        "<",
        "-",
        "--",
        "---",
        "...",
        "- a",
        "? a",
        ": a",
        "a: b",
        "a:",
        "a #b",
        "#a",
        "#/components/schemas/A",
    ),
    *("!a", "&a", "*a", "@a", "`a", "%a", "|", ">", "'a", '"a', "[a", "{a", "]", "}", ",", " a", "a ", "a\t", "\ta"),
    *("a\rb", "a\x85b", "a\u2028b", "\ufeffa", "a\x7fb", "a\x00b", "\ufffe", "a\tb", "a:\tb", "a\t#b", "\xa0"),
]
TAKEN_FOR_OTHER_TYPES.remove("NaN")  # only `.nan` is one

_PIECES = st.sampled_from(
    [
        *TAKEN_FOR_OTHER_TYPES,
        "\n",
        "\n\n",
        " ",
        "  ",
        "\t",
        "\r\n",
        "text",
        "|",
        "#",
        ":",
        ": ",
        "- ",
        "'",
        '"',
        "\\",
        "é",
        "🚕",
    ]
)
NASTY = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(TAKEN_FOR_OTHER_TYPES),
    st.lists(_PIECES, max_size=7).map("".join),
    st.text(alphabet="ab \n\t:#-|>'\"0", max_size=20),
    st.text(alphabet="0123456789-+.:_eExXob TZ", max_size=12),
)
# JavaScript holds integers exactly up to 2**53.
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    NASTY,
)
JSON_OBJECTS = st.dictionaries(
    NASTY,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY, inner, max_size=4), max_leaves=20
    ),
    max_size=5,
)
