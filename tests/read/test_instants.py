"""Stamps read by the shape of the first equal those read by the layout alone."""

from __future__ import annotations

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from logq.read.instants import parse, parse_any

ISO = "%Y-%m-%dT%H:%M:%S%.f%#z"
LAYOUTS = (
    ISO,
    "%Y-%m-%d %H:%M:%S%.f",
    "%d/%b/%Y:%H:%M:%S %z",
    "%Y %b %e %H:%M:%S",
    "%Y %b %e %H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S,%3f",
    "%y%m%d %H%M%S",
    "%m/%d/%Y %I:%M:%S %p",
)
DAYS = st.sampled_from(
    [
        "2024-03-05T",
        "2024-02-30T",
        "2024-03-05 ",
        "05/Mar/2024:",
        "05/mar/2024:",
        "2000 Mar  5 ",
        "2000 Mar 5 ",
        "2000 Mar 15 ",
    ]
)
CLOCKS = st.sampled_from(["10:14:02", "23:59:60", "24:00:00", " 1:02:03", "1:2:3", "101402", "10:14"])
FRACTIONS = st.sampled_from(["", ".5", ".518", ".518231", ".518231774", ",518", "."])
ZONES = st.sampled_from(["", "Z", "+01:00", "+0100", " +0100", "-0330", " -03:30", "+01", "z", " UTC", "x"])
TEXTS = st.one_of(
    st.none(), st.tuples(DAYS, CLOCKS, FRACTIONS, ZONES).map("".join), st.text("0123456789:-T.Z+ ", max_size=24)
)


@given(st.lists(TEXTS, max_size=8), st.sampled_from(LAYOUTS))
@example(["05/Mar/2024:10:14:02Z", "05/Mar/2024:10:14:02 +0100"], "%d/%b/%Y:%H:%M:%S %z")
@example(["2024-03-05T10:14:02Z", "2024-03-05T10:14:02+0100"], "%Y-%m-%dT%H:%M:%S%.f%#z")
def test_the_first_text_changes_no_other(texts: list[str | None], layout: str) -> None:
    """Whatever the first is like, each text gives the instant that the layout gives."""
    series = pl.Series(texts, dtype=pl.String)
    assert parse(series, layout).equals(parse_any(series, layout), null_equal=True)


def test_an_offset_ahead_or_behind() -> None:
    """The offset of the first is that of most, and of no other."""
    texts = pl.Series(["2024-03-05T10:14:02-03:30", "2024-03-05T10:14:02+01:00", "2024-03-05T10:14:02Z"])
    assert parse(texts, ISO).dt.strftime("%H:%M").to_list() == ["13:44", "09:14", "10:14"]
