from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import logq as lq
from logq.optimise import RULES, optimise
from logq.optimise.limit import limit
from logq.optimise.literals import MOST, literals
from logq.optimise.projection import FREE, projection
from logq.plan import Term

C = pl.col


def chain() -> lq.LogFrame:
    """A chain on a file that need not exist: rules look at the plan alone."""
    return lq.scan("a.log")


def term(column: str, text: str, *, whole: bool = False) -> Term:
    """A note on a column that holds `text`, or is it."""
    return Term(column=column, text=text, whole=whole)


PROJECTED: list[tuple[Any, set[str] | None]] = [
    (lambda f: f, None),
    (lambda f: f.filter(C("a") == "x"), None),
    (lambda f: f.select("a", b=C("c") + 1), {"a", "c"}),
    (lambda f: f.select(pl.all()), None),
    (lambda f: f.filter(C("b") > 1).select("a"), {"a", "b"}),
    (lambda f: f.scope(C("b") > 1).select("a"), {"a", "b"}),
    (lambda f: f.with_columns(n=C("b") + 1).select("a"), {"a", "b"}),
    (lambda f: f.with_columns(n=C("b") + 1).select("n"), {"b"}),
    (lambda f: f.with_columns(pl.all().is_null()).select("n"), None),
    (lambda f: f.select("a", "b").select("a"), {"a", "b"}),
    (lambda f: f.extract("(?P<g>x)", column="b").select("a", "g"), {"a", "b"}),
    (lambda f: f.drop("b").select("a"), {"a", "b"}),
    (lambda f: f.drop("a").select(pl.len()), None),
    (lambda f: f.rename({"a": "b"}).select("b"), {"a"}),
    (lambda f: f.rename({"a": "b"}).select("c"), {"a", "c"}),
    (lambda f: f.sort("b").select("a"), {"a", "b"}),
    (lambda f: f.head(1).tail(1).select("a"), {"a"}),
    (lambda f: f.unique("b").select("a"), {"a", "b"}),
    (lambda f: f.unique().select("a"), None),
    (lambda f: f.context(1, by="b").select("a"), {"a", "b"}),
    (lambda f: f.context(span="1s").select("a", "is_match"), {"a", "timestamp"}),
    (lambda f: f.context(1).select("is_match"), {FREE}),
    (lambda f: f.group_by("a").agg(C("b").sum()), {"a", "b"}),
    (lambda f: f.group_by("a").agg(pl.len()), {"a"}),
    (lambda f: f.group_by().agg(pl.len()), {FREE}),
    (lambda f: f.select(pl.len()), {FREE}),
    (lambda f: f.context(1), None),
    (lambda f: f.drop("a"), None),
    (lambda f: f.extract("(?P<g>x)"), None),
    (lambda f: f.rename({"a": "b"}), None),
]


@pytest.mark.parametrize(("steps", "columns"), PROJECTED, ids=range(len(PROJECTED)))
def test_projection_notes_what_is_needed(steps: Any, columns: set[str] | None) -> None:
    """Every column a step reads, and none else; None where all come out or a wildcard stands for any."""
    plan = projection(steps(chain()).plan)
    assert plan.scan.columns == (None if columns is None else tuple(sorted(columns)))
    assert plan.steps == steps(chain()).plan.steps


