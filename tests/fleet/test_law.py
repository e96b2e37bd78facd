"""The law of fleets: the answer is that of all files copied here and scanned together, but for `host` and `source`."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logq as lq
from logq import LogFrame
from logq.errors import BuildError, ColumnNotFoundError, NothingToScanError, SourceError

C = pl.col
Chain = Callable[[LogFrame], LogFrame]


def access(host: int, n: int) -> str:
    """A request in the combined format."""
    status = (200, 200, 404, 500)[(n * 7 + host) % 4]
    return f'10.0.{host}.{n % 5} - - [05/Mar/2024:09:{n // 60 % 60:02}:{n % 60:02} +0000] "GET /p{n % 7} HTTP/1.1" {status} {n * 11} "-" "agent"'


def app(host: int, n: int) -> str:
    """A JSON event; one host writes `ms` as a float, and only one has `region`."""
    level = ("info", "warn", "error")[(n + host) % 3]
    ms = n + 0.5 if host == 1 else n
    region = ',"region":"eu"' if host == 2 else ""
    return f'{{"time":"2024-03-05T09:{n // 60 % 60:02}:{n % 60:02}Z","level":"{level}","msg":"did {n % 4}","ms":{ms},"req":"r{n % 9}"{region}}}'


def multi(host: int, n: int) -> str:
    """An entry of several lines now and then."""
    trace = f"\n\tat a.B.c(B.java:{n})\nCaused by: x" if n % 5 == 0 else ""
    level = "ERROR" if n % 5 == 0 else "INFO"
    return f"2024-03-05 09:{n // 60 % 60:02}:{n % 60:02},{host:03} {level} [main] a.B - step {n}{trace}"


def pod(host: int, n: int) -> str:
    """The lines of such an entry as a container's, now and then one of the other stream between them."""
    lines = [f"2024-03-05T10:{n // 60 % 60:02}:{n % 60:02}.5Z stdout F {line}" for line in multi(host, n).split("\n")]
    return "\n".join(lines if n % 15 else [*lines[:2], lines[0].replace("stdout", "stderr"), *lines[2:]])


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of three hosts: rotated, compressed, of several formats; `c` has no access log, `b` no application log."""
    root = tmp_path_factory.mktemp("hosts")
    for number, name in enumerate("abc"):
        folder = root / name
        folder.mkdir()
        if name != "c":
            lines = [access(number, n) for n in range(400)]
            (folder / "access.log.2.gz").write_bytes(gzip.compress("\n".join(lines[:100]).encode() + b"\n", mtime=0))
            (folder / "access.log.1").write_text("".join(f"{line}\n" for line in lines[100:250]))
            (folder / "access.log").write_text("".join(f"{line}\n" for line in lines[250:]))
        if name != "b":
            (folder / "app.json").write_text("".join(f"{app(number, n)}\n" for n in range(300)))
        (folder / "server.log").write_text("".join(f"{multi(number, n)}\n" for n in range(200)))
        (folder / "pod.cri").write_text("".join(f"{pod(number, n)}\n" for n in range(200)))
        (folder / "messages").write_text(
            "".join(f"Mar  5 09:00:{n % 60:02} h{number} d[{n}]: said {n}\n" for n in range(50))
        )
        for path in folder.iterdir():
            os.utime(path, (1.71e9, 1.71e9))
    return root


@pytest.fixture(scope="module")
def fleet(hosts: Path) -> Iterator[lq.Fleet]:
    """A fleet of three processes, each with its own folder."""
    with lq.Fleet.local({name: hosts / name for name in "abc"}) as made:
        yield made


def here(hosts: Path, pattern: str, **options: object) -> LogFrame:
    """The same files scanned together, host names taken from their folders."""
    files = sorted(str(p) for name in "abc" for p in (hosts / name).glob(pattern))
    frame = lq.scan(files, **options)  # type: ignore[arg-type]
    folder = C("source").str.strip_prefix(f"{hosts}/")
    return frame.with_columns(host=folder.str.head(1), source=folder.str.slice(2))


CHAINS: dict[str, tuple[str, Chain]] = {
    "everything": ("access.log*", lambda f: f),
    "several formats": ("*", lambda f: f),
    "year-less": ("messages", lambda f: f.select("host", "timestamp", "time_quality", "message")),
    "filter": ("access.log*", lambda f: f.filter(C("status") == 500)),
    "level": ("app.json", lambda f: f.level("WARN")),
    "grep": ("*.log", lambda f: f.grep("step 1")),
    "columns": ("app.json", lambda f: f.select("ms", "region", "level")),
    "a field to look for": ("app.json", lambda f: f.filter(C("nowhere").is_null()).select("msg", "nowhere")),
    "made columns": (
        "access.log*",
        lambda f: f.with_columns(kb=C("bytes") / 1024).drop("raw").rename({"kb": "k"}),
    ),
    "extract": ("server.log", lambda f: f.extract(r"step (?P<step>\d+)").select("host", "step")),
    "context": ("server.log", lambda f: f.level("ERROR").context(2)),
    "inside containers": ("pod.cri", lambda f: f),
    "context inside containers": ("pod.cri", lambda f: f.level("ERROR").context(1).select("line", "message")),
    "traces inside containers": ("pod.cri", lambda f: f.grep("Caused by: x")),
    "context over rotation": ("access.log*", lambda f: f.filter(C("status") == 404).context(1)),
    "context by key": ("app.json", lambda f: f.level("ERROR").context(1, by=["req"])),
    "context by span": ("app.json", lambda f: f.filter(C("ms") == 30).context(span="5s")),
    "matches of a context": (
        "server.log",
        lambda f: f.level("ERROR").context(1).filter(C("is_match")).select("line", "context_group"),
    ),
    "groups of a context": ("server.log", lambda f: f.level("ERROR").context(1).filter(C("context_group") % 2 == 0)),
    "groups renamed": ("server.log", lambda f: f.level("ERROR").context(1).rename({"context_group": "g"}).head(70)),
    "groups counted": ("server.log", lambda f: f.level("ERROR").context(1).group_by("context_group").agg(pl.len())),
    "groups worked with": ("server.log", lambda f: f.level("ERROR").context(1).with_columns(g=C("context_group") + 1)),
    "two contexts": ("server.log", lambda f: f.level("ERROR").context(1).filter(C("is_match")).context(1)),
    "head": ("access.log*", lambda f: f.head(120)),
    "head of a context": ("server.log", lambda f: f.level("ERROR").context(1).head(50)),
    "head of groups": ("server.log", lambda f: f.level("ERROR").context(1).filter(C("context_group") > 60).head(10)),
    "no rows": ("access.log*", lambda f: f.head(0)),
    "tail": ("access.log*", lambda f: f.tail(7)),
    "unique": ("app.json", lambda f: f.unique("req")),
    "unique rows": ("app.json", lambda f: f.select("level", "req").unique()),
    "only once": ("app.json", lambda f: f.select("ms").unique(keep="none").sort("ms")),
    "top rows": ("access.log*", lambda f: f.sort("bytes", descending=True).head(9)),
    "sorted": ("app.json", lambda f: f.sort("ms")),
    "counts": ("access.log*", lambda f: f.group_by("status").agg(pl.len())),
    "count of all": ("access.log*", lambda f: f.group_by().agg(n=pl.len(), last=C("bytes").max())),
    "per host": (
        "app.json",
        lambda f: f.group_by("host", "level").agg(n=pl.len(), mean=C("ms").mean(), least=C("ms").min()),
    ),
    "rates": (
        "access.log*",
        lambda f: f.group_by(C("timestamp").dt.truncate("1m")).agg(rate=(C("status") >= 500).mean()),
    ),
    "shares": ("access.log*", lambda f: f.group_by("path").agg(share=(C("status") == 200).sum() / pl.len() * 100)),
    "first and last": (
        "access.log*",
        lambda f: f.group_by("path").agg(a=C("status").first(), b=C("bytes").last()),
    ),
    "any and all": (
        "access.log*",
        lambda f: f.group_by("path").agg(a=(C("status") == 500).any(), b=(C("status") < 600).all()),
    ),
    "filtered sums": (
        "access.log*",
        lambda f: f.group_by("host").agg(C("bytes").filter(C("status") == 404).sum()),
    ),
    "medians": ("access.log*", lambda f: f.group_by("path").agg(C("bytes").median(), n=pl.len())),
    "distinct": ("access.log*", lambda f: f.group_by("path").agg(C("client_ip").n_unique())),
    "aggregate and on": (
        "access.log*",
        lambda f: f.group_by("path").agg(n=pl.len()).filter(C("n") > 113).sort("n").head(3),
    ),
    "nothing matches": ("access.log*", lambda f: f.filter(C("status") == 999).group_by("path").agg(pl.len())),
    "nothing to count": (
        "access.log*",
        lambda f: f.filter(C("status") == 999).group_by().agg(n=pl.len(), m=C("status").mean(), s=C("status").sum()),
    ),
    "sessions": ("app.json", lambda f: f.sessions("req", gap="1m").select("host", "req", "session_id", "line")),
    "summary": ("app.json", lambda f: f.sessions("req").summary()),
    "sequence": (
        "app.json",
        lambda f: f.sequence(
            lq.step("bad", C("level") == "ERROR"), lq.step("good", C("level") == "INFO"), by="req", within="1m"
        ),
    ),
    "the user's chain": (
        "app.json",
        lambda f: (
            f.level("ERROR")
            .context(3)
            .sessions("req")
            .sequence(lq.step("bad", C("level") == "ERROR"), lq.step("good", C("level") == "INFO"), within="1m")
        ),
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_fleet_answers_as_one_machine_would(hosts: Path, fleet: lq.Fleet, name: str) -> None:
    """Same values, order and types, whatever part of the chain ran where."""
    pattern, chain = CHAINS[name]
    expected = chain(here(hosts, pattern)).collect()
    asked = chain(fleet.scan(pattern))
    assert_frame_equal(asked.collect(), expected, check_exact=False)
    assert asked.schema == expected.schema


@pytest.mark.parametrize("name", ["context over rotation", "counts", "sorted", "head"])
def test_every_way_to_a_result_is_open(fleet: lq.Fleet, name: str, tmp_path: Path) -> None:
    """`batches`, `lazy` and the writers agree with `collect`."""
    pattern, chain = CHAINS[name]
    asked = chain(fleet.scan(pattern))
    whole = asked.collect()
    batches = [pl.DataFrame(b) for b in asked.batches()]
    assert_frame_equal(pl.concat(batches), whole, check_exact=False)
    assert_frame_equal(asked.lazy().collect(engine="streaming"), whole, check_exact=False)
    assert asked.lazy().select("host" if "host" in whole.columns else pl.len()).collect(engine="streaming").height in (
        1,
        whole.height,
    )
    report = asked.write_parquet(tmp_path / "out.parquet")
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), whole, check_exact=False)
    assert [h.status for h in report.hosts] == ["ok"] * 3


def test_block_sizes_and_threads_do_not_matter(fleet: lq.Fleet) -> None:
    """Any batch size gives the same."""
    few = fleet.scan("server.log", block_size=700, workers=1).level("ERROR").context(3).collect()
    assert_frame_equal(few, fleet.scan("server.log").level("ERROR").context(3).collect())


def test_formats_of_the_user_travel(hosts: Path, fleet: lq.Fleet) -> None:
    """A format made here is known there."""
    form = lq.Format.regex(
        "fleet_steps",
        r"^(?P<timestamp>\S+ \S+) (?P<level>\w+) \[(?P<thread>\w+)\] (?P<message>.*)",
        stamp="%Y-%m-%d %H:%M:%S,%3f",
        dtypes={"thread": pl.String()},
        start=r"^\d{4}-",
    )
    expected = here(hosts, "server.log", format=form).collect()
    assert expected["parse_error"].null_count() == expected.height
    assert_frame_equal(fleet.scan("server.log", form).collect(), expected)


def test_the_report_says_who_read_what(fleet: lq.Fleet) -> None:
    """Per host and per file: bytes, entries, rows; what was sent is little."""
    report = fleet.scan("access.log*").group_by("status").agg(pl.len()).run().report
    assert [(f.host, f.source) for f in report.files] == [
        (h, s) for h in "ab" for s in ("access.log.2.gz", "access.log.1", "access.log")
    ]
    assert [f.entries for f in report.files] == [100, 150, 150] * 2
    assert [(h.host, h.status, h.tier, h.files, h.units, h.units_done) for h in report.hosts[:2]] == [
        ("a", "ok", "A", 3, 1, 1),
        ("b", "ok", "A", 3, 1, 1),
    ]
    assert report.hosts[2].files == 0
    assert all(0 < h.bytes_sent < 8000 and h.bytes > 20_000 for h in report.hosts[:2])
    assert all(h.clock_offset is not None and abs(h.clock_offset) < 1 for h in report.hosts)
    assert not report.incomplete
    assert report.shared == ()


def test_explain_says_what_runs_where(fleet: lq.Fleet) -> None:
    """Reading and parts of an aggregation there, the rest here."""
    told = (
        fleet.scan("access.log*")
        .filter(C("status") > 400)
        .group_by("path")
        .agg(C("bytes").sum())
        .sort("path")
        .explain()
    )
    there, parts, home = (
        told.index("on 3 hosts (a, b, c)"),
        told.index("on the rows of each unit"),
        told.index("here, on the stream"),
    )
    assert (
        there < told.index(".filter", there) < parts < told.index(".group_by", parts) < home < told.index(".sort", home)
    )


def test_a_file_that_two_nodes_see_is_told(hosts: Path) -> None:
    """Its rows count once for each: two hosts may well have the same name for different things, one disk has not."""
    with lq.Fleet.local(2) as fleet:
        result = fleet.scan(hosts / "a" / "messages").run()
    assert result.frame["host"].unique().sort().to_list() == ["local-1", "local-2"]
    assert result.frame.height == 100
    assert result.report.shared == (f"local-1:{hosts}/a/messages = local-2:{hosts}/a/messages",)


def test_progress_tells_bytes(fleet: lq.Fleet) -> None:
    """Read so far, and in all where that is known."""
    seen: list[tuple[int, int | None]] = []
    fleet.scan("*.json", progress=lambda done, total: seen.append((done, total))).collect()
    assert seen[-1][0] == seen[-1][1]
    fleet.scan("access*", progress=lambda done, total: seen.append((done, total))).collect()
    assert seen[-1][1] is None


# --- what cannot be asked


def test_nothing_anywhere_is_an_error(fleet: lq.Fleet) -> None:
    """As it is on one machine."""
    with pytest.raises(NothingToScanError, match=r"'absent\*' matches no file on any of 3 hosts"):
        fleet.scan("absent*").collect()


def test_a_source_need_be_on_one_host_only(fleet: lq.Fleet) -> None:
    """The others have none of it."""
    counts = fleet.scan(["app.json", "access.log"]).group_by("host").agg(pl.len()).collect()
    assert counts.rows() == [("a", 450), ("b", 150), ("c", 300)]


def test_an_unknown_column_is_found_before_anything_is_read(fleet: lq.Fleet) -> None:
    """The nearest name of all hosts' columns is suggested."""
    with pytest.raises(ColumnNotFoundError, match="did you mean 'status'"):
        fleet.scan("access.log*").select("statsu").collect()


@pytest.mark.parametrize("source", [b"text", [b"text"], 3, [None]], ids=str)
def test_what_is_here_is_not_there(fleet: lq.Fleet, source: object) -> None:
    """Bytes and the like are no paths."""
    with pytest.raises((BuildError), match="a fleet scans paths"):
        fleet.scan(source)  # type: ignore[arg-type]


def test_an_error_of_the_query_is_raised_as_it_is_here(fleet: lq.Fleet) -> None:
    """A cast that fails on a row fails the query, with Polars' own error; the fleet can be asked again."""
    with pytest.raises(pl.exceptions.InvalidOperationError, match="conversion"):
        fleet.scan("app.json").with_columns(x=C("msg").cast(pl.Int64)).collect()
    assert fleet.scan("app.json").collect().height == 600


@pytest.mark.parametrize("source", ["../a/messages", "/etc/hostname", "s3://bucket/key"])
def test_paths_outside_the_roots_are_refused(fleet: lq.Fleet, source: str) -> None:
    """By their words, and no host says whether they exist."""
    with pytest.raises(SourceError, match=r"outside the roots|is a URL"):
        fleet.scan(source).collect()
