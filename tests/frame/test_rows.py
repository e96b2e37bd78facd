"""Methods that choose rows by what they hold: filter, scope, level, between, grep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import polars as pl
import pytest

import logq as lq
from logq import LogFrame
from logq.errors import BuildError, ColumnNotFoundError, LogqError, PatternError

Chain = Callable[[LogFrame], LogFrame]

WORDS = ["trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "fatal", "bogus", None]
LEVELS = "\n".join(f'{{"level":{"null" if w is None else chr(34) + w + chr(34)},"msg":"{w}"}}' for w in WORDS).encode()
TIMES = b"\n".join(
    b'{"ts":%s,"n":%d}' % (stamp, number)
    for number, stamp in enumerate(
        [b'"2024-01-01T00:00:00Z"', b'"2024-01-01T01:00:00+01:00"', b'"2024-01-01T00:00:01Z"', b"null", b'"soon"']
    )
)
NUMBERS = b'{"n":2,"u":"a"}\n{"n":null,"u":"b"}\n{"n":1,"u":"a"}\n{"n":2,"u":"c"}'


def plain(*lines: str) -> LogFrame:
    """A scan of these lines as plain text."""
    return lq.scan("\n".join(lines).encode(), "plain")


def lines(frame: LogFrame) -> list[int]:
    """Line numbers of the rows, in order."""
    return frame.select("line").collect()["line"].to_list()


def messages(frame: LogFrame) -> list[str]:
    """Messages of the rows, in order."""
    return frame.select("message").collect()["message"].to_list()


# --- filter and scope


@pytest.mark.parametrize("method", ["filter", "scope"])
@pytest.mark.parametrize(
    ("predicates", "expected"),
    [
        ([pl.col("n") > 1], [1, 4]),
        ([pl.col("n") > 1, pl.col("u") == "a"], [1]),
        ([[pl.col("n") > 1, pl.col("u") == "a"]], [1]),
        ([pl.col("n").is_null()], [2]),
        ([~(pl.col("n") > 1)], [3]),
        ([pl.lit(value=False)], []),
        ([], [1, 2, 3, 4]),
    ],
)
def test_rows_for_which_every_predicate_is_true(method: str, predicates: list[pl.Expr], expected: list[int]) -> None:
    """Several predicates are ANDed; null is not true, nor is its negation."""
    assert lines(getattr(lq.scan(NUMBERS, "json"), method)(*predicates)) == expected


def test_filters_in_a_row_are_one_filter_of_both() -> None:
    """A filter narrows what the one before it left."""
    frame = lq.scan(NUMBERS, "json").filter(pl.col("n") > 1).filter(pl.col("u") == "c")
    assert lines(frame) == [4]


def test_a_filter_leaves_the_universe_and_a_scope_bounds_it() -> None:
    """What a filter left out may surround a match; what a scope left out may not."""
    frame = plain("x 1", "y 2", "x 3")
    tests = (pl.col("raw").str.starts_with("x"), pl.col("line") == 3)
    assert lines(frame.filter(tests[0]).filter(tests[1]).context(1)) == [2, 3]
    assert lines(frame.scope(tests[0]).filter(tests[1]).context(1)) == [1, 3]


def test_a_name_is_a_boolean_column() -> None:
    """A text names a column; one that is not Boolean is refused with its type."""
    assert lines(plain("a", "b").with_columns(odd=pl.col("line") % 2 == 1).filter("odd")) == [1]  # type: ignore[arg-type]
    with pytest.raises(BuildError, match=r"type `Boolean`, got `String`"):
        plain("a").filter("raw").collect()  # type: ignore[arg-type]


# --- names that are not there


UNKNOWN: dict[str, Chain] = {
    "filter": lambda f: f.filter(pl.col("mesage") == "x"),
    "scope": lambda f: f.scope(pl.col("mesage") == "x"),
    "select": lambda f: f.select("mesage"),
    "with_columns": lambda f: f.with_columns(n=pl.col("mesage")),
    "extract": lambda f: f.extract("(?P<n>x)", column="mesage"),
    "drop": lambda f: f.drop("mesage"),
    "rename": lambda f: f.rename({"mesage": "x"}),
    "sort": lambda f: f.sort("mesage"),
    "unique": lambda f: f.unique("mesage"),
    "group_by": lambda f: f.group_by("mesage").agg(pl.len()),
    "agg": lambda f: f.group_by("raw").agg(pl.col("mesage").max()),
    "context": lambda f: f.context(1, by="mesage"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_column_is_named_with_the_nearest(name: str) -> None:
    """Building reads nothing; running, or asking for the schema, names the column and the one that was meant."""
    frame = UNKNOWN[name](plain("a", "b"))
    for ask in (LogFrame.collect, lambda f: f.schema, LogFrame.explain):
        with pytest.raises(ColumnNotFoundError, match="no column 'mesage'; did you mean 'message'"):
            ask(frame)


def test_a_column_unlike_any_other_lists_what_there_is() -> None:
    """Without a near name, the known ones are listed."""
    with pytest.raises(ColumnNotFoundError, match=r"no column 'zzz'; known columns: \['format', 'host', 'level'"):
        plain("a").select("zzz").collect()


# --- level


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (["ERROR"], ["error", "critical", "alert"]),
        (["error"], ["error", "critical", "alert"]),
        ([" Err "], ["error", "critical", "alert"]),
        (["WARNING"], ["warning"]),
        (["INFO"], ["info", "notice"]),
        (["NOTICE"], ["notice"]),
        (["CRITICAL"], ["critical"]),
        (["ERROR3"], ["alert"]),
        (["FATAL", "TRACE"], ["trace", "fatal"]),
        (["FATAL", "TRACE", "FATAL"], ["trace", "fatal"]),
        (
            ["trace", "debug", "notice", "warn", "critical", "fatal"],
            ["trace", "debug", "notice", "warning", "critical", "fatal"],
        ),
        (["emergency"], ["fatal"]),
    ],
)
def test_a_short_name_is_its_band_and_another_word_its_number(levels: list[str], expected: list[str]) -> None:
    """Names in any case; entries without a level never match."""
    assert messages(lq.scan(LEVELS, "json").level(*levels)) == expected


@pytest.mark.parametrize(
    ("threshold", "first"),
    [
        ("TRACE", "trace"),
        ("info", "info"),
        ("NOTICE", "notice"),
        ("WARN", "warning"),
        ("CRITICAL", "critical"),
        ("FATAL", "fatal"),
    ],
)
def test_at_least_takes_all_from_there_up(threshold: str, first: str) -> None:
    """By band for a short name, by severity for another word; entries without a level are out."""
    known = [word for word in WORDS if word is not None and word != "bogus"]
    assert messages(lq.scan(LEVELS, "json").level(at_least=threshold)) == known[known.index(first) :]


@pytest.mark.parametrize(
    ("levels", "options", "message"),
    [
        ([], {}, "level takes names"),
        (["ERROR"], {"at_least": "WARN"}, "level takes names"),
        (["ERORR"], {}, "unknown level 'ERORR'; did you mean one of ERROR"),
        (["ERROR", "loud"], {}, "unknown level 'loud'"),
        ([], {"at_least": "warm"}, "unknown level 'warm'; did you mean one of WARN"),
        (["zzz"], {}, "TRACE, DEBUG, INFO, WARN, ERROR, FATAL"),
        (["17"], {}, "unknown level '17'"),
    ],
)
def test_a_level_that_is_none_is_refused(levels: list[str], options: dict[str, str], message: str) -> None:
    """At once, with the nearest names or all of them."""
    with pytest.raises(BuildError, match=message):
        lq.scan(LEVELS).level(*levels, **options)


# --- between


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z", [0, 1]),
        ("2024-01-01T00:00:00.000001Z", None, [2]),
        (None, "2024-01-01T00:00:01Z", [0, 1]),
        ("2024-01-01", "2024-01-02", [0, 1, 2]),
        ("2024-01-01T01:00:01+01:00", None, [2]),
        (dt.datetime(2024, 1, 1, 0, 0, 1), None, [2]),  # noqa: DTZ001 (naive on purpose)
        (dt.datetime(2024, 1, 1, 2, 0, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))), None, [2]),
        (dt.datetime(2023, 12, 31, 19, 0, 1, tzinfo=dt.timezone(-dt.timedelta(hours=5))), None, [2]),
        ("2024-01-02", "2024-01-01", []),
        ("2024-01-01T00:00:01Z", "2024-01-01T00:00:01Z", []),
        ("-1h", None, []),
        (None, "now", [0, 1, 2]),
        (None, "+1d", [0, 1, 2]),
    ],
)
def test_between_takes_start_and_leaves_end(
    start: str | dt.datetime | None, end: str | dt.datetime | None, expected: list[int]
) -> None:
    """[start, end) by instant, whatever the zone; UTC where none is named; entries without a time are out."""
    found = lq.scan(TIMES, "json").between(start, end).select("n").collect()
    assert found["n"].to_list() == expected


def test_a_relative_time_is_fixed_when_the_chain_is_built() -> None:
    """The plan holds the instant, so that it means the same wherever and whenever it runs."""
    first, second = (lq.scan(TIMES, "json").between("-1h", None).plan.describe() for _ in range(2))
    assert first != second
    assert "-1h" not in first


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (None, None, "between needs a start, an end or both"),
        ("yesterday", None, "'yesterday' is no time"),
        (None, "-1 fortnight", "'-1 fortnight' is no time"),
        ("-", None, "'-' is no time"),
        ("", None, "'' is no time"),
        (dt.date(2024, 1, 1), None, r"datetime\.date\(2024, 1, 1\) is no time"),
        (None, 1704067200, "1704067200 is no time"),
    ],
)
def test_a_time_that_is_none_is_refused(start: str, end: str, message: str) -> None:
    """At once, and quoted."""
    with pytest.raises(BuildError, match=message):
        lq.scan(TIMES).between(start, end)


# --- grep


GREPS: Sequence[tuple[str, dict[str, bool], list[int]]] = [
    ("a.c", {}, [1, 2]),
    ("a.c", {"literal": True}, [2]),
    ("A.C", {}, [3]),
    ("A.C", {"ignore_case": True}, [1, 2, 3]),
    ("A.C", {"literal": True, "ignore_case": True}, [2, 3]),
    ("^b|c$", {}, [1, 2, 4]),
    ("b|x", {"ignore_case": True}, [1, 4]),
    (r"\d+", {}, [4]),
    ("(", {"literal": True}, [5]),
    ("É", {"ignore_case": True}, [5]),
    ("É", {"literal": True, "ignore_case": True}, [5]),
    ("", {}, [1, 2, 3, 4, 5, 6]),
    ("", {"literal": True}, [1, 2, 3, 4, 5, 6]),
    ("^$", {}, [6]),
    ("nothing like it", {}, []),
]


@pytest.mark.parametrize(("pattern", "options", "expected"), GREPS)
def test_grep_finds_a_regex_or_a_literal_in_the_raw_text(
    pattern: str, options: dict[str, bool], expected: list[int]
) -> None:
    """A regex unless `literal`; in any case with `ignore_case`, of both kinds and of any letter."""
    assert lines(plain("abc", "a.c", "A.C", "b12", "(é", "", "").grep(pattern, **options)) == expected


def test_grep_sees_continuation_lines() -> None:
    """The whole entry is searched, its stack trace too; `.` does not cross lines unless told."""
    log = b"2024-01-01 00:00:00,000 INFO [main] a.b - up\n\tat x.Y\n2024-01-01 00:00:01,000 INFO [main] a.b - down"
    frame = lq.scan(log, "log4j")
    assert lines(frame.grep(r"at x\.Y")) == [1]
    assert lines(frame.grep("up.*Y")) == []
    assert lines(frame.grep("(?s)up.*Y")) == [1]
    assert lines(frame.grep(r"(?m)^\tat")) == [1]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?=x)", r"grep: look-ahead"),
        ("(?<!x)y", r"grep: negative look-behind"),
        (r"(x)\1", r"grep: back-reference \\1"),
        ("(x", "grep: .*unclosed group"),
    ],
)
def test_a_pattern_the_engine_cannot_run_is_refused(pattern: str, message: str) -> None:
    """At once, with the construct named; as a literal the same text is fine."""
    with pytest.raises(PatternError, match="(?s)" + message):
        plain("a").grep(pattern)
    assert lines(plain("a", pattern).grep(pattern, literal=True)) == [2]


# --- small frames


CHAINS: dict[str, Chain] = {
    "filter": lambda f: f.filter(pl.col("line") > 0),
    "scope": lambda f: f.scope(pl.col("line") > 0),
    "level": lambda f: f.level("ERROR"),
    "between": lambda f: f.between("2024-01-01", None),
    "grep": lambda f: f.grep("a"),
    "context": lambda f: f.context(2),
    "sort": lambda f: f.sort("line"),
    "head": lambda f: f.head(2),
    "tail": lambda f: f.tail(2),
    "unique": lambda f: f.unique("raw"),
    "extract": lambda f: f.extract("(?P<x>a)"),
    "group_by": lambda f: f.group_by("raw").agg(pl.len()),
}


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("form", ["plain", "json", "log4j", "csv", "syslog_rfc3164", "logfmt", "auto"])
def test_an_empty_file_gives_no_rows_and_all_columns(form: str, name: str) -> None:
    """Every method takes it; the result has the columns that the schema promises."""
    frame = CHAINS[name](lq.scan(b"", form))
    assert frame.collect().height == 0
    assert frame.collect().schema == frame.schema


@pytest.mark.parametrize("name", [name for name in CHAINS if name not in {"level", "between"}])
def test_one_row_stays_one_row(name: str) -> None:
    """Methods that keep it keep it once."""
    frame = CHAINS[name](plain("a"))
    assert frame.collect().height == 1
    assert frame.collect().schema == frame.schema


def test_every_refusal_is_an_error_of_logq() -> None:
    """One class catches what logq raises on purpose; a refused value is a ValueError too, a missing name a KeyError."""
    assert issubclass(BuildError, LogqError)
    assert issubclass(BuildError, ValueError)
    assert issubclass(ColumnNotFoundError, KeyError)


def test_a_method_leaves_its_frame_as_it_was() -> None:
    """Chains branch: what is built on a frame does not change it."""
    frame = plain("a", "b")
    narrowed = frame.grep("a")
    assert narrowed is not frame
    assert frame.plan.steps == ()
    assert lines(frame) == [1, 2]
    assert lines(narrowed) == [1]
