"""Formats and columns from grok expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

import logq as lq
from logq.errors import FormatError, PatternError
from logq.formats import FORMATS
from logq.formats.custom.grok import REFERENCE
from logq.formats.custom.library import library


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """What a scan registers is forgotten after each test."""
    before = list(FORMATS.values())
    yield
    FORMATS._formats = {f.name: f for f in before}


UPSTREAM: Final = {
    "@metadata.cisco.asa.hashcode1": "metadata, which Logstash drops itself",
    "@metadata.cisco.asa.hashcode2": "the same",
    "@metadata.cisco.asa.local_nat": "the same",
    "@metadata.cisco.asa.remote_nat": "the same",
    "apache.error.proxy.error.code]?": "a slip for apache.error.proxy.error.code",
    "bing.log.category": "a slip for bind.log.category",
    "source.user.name?": "a slip for source.user.name",
}
"""Fields of the published dictionary that ours leaves out or names otherwise."""


@pytest.mark.parametrize("ecs", [True, False])
def test_every_definition_is_a_format(ecs: bool) -> None:
    """Each name of the library is a regex of the engine, alone and as a field."""
    for name in library(ecs=ecs):
        assert "it" in lq.Format.grok("x", f"^%{{{name}:it}}$", ecs=ecs).groups, name


def _fields(text: str) -> set[str]:
    """Columns for the fields of definitions."""
    found = [f for _, f in re.findall(r"%\{(\w+):([^:}]+)", text)] + re.findall(r"\(\?<([^!=>][^>]*)>", text)
    return {f.replace("][", ".").strip("[]").replace("-", "_") for f in found}


@pytest.mark.parametrize(("folder", "ecs"), [("ecs-v1", True), ("legacy", False)])
def test_the_library_is_whole(shared_data: Path, folder: str, ecs: bool) -> None:
    """Every name of the published dictionary is there, and every field it gives."""
    files = (shared_data / "grok" / "patterns" / folder).iterdir()
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line and line[0] != "#"]
    ours = library(ecs=ecs)
    assert {line.split()[0] for line in lines} <= ours.keys()
    assert _fields("\n".join(lines)) - _fields("\n".join(ours.values())) == (UPSTREAM.keys() if ecs else set())


LOOSER: Final = {
    "EMAILLOCALPART": "as ECS has it in either set",
    "EMAILADDRESS": "the same",
    "LOGLEVEL": "in any case of letters",
    "IPV6": "the zone ends where a name does; see below",
    "IP": "the same",
    "IPORHOST": "the same",
    "SYSLOGHOST": "the same",
    "HOSTPORT": "the same",
    "URIHOST": "the same",
    "URIPROTO": "takes Python exponential time",
    "URI": "the same",
    "SYSLOGPROG": "holds fields",
    "SYSLOGFACILITY": "the same",
    "SYSLOGBASE": "the same",
}
"""Definitions that are not held to the published ones, and why."""


def _expanded(name: str, known: Mapping[str, str]) -> str:
    """A published definition as Python's `re` takes it, which knows look-around and atomic groups."""
    body = REFERENCE.sub(lambda m: f"(?:{_expanded(m[1], known)})", known[name])
    return body.replace("[[:alnum:]]", r"\w").replace("(?!<", "(?<!")


def test_basic_names_match_what_they_should(shared_data: Path) -> None:
    """On every word and phrase of the cases' lines the basic names say what the published definitions say."""
    text = (shared_data / "grok" / "patterns" / "legacy" / "grok-patterns").read_text("utf-8")
    known = dict(line.split(" ", 1) for line in text.splitlines() if line and line[0] != "#")
    lines = (shared_data / "grok" / "cases.jsonl").read_text("utf-8").split("\n")
    words = {w for line in lines for split in (r"\s+", r"[\s\"{}\[\](),;=]+", r"\W+") for w in re.split(split, line)}
    phrases = {" ".join(pair) for line in lines for pair in zip(line.split(), line.split()[1:], strict=False)}
    texts = pl.Series(sorted(w for w in words | phrases if len(w) < 50))
    differ: dict[str, set[str]] = {}
    for name in known.keys() - LOOSER.keys():
        pattern = lq.Format.grok("x", f"%{{{name}}}", ecs=False).patterns[0]
        ours = texts.filter(texts.str.contains(rf"\A(?:{pattern})\z"))
        theirs = re.compile(_expanded(name, known))
        if more := {*ours} ^ {t for t in texts if theirs.fullmatch(t)}:
            differ[name] = more
    assert differ == {}


