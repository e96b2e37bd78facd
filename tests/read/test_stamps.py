"""Stamp texts as instants, and how sure each of them is."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.formats import FORMATS
from logq.formats.base import EPOCHS
from logq.read.layouts import fits, may_be, shaped, within
from logq.read.stamps import _read, read_stamps, seen
from tests.reference.years import dated

UTC = dt.UTC


def read(text: str, *layouts: str, tz: str = "UTC") -> tuple[str | None, str]:
    """Instant and quality of one text."""
    row = read_stamps(pl.Series([text]), layouts, tz)[0]
    return row["timestamp"] and row["timestamp"].isoformat(), row["time_quality"]


@pytest.mark.parametrize(
    ("text", "layout", "instant", "quality"),
    [
        ("2024-03-05T09:14:02Z", "%Y-%m-%dT%H:%M:%S%.f%#z", "2024-03-05T09:14:02+00:00", "exact"),
        ("2024-03-05T09:14:02.518231+01:00", "%Y-%m-%dT%H:%M:%S%.f%#z", "2024-03-05T08:14:02.518231+00:00", "exact"),
        ("05/Mar/2024:09:14:02 -0500", "%d/%b/%Y:%H:%M:%S %z", "2024-03-05T14:14:02+00:00", "exact"),
        ("2024-03-05 09:14:02,518", "%Y-%m-%d %H:%M:%S,%3f", "2024-03-05T09:14:02.518000+00:00", "zone_assumed"),
        ("2024-03-05 09:14:02,518231", "%Y-%m-%d %H:%M:%S,%6f", "2024-03-05T09:14:02.518231+00:00", "zone_assumed"),
        ("2024-03-05 09:14:02", "%Y-%m-%d %H:%M:%S%.f", "2024-03-05T09:14:02+00:00", "zone_assumed"),
        ("24/03/05 09:14:02", "%y/%m/%d %H:%M:%S", "2024-03-05T09:14:02+00:00", "zone_assumed"),
        ("1709630042", "epoch_s", "2024-03-05T09:14:02+00:00", "exact"),
        ("1709630042.518", "epoch_s", "2024-03-05T09:14:02.518000+00:00", "exact"),
        ("1709630042518", "epoch_ms", "2024-03-05T09:14:02.518000+00:00", "exact"),
        ("1709630042518231", "epoch_us", "2024-03-05T09:14:02.518231+00:00", "exact"),
        ("1709630042518231999", "epoch_ns", "2024-03-05T09:14:02.518231+00:00", "exact"),
        ("1709630042518", "epoch_s", None, "missing"),
        ("1709630042", "epoch_ms", None, "missing"),
        ("2024-02-30 00:00:00", "%Y-%m-%d %H:%M:%S%.f", None, "missing"),
        ("yesterday", "%Y-%m-%d %H:%M:%S%.f", None, "missing"),
        ("", "epoch_s", None, "missing"),
    ],
)
def test_each_kind_of_layout(text: str, layout: str, instant: str | None, quality: str) -> None:
    """The instant in UTC to the microsecond, marked exact where the text says which, assumed where `tz` had to; else null."""
    assert read(text, layout) == (instant, quality)


@pytest.mark.parametrize(
    ("stamp", "known"),
    [
        ("-62135596800001", False),
        ("-62135596800000", True),
        ('"0000-12-31T23:59:59Z"', False),
        ('"0001-01-01T00:00:00+10:00"', False),
        ('"9999-12-31T23:59:59Z"', True),
        ('"9999-12-31T23:59:59-10:00"', False),
    ],
)
def test_times_are_of_the_years_1_to_9999(stamp: str, *, known: bool) -> None:
    """What lies outside is a stamp that cannot be read, and its row is kept."""
    row = lq.scan(f'{{"ts": {stamp}, "a": 1}}'.encode(), "json").collect().row(0, named=True)
    assert (row["timestamp"] is not None) == known
    assert row["parse_error"] == (None if known else "ts: not a time")
    assert row["a"] == 1


def test_an_epoch_is_read_by_its_magnitude() -> None:
    """Seconds to nanoseconds side by side in one column need no telling which is which."""
    texts = [str(1_709_630_042 * 10**n) for n in (0, 3, 6, 9)]
    read_as = read_stamps(pl.Series(texts), ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns"), "UTC").struct["timestamp"]
    assert read_as.n_unique() == 1


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-03-31 01:59:59", "2024-03-31T00:59:59+00:00"),
        ("2024-03-31 02:30:00", None),
        ("2024-03-31 03:00:00", "2024-03-31T01:00:00+00:00"),
        ("2024-10-27 02:30:00", "2024-10-27T01:30:00+00:00"),
        ("2024-10-27 03:00:00", "2024-10-27T02:00:00+00:00"),
    ],
)
def test_summer_time(text: str, instant: str | None) -> None:
    """Of a repeated hour the second is taken, standard time; a skipped one never was, and is null; both by `tz`."""
    assert read(text, "%Y-%m-%d %H:%M:%S", tz="Europe/Berlin")[0] == instant


def test_layouts_are_tried_on_what_is_left() -> None:
    """A column may mix layouts; each row is read by the first that fits and marked accordingly."""
    texts = pl.Series(["2024-03-05 00:00:00", "1709630042", None, "x", "2024-03-05T00:00:00Z"])
    stamps = read_stamps(texts, ("%Y-%m-%d %H:%M:%S", "epoch_s", "%Y-%m-%dT%H:%M:%S%.f%#z"), "UTC")
    assert stamps.struct["time_quality"].to_list() == ["zone_assumed", "exact", "missing", "missing", "exact"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Mar  5 09:14:02", "Mar  5 09:14:03", "Feb 29 00:00:00", "17", "x", "", None]),
            st.sampled_from([2023, 2024]),
            st.integers(1, 5),
        ),
        max_size=8,
    )
)
def test_stamps_that_repeat_are_read_as_each_alone(runs: list[tuple[str | None, int, int]]) -> None:
    """Reading a run of equal stamps once gives what reading them one by one gives, each in its own year."""
    texts = pl.Series([text for text, _, times in runs for _ in range(times)], dtype=pl.String)
    years = pl.Series([year for _, year, times in runs for _ in range(times)], dtype=pl.Int32)
    layouts = ("%b %d %H:%M:%S", "epoch_s")
    alone = [read_stamps(texts[i : i + 1], layouts, "UTC", years[i : i + 1])[0] for i in range(len(texts))]
    assert read_stamps(texts, layouts, "UTC", years).to_list() == alone


def test_tz_reaches_the_scan() -> None:
    """`tz=` is the zone of stamps that name none, and changes no other."""
    log = b"2024-07-01 12:00:00,000 INFO [a] b.C - x\n2024-07-01 12:00:00Z INFO [a] b.C - x\n"
    frame = lq.scan(log, "log4j", tz="America/New_York").collect()
    assert frame["timestamp"].dt.hour().to_list() == [16, 12]
    assert frame["time_quality"].to_list() == ["zone_assumed", "exact"]


def syslog(*stamps: dt.datetime | None) -> bytes:
    """Write year-less stamps as a syslog daemon does; None is one that cannot be read."""
    return "".join(
        f"{s:%b} {s.day:2} {s:%H:%M:%S} host app[1]: x\n" if s else "Xxx 99 00:00:00 host app[1]: x\n" for s in stamps
    ).encode()


def at(month: int, day: int, hour: int = 0) -> dt.datetime:
    """A time in no year in particular."""
    return dt.datetime(2000, month, day, hour, tzinfo=UTC)


def years(log: bytes, **options: object) -> list[int | None]:
    """Years of the rows."""
    return lq.scan(log, "syslog_rfc3164", **options).collect()["timestamp"].dt.year().to_list()  # type: ignore[arg-type]


def test_the_year_turns_with_the_file() -> None:
    """Back by more than half a year is the next year; the last stamp lies in `year=`."""
    assert years(syslog(at(11, 1), at(12, 31, 23), at(1, 1), at(3, 1)), year=2021) == [2020, 2020, 2021, 2021]


def test_one_line_out_of_order_corrupts_nothing() -> None:
    """A late December line in January keeps its year, and so do all around it."""
    assert years(syslog(at(12, 31), at(1, 1), at(12, 31, 23), at(1, 1, 1), at(1, 2)), year=2021) == [
        2020,
        2021,
        2020,
        2021,
        2021,
    ]


def test_a_stamp_that_cannot_be_read_turns_nothing() -> None:
    """Nor does a 29 February that was none; both are null and say so."""
    log = syslog(at(12, 30), None, at(1, 2), at(2, 29), at(3, 1))
    assert years(log, year=2021) == [2020, None, 2021, None, 2021]
    frame = lq.scan(log, "syslog_rfc3164", year=2021).collect()
    assert frame["time_quality"].to_list() == ["year_inferred", "missing", "year_inferred", "missing", "year_inferred"]


@pytest.mark.parametrize(
    ("modified", "last", "year"),
    [
        ("2024-01-02", at(12, 31), 2023),
        ("2023-12-31", at(1, 1), 2024),
        ("2024-06-01", at(5, 1), 2024),
        ("2024-02-29", at(2, 29), 2024),
        ("2024-11-25", at(3, 1), 2024),
        ("2024-11-25", at(11, 27), 2023),
    ],
)
def test_the_last_stamp_is_near_the_files_last_change(
    tmp_path: Path, modified: str, last: dt.datetime, year: int
) -> None:
    """The latest year in which it was written before, however long before; clocks may differ by a day."""
    path = tmp_path / "syslog"
    path.write_bytes(syslog(last))
    when = dt.datetime.fromisoformat(modified).replace(tzinfo=UTC).timestamp()
    os.utime(path, (when, when))
    assert lq.scan(path, "syslog_rfc3164").collect()["timestamp"].dt.year().to_list() == [year]


def test_stamps_with_and_without_a_year_in_one_file() -> None:
    """Each is read by its own layout, whichever prevails; the year-less ones get a year, not a stand-in."""
    exact = b"2021-01-02T00:00:00Z host app[1]: x\n"
    for log in (syslog(at(12, 31), at(1, 1)) + exact, exact * 3 + syslog(at(1, 2)), exact + syslog(at(1, 2)) * 3):
        assert set(years(log, year=2021)) <= {2020, 2021}


def test_a_file_without_any_stamp_has_none() -> None:
    """No anchor, no guess."""
    assert years(b"nothing\nhere\n") == [None, None]


STAMPS = st.lists(
    st.none()
    | st.datetimes(at(1, 1).replace(tzinfo=None), at(12, 31, 23).replace(tzinfo=None)).map(
        lambda t: t.replace(microsecond=0, tzinfo=UTC)
    ),
    max_size=25,
)


@given(STAMPS, st.integers(1, 200), st.sampled_from([2019, 2020, None]), st.booleans())
def test_years_are_those_of_a_plain_loop_over_the_file(
    tmp_path_factory: pytest.TempPathFactory,
    stamps: list[dt.datetime | None],
    block: int,
    year: int | None,
    packed: bool,
) -> None:
    """For any stamps and any block size, plain or compressed: the reference's years; so one block or many is the same."""
    path = tmp_path_factory.getbasetemp() / ("syslog.gz" if packed else "syslog")
    log = syslog(*stamps)
    path.write_bytes(gzip.compress(log) if packed else log)
    near = dt.datetime(2024, 1, 15, tzinfo=UTC)
    os.utime(path, (near.timestamp(), near.timestamp()))
    frame = lq.scan(path, "syslog_rfc3164", block_size=block, year=year).collect()
    assert frame["timestamp"].to_list() == dated(stamps, last=year, near=near)