ERROR = term("level", "ERROR", whole=True)
NOTED: list[tuple[Any, list[tuple[Term, ...]]]] = [
    (lambda f: f, []),
    (lambda f: f.filter(C("a") == "x"), [(term("a", "x", whole=True),)]),
    (lambda f: f.filter(pl.lit("x") == C("a")), [(term("a", "x", whole=True),)]),
    (lambda f: f.filter(C("a") == 500), [(term("a", "500", whole=True),)]),
    (lambda f: f.filter(C("a") == pl.lit(7, pl.Int64)), [(term("a", "7", whole=True),)]),
    (lambda f: f.filter(C("a") == ""), []),
    (lambda f: f.filter(C("a") == 1.5), []),
    (lambda f: f.filter(C("a") == C("b")), []),
    (lambda f: f.filter(C("a") != "x"), []),
    (lambda f: f.filter(~(C("a") == "x")), []),
    (lambda f: f.filter(C("a").str.contains("xyz", literal=True)), [(term("a", "xyz"),)]),
    (lambda f: f.filter(C("a").str.contains("x.z+abc")), [(term("a", "abc"),)]),
    (lambda f: f.filter(C("a").str.contains("(?i)abc")), []),
    (lambda f: f.filter(C("a").str.starts_with("x")), [(term("a", "x"),)]),
    (lambda f: f.filter(C("a").str.ends_with("x")), [(term("a", "x"),)]),
    (lambda f: f.filter(C("a").str.contains(C("b"))), []),
    (lambda f: f.filter(C("a").str.to_lowercase() == "x"), []),
    (lambda f: f.filter(C("a").is_null()), []),
    (lambda f: f.filter(C("a").str.len_chars() > 3), []),
    (lambda f: f.filter(C("a")), []),
    (
        lambda f: f.filter((C("a") == "x") & (C("b") == "y")),
        [(term("a", "x", whole=True),), (term("b", "y", whole=True),)],
    ),
    (lambda f: f.filter((C("a") == "x") | (C("b") == "y")), [(term("a", "x", whole=True), term("b", "y", whole=True))]),
    (lambda f: f.filter((C("a") == "x") | (C("b") > 1)), []),
    (lambda f: f.level("ERROR"), [(ERROR,)]),
    (lambda f: f.level("ERROR", "FATAL"), [(ERROR, term("level", "FATAL", whole=True))]),
    (lambda f: f.level(at_least="ERROR"), [(ERROR, term("level", "FATAL", whole=True))]),
    (lambda f: f.filter(C("level") > "WARN"), [(ERROR, term("level", "FATAL", whole=True))]),
    (lambda f: f.filter(C("level") > "FATAL"), []),
    (lambda f: f.filter(C("level") < "WARN"), []),
    (lambda f: f.filter(C("a") >= "WARN"), []),
    (lambda f: f.level("CRITICAL"), [(term("severity", "18", whole=True),)]),
    (lambda f: f.grep("disk", literal=True), [(term("raw", "disk"),)]),
    (lambda f: f.scope(C("a") == "x"), []),
    (lambda f: f.scope(C("b") == "y").filter(C("a") == "x"), [(term("a", "x", whole=True),)]),
    (lambda f: f.context(1).filter(C("a") == "x"), []),
    (lambda f: f.head(1).filter(C("a") == "x"), []),
    (lambda f: f.filter(C("a") == C("a").first()).filter(C("b") == "x"), []),
    (lambda f: f.with_columns(a=C("b") + "x").filter(C("a") == "x"), []),
    (lambda f: f.with_columns(c=C("b") + "x").filter(C("a") == "x"), [(term("a", "x", whole=True),)]),
    (lambda f: f.with_columns(pl.all().cast(pl.String)).filter(C("a") == "x"), []),
    (lambda f: f.select(a="b").filter(C("a") == "x"), []),
    (lambda f: f.rename({"b": "a"}).filter(C("a") == "x"), []),
    (lambda f: f.rename({"a": "b"}).filter(C("b") == "x"), []),
    (lambda f: f.extract("(?P<a>x)").filter(C("a") == "x"), []),
    (lambda f: f.drop("b").filter(C("a") == "x"), [(term("a", "x", whole=True),)]),
    (lambda f: f.filter(pl.any_horizontal(C("a") == "x")), []),
]


@pytest.mark.parametrize(("steps", "clauses"), NOTED, ids=range(len(NOTED)))
def test_literals_notes_what_every_match_contains(steps: Any, clauses: list[tuple[Term, ...]]) -> None:
    """A clause for each predicate that implies one, on columns as the scan gives them; the predicates stay."""
    plan = literals(steps(chain()).plan)
    assert list(plan.scan.clauses) == clauses
    assert plan.steps == steps(chain()).plan.steps


def test_a_clause_of_many_alternatives_is_left_out() -> None:
    """It would be no cheap test."""
    either = C("a") == "x0"
    for i in range(1, MOST + 1):
        either = either | (C("a") == f"x{i}")
    assert literals(chain().filter(either).plan).scan.clauses == ()


LIMITED: list[tuple[Any, int | None]] = [
    (lambda f: f, None),
    (lambda f: f.head(3), 3),
    (lambda f: f.head(3).head(1), 3),
    (lambda f: f.filter(C("a") == 1).head(3), 3),
    (lambda f: f.select("a").head(3).tail(1), 3),
    (lambda f: f.filter(C("a") == 1).context(2).head(3), 3),
    (lambda f: f.context(2).filter(C("a") == 1).head(3), 3),
    (lambda f: f.context(2).context(1).head(3), None),
    (lambda f: f.head(3).context(2), None),
    (lambda f: f.context(2).head(3).context(1), None),
    (lambda f: f.sort("a").head(3), None),
    (lambda f: f.unique("a").head(3), None),
    (lambda f: f.filter(C("a") > C("a").mean()).head(3), None),
    (lambda f: f.group_by("a").agg(pl.len()).head(3), None),
]


@pytest.mark.parametrize(("steps", "n"), LIMITED, ids=range(len(LIMITED)))
def test_limit_notes_when_reading_may_stop(steps: Any, n: int | None) -> None:
    """The first `head` that stands on what runs while reading; nothing where a context still needs neighbours."""
    plan = limit(steps(chain()).plan)
    assert plan.scan.limit == n
    assert plan.steps == steps(chain()).plan.steps


def test_rules_are_applied_in_order_and_settle() -> None:
    """Optimising once is enough."""
    plan = chain().level("ERROR").select("line").head(2).plan
    once = optimise(plan)
    assert (projection, literals, limit) == RULES
    assert optimise(once) == once
    assert once.scan.columns == ("level", "line")
    assert once.scan.clauses == ((ERROR,),)
    assert once.scan.limit == 2


def test_tables_are_left_to_polars() -> None:
    """Polars plans those itself."""
    plan = lq.from_polars(pl.DataFrame({"a": [1]})).head(1).plan
    assert optimise(plan) is plan
