"""Files whose rows are of several formats."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq.errors import BuildError
from logq.plan import Scan
from logq.read import FileRef, resolve_file

C = pl.col
JSON = '{"ts":"2024-03-05T09:14:02Z","level":"error","msg":"disk full","status":500,"n":%d}'
ACCESS = '203.0.113.9 - - [05/Mar/2024:09:14:%02d +0000] "GET /shelf HTTP/1.1" 404 17 "-" "curl/8"'
SYSLOG = "<11>Mar  5 09:14:%02d web-1 app[%d]: started"
LOG4J = "2024-03-05 09:14:%02d,000 ERROR [main] com.acme.Shop: failed\n\tat a.b(C.java:1)\nCaused by: x"
LINES = [form % ((i, i) if form is SYSLOG else i) for i in range(1, 9) for form in (JSON, ACCESS, SYSLOG)]
NAMES = ["json", "nginx_access", "syslog_rfc3164"]


def scan(text: str, *names: str, **options: int) -> lq.LogFrame:
    """A scan that tries these formats row by row."""
    return lq.scan(text.encode(), formats=names, year=2024, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("block", [1, 300, 1 << 20])
def test_each_row_is_read_as_if_its_format_had_the_file_alone(block: int) -> None:
    """Same values as a scan of the rows of each format, with the types that they agree on."""
    whole = scan("\n".join(LINES), *NAMES, block_size=block).collect()
    assert whole["format"].to_list() == NAMES * 8
    assert whole["parse_error"].null_count() == whole.height
    for place, name in enumerate(NAMES):
        alone = lq.scan("\n".join(LINES[place::3]).encode(), name, year=2024).collect()
        own = whole.filter(C("format") == name).select(alone.columns).drop("line", "source")
        assert own.equals(alone.drop("line", "source")), name


def test_what_none_reads_is_kept() -> None:
    """With null fields, no format and the reason."""
    frame = scan(f"{LINES[0]}\nwhat?\n{LINES[1]}", "json", "nginx_access").collect()
    assert frame["format"].to_list() == ["json", None, "nginx_access"]
    assert frame["parse_error"].to_list() == [None, "none of json, nginx_access reads it", None]
    row = frame.row(1, named=True)
    assert {k: v for k, v in row.items() if v is not None} == {
        "line": 2,
        "raw": "what?",
        "source": "<bytes 0>",
        "parse_error": row["parse_error"],
        "time_quality": "missing",
    }


def test_the_first_that_reads_a_row_has_it() -> None:
    """Plain reads every row, so what stands behind it sees none."""
    assert scan(LINES[0], "plain", "json").collect()["format"].to_list() == ["plain"]
    assert scan(f"{LINES[0]}\nx", "json", "plain").collect()["format"].to_list() == ["json", "plain"]


def test_continuation_lines_stay_with_their_entry() -> None:
    """A line that another format reads ends a stack trace."""
    text = "\n".join([LOG4J % 1, JSON % 1, LOG4J % 2])
    frame = scan(text, "json", "log4j").collect()
    assert frame.select("line", "format").rows() == [(1, "log4j"), (4, "json"), (5, "log4j")]
    assert frame["raw"].to_list() == [LOG4J % 1, JSON % 1, LOG4J % 2]
    assert scan(text, "log4j", "plain").collect().height == len(text.splitlines())


def test_years_are_those_of_the_rows_without() -> None:
    """Year-less stamps are dated in file order, whatever stands between them."""
    stamps = ["Dec 31 23:59:59", "Jan  1 00:00:01"]
    text = "\n".join(f"{JSON % 1}\n<11>{stamp} web-1 app[1]: x" for stamp in stamps)
    found = scan(text, "json", "syslog_rfc3164").filter(C("format") == "syslog_rfc3164").collect()
    assert found["timestamp"].to_list() == [
        dt.datetime(2023, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
        dt.datetime(2024, 1, 1, 0, 0, 1, tzinfo=dt.UTC),
    ]


CHAINS = {
    "level": lambda f: f.level("ERROR"),
    "status": lambda f: f.filter(C("status") >= 500),
    "either": lambda f: f.filter((C("status") == 404) | (C("message") == "started")),
    "format": lambda f: f.filter(C("format") == "json").select("n"),
    "context": lambda f: f.filter(C("n") == 3).context(2).select("line", "format", "timestamp"),
    "group": lambda f: f.group_by("format").agg(pl.len(), C("timestamp").max()),
    "late": lambda f: f.filter(C("later") == "x"),
    "continued": lambda f: f.filter(C("raw").str.ends_with("what?")).select("format", "raw"),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains_equal_polars_on_the_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The optimiser's notes change no answer; a line that no format reads goes on with the entry before it."""
    text = "\n".join([*LINES, "what?", '{"later":"x","level":"fatal"}'] * 40)
    frame = CHAINS[name](scan(text, *NAMES, block_size=500))
    fast = frame.collect()
    monkeypatch.setattr("logq.run.prepared.optimise", lambda plan: plan)
    assert fast.equals(frame.collect())
    assert fast.height


def test_files_of_one_format_each_may_be_scanned_so(tmp_path: Path) -> None:
    """Each is tried in all formats; the report names them."""
    for name, lines in zip(NAMES, (LINES[0::3], LINES[1::3], LINES[2::3]), strict=True):
        (tmp_path / f"{name}.log").write_text("\n".join(lines))
    result = lq.scan(tmp_path, formats=NAMES, year=2024).run()
    assert result.frame["format"].to_list() == list(itertools.chain(*([name] * 8 for name in NAMES)))
    assert {f.format for f in result.report.files} == {"json|nginx_access|syslog_rfc3164"}


def test_damage_is_told_first() -> None:
    """A bad byte in a row that nothing reads."""
    frame = lq.scan(b'{"a":1}\nx\xff\n', formats=["json", "nginx_access"]).collect()
    assert frame["parse_error"].to_list() == [None, "invalid UTF-8"]


def test_separated_values_are_refused() -> None:
    """Any line is a row of such."""
    with pytest.raises(BuildError, match="csv cannot be told row by row"):
        lq.scan(b"a", formats=["json", "csv"]).collect()


def test_types_are_agreed_between_the_formats() -> None:
    """An integer here and a text there is text."""
    text = f'{{"status":"ok"}}\n{LINES[1]}'
    file = resolve_file(FileRef("a", buffer=text.encode()), Scan(sources=("a",), formats=("json", "nginx_access")))
    assert file.fields["status"] == pl.String()
    assert scan(text, "json", "nginx_access").collect()["status"].to_list() == ["ok", "404"]
