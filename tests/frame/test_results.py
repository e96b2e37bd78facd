"""Methods that run a chain or tell about it: collect, run, collect_async, batches, lazy, explain, schema."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

import logq as lq
from logq import LogFrame
from logq.errors import BuildError, PartialResultError
from logq.plan import decode, encode

LINES = [f"line {number} {'x' * 40}" for number in range(2000)]
Chain = Callable[[LogFrame], LogFrame]
CHAINS: dict[str, Chain] = {
    "rows": lambda f: f,
    "grep": lambda f: f.grep("7"),
    "context": lambda f: f.grep("77").context(2),
    "head": lambda f: f.head(30),
    "sort": lambda f: f.sort("line", descending=True),
    "groups": lambda f: f.group_by(pl.col("line") % 3).agg(pl.len()),
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A file of many blocks."""
    path = tmp_path / "app.log"
    path.write_text("".join(f"{line}\n" for line in LINES))
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder with one good file and one archive cut off in its middle."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log").write_text("a 1\na 2\n")
    whole = gzip.compress("".join(f"b {line}\n" for line in LINES).encode(), mtime=0)
    (folder / "b.log.gz").write_bytes(whole[: len(whole) // 2])
    return folder


def scan(path: Path) -> LogFrame:
    """A scan that takes many small blocks."""
    return lq.scan(path, "plain", block_size=4096, workers=2).select("line", "raw")


# --- one answer, many ways to it


@pytest.mark.parametrize("name", CHAINS)
def test_every_way_gives_the_same_rows(log: Path, name: str) -> None:
    """`run`, `collect`, `collect_async`, `batches` and `lazy` agree, in values, order and types, with the schema."""
    frame = CHAINS[name](scan(log))
    expected = frame.collect()
    assert expected.height > 1
    assert expected.schema == frame.schema
    assert frame.run().frame.equals(expected)
    assert asyncio.run(frame.collect_async()).equals(expected)
    assert frame.lazy().collect().equals(expected)
    assert frame.lazy().collect(engine="streaming").equals(expected)
    assert pl.DataFrame(pa.Table.from_batches(frame.batches())).equals(expected)


def test_a_frame_may_be_run_again(log: Path) -> None:
    """A chain holds nothing of a run: it sees the file as it is then."""
    frame = scan(log).tail(1).select("raw")
    assert frame.collect().item() == LINES[-1]
    with log.open("a") as file:
        file.write("one more\n")
    assert frame.collect().item() == "one more"


def test_a_plan_that_travelled_gives_the_same(log: Path) -> None:
    """Encoded and decoded, a plan says and means what it did."""
    frame = scan(log).grep("7").head(3)
    assert decode(encode(frame.plan)) == frame.plan
    assert repr(frame) == f"<LogFrame\n{frame.plan.describe()}>"
    assert "scan(" in repr(frame)
    assert ".head(3)" in repr(frame)


# --- batches


def test_batches_come_in_order_as_they_are_found(log: Path) -> None:
    """Several record batches, one behind the other; stopping early is fine."""
    batches = scan(log).batches()
    first = next(batches)
    assert isinstance(first, pa.RecordBatch)
    assert 0 < first.num_rows < len(LINES)
    assert first.column("line")[0].as_py() == 1
    assert next(batches).column("line")[0].as_py() == first.num_rows + 1
    batches.close()  # type: ignore[attr-defined]


def test_nothing_found_is_no_batch() -> None:
    """An empty result yields none, or none with rows."""
    assert sum(batch.num_rows for batch in lq.scan(b"a", "plain").grep("z").batches()) == 0


# --- lazy


def test_lazy_goes_on_in_polars(log: Path) -> None:
    """What Polars pushes down (columns, predicates, a limit) changes no answer."""
    lazy = scan(log).lazy()
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.select("raw").head(2).collect()["raw"].to_list() == LINES[:2]
    assert lazy.filter(pl.col("line") > 1998).select("raw").collect()["raw"].to_list() == LINES[1998:]
    assert lazy.filter(pl.col("line") % 2 == 0).head(3).select(pl.col("line").sum()).collect().item() == 12
    assert lazy.select(pl.len()).collect().item() == len(LINES)
    assert lazy.with_columns(n=pl.col("raw").str.len_chars()).select("n").collect()["n"].max() == max(map(len, LINES))


def test_lazy_may_be_collected_twice(log: Path) -> None:
    """Each time it reads anew."""
    lazy = scan(log).grep("line 1 ").lazy()
    assert lazy.collect().height == 1
    log.write_text("line 1 \nline 1 \n")
    assert lazy.collect().height == 2


@pytest.mark.parametrize("name", CHAINS)
def test_lazy_knows_its_schema(log: Path, name: str) -> None:
    """Before it is collected, as the frame does."""
    frame = CHAINS[name](scan(log))
    assert frame.lazy().collect_schema() == frame.schema


# --- schema and explain


def test_schema_is_canonical_columns_and_the_formats_own() -> None:
    """In this order, whatever the chain; a schema asked for changes nothing."""
    frame = lq.scan(b'{"ts":"2024-01-01T00:00:00Z","n":1,"who":{"name":"x"}}', "json")
    own = {"ts": pl.String(), "n": pl.Int64(), "who.name": pl.String(), "extra": pl.String()}
    assert dict(list(frame.schema.items())[-4:]) == own
    assert frame.schema == frame.collect().schema


def test_explain_tells_the_plan_and_where_it_runs(log: Path) -> None:
    """As written, as optimised, while reading, on the stream; the format found; nothing where nothing runs."""
    text = lq.scan(log, "plain").grep("disk full").context(1).extract("(?P<a>x)").sort("line").explain()
    parts = ["as written", "optimised", "while reading, block by block (1 files: plain)", "on the stream of rows"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    written, optimised, reading, stream = (
        text[start:end] for start, end in zip(places, [*places[1:], None], strict=True)
    )
    for step in (".filter(", ".context(before=1, after=1)", ".extract('(?P<a>x)', column='message')", ".sort("):
        assert step in written
    assert "raw~'disk full'" in optimised
    assert ".context(" in reading
    assert ".sort(" not in reading
    assert ".sort(" in stream
    assert "nothing" in lq.scan(log, "plain").explain()


def test_explain_reads_no_more_than_a_sample(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither `explain` nor `schema` begins to read blocks."""

    def never(*_: object) -> None:
        pytest.fail("read")

    monkeypatch.setattr("logq.run.reading.Reading.frames", never)
    assert "head(3)" in scan(log).head(3).explain()
    assert list(scan(log).schema) == ["line", "raw"]


# --- run and its report


def test_run_gives_rows_and_report(log: Path) -> None:
    """Per file what was read: bytes, entries, rows, format; nothing failed."""
    result = scan(log).grep("line 1 ").run()
    (file,) = result.report.files
    assert (file.source, file.format, file.status, file.error) == (str(log), "plain", "ok", None)
    assert result.report.bytes == file.bytes == log.stat().st_size
    assert result.report.entries == file.entries == len(LINES)
    assert file.rows == result.frame.height == 1
    assert result.report.failed == []


def test_a_field_that_was_looked_for_is_reported() -> None:
    """In an open format a name may come later than the sample; the report tells that it was none of the known."""
    result = lq.scan(b'{"msg":"a"}', "json").select("msg", "reqid").run()
    assert result.report.looked_for == ("reqid",)
    assert result.frame.rows() == [("a", None)]
    assert lq.scan(b'{"msg":"a"}', "json").select("msg").run().report.looked_for == ()


# --- progress


@pytest.mark.parametrize("name", ["rows", "grep", "context", "groups"])
def test_progress_goes_up_to_the_bytes_there_are(log: Path, name: str) -> None:
    """Called with the bytes so far and in all as the rows of a block are through."""
    seen: list[tuple[int, int | None]] = []
    frame = lq.scan(log, "plain", block_size=4096, workers=2, progress=lambda *told: seen.append(told))
    report = CHAINS[name](frame).run().report
    done = [so_far for so_far, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == (report.bytes, log.stat().st_size)
    assert len(seen) > 3


def test_progress_knows_no_total_of_what_is_compressed(broken: Path) -> None:
    """A total that was made up would be worse than none."""
    seen: list[tuple[int, int | None]] = []
    lq.scan(broken, "plain", progress=lambda *told: seen.append(told)).run(on_failure="partial")
    assert {total for _, total in seen} == {None}


def test_progress_counts_buffers() -> None:
    """Bytes given as such are known in all."""
    seen: list[tuple[int, int | None]] = []
    lq.scan([b"a\nb\n", b"c\n"], "plain", progress=lambda *told: seen.append(told)).collect()
    assert seen == [(4, 6), (6, 6)]


def test_progress_stops_with_the_reading(log: Path) -> None:
    """A limit that is reached early leaves most of a file unread."""
    seen: list[int] = []
    lq.scan(log, "plain", block_size=1024, workers=1, progress=lambda done, _: seen.append(done)).head(2).collect()
    assert 0 < seen[-1] < log.stat().st_size / 2


def test_an_error_in_progress_ends_the_run(log: Path) -> None:
    """What the callback raises is raised, and no thread is waited for in vain."""

    def cancel(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lq.scan(log, "plain", block_size=4096, progress=cancel).collect()


# --- on_failure


def written(frame: LogFrame, folder: Path, **options: str) -> pl.DataFrame:
    """Rows by way of a file."""
    frame.write_parquet(folder / "rows.parquet", **options)  # type: ignore[arg-type]
    return pl.read_parquet(folder / "rows.parquet")


WAYS: dict[str, Callable[..., pl.DataFrame]] = {
    "collect": lambda f, _, **o: f.collect(**o),
    "run": lambda f, _, **o: f.run(**o).frame,
    "collect_async": lambda f, _, **o: asyncio.run(f.collect_async(**o)),
    "batches": lambda f, _, **o: pl.DataFrame(pa.Table.from_batches(f.batches(**o))),
    "lazy": lambda f, _, **o: f.lazy(**o).collect(),
    "write": written,
}


@pytest.mark.parametrize("way", WAYS)
def test_partial_gives_what_could_be_read(broken: Path, tmp_path: Path, way: str) -> None:
    """The good file whole and the archive up to the break; asked for in words only."""
    frame = lq.scan(broken, "plain").select("source", "raw")
    found = WAYS[way](frame, tmp_path, on_failure="partial")
    good = found.filter(pl.col("source").str.ends_with("a.log"))["raw"].to_list()
    assert good == ["a 1", "a 2"]
    rest = found.filter(pl.col("source").str.ends_with(".gz"))["raw"].to_list()
    assert 0 < len(rest) < len(LINES)
    assert rest[:-1] == [f"b {line}" for line in LINES][: len(rest) - 1]
    with pytest.raises(Exception, match="1 of 2 files could not be read to their end"):
        WAYS[way](frame, tmp_path)


@pytest.mark.parametrize("way", WAYS)
def test_another_word_is_refused(broken: Path, tmp_path: Path, way: str) -> None:
    """A slip of the pen does not pass for `partial`, and nothing is read."""
    with pytest.raises(BuildError, match=r"on_failure='partail'.*'raise', 'partial'"):
        WAYS[way](lq.scan(broken / "a.log"), tmp_path, on_failure="partail")


def test_the_error_carries_rows_and_report(broken: Path) -> None:
    """`partial` has what `on_failure="partial"` gives, `report` which file is not whole."""
    frame = lq.scan(broken, "plain").select("raw")
    with pytest.raises(PartialResultError, match=r'b\.log\.gz: truncated gzip.*on_failure="partial"') as caught:
        frame.collect()
    assert caught.value.partial.equals(frame.collect(on_failure="partial"))
    assert [Path(f.source).name for f in caught.value.report.failed] == ["b.log.gz"]
    assert caught.value.report.files[1].status == "failed"


def test_collect_async_lets_the_loop_go_on(log: Path) -> None:
    """Several at once, in one loop."""

    async def both() -> list[int]:
        frames = await asyncio.gather(scan(log).collect_async(), scan(log).head(3).collect_async())
        return [frame.height for frame in frames]

    assert asyncio.run(both()) == [len(LINES), 3]
