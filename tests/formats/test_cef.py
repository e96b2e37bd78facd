from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.formats.cef import PAIR, _first_word, _pairs, _received, _without_escapes

PIECES = ("a=", " b=", "src=", " msg=", "x", " ", "=", "\\=", "\\\\", "\\|", "\\", "c", "\ue000", "\ue003", "é")


def plain(text: str | None) -> dict[str, str] | None:
    """Pairs as one regex finds them, one after the other; of two of one key the last counts."""
    if text is None:
        return None
    found = (found[0].removesuffix(" ").partition("=") for found in re.finditer(PAIR, text, re.DOTALL))
    return {key: re.sub(r"\\([|=\\])", r"\1", value) for key, _, value in found}


@given(st.lists(st.none() | st.lists(st.sampled_from(PIECES), max_size=9).map("".join), min_size=1, max_size=12))
def test_pairs_are_those_that_a_regex_finds(texts: list[str | None]) -> None:
    """Whatever the texts of a block, escaped or broken: parted at known keys or searched, the pairs are the same."""
    assert _pairs(pl.Series(texts, dtype=pl.String)).to_list() == [plain(text) for text in texts]


@pytest.mark.parametrize(
    "odd", ["src=1 msg=a\\=b", "src=1 url=http://a?b=c", "src=1 late=2", "none", "src=\ue003", "src=1 msg=a\\", ""]
)
def test_pairs_of_an_entry_do_not_depend_on_its_block(odd: str) -> None:
    """An odd one among many usual ones, first or last."""
    for texts in ([odd, *["src=1 msg=x y"] * 99], [*["src=1 msg=x y"] * 99, odd]):
        assert _pairs(pl.Series(texts)).to_list() == [plain(text) for text in texts]


def test_texts_with_a_blank_or_an_escape_are_worked_on() -> None:
    """The first word; what stood behind the backslash; a time, or nothing."""
    texts = pl.Series(["10.0.0.1 of till", "10.0.0.1", None])
    assert _first_word(texts).to_list() == ["10.0.0.1", "10.0.0.1", None]
    assert _received(pl.Series(["1709630042518", "soon", None])).to_list() == ["1709630042518", None, None]
    assert _received(pl.Series(["Mar 05 2024 09:14:03.018"])).to_list() == ["Mar 05 2024 09:14:03.018"]
    assert _without_escapes(pl.Series(["a\\|b\\\\=\\=", None])).to_list() == ["a|b\\==", None]


def test_fields_are_values_of_pairs() -> None:
    """An address is one word, a port a number, a URL goes on over signs that were not escaped."""
    text = (
        "CEF:0|Shop|guard|2|login|Refused|7|src=10.0.0.1 of till spt=80 dpt=x request=http://a?b=c suser=Ines Ko act="
    )
    row = lq.scan(text.encode(), "cef").collect().row(0, named=True)
    assert (row["source_ip"], row["source_port"], row["destination_port"]) == ("10.0.0.1", 80, None)
    assert (row["request_url"], row["source_user"], row["action"]) == ("http://a?b=c", "Ines Ko", None)
