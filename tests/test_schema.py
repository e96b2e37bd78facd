"""The canonical columns and the scale of severities."""

from __future__ import annotations

import polars as pl
import pytest

from logq.errors import BuildError
from logq.schema import CANONICAL, LEVEL_DTYPE, LEVELS, SEVERITY_OF, level_of_severity, parse_level


def test_the_canonical_columns() -> None:
    """In the order in which every scan has them."""
    assert list(CANONICAL) == [
        "timestamp",
        "level",
        "severity",
        "message",
        "host",
        "source",
        "line",
        "raw",
        "format",
        "parse_error",
        "time_quality",
    ]
    with pytest.raises(TypeError):
        CANONICAL["new"] = pl.String()  # type: ignore[index]


@pytest.mark.parametrize("dtype", [pl.UInt8, pl.Int64, pl.Int16])
def test_four_numbers_make_a_level(dtype: type[pl.DataType]) -> None:
    """1-24 in bands of four, in order; anything else is null."""
    found = pl.DataFrame({"s": range(26)}, schema={"s": dtype}).select(level_of_severity(pl.col("s")))["s"]
    assert found.dtype == LEVEL_DTYPE
    assert found.to_list() == [None, *(level for level in LEVELS for _ in range(4)), None]
    assert LEVELS == ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def test_a_null_has_no_level() -> None:
    """Nor has an empty column any."""
    assert pl.select(level_of_severity(pl.lit(None, pl.UInt8))).item() is None
    assert pl.DataFrame(schema={"s": pl.UInt8}).select(level_of_severity(pl.col("s"))).height == 0


def test_levels_compare_by_weight() -> None:
    """WARN is more than INFO, which text would not say."""
    levels = pl.Series(LEVELS, dtype=LEVEL_DTYPE)
    assert levels.is_sorted()
    assert levels.filter(levels >= "WARN").to_list() == ["WARN", "ERROR", "FATAL"]


@pytest.mark.parametrize(
    ("name", "band"),
    [
        ("TRACE", (1, 4)),
        ("debug", (5, 8)),
        (" Info ", (9, 12)),
        ("information", (9, 12)),
        ("Informational", (9, 12)),
        ("WARN", (13, 16)),
        ("warning", (13, 16)),
        ("err", (17, 20)),
        ("FATAL", (21, 24)),
        ("notice", (10, 10)),
        ("critical", (18, 18)),
        ("CRIT", (18, 18)),
        ("alert", (19, 19)),
        ("emergency", (21, 21)),
        ("panic", (21, 21)),
        ("severe", (17, 17)),
        ("trace2", (2, 2)),
        ("Fatal4", (24, 24)),
        ("DEBUG-4", (1, 1)),
        ("ERROR+2", (19, 19)),
    ],
)
def test_a_name_is_a_band_or_a_number(name: str, band: tuple[int, int]) -> None:
    """A short name and its synonyms are the whole band, any other word its one severity."""
    assert parse_level(name) == band


def test_every_word_of_the_table_can_be_asked_for() -> None:
    """And means the number it stands for, or the band around it."""
    for word, number in SEVERITY_OF.items():
        low, high = parse_level(word)
        assert low <= number <= high
        assert high - low in {0, 3}


@pytest.mark.parametrize(
    ("name", "hint"),
    [("warnin", "WARNING"), ("eror", "ERROR"), ("17", "TRACE, DEBUG"), ("", "TRACE"), ("error5", "ERROR")],
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, hint: str) -> None:
    """Or with all levels where none is near."""
    with pytest.raises(BuildError, match=f"unknown level '{name}'; did you mean one of .*{hint}"):
        parse_level(name)
