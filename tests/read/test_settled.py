from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.plan import Scan
from logq.read import FileRef, resolve_file
from logq.read.stamps import HALF_DAY, HALF_YEAR
from logq.run.settled import pseudo_stamps, settled
from logq.run.years import _read

if TYPE_CHECKING:
    from pathlib import Path

    from logq.read import Resolved

KINDS = {
    "syslog_rfc3164": (
        "Mar  5 09:14:02 h a[1]: x", "Mar 28 09:14:02 h a[1]: x", "<13>Mar  7 00:00:00 h a: y", "Oct 11 22:14:15 h su: z",
        "Dec 31 23:59:60 h a: x", "Jan  1 00:00:00 h a: x", "Xxx  1 00:00:00 h a: x", "2024-03-05T09:14:02Z h a: x", "none",
    ),
    "redis": (
        "7:M 27 Dec 2018 11:19:18.874 * a", "7:M 27 Dec 11:19:18 * a", "[9] 31 May 04:32:08 # b", "1 Jul 04:32:08 # b", "none",
    ),
    "glog": (
        "E0305 09:14:02.518231    4 a.go:1] x", "I0305 09:14:02.518231    4 a.go:1] x", "I1231 09:14:02.5    4 a.go:1] x",
        "W20240305 09:14:02.5    4 a.go:1] x", "I9905 09:14:02.5    4 a.go:1] x", "none",
    ),
    "leef": (
        "Mar  5 09:14:02 h LEEF:1.0|a|b|1|x|c=d", "Mar 15 09:14:02 h x: LEEF:1.0|a|b|1|x|c=d", "<13>Oct 11 22:14:15 h LEEF:1.0|a|b|1|x|",
        "Dec 31 23:59:60 h LEEF:1.0|a|b|1|x|", "Jan  1 00:00:00 h LEEF:1.0|a|b|1|x|", "LEEF:1.0|a|b|1|x|c=d", "Feb 31 09:14:02 h LEEF:1.0|a|b|1|x|",
        "2024-03-05T09:14:02Z h LEEF:1.0|a|b|1|x|", "none",
    ),
    "haproxy": (
        "Mar  5 09:14:02 h haproxy[1]: 192.0.2.1:1 [05/Mar/2024:09:14:01.655] a b/c 0/1/2 3 -- 1/1/1/1/0 0/0",
        "Jan  1 00:00:00 h haproxy[1]: 192.0.2.1:1 [31/Dec/2024:23:59:59.655] a/b: x",
        "Dec 31 23:59:59 h haproxy[1]: 192.0.2.1:1 [Dec  5 09:14:02] a/b: x", "192.0.2.1:1 [05/Jul/2024:09:14:01.655] a/b: x",
        "Jan  1 00:00:00 h haproxy[1]: x", "Dec 31 23:59:60 h haproxy[1]: x", "<134>Oct 11 22:14:15 haproxy[1]: x", "Mar  5 09:14:02 h haproxy[1]: x",
        "192.0.2.1:1 [Oct  5 09:14:02] a/b: x", "none",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", KINDS)
@given(st.data())
def test_what_is_settled_is_what_reading_every_stamp_tells(form: str, data: st.DataObject) -> None:
    """Whatever entries, mostly of one kind: the same years of all that have a stamp, the same ends, or no word."""
    few = st.lists(st.sampled_from(KINDS[form]), max_size=4)
    usual = data.draw(st.lists(st.sampled_from(KINDS[form]), min_size=1, max_size=2))
    texts = (
        data.draw(few) + usual * data.draw(st.integers(0, 40)) + data.draw(few) + usual * data.draw(st.integers(1, 9))
    )
    raw = pl.Series([*texts, *data.draw(few)])
    file = file_of(form, [*KINDS[form]])
    found, wanted = settled(raw, file, HALF_YEAR), _read(raw, file, HALF_YEAR)
    if found is None:
        return
    known = pseudo_stamps(raw, file).is_not_null()
    assert (found.first, found.last, found.turns) == (wanted.first, wanted.last, wanted.turns)
    assert found.years.filter(known).to_list() == wanted.years.filter(known).to_list()


def file_of(form: str, log: list[str]) -> Resolved:
    """The file that such lines are of."""
    return resolve_file(FileRef("a", buffer="\n".join(log).encode()), Scan(sources=("a",), formats=(form,)))


def bsd(*days: str) -> list[str]:
    """Entries of syslog, with its stamp at the beginning."""
    return [f"{day} 09:14:02 h a: x" for day in days]


REDIS = "7:M 27 Dec 2018 11:19:18.874 * a"


@pytest.mark.parametrize(
    ("form", "log", "years"),
    [
        ("syslog_rfc3164", bsd(*["Mar  5"] * 20), {0}),
        ("syslog_rfc3164", bsd(*["Mar  5"] * 20, "Oct 11"), {0, -1}),
        ("syslog_rfc3164", bsd(*["Dec  5"] * 20, *["Jan 11"] * 20), {0, 1}),
        ("syslog_rfc3164", bsd(*["Jan  5"] * 20, "May  1", "Sep  1"), None),
        ("syslog_rfc3164", bsd("Jan  5", "Apr  5", "Aug  5", "Nov  5") * 5, None),
        ("syslog_rfc3164", [f"<{n}>{line}" for n in range(1, 10) for line in bsd("Mar  5")] * 5, None),
        ("syslog_rfc3164", ["no stamp"] * 20, None),
        ("redis", [*[REDIS] * 99, "7:M 27 Dec 11:19:18 * a", *[REDIS] * 99], {0}),
        ("redis", [*[REDIS] * 99, "7:M 27 Dec 11:19:18 * a", *[REDIS] * 99, "7:M 3 Jan 11:19:18 * a", REDIS], {0, 1}),
        ("redis", [*[REDIS] * 98, "7:M 27 Dec 11:19:18 * a", "7:M 27 Dec 18 x"], None),
        ("glog", ["E0305 09:14:02.518231    4 a.go:1] x"] * 20, {0}),
        ("haproxy", [*KINDS["haproxy"][:1] * 99, KINDS["haproxy"][7]], {0}),
        ("haproxy", [KINDS["haproxy"][2]] * 20, None),
        ("leef", [KINDS["leef"][0]] * 20, {0}),
    ],
)
def test_when_years_are_settled(form: str, log: list[str], years: set[int] | None) -> None:
    """Where all stamps lie within half a year, however they stand to New Year, and entries begin in few ways."""
    found = settled(pl.Series(log), file_of(form, log), HALF_YEAR)
    assert (None if found is None else {*found.years}) == years


@pytest.mark.parametrize(
    ("layout", "stamp", "half", "told"),
    [
        ("%H:%M:%S", "09:14:02", HALF_DAY, True),
        ("%k:%M:%S", "9:14:02", HALF_DAY, False),
        ("%H:%M:%S %d.%m.", "09:14:02 05.03.", HALF_YEAR, False),
        ("%m/%d %H:%M:%S", "03/05 09:14:02", HALF_YEAR, True),
        ("%e %b %H:%M:%S", "5 Mar 09:14:02", HALF_YEAR, True),
        ("%b %e %H:%M:%S", "mar 5 09:14:02", HALF_YEAR, False),
    ],
)
def test_which_layouts_tell_the_month_or_the_hour(*, layout: str, stamp: str, half: int, told: bool) -> None:
    """Those that begin with it, or with the day and the name of the month."""
    log = [f"{stamp} [x"] * 20
    pattern = r"^(?P<timestamp>[^\[]*[0-9.]) \[(?P<message>.*)$"
    file = replace(file_of("syslog_rfc3164", log), patterns=(pattern,), layouts=(layout,), stamp="timestamp")
    assert (settled(pl.Series(log), file, half) is not None) == told


@pytest.mark.parametrize(
    "pattern",
    [
        "^(?:.* )?(?P<timestamp>[A-Z][a-z]{2} .[0-9] [0-9:]{8}) x$",
        "^(?P<timestamp>[A-Z][a-z]{2} .[0-9] [0-9:]{8}) (?P<timestamp>[A-Z][a-z]{2} .[0-9] [0-9:]{8}) x$",
        "^[A-Z](?P<message>.*)$",
    ],
)
def test_a_stamp_that_may_stand_elsewhere_tells_nothing(pattern: str) -> None:
    """Nor does one of two groups, nor none."""
    log = ["Mar  5 09:14:02 Apr  5 09:14:02 x"] * 20
    file = replace(file_of("syslog_rfc3164", log), patterns=(pattern,), stamp="timestamp")
    assert settled(pl.Series(log), file, HALF_YEAR) is None


@pytest.mark.parametrize("layout", ["%d %b %Y %H:%M:%S", "%b %Y %e %H:%M:%S"])
def test_where_a_year_may_stand_elsewhere_nothing_is_told(layout: str) -> None:
    """Behind the month of other stamps than those that lack it."""
    log = ["Mar  5 09:14:02 x"] * 20
    file = replace(file_of("syslog_rfc3164", log), layouts=("%b %e %H:%M:%S", layout), stamp="timestamp")
    assert settled(pl.Series(log), file, HALF_YEAR) is None


@pytest.mark.parametrize("every", [1, 7, 400])
def test_stamps_are_looked_for_where_one_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    """Among many entries with the year the few without are found by their shape: each has the year it had before."""
    lines = [
        f"{['Nov', 'Jan'][n % 2 if every == 7 else n > 2000]}-05 09:14:{n % 60:02} [m] INFO a - {n}"
        if n % every == 0
        else f"2023-03-05 09:14:{n % 60:02} [m] INFO a - {n}"
        for n in range(4000)
    ]
    path = tmp_path / "a.log"
    path.write_text("\n".join(lines))
    found = lq.scan(path, "generic", year=2024).select("timestamp", "time_quality").collect()
    monkeypatch.setattr("logq.run.settled.MANY", 1 << 30)
    assert lq.scan(path, "generic", year=2024).select("timestamp", "time_quality").collect().equals(found)
    assert set(found["time_quality"][::every]) == {"year_inferred"}


@pytest.mark.parametrize("at", [(700, 800), (5, 2900), (1500, 1600), (), (2999,), (0,)])
def test_stamps_far_from_the_ends_are_found(at: tuple[int, ...]) -> None:
    """Among entries that begin with a year-less stamp and have another with a year: few are read, more, or all."""
    dated = (
        "Mar  5 09:14:02 edge-1 haproxy[1]: 203.0.113.9:3 [05/Mar/2024:09:14:01.655] shop static/img-2 10/0/30/69/109 "
        '200 2750 - - ---- 7/5/3/2/0 1/0 "GET / HTTP/1.1"'
    )
    lines = [f"Mar  5 09:14:{i % 60:02} edge-1 haproxy[1]: paused" if i in at else dated for i in range(3000)]
    file = file_of("haproxy", ["Mar  5 09:14:02 edge-1 haproxy[1]: paused", dated])
    raw = pl.Series(lines)
    found, read = settled(raw, file, HALF_YEAR), _read(raw, file, HALF_YEAR)
    assert found is not None
    assert (found.first, found.last, found.turns) == (read.first, read.last, read.turns)
    assert (found.first is None) == (not at)
