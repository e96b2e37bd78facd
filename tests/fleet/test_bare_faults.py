"""Tier B: what breaks, and what it costs."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import logq as lq
from logq.errors import PartialResultError
from tests.fleet.bare import FAST, as_a_file, bare, fleet_of
from tests.fleet.chaos import Mishap, mishaps
from tests.fleet.test_faults import ONCE


@pytest.fixture
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """One file a unit."""
    monkeypatch.setattr("logq.run.fleet.dispatch.UNIT", 1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host with four files."""
    root = tmp_path_factory.mktemp("four")
    for number in range(4):
        (root / f"f{number}.log").write_text("".join(f"E {number} {n} {os.urandom(9).hex()}\n" for n in range(4000)))
    return root


@pytest.mark.usefixtures("small_units")
@pytest.mark.parametrize("name", ["cut in the hello", "cut in the rows", "a byte twisted", "a byte doubled", "stopped"])
def test_what_happens_once_is_made_good(files: Path, name: str) -> None:
    """As with tier A: another agent is asked for what did not come."""
    mishap = ONCE[name]
    mishap = Mishap(mishap.kind, mishap.at * 50 if mishap.at == 1500 else mishap.at)
    with mishaps({"a": [mishap]}), lq.Fleet([bare(files)], patience=lq.Patience(silence=2.5, pause=0.01)) as fleet:
        result = fleet.scan("*.log", "plain").run()
    assert_frame_equal(
        result.frame.drop("host", "source"), lq.scan(files / "*.log", "plain").collect().drop("host", "source")
    )
    assert (result.report.hosts[0].status, result.report.hosts[0].units_done) == ("ok", 4)
    assert result.report.hosts[0].attempts >= 2


@pytest.mark.usefixtures("small_units")
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(
        st.one_of(
            st.none(),
            st.builds(Mishap, st.sampled_from(["cut", "flip", "drop", "double", "kill"]), st.integers(0, 250_000)),
        ),
        max_size=4,
    )
)
def test_nothing_is_lost_in_silence_and_nothing_counted_twice(files: Path, plan: list[Mishap | None]) -> None:
    """Under any schedule of faults the rows are those of exactly the files that the report calls whole."""
    with mishaps({"a": plan}), lq.Fleet([bare(files)], patience=FAST) as fleet:
        try:
            result = fleet.scan("*.log", "plain").select("source", "line", "raw").run(on_failure="partial")
        except PartialResultError as error:
            assert error.report.lost_hosts  # noqa: PT017 (either outcome will do)
            return
    kept = [f.source for f in result.report.files if f.error is None]
    expected = [(s, n + 1, line) for s in kept for n, line in enumerate((files / s).read_text().splitlines())]
    assert result.frame.rows() == expected
    assert result.report.incomplete == (len(kept) < 4)


def test_zstd_is_unfolded_here(tmp_path: Path) -> None:
    """The standard library has none: its bytes are sent as they are stored."""
    import pyarrow as pa

    text = "".join(f"line {n}\n" for n in range(50_000)).encode()
    with pa.CompressedOutputStream(str(tmp_path / "a.log.zst"), "zstd") as sink:
        sink.write(text)
    with fleet_of(tmp_path) as fleet:
        found = fleet.scan("a*", "plain").grep("line 49", literal=True).collect()
    assert found["raw"].to_list() == [line for line in text.decode().splitlines() if "line 49" in line]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--max-scan-bytes", "1000"], "LimitError: max_scan_bytes"),
        (["--max-seconds", "0"], "LimitError: max_seconds"),
        (["--max-memory", "1"], "LimitError: max_memory"),
    ],
)
@pytest.mark.parametrize("searched", [False, True], ids=["whole", "searched"])
def test_limits_hold(tmp_path: Path, options: list[str], words: str, searched: bool) -> None:
    """On the host, whoever asks."""
    (tmp_path / "a.log").write_text("a line\n" * 200_000)
    with fleet_of(tmp_path, python=as_a_file(*options)) as fleet:
        frame = fleet.scan("*.log", "plain")
        frame = frame.grep("nowhere", literal=True) if searched else frame
        with pytest.raises(PartialResultError, match=words):
            frame.collect()


def test_what_unfolds_here_counts_too(tmp_path: Path) -> None:
    """A small archive of a large file passes the host's limit on bytes, and not the one here."""
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(b"a line\n" * 200_000))
    piped = {"python": "python3", "limits": lq.Limits(max_scan_bytes=100_000)}
    with fleet_of(tmp_path, **piped) as fleet, pytest.raises(PartialResultError, match="LimitError: max_scan_bytes"):
        fleet.scan("a*", "plain").collect()


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it unfolds there or here."""
    monkeypatch.setattr("logq.run.agent.files.FREE", 1 << 20)
    monkeypatch.setattr("logq.run.agent.files.RATIO", 10)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as bomb:
        bomb.write(b"0123456789abcde\n" * (1 << 18))
    (tmp_path / "bomb.gz").write_bytes(packed.getvalue())
    with fleet_of(tmp_path) as fleet:
        for frame, rows in (
            (fleet.scan("bomb.gz", "plain"), 1 << 16),
            (fleet.scan("bomb.gz", "plain").grep("zz", literal=True), 0),
        ):
            result = frame.run(on_failure="partial")
            assert "decompression bomb: unfolds to more than 1048576 bytes" in (result.report.files[0].error or "")
            assert result.frame.height == rows


def test_whoever_stops_early_leaves_a_usable_agent(files: Path) -> None:
    """What nobody wants any more is left; the next question goes to the same agent."""
    with fleet_of(files) as fleet:
        frame = fleet.scan("*.log", "plain")
        assert frame.head(3).collect().height == 3
        again = frame.grep("E 2 7", literal=True).run()
        assert again.frame.height == sum("E 2 7" in line for line in (files / "f2.log").read_text().splitlines())
        batches = frame.batches()
        next(iter(batches))
        batches.close()  # type: ignore[attr-defined]
        assert frame.collect().height == 16_000
