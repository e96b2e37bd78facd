"""write_parquet, write_ipc, write_csv, write_ndjson: what is written reads back; nothing half-written stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq import LogFrame
from logq.errors import ColumnNotFoundError
from logq.exports import WRITERS, write
from logq.run import Report

READ: dict[str, Callable[[Path], pl.DataFrame]] = {
    "parquet": pl.read_parquet,
    "ipc": pl.read_ipc,
    "csv": pl.read_csv,
    "ndjson": pl.read_ndjson,
}
ROWS = [
    '{"ts":"2024-01-01T00:00:00.123456Z","level":"error","msg":"a, \\"b\\"\\nc","n":1,"x":1.5,"ok":true,"tags":["p","q"]}',
    '{"ts":null,"msg":null,"n":null,"x":null,"ok":null,"tags":null}',
    '{"ts":"2024-01-01T00:00:01Z","level":"info","msg":"é 😀","n":-7,"x":0.1,"ok":false,"tags":[]}',
]
LOG = "\n".join(ROWS).encode()


def save(frame: LogFrame, kind: str, path: Path) -> Report:
    """Write in one of the kinds."""
    report: Report = getattr(frame, f"write_{kind}")(path)
    return report


def test_every_writer_has_a_method() -> None:
    """The table of writers and the methods agree."""
    assert set(WRITERS) == set(READ) == {name[6:] for name in dir(LogFrame) if name.startswith("write_")}


@pytest.mark.parametrize("kind", READ)
def test_numbers_and_texts_read_back_in_order(tmp_path: Path, kind: str) -> None:
    """Nulls, quotes, newlines and letters of any kind among them; the report tells of the run."""
    frame = lq.scan(LOG, "json").select("line", "message", "n", "x", "ok").sort("line", descending=True)
    report = save(frame, kind, tmp_path / "rows")
    assert READ[kind](tmp_path / "rows").equals(frame.collect())
    assert (report.entries, report.failed) == (3, [])


@pytest.mark.parametrize("kind", ["parquet", "ipc"])
def test_columnar_files_keep_every_type(tmp_path: Path, kind: str) -> None:
    """Times with zone, enums, small integers and lists come back as they were."""
    frame = lq.scan(LOG, "json")
    save(frame, kind, tmp_path / "rows")
    found = READ[kind](tmp_path / "rows")
    assert found.equals(frame.collect())
    assert found.schema == frame.schema


def test_csv_holds_nested_values_as_json(tmp_path: Path) -> None:
    """Lists and structs are JSON text; a null stays empty, which an empty list is not."""
    frame = lq.scan(LOG, "json").select("tags", pair=pl.struct("n", "ok"), many=pl.concat_list("n", "n"))
    save(frame, "csv", tmp_path / "rows.csv")
    found = pl.read_csv(tmp_path / "rows.csv")
    assert [t and json.loads(t) for t in found["tags"]] == [["p", "q"], None, []]
    assert [json.loads(t) for t in found["pair"]][2] == {"n": -7, "ok": False}
    assert [json.loads(t) for t in found["many"]] == [[1, 1], [None, None], [-7, -7]]


def test_ndjson_is_an_object_a_line(tmp_path: Path) -> None:
    """With every column, nulls too; lists stay lists."""
    save(lq.scan(LOG, "json").select("n", "tags"), "ndjson", tmp_path / "rows.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert rows == [{"n": 1, "tags": ["p", "q"]}, {"n": None, "tags": None}, {"n": -7, "tags": []}]


@pytest.mark.parametrize("kind", READ)
def test_what_logq_wrote_logq_reads(tmp_path: Path, kind: str) -> None:
    """Lines and groups of any chain; a text path is as good as a Path."""
    frame = lq.scan(LOG, "json").group_by(pl.col("n") > 0).agg(rows=pl.len())
    getattr(frame, f"write_{kind}")(str(tmp_path / "rows"))
    assert READ[kind](tmp_path / "rows").equals(frame.collect())


@pytest.mark.parametrize("kind", READ)
def test_no_rows_are_a_file_all_the_same(tmp_path: Path, kind: str) -> None:
    """With the columns, where the kind of file can tell them."""
    save(lq.scan(b"", "plain").select("line", "raw"), kind, tmp_path / "rows")
    if kind == "ndjson":
        assert (tmp_path / "rows").read_bytes() == b""
    else:
        found = READ[kind](tmp_path / "rows")
        assert (found.height, found.columns) == (0, ["line", "raw"])


@pytest.mark.parametrize("kind", READ)
def test_a_file_that_is_there_is_replaced(tmp_path: Path, kind: str) -> None:
    """As a whole: nothing of the old one is left, and nothing beside the new one."""
    (tmp_path / "rows").write_bytes(b"old " * 10_000)
    save(lq.scan(b"a\nb", "plain").select("raw"), kind, tmp_path / "rows")
    assert READ[kind](tmp_path / "rows")["raw"].to_list() == ["a", "b"]
    assert [p.name for p in tmp_path.iterdir()] == ["rows"]


@pytest.mark.parametrize("kind", READ)
def test_a_run_that_fails_leaves_the_old_file(tmp_path: Path, kind: str) -> None:
    """An error on the way (here: in the progress callback) harms no file and leaves none half-written."""

    def fail(*_: object) -> None:
        msg = "stop"
        raise RuntimeError(msg)

    (tmp_path / "rows").write_bytes(b"old")
    with pytest.raises(Exception, match="stop"):
        save(lq.scan(b"a\nb", "plain", progress=fail).select("raw"), kind, tmp_path / "rows")
    assert (tmp_path / "rows").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["rows"]


@pytest.mark.parametrize("kind", READ)
def test_a_name_that_is_wrong_writes_nothing(tmp_path: Path, kind: str) -> None:
    """It is told before a file is made."""
    with pytest.raises(ColumnNotFoundError, match="'rav'; did you mean 'raw'"):
        save(lq.scan(b"a", "plain").select("rav"), kind, tmp_path / "rows")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", READ)
def test_a_path_that_cannot_be_written_is_told_before_reading(tmp_path: Path, kind: str) -> None:
    """A folder in place of the file, or a folder that is not there, by name; not a byte was read for it."""
    read: list[int] = []
    frame = lq.scan(b"a\nb", "plain", progress=lambda done, _: read.append(done))
    with pytest.raises(IsADirectoryError) as found:
        save(frame, kind, tmp_path)
    assert found.value.filename == str(tmp_path)
    with pytest.raises(FileNotFoundError) as lacking:
        save(frame, kind, tmp_path / "no" / "rows")
    assert lacking.value.filename == str(tmp_path / "no")
    assert read == []
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_of_file_is_no_writer(tmp_path: Path) -> None:
    """`write` takes the kinds of its table; anything else makes no file."""
    with pytest.raises(KeyError, match="xlsx"):
        write(pl.LazyFrame({"a": [1]}), tmp_path / "rows", "xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", READ)
def test_many_blocks_are_written_in_order(tmp_path: Path, kind: str) -> None:
    """However many threads read."""
    (tmp_path / "app.log").write_text("".join(f"{n}\n" for n in range(30_000)))
    frame = lq.scan(tmp_path / "app.log", "plain", block_size=4096, workers=3).select("line")
    save(frame, kind, tmp_path / "rows")
    assert READ[kind](tmp_path / "rows")["line"].to_list() == list(range(1, 30_001))
