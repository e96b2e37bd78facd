"""Every sample parses to what it says, judged with Polars alone: a small, plain reference reader."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Final

import polars as pl
import pytest

from logq.formats import FORMATS, Format, Sample, Stamp
from logq.formats.base import EPOCHS, group_names
from logq.schema import CANONICAL, level_of_severity

UNCHECKED: Final = {"host", "source", "line", "raw", "format", "parse_error"}
SAMPLES: Final = [pytest.param(f, s, id=f"{f.name}-{i}") for f in FORMATS.values() for i, s in enumerate(f.samples)]
REGEX: Final = [p for p in SAMPLES if p.values[0].kind == "regex"]  # type: ignore[union-attr]


def captured(form: Format, text: str) -> dict[str, str | None] | None:
    """Groups of the first pattern that matches; None if none does."""
    for pattern in form.patterns:
        line = pl.Series([text])
        if line.str.contains(pattern)[0]:
            groups = line.str.extract_groups(pattern)[0]
            return {**dict.fromkeys(form.groups), **{n: None if v in form.nulls else v for n, v in groups.items()}}
    return None


def leaves(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Values of nested objects, each under its keys joined by dots."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key, value


def columns(form: Format, text: str) -> dict[str, str | None]:
    """Values of the last line (or lines, where a quote is open) under the names that a comment says, or the format."""
    comments = [line for line in text.split("\n") if form.directive and line.startswith("#")]
    said = pl.Series(comments, dtype=pl.String).str.extract(form.directive or "^$").drop_nulls()
    names = [form.renames.get(n, n) for n in said[0].split()] if len(said) else form.columns
    rest = io.StringIO("\n".join(line for line in text.split("\n") if line not in comments))
    quoted = partial(csv.reader, quoting=csv.QUOTE_MINIMAL if form.quoted else csv.QUOTE_NONE)
    values = [*quoted(rest, delimiter=form.separator)][-1]
    return dict.fromkeys(form.columns) | {
        n: None if v in form.nulls else v for n, v in zip(names, values, strict=False)
    }


def split(form: Format, text: str) -> dict[str, Any]:
    """Fields of one sample of an open format, by Python's own means where it has any."""
    if form.kind == "json":
        return {form.renames.get(name, name): value for name, value in leaves(json.loads(text))}
    if form.directive or form.columns:
        return columns(form, text)
    if form.kind == "csv":
        return pl.read_csv(text.encode(), separator=form.separator).row(0, named=True)
    pairs = pl.Series([text]).str.extract_all(r'[A-Za-z_]+=(?:"(?:[^"\\]|\\.)*"|[^ ]*)')[0]
    return {k: json.loads(v) if v.startswith('"') else v for k, _, v in (p.partition("=") for p in pairs)}


def instant(text: object, stamp: Stamp) -> tuple[str | None, str]:
    """First layout that reads the text → ISO time in UTC and its quality; year-less ones only say that they are."""
    for layout in stamp.layouts if text is not None else ():
        if layout in EPOCHS:
            whole = str(text).partition(".")[0]
            if not whole.isdecimal() or len(whole) != 10 + 3 * EPOCHS.index(layout):
                continue
            micros = int(Decimal(str(text)) * Decimal(10) ** (6 - 3 * EPOCHS.index(layout)))
            when = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=micros)
        elif Stamp.yearless(layout):
            if pl.Series([f"2000 {text}"]).str.to_datetime(f"%Y {layout}", strict=False)[0] is not None:
                return None, "year_inferred"
            continue
        else:
            dotted = str(text).replace(",", ".", 1) if ",%f" in layout else str(text)
            shown = layout.replace(",%f", "%.f")
            found = pl.Series([dotted]).str.to_datetime(shown, strict=False, time_unit="us")[0]
            if found is None:
                continue
            when = found.replace(tzinfo=dt.UTC)
        return iso(when), "exact" if Stamp.zoned(layout) else "zone_assumed"
    return None, "missing"


def iso(when: dt.datetime) -> str:
    """ISO text as samples write it: no fraction, or three or six digits."""
    part = when.strftime("%f").rstrip("0")
    part = part if len(part) in (0, 6) else part.ljust(3, "0") if len(part) <= 3 else part.ljust(6, "0")
    return when.strftime("%Y-%m-%dT%H:%M:%S") + (f".{part}" if part else "") + "Z"


def computed(form: Format, frame: pl.DataFrame) -> dict[str, Any]:
    """Derived columns of one row; those made of others that are derived come behind them."""
    bases = {n: e for n, e in form.derived.items() if {*e.meta.root_names()} <= {*frame.columns}}
    made = frame.select(**bases).row(0, named=True) if bases else {}
    above = {n: e for n, e in form.derived.items() if n not in bases}
    return made | (frame.with_columns(**bases).select(**above).row(0, named=True) if above else {})


