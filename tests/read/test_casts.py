"""Text → typed values, alone."""

from __future__ import annotations

import polars as pl
import pytest
from polars._typing import PolarsDataType

from logq.read.decode.casts import cast_text, read_at

LIST, STRUCT = pl.List(pl.Int64()), pl.Struct({"a": pl.Int64()})


@pytest.mark.parametrize(
    ("dtype", "texts", "values"),
    [
        (pl.Int64(), ["1", "1.5", "x", None], [1, None, None, None]),
        (pl.Float64(), ["1", "1.5", "x"], [1.0, 1.5, None]),
        (pl.Boolean(), ["true", "false", "1"], [True, False, None]),
        (LIST, ["[1,2]", "7", None], [[1, 2], None, None]),
        (STRUCT, ['{"a":1}', "[1]"], [{"a": 1}, None]),
        (LIST, ["[1,2]", "[{]", "[3]"], [[1, 2], None, [3]]),
    ],
    ids=str,
)
def test_what_does_not_fit_is_null(dtype: PolarsDataType, texts: list[str | None], values: list[object]) -> None:
    """A list that is none is null, and takes no other value of its block with it."""
    frame = pl.DataFrame({"a": texts}, schema={"a": pl.String}).select(cast_text("a", dtype))
    assert frame.schema["a"] == dtype
    assert frame["a"].to_list() == values


def test_objects_of_several_lines_are_read() -> None:
    """As formats whose entries have several lines hand them on."""
    found = read_at(pl.Series(['{"a":["x",\n"y"]}', '{"a":1}']), ("a",), pl.List(pl.String()))
    assert found.to_list() == [["x", "y"], None]
