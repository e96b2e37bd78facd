"""Where chains begin: what `scan` takes, and what it refuses."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os
from pathlib import Path
from typing import Any

import fsspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logq as lq
from logq import FORMATS, Format, LogFrame
from logq.errors import BuildError, FormatError, SourceError
from logq.schema import CANONICAL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two logs, a rotated archive of one of them, and a log one folder down."""
    (tmp_path / "app.log").write_text("3\n4\n")
    (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(b"1\n2\n"))
    (tmp_path / "other.log").write_text("5\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "deep.log").write_text("6\n")
    return tmp_path


@pytest.fixture
def spare(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name of a format that is free, and free again afterwards."""
    monkeypatch.setattr(FORMATS, "_formats", FORMATS._loaded())
    return "spare_format"


def raw(frame: LogFrame) -> list[str]:
    """Lines read, in order."""
    return frame.select("raw").collect()["raw"].to_list()


# --- sources


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ("app.log", ["3", "4"]),
        ("app.log*", ["1", "2", "3", "4"]),
        ("*.log", ["3", "4", "5"]),
        ("**/*.log", ["3", "4", "5", "6"]),
        ("app.log.[0-9].gz", ["1", "2"]),
        ("", ["1", "2", "3", "4", "5", "6"]),
        ("sub", ["6"]),
        (["other.log", "app.log"], ["3", "4", "5"]),
        (["app.log", "app.log", "*.log"], ["3", "4", "5"]),
        (("sub", "other.log"), ["5", "6"]),
    ],
)
def test_paths_globs_folders_and_lists(folder: Path, sources: str | list[str], expected: list[str]) -> None:
    """In row order: sets by name, oldest file first; a file named twice is read once."""
    named = [folder / s for s in sources] if not isinstance(sources, str) else folder / sources
    assert raw(lq.scan(named, "plain")) == expected
    texts = [str(n) for n in named] if isinstance(named, list) else str(named)
    assert raw(lq.scan(texts, "plain")) == expected


@pytest.mark.parametrize(
    "source",
    [
        b"a\nb",
        bytearray(b"a\nb"),
        io.BytesIO(b"a\nb"),
        gzip.compress(b"a\nb"),
        [b"a\n", b"b"],
        (b"a\n", io.BytesIO(b"b")),
    ],
    ids=["bytes", "bytearray", "file object", "gzip", "list", "tuple"],
)
def test_bytes_and_binary_files(source: Any) -> None:
    """Each is a source of its own, named by its place."""
    assert raw(lq.scan(source, "plain")) == ["a", "b"]
    if not isinstance(source, io.BytesIO | tuple):
        names = lq.scan(source, "plain").collect()["source"].unique(maintain_order=True).to_list()
        assert names == [f"<bytes {n}>" for n in range(len(source) if isinstance(source, list) else 1)]


def test_an_open_file_is_read_from_where_it_stands(folder: Path) -> None:
    """Once, when the chain begins; it may be closed before a result is asked for."""
    with (folder / "app.log").open("rb") as file:
        file.readline()
        frame = lq.scan(file, "plain")
    assert raw(frame) == raw(frame) == ["4"]


def test_an_iterator_of_sources(folder: Path) -> None:
    """Taken once, so that a frame may run more than once; bytes and paths may be mixed."""
    frame = lq.scan((source for source in (folder / "app.log", b"x")), "plain")
    assert sorted(raw(frame)) == sorted(raw(frame)) == ["3", "4", "x"]


def test_a_url_goes_to_fsspec() -> None:
    """Compressed by its ending; `source` is the URL; several are one stream."""
    for name, data in {"app.log": b"2\n", "app.log.1.gz": gzip.compress(b"1\n")}.items():
        with fsspec.open(f"memory://scan/{name}", "wb") as file:
            file.write(data)
    urls = ["memory://scan/app.log", "memory://scan/app.log.1.gz"]
    found = lq.scan(urls, "plain").collect()
    assert found["raw"].to_list() == ["1", "2"]
    assert found["source"].to_list() == urls[::-1]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([], "scan needs at least one path, glob or URL"),
        (3, "scan takes paths, URLs, bytes and binary files, not int"),
        (None, "not NoneType"),
        (["a.log", 3], "not int"),
        (io.StringIO("text"), "not StringIO"),
        ([b"a", ["b"]], "not list"),
    ],
)
def test_what_is_no_source_is_refused(source: Any, message: str) -> None:
    """At once, with what it is."""
    with pytest.raises(BuildError, match=message):
        lq.scan(source)


@pytest.mark.parametrize("source", ["none.log", "*.nothing", "no/folder/*.log"])
def test_a_source_that_matches_nothing_is_told_when_it_runs(tmp_path: Path, source: str) -> None:
    """`scan` opens nothing; the first thing that needs the files names the source."""
    frame = lq.scan(tmp_path / source)
    for ask in (LogFrame.collect, LogFrame.explain, lambda f: f.schema, LogFrame.lazy):
        with pytest.raises(SourceError, match=f"nothing to scan: '.*{source.replace('*', '.')}"):
            ask(frame)


def test_an_empty_folder_is_nothing_to_scan(tmp_path: Path) -> None:
    """As a glob that matches nothing."""
    with pytest.raises(SourceError, match="nothing to scan"):
        lq.scan(tmp_path).collect()


def test_an_unknown_scheme_is_told() -> None:
    """With the URL."""
    with pytest.raises(SourceError, match="nosuch://x/y"):
        lq.scan("nosuch://x/y").collect()


# --- formats


@pytest.mark.parametrize("form", ["auto", None])
def test_each_file_is_detected(form: str | None) -> None:
    """`"auto"` and None say the same; one scan may have files of several formats."""
    found = lq.scan([b'{"msg":"x"}', b"only words"], form).collect()
    assert found.select("format", "raw").rows() == [("json", '{"msg":"x"}'), ("plain", "only words")]
    assert found.columns[: len(CANONICAL)] == list(CANONICAL)


def test_a_format_is_a_name_or_a_format() -> None:
    """Either gives the same frame."""
    log = b'{"msg":"x"}'
    assert lq.scan(log, "json").collect().equals(lq.scan(log, FORMATS["json"]).collect())
    assert raw(lq.scan(log, "plain")) == ['{"msg":"x"}']


def test_formats_are_the_only_candidates() -> None:
    """Each row goes to the first of these that reads it, by name or object."""
    log = b'{"msg":"x"}\n'
    assert lq.scan(log, formats=["plain", "logfmt"]).collect()["format"].to_list() == ["plain"]
    assert lq.scan(log, formats=[FORMATS["json"], "plain"]).collect()["format"].to_list() == ["json"]
    assert lq.scan(log, formats=["json"]).collect()["format"].to_list() == ["json"]
    assert lq.scan(log, "auto", formats=["plain"]).collect()["format"].to_list() == ["plain"]


def test_a_format_of_ones_own_is_registered_on_the_way(spare: str) -> None:
    """Under its name; the same again is fine, another of that name is refused."""

    def made(title: str) -> Format:
        return Format(
            name=spare, title=title, patterns=(r"^<(?P<code>\d+)> (?P<message>.*)$",), dtypes={"code": pl.Int64()}
        )

    for form in (made("mine"), made("mine"), spare):
        assert lq.scan(b"<7> up", form).select("code", "message").collect().rows() == [(7, "up")]
    with pytest.raises(FormatError, match=f"another format is registered as '{spare}'.*replace=True"):
        lq.scan(b"<7> up", made("another"))


def test_formats_with_expressions_cannot_be_compared(spare: str) -> None:
    """One of them passes as itself; a second of its name is another."""

    def made() -> Format:
        derived = {"code": pl.col("code").str.to_uppercase()}
        return Format(
            name=spare, title="x", patterns=(r"^(?P<code>\w+)$",), dtypes={"code": pl.String()}, derived=derived
        )

    form = made()
    assert (
        lq.scan(b"up", form).collect()["code"].to_list() == lq.scan(b"up", form).collect()["code"].to_list() == ["UP"]
    )
    with pytest.raises(FormatError, match="another format is registered"):
        lq.scan(b"up", made())


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"format": "jsn"}, FormatError, "no format 'jsn'; did you mean 'json'"),
        ({"format": "qqqqq"}, FormatError, "no format 'qqqqq'; known formats: .*json"),
        ({"format": 3}, FormatError, "a format is a name or a Format, not 3"),
        ({"formats": ["json", "nginx"]}, FormatError, "no format 'nginx'"),
        ({"format": "json", "formats": ["plain"]}, BuildError, r"format='json' or formats=\['plain'\], not both"),
        ({"tz": 5}, BuildError, r"scan\(tz=5\): it is str"),
        ({"multiline": 5}, BuildError, r"scan\(multiline=5\): it is str or bool"),
        ({"block_size": True}, BuildError, r"scan\(block_size=True\): it is int"),
        ({"year": "2024"}, BuildError, r"scan\(year='2024'\): it is int"),
        ({"tz": "Mars/Base"}, BuildError, "no time zone 'Mars/Base'"),
        ({"tz": "Europe/Berln"}, BuildError, "no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'"),
        ({"tz": ""}, BuildError, "no time zone ''"),
        ({"encoding": "utf-9"}, BuildError, "no encoding 'utf-9'"),
        ({"encoding": "zlib"}, BuildError, "no encoding 'zlib'"),
        ({"encoding": ""}, BuildError, "no encoding ''"),
        ({"year": 0}, BuildError, "year=0 lies outside"),
        ({"year": 10_000}, BuildError, "year=10000 lies outside"),
        ({"workers": 0}, BuildError, "workers=0: it is at least 1"),
        ({"workers": -1}, BuildError, "workers=-1"),
        ({"block_size": 0}, BuildError, "block_size=0: it is at least 1"),
        ({"block_size": -5}, BuildError, "block_size=-5"),
    ],
)
def test_an_option_that_means_nothing_is_refused(options: Any, error: type[Exception], message: str) -> None:
    """At once, with the nearest that does."""
    with pytest.raises(error, match=message):
        lq.scan(b"a", **options)


# --- tz, year, encoding, workers, block_size


@pytest.mark.parametrize(
    ("tz", "hour"), [("UTC", 12), ("Europe/Berlin", 11), ("America/New_York", 17), ("+02:00", 10), ("Asia/Kolkata", 6)]
)
def test_tz_is_the_zone_of_stamps_that_name_none(tz: str, hour: int) -> None:
    """They are read in it, given in UTC and marked; a stamp with a zone keeps its own."""
    log = b'{"ts":"2024-01-01 12:00:00"}\n{"ts":"2024-01-01T12:00:00Z"}'
    found = lq.scan(log, "json", tz=tz).select("timestamp", "time_quality").collect()
    assert [stamp.hour for stamp in found["timestamp"]] == [hour, 12]
    assert found["time_quality"].to_list() == ["zone_assumed", "exact"]


def test_formats_may_be_one_name() -> None:
    """It is no list of letters."""
    assert lq.scan(b'{"msg":"up"}\n', formats="json").collect()["format"].to_list() == ["json"]


def test_year_is_that_of_the_last_stamp() -> None:
    """Where stamps name none: the last row lies in it, what turned before it a year earlier."""
    log = b"Dec 31 23:59:59 h a: x\nJan  1 00:00:00 h a: y\n"
    found = lq.scan(log, "syslog_rfc3164", year=2021).select("timestamp", "time_quality").collect()
    assert found["timestamp"].dt.date().to_list() == [dt.date(2020, 12, 31), dt.date(2021, 1, 1)]
    assert found["time_quality"].unique().to_list() == ["year_inferred"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8", "LATIN1"])
def test_encoding_is_that_of_the_text(encoding: str) -> None:
    """Any that Python knows, under any of its names."""
    assert raw(lq.scan("é\nü".encode(encoding), "plain", encoding=encoding)) == ["é", "ü"]


@pytest.mark.parametrize("workers", [1, 2, 7])
@pytest.mark.parametrize("block_size", [1, 50, 1 << 20])
def test_threads_and_blocks_change_no_answer(tmp_path: Path, workers: int, block_size: int) -> None:
    """Rows come in order, whatever their number and size."""
    path = tmp_path / "a.log"
    path.write_text("".join(f"{n}\n" for n in range(300)))
    frame = lq.scan(path, "plain", workers=workers, block_size=block_size)
    assert raw(frame) == [str(n) for n in range(300)]


def test_scan_opens_nothing(tmp_path: Path) -> None:
    """A chain may be built before its file is there."""
    frame = lq.scan(tmp_path / "later.log", "plain").grep("a").context(1).sort("line")
    (tmp_path / "later.log").write_text("a\n")
    assert raw(frame) == ["a"]


def test_each_of_many_yearless_files_has_its_own_years(tmp_path: Path) -> None:
    """They are looked through ahead of their turn, with files between them that have years, or nothing at all."""
    for number in range(12):
        month = ["Dec", "Jan", "Feb"][number % 3]
        lines = [f"{month}  {day} 09:14:02 h a[{number}]: x\n" for day in (1, 2)]
        log = (
            "" if number % 4 == 3 else f"{2000 + number}-03-05T09:14:02Z h\n" * 2 if number % 4 == 2 else "".join(lines)
        )
        (tmp_path / f"{number:02}.log").write_text(log)
        os.utime(tmp_path / f"{number:02}.log", (0, dt.datetime(2010 + number, 6, 1, tzinfo=dt.UTC).timestamp()))
    together = lq.scan(tmp_path / "*.log").select("source", "timestamp").collect()
    alone = [lq.scan(path).select("source", "timestamp").collect() for path in sorted(tmp_path.iterdir())]
    assert_frame_equal(together, pl.concat(alone))
    years = together.filter(pl.col("source").str.contains(r"0[0145]\.log$")).get_column("timestamp").dt.year()
    assert years.to_list() == [2009, 2009, 2011, 2011, 2014, 2014, 2015, 2015]