def parsed(form: Format, sample: Sample) -> dict[str, Any]:
    """All columns of a sample, as the format's data alone says: of lines that wrap others', those of the first."""
    if form.wraps and "\n" in sample.text:
        lines = sample.text.split("\n")
        goes_on = pl.Series(lines[:-1]).str.contains(form.continued) if form.continued else [False] * (len(lines) - 1)
        rows = [parsed(form, Sample(line, sample.expected)) for line in lines]
        ends = ["" if on and not form.least else "\n" for on in goes_on]
        message = "".join(row["message"] + end for row, end in zip(rows, [*ends, ""], strict=True))
        return {**rows[0], "message": message}
    if form.kind == "regex":
        texts: dict[str, Any] | None = captured(form, sample.text)
        assert texts is not None
        frame = pl.DataFrame({n: pl.Series([v], dtype=pl.String) for n, v in texts.items()})
        derived = computed(form, frame)
        typed = {n: t for n, t in form.fields.items() if n in texts and n not in form.derived}
        own = frame.select(pl.col(n).cast(t) for n, t in typed.items()).row(0, named=True) if typed else {}
        row = {**own, **derived}
    else:
        texts = {} if form.kind == "plain" else split(form, sample.text)
        row = {n: pl.Series([v]).cast(form.dtypes[n]).to_list()[0] if n in form.dtypes else v for n, v in texts.items()}
        if form.derived:
            row |= pl.DataFrame({n: [v] for n, v in texts.items()}).select(**form.derived).row(0, named=True)
    word = next((texts[f] for f in form.level if f in texts), None)
    row.setdefault("severity", form.severity_table.get(str(word).lower()))
    row["level"] = pl.select(level_of_severity(pl.lit(row["severity"], pl.UInt8))).item()
    texts |= {n: row[n] for n in form.derived}
    row["message"] = sample.text if form.kind == "plain" else next((texts[f] for f in form.message if f in texts), None)
    stamp = form.stamp or Stamp(layouts=())
    row["timestamp"], row["time_quality"] = instant(next((texts[f] for f in stamp.fields if f in texts), None), stamp)
    return row


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_sample_parses_to_what_it_says(form: Format, sample: Sample) -> None:
    """Captured texts, their types, derived columns, severity and time equal `expected`."""
    row = parsed(form, sample)
    assert {name: row[name] for name in sample.expected} == dict(sample.expected)


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_sample_names_only_columns_it_can_have(form: Format, sample: Sample) -> None:
    """`expected` holds canonical columns that parsing fills and fields of the format, nothing else."""
    assert not sample.expected.keys() & UNCHECKED
    if not form.open:
        assert sample.expected.keys() <= CANONICAL.keys() | form.fields.keys()


@pytest.mark.parametrize(("form", "sample"), REGEX)
def test_an_entry_starts_where_its_format_says(form: Format, sample: Sample) -> None:
    """The first line of a sample passes the start rule, its other lines do not; each line of a wrapper holds a message."""
    if form.wraps is not None:
        assert pl.Series(sample.text.split("\n")).str.contains(form.wraps).all()
        return
    if form.start is None:
        assert "\n" not in sample.text
        return
    first, *rest = pl.Series(sample.text.split("\n")).str.contains(form.start)
    assert first
    assert not any(rest)


@pytest.mark.parametrize("form", [f for f in FORMATS.values() if f.kind == "regex"], ids=lambda f: f.name)
def test_every_pattern_is_shown_by_a_sample(form: Format) -> None:
    """For each pattern there is a sample that it, and none before it, matches."""
    used = {next(p for p in form.patterns if pl.Series([s.text]).str.contains(p)[0]) for s in form.samples}
    assert used == set(form.patterns)


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda f: f.name)
def test_what_a_format_names_exists(form: Format) -> None:
    """dtypes, stamp, level and message of a closed format name groups or derived columns; there is a sample."""
    assert form.samples
    assert form.title
    if form.kind == "regex":
        named = {*form.dtypes, *(form.stamp.fields if form.stamp else ()), *form.message}
        assert named <= set(form.groups) | form.derived.keys()
        roots = {name for e in form.derived.values() for name in e.meta.root_names()}
        assert roots <= set(form.groups) | form.derived.keys()


@pytest.mark.parametrize("form", [f for f in FORMATS.values() if f.kind == "regex"], ids=lambda f: f.name)
def test_each_group_can_be_captured_alone(form: Format) -> None:
    """Capturing one group gives what capturing all gives."""
    from logq.formats.base import keep_groups

    texts = pl.Series([s.text for s in form.samples])
    for pattern in form.patterns:
        whole = texts.str.extract_groups(pattern).struct
        for name in group_names(pattern):
            alone = texts.str.extract_groups(keep_groups(pattern, frozenset({name})))
            assert alone.struct[name].to_list() == whole[name].to_list()
