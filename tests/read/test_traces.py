"""Entries of several lines where no format says where they start."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.errors import PatternError
from logq.read.traces import QUOTED, SPECIAL, continues
from tests.reference.traces import joined

PIECES = (
    "up",
    "",
    "   ",
    "\tat a.B.c(B.java:1)",
    "  at next (/app/x.js:1:2)",
    " NoMethodError (undefined method):",
    "Caused by: java.io.IOException: no",
    "... 7 more",
    "Traceback (most recent call last):",
    '  File "a.py", line 1, in f',
    "KeyError: 'x'",
    "app.errors.Gone",
    "During handling of the above exception, another exception occurred:",
    "panic: no",
    "goroutine 1 [running]:",
    "main.main()",
    "\tfoo.go:6 +0x39",
    "created by main.main",
    "Unhandled exception:",
    "#0      main (file:///a.dart:1:2)",
    "Stack trace:",
    "{",
    '  "a": 1',
    "}",
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30)


@given(TEXTS)
def test_lines_go_on_as_a_reader_sees_it(lines: list[str]) -> None:
    """Equal to a loop over the lines that remembers what it saw."""
    assert continues(pl.Series(lines, dtype=pl.String)).to_list() == joined(lines)


@given(TEXTS, st.integers(1, 120), st.sampled_from(["\n", "\r\n"]))
def test_blocks_part_no_entry(lines: list[str], block: int, end: str) -> None:
    """Any block size gives the same entries, and every line is in one."""
    data = "".join(line + end for line in lines).encode()
    whole = lq.scan(data, "plain", multiline=True).collect()
    assert lq.scan(data, "plain", multiline=True, block_size=block).collect().equals(whole)
    assert [line for entry in whole["raw"] for line in entry.split("\n")] == lines


@pytest.mark.parametrize(
    "text",
    [
        'Traceback (most recent call last):\n  File "a", line 1\nValueError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "a", line 2\nKeyError: \'x\'',
        "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/x.rs:5:5\nnote: run with `RUST_BACKTRACE=full`",
        "System.AggregateException: One or more\n ---> System.Exception: x\n   at A.B()\n   --- End of inner exception stack trace ---\n   at A.C()",
        "PHP Fatal error:  Uncaught Exception: x in /a.php:3\nStack trace:\n#0 /a.php(7): f()\n#1 {main}\n  thrown in /a.php on line 3",
        "panic: runtime error: index out of range\n[signal SIGSEGV: segmentation violation]\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/a.go:7\nmain.main()\n\t/a.go:3 +0x1d\nexit status 2",
    ],
    ids=["chained", "rust", "inner", "php", "go"],
)
def test_what_runtimes_print_is_one_entry(text: str) -> None:
    """Between two lines that have nothing to do with it."""
    rows = lq.scan(f"up\n{text}\ndown\n".encode()).collect()["raw"].to_list()
    assert rows == ["up", *text.replace("\nexit", "\x00exit").split("\x00"), "down"]


def test_where_most_lines_begin_alike_the_others_are_continuations() -> None:
    """A format of nobody's: what does not look like a start is none, even what does not look like a trace."""
    text = "".join(f"[2024-03-05 09:14:0{i}] step {i}\n" for i in range(8)) + "SELECT *\nFROM t\n"
    rows = lq.scan(text.encode()).collect()
    assert rows.height == 8
    assert rows["raw"][-1] == "[2024-03-05 09:14:07] step 7\nSELECT *\nFROM t"


def test_users_say_where_entries_start() -> None:
    """By a regex, nowhere, or behind traces, in any format and in several."""
    text = b"BEGIN a\nb\n  c\nBEGIN d\n"
    assert lq.scan(text, multiline="^BEGIN").collect()["raw"].to_list() == ["BEGIN a\nb\n  c", "BEGIN d"]
    assert lq.scan(text, multiline=False).collect().height == 4
    assert lq.scan(text, "plain").collect().height == 4
    assert lq.scan(text, "plain", multiline=True).collect().height == 3
    log4j = b"2024-01-01 00:00:00,000 INFO [m] a.B: up\n\tat x\n"
    assert lq.scan(log4j, "log4j", multiline=False).collect().height == 2
    mixed = lq.scan(log4j, formats=["log4j", "plain"], multiline=True).collect()
    assert mixed["format"].to_list() == ["log4j"]
    with pytest.raises(PatternError, match=r"scan\(multiline=…\): look-ahead"):
        lq.scan(text, multiline="^(?=B)")


@pytest.mark.parametrize("indent", [2, 4, 0, "\t"])
@pytest.mark.parametrize("form", ["auto", "json"])
def test_json_over_several_lines(indent: int | str, form: str) -> None:
    """Pretty-printed objects are entries, with their fields, and `raw` as it was written."""
    objects = [{"ts": f"2024-01-0{i}T00:00:00Z", "level": "warn", "msg": "a\nb", "n": {"k": [i]}} for i in range(1, 6)]
    text = "".join(json.dumps(o, indent=indent) + "\n" for o in objects)
    rows = lq.scan(text.encode(), form, block_size=100).collect()
    assert rows["format"].to_list() == ["json"] * 5
    assert rows["message"].to_list() == ["a\nb"] * 5
    assert rows["n.k"].to_list() == [[i] for i in range(1, 6)]
    assert rows["parse_error"].null_count() == 5
    assert rows["raw"][0] == json.dumps(objects[0], indent=indent)


MORE = ("thread 'a' panicked at b:", "note: c", "---> System.Exception: x", "--- End of inner trace ---", "});", "]")


@given(
    st.lists(st.sampled_from(["\t", "  ", " at ", " ", '"', "x"]), max_size=3),
    st.sampled_from(PIECES + MORE),
    st.sampled_from(["", "\n", "\r\n"]),
)
def test_what_is_special_is_so_in_a_json_string(ahead: list[str], line: str, end: str) -> None:
    """As Go and Python write them: none is passed over that would go on, or begins a trace."""
    text = "".join([*ahead, line])
    if pl.Series([text]).str.contains(SPECIAL)[0]:
        for escaped in (json.dumps(text + end), json.dumps(text + end, ensure_ascii=False).replace(">", "\\u003e")):
            assert pl.Series([escaped]).str.contains(f'^"(?:{QUOTED})')[0]