@pytest.mark.parametrize("size", [1, 70, 1 << 20])
@pytest.mark.parametrize("form", ["redis", "own"])
def test_stamps_with_a_year_turn_none_though_they_begin_like_others(tmp_path: Path, form: str, size: int) -> None:
    """Whether a block holds such stamps alone or beside others."""
    full, bare = "7:M 27 Dec 2018 11:19:18.874 * a", "7:M 31 May 04:32:08.000 * b"
    own = lq.Format.regex(
        "own",
        r"^7:M (?P<timestamp>[^*]+) [*] (?P<message>.*)$",
        stamp=lq.Stamp(layouts=("%d %b %Y %H:%M:%S%.f", "%d %b, %H:%M:%S%.f")),
    )
    text = f"{bare}\n{full}\n{bare}\n{full}\n{full}"
    (tmp_path / "a.log").write_text(text if form == "redis" else text.replace("May ", "May, "))
    found = lq.scan(tmp_path / "a.log", form if form == "redis" else own, year=2024, block_size=size).collect()
    assert found["timestamp"].dt.year().to_list() == [2024, 2018, 2024, 2018, 2018]


OTHERS = (
    "%Y-%m-%dT%H:%M:%S%:z",
    "%F %T%.f",
    "%-d.%-m.%Y %H:%M:%S",
    "%_d %b %Y %H:%M:%S%::z",
    "%s%.3f",
    "%+",
    "%c",
    "%D %r",
    "%d%t%b %Y%n%R",
)
"""What users' own formats may be made of."""

