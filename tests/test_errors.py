"""What logq raises on purpose: one family, whose messages name the thing and the way out."""

from __future__ import annotations

import inspect
import pickle

import pytest

from logq import errors
from logq.errors import ColumnNotFoundError, LogqError, PartialResultError, nearest

KINDS = {
    "BuildError": ValueError,
    "ColumnNotFoundError": KeyError,
    "FleetError": LogqError,
    "FormatError": ValueError,
    "MatchError": ValueError,
    "NothingToScanError": errors.SourceError,
    "PartialResultError": LogqError,
    "PatternError": errors.FormatError,
    "PlanDecodeError": ValueError,
    "SourceError": OSError,
}


def test_one_base_catches_all() -> None:
    """Every class of the module is a LogqError and is exported; the builtin it also is stays as told."""
    classes = {n: c for n, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == "logq.errors"}
    assert classes.keys() == {*KINDS, "LogqError"} == set(errors.__all__) - {"nearest"}
    for name, builtin in KINDS.items():
        assert issubclass(classes[name], LogqError)
        assert issubclass(classes[name], builtin)


@pytest.mark.parametrize(
    ("name", "known", "message"),
    [
        ("mesage", ["message", "level"], "no column 'mesage'; did you mean 'message'?"),
        ("mesage", ["messages", "message", "other"], "no column 'mesage'; did you mean 'message', 'messages'?"),
        ("zzz", ["b", "a"], "no column 'zzz'; known columns: ['a', 'b']"),
        ("zzz", [], "no column 'zzz'; known columns: []"),
    ],
)
def test_a_column_that_is_not_there(name: str, known: list[str], message: str) -> None:
    """The nearest names, or all; without the quotes that a KeyError puts around its text."""
    assert str(ColumnNotFoundError(name, known)) == message


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("mesage", ["level", "message"], ["message"]),
        ("statuss", ["status", "stats", "static", "state"], ["status", "stats", "state"]),
        ("", ["a"], []),
        ("a", [], []),
        ("message", ["message"], ["message"]),
    ],
)
def test_nearest_names_come_best_first(name: str, known: list[str], expected: list[str]) -> None:
    """Three at most; none that is not close; any iterable will do."""
    assert nearest(name, known) == expected
    assert nearest(name, iter(known)) == expected


def test_a_partial_result_carries_rows_and_report() -> None:
    """As they were given."""
    error = PartialResultError("1 of 2", partial=["row"], report={"file": "lost"})
    assert (str(error), error.partial, error.report) == ("1 of 2", ["row"], {"file": "lost"})


@pytest.mark.parametrize("name", sorted(KINDS.keys() - {"ColumnNotFoundError", "PartialResultError"}))
def test_an_error_passes_between_processes(name: str) -> None:
    """With its class and its words."""
    error = getattr(errors, name)("why")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    assert type(again) is type(error)
    assert str(again) == "why"