@pytest.mark.parametrize(
    "text",
    ["::", "::1", "1::", "fe80::1%eth0", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::8", "::ffff:10.0.0.1", "1:2:3:4:5:6:10.0.0.1", "64:ff9b::192.0.2.33", "1:2:3::8", "2000:6a0:b:315:10:23:4:13"],
)  # fmt: skip
def test_ipv6(text: str) -> None:
    """Every shape of an address."""
    assert pl.Series([text]).str.contains(rf"^(?:{lq.Format.grok('x', '%{IPV6}').patterns[0]})$")[0]


@pytest.mark.parametrize(
    "text", ["12:34:56", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1.2.3"]
)
def test_no_ipv6(text: str) -> None:
    """A time of day is no address."""
    assert not pl.Series([text]).str.contains(rf"^(?:{lq.Format.grok('x', '%{IPV6}').patterns[0]})$")[0]


def _row(form: lq.Format, text: str) -> dict[str, Any]:
    lq.register(form, replace=True)
    rows = lq.scan(text.encode(), format=form).collect()
    assert rows["parse_error"].to_list() == [None] * len(rows)
    return rows.row(0, named=True)


def test_fields() -> None:
    """Fields, types and nested names come out as columns; an empty capture is null."""
    form = lq.Format.grok(
        "x",
        "^%{TIMESTAMP_ISO8601:timestamp} %{LOGLEVEL:level} %{IP:[net][from]} %{INT:n:int} %{NUMBER:f:float} %{DATA:d}$",
    )
    assert form.fields == {"net.from": pl.String(), "n": pl.Int64(), "f": pl.Float64(), "d": pl.String()}
    got = _row(form, "2024-03-05T09:14:02Z WARN ::1 7 .5 ")
    assert (str(got["timestamp"]), got["level"]) == ("2024-03-05 09:14:02+00:00", "WARN")
    assert (got["net.from"], got["n"], got["f"], got["d"]) == ("::1", 7, 0.5, None)


def test_whole_lines_feed_the_canonical_columns() -> None:
    """Time, level and message are found under the names that either set gives them."""
    line = "[Mon Aug 31 16:27:04 2015] [error] [client 10.17.42.3] Premature end of script headers: example.com"
    for ecs, client in ((True, "source.address"), (False, "clientip")):
        got = _row(lq.Format.grok("x", "%{HTTPD_ERRORLOG}", ecs=ecs), line)
        assert (str(got["timestamp"]), got["level"]) == ("2015-08-31 16:27:04+00:00", "ERROR")
        assert (got["message"], got[client]) == ("Premature end of script headers: example.com", "10.17.42.3")
    old = _row(lq.Format.grok("y", "%{HAPROXYTCP}", ecs=False), HAPROXY)
    assert str(old["timestamp"])[5:] == "12-09 13:01:26+00:00"
    assert (old["client_ip"], old["srvconn"]) == ("127.0.0.1", "1")


HAPROXY: Final = "Dec  9 13:01:26 localhost haproxy[28029]: 127.0.0.1:39759 [09/Dec/2013:12:59:46.633] a b/c 0/1/99 83285 -- 8/7/6/1/0 0/67"


def test_a_field_that_stands_twice() -> None:
    """The first value counts, wherever in the pattern it stands; detection and level know the second too."""
    form = lq.Format.grok("twice", "^(?:a=%{INT:n:int}|b=%{INT:n:int}) (?:%{WORD:level}|<%{WORD:level}>)$")
    got = lq.scan(b"a=1 WARN\nb=2 <ERROR>", format=form)
    assert got.select("n", "level").collect().rows() == [(1, "WARN"), (2, "ERROR")]
    assert got.level("ERROR").collect()["n"].to_list() == [2]
    lq.register(
        lq.Format.grok("twice_seen", r"^(?:#%{HTTPDATE:timestamp}|!%{HTTPDATE:timestamp}) q%{INT:n}$"), replace=True
    )
    seen = lq.scan(b"#05/Mar/2024:09:14:02 +0000 q1\n!05/Mar/2024:09:14:03 +0000 q2").collect()
    assert seen["format"].unique().to_list() == ["twice_seen"]
    assert seen["timestamp"].dt.second().to_list() == [2, 3]


def test_fields_named_as_a_column_of_every_scan() -> None:
    """They get an underscore, so that neither hides the other."""
    got = _row(lq.Format.grok("x", "%{JAVASTACKTRACEPART}", ecs=False), "  at a.B.c(B.java:12)")
    assert (got["line"], got["line_"], got["class"]) == (1, "12", "a.B")


def test_extract() -> None:
    """Columns of a frame by grok: typed, empty captures null, null where it does not match."""
    frame = lq.scan(b"took 12 ms in ''\nno", format="plain")
    got = frame.extract("took %{INT:ms:int} ms in '%{DATA:place}'").select("ms", "place")
    assert got.collect().rows() == [(12, None), (None, None)]
    own = frame.extract("%{TOOK}", column="raw", patterns={"TOOK": "took %{INT:ms}"})
    assert own.collect()["ms"].to_list() == ["12", None]
    assert frame.extract(r"(?:took (?P<a>\d+)|(?P<a>no))").collect()["a"].to_list() == ["12", "no"]
    old = lq.scan(b'::1 - - [05/Mar/2024:09:14:02 +0000] "GET / HTTP/1.1" 200 12', format="plain")
    assert old.extract("%{COMMONAPACHELOG}", ecs=False).collect()["verb"].to_list() == ["GET"]


def test_own_patterns(tmp_path: Path) -> None:
    """A mapping, one file, several or a folder add names, and take the place of the library's."""
    file = tmp_path / "own"
    file.write_text("# mine\n\nCART c-%{INT}\nWORD \\w\n")
    for own in ({"CART": "c-%{INT}", "WORD": r"\w"}, file, [str(file)], tmp_path):
        assert _row(lq.Format.grok("x", "^%{CART:cart:string}%{WORD:w}$", patterns=own), "c-7x")["cart"] == "c-7"
    file.write_text("CART\n")
    with pytest.raises(FormatError, match="NAME regex"):
        lq.Format.grok("x", "%{CART}", patterns=file)


@pytest.mark.parametrize(
    ("expression", "text", "fields"),
    [
        (r"(?<[a][b]>\h{2,}) %{INT:n}", "3fA 1", {"a.b": "3fA", "n": "1"}),
        (r"(?m)a%{GREEDYDATA:rest}\Z", "a\nb", {"rest": "\nb"}),
        (r"{%{DATA:inner}}", "{x}", {"inner": "x"}),
        (r"(?<h>\H)(?<c>[\h-])(?<u>\p{Lu}){,2}%{DATA:r}$", "x-AB", {"h": "x", "c": "-", "u": "B", "r": None}),
        (r"(?<a>[]{}]+)", "{}]", {"a": "{}]"}),
    ],
)
def test_what_oniguruma_means(expression: str, text: str, fields: dict[str, str]) -> None:
    """Words that mean something else in Rust's regex are translated."""
    got = lq.from_polars(pl.LazyFrame({"raw": [text]})).extract(
        expression if "%{" in expression else expression + "%{SPACE}", column="raw"
    )
    assert {n: got.collect()[n][0] for n in fields} == fields


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("%{NUMBR:a}", "did you mean 'NUMBER'"),
        ("%{QQQQQQQQQ}", "give it with patterns="),
        ("%{A:a}", "A → B → A"),
        ("%{INT:a-b}", "cannot be a column"),
        ("%{INT:a:integer}", "cannot be of type 'integer'"),
    ],
)
def test_refused(expression: str, why: str) -> None:
    """An unknown name is answered with the nearest; a loop is shown; a field must be a name, its type known."""
    with pytest.raises(FormatError, match=why):
        lq.Format.grok("x", expression, patterns={"A": "%{B}", "B": "%{A}"})


def test_a_construct_in_a_definition_is_named() -> None:
    """What cannot be run is refused as in any pattern."""
    with pytest.raises(PatternError, match="back-reference"):
        lq.Format.grok("x", r"%{Q:a}", patterns={"Q": r"(\w+) \1"})
