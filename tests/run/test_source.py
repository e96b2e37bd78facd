"""What Polars may ask of a scan as its source; on its own threads coverage does not see it."""

from __future__ import annotations

import polars as pl
import pytest

import logq as lq
from logq.errors import BuildError, ColumnNotFoundError
from logq.run import Local

C = pl.col
LOG = b"".join(b'{"n":%d,"msg":"m%d"}\n' % (i, i % 3) for i in range(50))


def asked(
    frame: lq.LogFrame, columns: list[str] | None, predicate: pl.Expr | None = None, limit: int | None = None
) -> pl.DataFrame:
    """What the source gives for a request."""
    runner = Local(buffers={"<bytes 0>": LOG}, block=200)
    prepared = runner.prepare(frame.plan)
    frames = list(runner.source(prepared, prepared.report(), columns, predicate, limit))
    return pl.concat([pl.DataFrame(schema={c: prepared.streamed[c] for c in columns or prepared.streamed}), *frames])


CHAINS = {
    "rows": lq.scan(LOG),
    "filter": lq.scan(LOG).filter(C("n") % 2 == 0),
    "context": lq.scan(LOG).filter(C("n") % 10 == 0).context(1),
    "columns": lq.scan(LOG).with_columns(twice=C("n") * 2),
}


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("columns", [None, ["line", "n"], ["message"]], ids=str)
@pytest.mark.parametrize("predicate", [None, C("n") > 20], ids=["all", "some"])
@pytest.mark.parametrize("limit", [None, 0, 7, 1000])
def test_a_source_gives_what_it_is_asked_for(
    name: str, columns: list[str] | None, predicate: pl.Expr | None, limit: int | None
) -> None:
    """These columns of those of the first rows that pass, as if taken from the whole."""
    whole = CHAINS[name].collect()
    first = whole if limit is None else whole.head(limit)
    passed = first if predicate is None else first.filter(predicate)
    expected = passed if columns is None else passed.select(columns)
    assert asked(CHAINS[name], columns, predicate, limit).equals(expected)


@pytest.mark.parametrize(
    "frame",
    [
        lq.scan(LOG).filter(C("line") == "a"),
        lq.scan(LOG).with_columns(x=C("line").str.len_bytes()),
        lq.scan(LOG).extract(r"(?P<x>\d)", column="line"),
        lq.scan(LOG).group_by("n").agg(C("msg").sum() + C("n").dt.year()),
        lq.scan(LOG).sequence(lq.step("a", C("message") < 4), lq.step("b", C("message") > 4)),
        lq.scan(LOG).sequence(lq.step("a", C("n") < 4), until=C("message") < 4),
        lq.scan(LOG).match_pattern("A B", {"A": C("message") < 4, "B": C("n") > 0}),
        lq.scan(LOG).match_pattern("A", {"A": C("n") < C("message").shift(1)}),
        lq.scan(LOG).sessions("message").having(C("message")),
    ],
    ids=["filter", "with_columns", "extract", "agg", "sequence", "until", "pattern", "shifted", "having"],
)
def test_types_that_do_not_fit_are_a_build_error(frame: lq.LogFrame) -> None:
    """Found on no rows, before any block is read."""
    with pytest.raises(BuildError, match="does not fit the data"):
        frame.collect()


def test_suggestions_know_columns_made_in_the_chain() -> None:
    """The nearest name is that of an aggregate."""
    counts = lq.scan(LOG).group_by("message").agg(count=pl.len())
    with pytest.raises(ColumnNotFoundError, match="did you mean 'count'"):
        counts.select("cuont").collect()


def test_a_named_field_is_looked_for_whatever_else_is_wanted() -> None:
    """A filter alone asks for every column, and for the one it names."""
    log = b'{"msg":"a"}\n' * 20_000 + b'{"msg":"b","late":"x"}\n'
    found = lq.scan(log, "json").filter(C("late") == "x").run()
    assert found.frame.select("message", "late").rows() == [("b", "x")]
    assert found.report.looked_for == ("late",)


def test_a_log_may_hold_any_name() -> None:
    """Keys named like logq's hidden columns are moved out of their way."""
    frame = lq.scan(b'{"__logq_file":3,"__logq_set":"q","msg":"a"}', "json").context(1).collect()
    assert frame.select("fields.__logq_file", "fields.__logq_set").rows() == [(3, "q")]


@pytest.mark.parametrize(
    "build",
    [
        lambda f: f.with_columns(pl.lit(1).alias("__logq_x")),
        lambda f: f.filter(C("__logq_line") > 3),
        lambda f: f.rename({"n": "__logq_n"}),
        lambda f: f.extract("(?P<__logq_a>.)"),
    ],
    ids=["alias", "column", "rename", "extract"],
)
def test_hidden_names_are_refused(build: object) -> None:
    """A chain can neither make nor read them."""
    with pytest.raises(BuildError, match="logq's own"):
        build(lq.scan(LOG))  # type: ignore[operator]
