"""Lengths and points of time as users write them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from logq.errors import BuildError
from logq.time import UNITS, check_zone, instant, microseconds

NOW = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("1us", 1),
        ("1µs", 1),
        ("250ms", 250_000),
        ("30s", 30_000_000),
        ("5m", 300_000_000),
        ("1h30m", 5_400_000_000),
        ("1h 30m", 5_400_000_000),
        (" 2 d ", 172_800_000_000),
        ("1w", 604_800_000_000),
        ("1.5s", 1_500_000),
        ("0.5h", 1_800_000_000),
        ("1m1ms", 60_001_000),
        ("30m1h", 5_400_000_000),
        ("0s", 0),
        (2, 2_000_000),
        (0.25, 250_000),
        (0, 0),
        (-1, -1_000_000),
        (dt.timedelta(days=1, microseconds=3), 86_400_000_003),
        (dt.timedelta(0), 0),
        (-dt.timedelta(microseconds=1), -1),
    ],
)
def test_a_length_is_microseconds(length: Any, expected: int) -> None:
    """Numbers with units, added up; a bare number is seconds; timedeltas are exact."""
    assert microseconds(length) == expected


@pytest.mark.parametrize(
    "length",
    [
        "",
        " ",
        "s",
        "5",
        "1.s",
        ".5s",
        "-5s",
        "+5s",
        "5 minutes",
        "1y",
        "1M",
        "1H",
        "5s!",
        "x5s",
        "1e3s",
        "١x",
        None,
        [1],
        b"1s",
    ],
)
def test_what_is_no_length_is_refused(length: Any) -> None:
    """With what was given and how to write it."""
    with pytest.raises(BuildError, match=r"is no duration; write numbers with units, such as '30s'"):
        microseconds(length)


@pytest.mark.parametrize("length", [float("nan"), float("inf"), -float("inf")])
def test_a_number_without_end_is_no_length(length: float) -> None:
    """By name."""
    with pytest.raises(BuildError, match=f"{length} is no duration"):
        microseconds(length)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(sorted(UNITS))), min_size=1, max_size=6))
def test_parts_add_up(parts: list[tuple[int, str]]) -> None:
    """In any order, any number of times."""
    assert microseconds("".join(f"{n}{u}" for n, u in parts)) == sum(n * UNITS[u] for n, u in parts)


@given(st.timedeltas())
def test_a_timedelta_is_exact(length: dt.timedelta) -> None:
    """To the microsecond, however long."""
    assert dt.timedelta(microseconds=microseconds(length)) == length


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("2024-01-01", "2024-01-01T00:00:00+00:00"),
        ("2024-01-01T02:00:00+02:00", "2024-01-01T00:00:00+00:00"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00+00:00"),
        ("2024-01-01 00:00:00.123456", "2024-01-01T00:00:00.123456+00:00"),
        ("  2024-01-01 ", "2024-01-01T00:00:00+00:00"),
        ("20240101T000000", "2024-01-01T00:00:00+00:00"),
        ("2024-W01-1", "2024-01-01T00:00:00+00:00"),
        ("now", "2024-02-29T12:00:00+00:00"),
        (" now ", "2024-02-29T12:00:00+00:00"),
        ("-1h", "2024-02-29T11:00:00+00:00"),
        ("-1d12h", "2024-02-28T00:00:00+00:00"),
        ("+90m", "2024-02-29T13:30:00+00:00"),
        ("- 1h", "2024-02-29T11:00:00+00:00"),
        (dt.datetime(2024, 1, 1), "2024-01-01T00:00:00+00:00"),  # noqa: DTZ001 (naive on purpose)
        (dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=-5))), "2024-01-01T05:00:00+00:00"),
    ],
)
def test_a_point_of_time_is_utc(point: Any, expected: str) -> None:
    """ISO 8601, relative to now, or a datetime; UTC where no offset is named."""
    found = instant(point, now=NOW)
    assert found.isoformat() == expected
    assert found.tzinfo is dt.UTC


@pytest.mark.parametrize(
    "point",
    [
        "",
        "tomorrow",
        "Now",
        "2024-13-01",
        "2024-01-32",
        "12:00",
        "-",
        "+",
        "-1",
        "-1y",
        "--1h",
        "-now",
        "- 99999999999w",
        "+9999w9999w9999w9999w9999w9999w999999w",
    ],
)
def test_a_text_that_is_no_time_is_refused(point: str) -> None:
    """Quoted, with how to write one; a relative time beyond the calendar too."""
    with pytest.raises(BuildError, match=r"is no time; write ISO 8601 .*'now' or a relative time"):
        instant(point, now=NOW)


@pytest.mark.parametrize("point", [None, 3, 1.5, dt.date(2024, 1, 1), b"now", ["now"]])
def test_another_kind_of_value_is_no_time(point: Any) -> None:
    """Quoted; a date is none, for nobody says in which zone its day begins."""
    with pytest.raises(BuildError, match="is no time; give a datetime, ISO 8601 text or a relative time"):
        instant(point)


@pytest.mark.parametrize(
    "point",
    [
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=1))),
    ],
)
def test_a_time_beyond_the_calendar_is_refused(point: Any) -> None:
    """Where its zone moves it out of the years that there are."""
    with pytest.raises(BuildError, match="lies outside the years 1 to 9999 in UTC"):
        instant(point)


def test_now_is_the_callers_clock() -> None:
    """Taken at the call."""
    before = dt.datetime.now(dt.UTC)
    assert before <= instant("now") <= dt.datetime.now(dt.UTC)
    assert before - dt.timedelta(hours=1) <= instant("-1h") <= dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "+02:00", "-05:00", "Etc/GMT+3"])
def test_a_zone_that_is_known(name: str) -> None:
    """Passes."""
    check_zone(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berln", "did you mean 'Europe/Berlin'"),
        ("Mars/Base", "write one such as 'Europe/Berlin'"),
        ("", "write one such as 'Europe/Berlin'"),
        ("utc time", ""),
    ],
)
def test_a_zone_that_is_not_is_refused(name: str, hint: str) -> None:
    """Quoted, with the nearest ones."""
    with pytest.raises(BuildError, match=f"no time zone '{name}'; .*{hint}"):
        check_zone(name)