LAYOUTS = (*{layout for form in FORMATS.values() if form.stamp for layout in form.stamp.layouts}, *OTHERS)
MOMENTS = pl.Series(
    [dt.datetime(2024, 3, 5, 9, 14, 2, 518_000, dt.UTC), dt.datetime(2023, 11, 15, 21, 4, 32, 0, dt.UTC)]
)
WRITTEN = tuple(
    text
    for layout in LAYOUTS
    if layout not in EPOCHS
    for text in MOMENTS.dt.strftime(layout.replace(",%f", ",%3f").replace("%#z", "%z"))
)


@given(st.lists(st.sampled_from(WRITTEN), max_size=40), st.data())
def test_what_a_layout_reads_has_the_characters_it_needs(texts: list[str], data: st.DataObject) -> None:
    """Texts in all layouts, some with characters changed: none that is read was passed over for what it lacks."""
    for place in range(0, len(texts), 3):
        at = data.draw(st.integers(0, len(texts[place])))
        texts[place] = (
            texts[place][:at]
            + data.draw(st.sampled_from(["", " ", "Z", "-", "+", "\u2212", ",", "T", "7"]))
            + texts[place][at + 1 :]
        )
    series = pl.Series([*texts, "1709630042", "1709630042.518", None], dtype=pl.String)
    for layout in data.draw(st.lists(st.sampled_from(LAYOUTS), max_size=30)):
        read = series.filter(_read(series, layout, "UTC", None).is_not_null())
        for text, shape in zip(read, shaped(read), strict=True):
            assert fits(layout, frozenset(text))
            assert may_be(shape, layout)
            assert re.search(within(layout), f"at 1{text}2")


