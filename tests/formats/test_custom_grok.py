"""Formats from grok expressions."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq.errors import FormatError
from logq.formats.custom.grok import GROK


@pytest.mark.parametrize("name", GROK)
def test_every_definition_compiles(name: str) -> None:
    """Each name of the library is a regex of the engine."""
    assert lq.Format.grok("x", f"^%{{{name}:it}}$").groups == ("it",)


def _groups(form: lq.Format, text: str) -> dict[str, str | None]:
    found: dict[str, str | None] = pl.Series([text]).str.extract_groups(form.patterns[0])[0]
    return found


def test_fields() -> None:
    """Fields, types and nested names come out as columns."""
    form = lq.Format.grok("x", "^%{TIMESTAMP_ISO8601:timestamp} %{LOGLEVEL:level} %{IP:[net][from]} %{INT:n:int}$")
    assert form.stamp is not None
    assert form.fields == {"net.from": pl.String(), "n": pl.Int64()}
    assert _groups(form, "2024-03-05T09:14:02Z WARN ::1 7") == {
        "timestamp": "2024-03-05T09:14:02Z",
        "level": "WARN",
        "net.from": "::1",
        "n": "7",
    }


def test_own_patterns(tmp_path: Path) -> None:
    """A mapping, one file or several add names."""
    file = tmp_path / "own"
    file.write_text("# mine\n\nCART c-%{INT}\n")
    for own in ({"CART": "c-%{INT}"}, file, [str(file)]):
        assert _groups(lq.Format.grok("x", "^%{CART:cart:string}$", patterns=own), "c-7") == {"cart": "c-7"}
    file.write_text("CART\n")
    with pytest.raises(FormatError, match="NAME regex"):
        lq.Format.grok("x", "%{CART}", patterns=file)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("%{NUMBR:a}", "'NUMBER'"),
        ("%{QQQQQQQQQ}", "'USERNAME', 'USER'"),
        ("%{A:a}", "A → B → A"),
        ("%{INT:a-b}", "cannot be a column"),
    ],
)
def test_refused(expression: str, why: str) -> None:
    """An unknown name is answered with the nearest; a loop is shown; a field must be a name."""
    with pytest.raises(FormatError, match=why):
        lq.Format.grok("x", expression, patterns={"A": "%{B}", "B": "%{A}"})
