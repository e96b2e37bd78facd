from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import logq as lq
from logq.errors import LogqError
from logq.optimise import RULES
from logq.plan import Plan

C = pl.col
WORDS: Final = ("INFO", "ERROR", "WARN", "DEBUG", "INFO", "FATAL", "INFO", "ERROR")
TEXTS: Final = ("disk full", "timed out", "up", "user=1 in", "took 12 ms", "took 7 ms", "up", "disk full again")


def lines(form: str) -> list[str]:
    """Entries of one format, three rounds of the texts and levels above; one line is not of the format."""
    made = []
    for i, (word, text) in enumerate(zip(WORDS * 3, TEXTS * 3, strict=True)):
        stamp, second = f"2024-01-0{1 + i // 10} 00:00:{i:02d}", f"{i:02d}"
        made.append(
            {
                "json": f'{{"ts":"{stamp}Z","level":"{word.lower()}","msg":"{text}","status":{200 + i % 4 * 100},"u":{{"id":"u{i % 3}"}}}}',
                "logfmt": f'ts={stamp.replace(" ", "T")}Z level={word.lower()} msg="{text}" status={200 + i % 4 * 100} u.id=u{i % 3}',
                "log4j": f"{stamp},000 {word} [main-{i % 3}] com.acme.Shop: {text}"
                + ("\n\tat a.b(C.java:1)" if i % 5 == 1 else ""),
                "apache_combined": f'10.0.0.{i % 3} - - [01/Jan/2024:00:00:{second} +0000] "GET /{text.split()[0]} HTTP/1.1" {200 + i % 4 * 100} {i} "-" "curl"',
                "syslog_rfc3164": f"<{[14, 11, 12, 15][i % 4]}>Jan  1 00:00:{second} web-{i % 3} app[{i}]: {text}",
                "csv": f'{stamp}Z,{word},"{text}",{200 + i % 4 * 100},u{i % 3}',
            }[form]
        )
    made[7] = "not of this format" if form != "csv" else "1,2"
    return ["ts,level,msg,status,id", *made] if form == "csv" else made


OWN: Final = {
    "json": "status",
    "logfmt": "status",
    "log4j": "logger",
    "apache_combined": "status",
    "syslog_rfc3164": "pid",
    "csv": "status",
}
"""A column of its own for each format."""