@given(
    st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=12),
    st.lists(st.sampled_from(LAYOUTS), min_size=1, max_size=12),
)
def test_layouts_that_cannot_fit_are_passed_over_without_a_trace(texts: list[str], layouts: list[str]) -> None:
    """What is read and which layouts are seen is as if each had been tried."""
    series = pl.Series(texts)
    some = tuple(dict.fromkeys(layouts))
    tried = [_read(series, layout, "UTC", None) for layout in some]
    first = pl.select(pl.coalesce([one.cast(pl.Datetime("us", "UTC")) for one in tried])).to_series()
    assert read_stamps(series, some, "UTC").struct["timestamp"].to_list() == first.to_list()
    fitting = [layout for layout, one in zip(some, tried, strict=True) if one.count()]
    found = seen(series, some)
    assert {*found} == {*fitting} or (len(found) == 1 and found[0] in fitting)


def test_too_many_shapes_are_tried_in_every_layout() -> None:
    """What is no stamp may be of any shape; those among it are read as ever."""
    words = [f"{'x' * (n % 9)}{'-' * n}" for n in range(200)]
    texts = pl.Series([*words, "05/Mar/2024 09:14:02", "2024-03-05 09:14:02"])
    found = read_stamps(texts, ("epoch_s", "%d/%b/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"), "UTC").struct["timestamp"]
    assert found.null_count() == 200
    assert found.tail(2).null_count() == 0


def test_months_may_be_named_in_other_languages() -> None:
    """Beside those in English, and what is no month."""
    texts = pl.Series(
        ["05 mars 2024 09:14:02", "05 Mar 2024 09:14:03", "05 M\u00e4rz 2024 09:14:04", "05 x 2024", None]
    )
    found = read_stamps(texts, ("%d %b %Y %H:%M:%S",), "UTC").struct["timestamp"]
    assert found.dt.second().to_list() == [2, 3, 4, None, None]
    assert found.dt.month().to_list() == [3, 3, 3, None, None]