@pytest.fixture(scope="session")
def corpus() -> Iterator[dict[str, Path]]:
    """For each format a rotation set of three files, one of them compressed."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for form in OWN:
            home = Path(folder) / form
            home.mkdir()
            (home / "a.log.2.gz").write_bytes(gzip.compress(("\n".join(lines(form)) + "\n").encode()))
            (home / "a.log.1").write_text("\n".join(lines(form)[:20]) + "\n")
            (home / "a.log").write_text("\n".join(lines(form)[:11]) + "\n")
            paths[form] = home
        yield paths


Step = Callable[[lq.LogFrame, str], lq.LogFrame]
STEPS: Final[dict[str, Step]] = {
    "level": lambda f, _: f.level("ERROR"),
    "levels": lambda f, _: f.level("ERROR", "warn"),
    "threshold": lambda f, _: f.level(at_least="WARN"),
    "number": lambda f, _: f.level("ERR"),
    "message": lambda f, _: f.filter(C("message") == "disk full"),
    "contains": lambda f, _: f.filter(C("message").str.contains("disk f")),
    "either": lambda f, _: f.filter((C("level") == "ERROR") | C("message").str.contains("timed", literal=True)),
    "own": lambda f, own: f.filter(C(own).cast(pl.String).str.contains("5|acme|1")),
    "exact": lambda f, own: f.filter(C(own) == 500) if own == "status" else f.filter(C(own).is_not_null()),
    "grep": lambda f, _: f.grep("took"),
    "between": lambda f, _: f.between("2024-01-01", "2024-01-01T00:00:09"),
    "null": lambda f, _: f.filter(C("parse_error").is_null()),
    "repair": lambda f, _: f.repair_time(),
    "scope": lambda f, _: f.scope(C("line") > 3),
    "scope level": lambda f, _: f.scope(C("level") != "DEBUG"),
    "mean": lambda f, _: f.filter(C("line") > C("line").mean()),
    "context": lambda f, _: f.context(1),
    "wide": lambda f, _: f.context(before=3, after=0),
    "span": lambda f, _: f.context(span="2s"),
    "by": lambda f, _: f.context(1, by="level"),
    "with": lambda f, _: f.with_columns(n=C("raw").str.len_chars()),
    "shadow": lambda f, _: f.with_columns(message=C("message").str.to_uppercase()),
    "shift": lambda f, _: f.with_columns(previous=C("line").shift()),
    "extract": lambda f, _: f.extract(r"took (?P<ms>\d+)"),
    "select": lambda f, own: f.select("line", "timestamp", "level", "severity", "message", "raw", "parse_error", own),
    "few": lambda f, _: f.select("line", "level"),
    "count": lambda f, _: f.select(pl.len()),
    "drop": lambda f, _: f.drop("raw"),
    "rename": lambda f, _: f.rename({"message": "host_", "host": "message"}),
    "sort": lambda f, _: f.sort("level", "line", descending=[True, False]),
    "unique": lambda f, _: f.unique("message"),
    "head": lambda f, _: f.head(5),
    "head 0": lambda f, _: f.head(0),
    "tail": lambda f, _: f.tail(4),
    "group": lambda f, _: f.group_by("level").agg(pl.len(), C("line").max().alias("last")),
    "total": lambda f, _: f.group_by().agg(pl.len()),
}
CHAINS: Final = st.lists(st.sampled_from(sorted(STEPS)), max_size=5)


def built(corpus: dict[str, Path], form: str, chain: list[str], **options: Any) -> lq.LogFrame | None:
    """The chain, or None if it cannot be built."""
    frame = lq.scan(corpus[form], format=form, year=2024, workers=2, **options)
    try:
        for name in chain:
            frame = STEPS[name](frame, OWN[form])
    except LogqError:
        return None
    return frame


def answer(frame: lq.LogFrame) -> pl.DataFrame | type[Exception]:
    """The rows of a chain, or the kind of error it ends in."""
    try:
        return frame.collect()
    except LogqError as error:
        return type(error)


def same(left: Any, right: Any) -> bool:
    """Whether two answers are equal: schema, values and order, or the kind of error."""
    if isinstance(left, pl.DataFrame) and isinstance(right, pl.DataFrame):
        return left.schema == right.schema and left.equals(right)
    return left is right


@given(st.sampled_from(sorted(OWN)), CHAINS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_optimised_equals_plain(corpus: dict[str, Path], form: str, chain: list[str]) -> None:
    """Rows, values, order, types and errors are those of the plan without any rule."""
    frame = built(corpus, form, chain)
    if frame is None:
        return
    best = answer(frame)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logq.run.prepared.optimise", lambda plan: plan)
        plain = answer(frame)
    assert same(best, plain)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.__name__)
@pytest.mark.parametrize("form", sorted(OWN))
def test_each_rule_alone_changes_no_answer(corpus: dict[str, Path], form: str, rule: Callable[[Plan], Plan]) -> None:
    """A rule needs no other to be right."""
    for chain in (
        ["level", "few"],
        ["contains", "context", "head"],
        ["exact", "drop", "few"],
        ["either", "count"],
        ["threshold", "by", "tail"],
    ):
        frame = built(corpus, form, chain)
        assert frame is not None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("logq.run.prepared.optimise", rule)
            alone = answer(frame)
            patch.setattr("logq.run.prepared.optimise", lambda plan: plan)
            assert same(alone, answer(frame))


@given(st.sampled_from(sorted(OWN)), CHAINS, st.integers(40, 700))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_block_size_gives_the_same_answer(corpus: dict[str, Path], form: str, chain: list[str], size: int) -> None:
    """Where files are cut is seen nowhere in a result."""
    whole, cut = built(corpus, form, chain), built(corpus, form, chain, block_size=size)
    if whole is None or cut is None:
        return
    assert same(answer(whole), answer(cut))


@given(st.sampled_from(sorted(OWN)), CHAINS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_way_to_a_result_gives_the_same(corpus: dict[str, Path], form: str, chain: list[str]) -> None:
    """Collect ≡ lazy ≡ batches, and `schema` is the schema of each."""
    frame = built(corpus, form, chain)
    if frame is None:
        return
    best = answer(frame)
    if not isinstance(best, pl.DataFrame):
        return
    assert frame.schema == best.schema
    assert same(frame.lazy().collect(engine="streaming"), best)
    parts = [pl.DataFrame(pl.from_arrow(batch)) for batch in frame.batches()]
    assert pl.concat([best.clear(), *(p.cast(best.schema) for p in parts)]).equals(best)


@given(
    st.sampled_from(sorted(OWN)),
    st.lists(st.sampled_from(["level", "contains", "grep", "own", "null", "scope", "between"]), max_size=3),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_stand_in_row_order(corpus: dict[str, Path], form: str, chain: list[str]) -> None:
    """Oldest file of a rotation set first, lines in order, whatever was filtered out."""
    frame = built(corpus, form, chain)
    assert frame is not None
    rows = frame.select("source", "line").collect()
    age = {str(corpus[form] / name): i for i, name in enumerate(["a.log.2.gz", "a.log.1", "a.log"])}
    places = [(age[source], line) for source, line in rows.rows()]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
