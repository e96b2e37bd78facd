"""Literal prefilter: what a match must contain, found in the predicates on columns that are captured.

The notes only ever narrow the mask; the exact predicates stay. Reading turns each note into a test
on the raw line, cheaper than any capture by an order of magnitude.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import msgspec

from logq.optimise.pattern import required_literal
from logq.plan import Clause, Drop, Extract, Filter, Rename, Scope, Select, Term, WithColumns
from logq.schema import LEVELS

if TYPE_CHECKING:
    from logq.plan import Plan, Step
    from logq.plan.expressions import Json

__all__ = ["clauses_of", "literals"]

MOST: Final = 32
"""A clause with more alternatives than this is no cheap test."""


def literals(plan: Plan) -> Plan:
    """Annotate the scan with a clause for each predicate that implies one.

    >>> import polars as pl
    >>> from logq.plan import Filter, Plan, Scan, expressions
    >>> steps = (Filter(predicates=expressions([pl.col("level") == "ERROR"])),)
    >>> literals(Plan(source=Scan(sources=("a.log",)), steps=steps)).source.clauses
    ((Term(column='level', text='ERROR', whole=True),),)
    """
    found: list[Clause] = []
    changed: set[str] = set()
    for step in plan.steps:
        if isinstance(step, Filter) and step.rowwise:
            for predicate in step.predicates:
                found += [c for c in clauses_of(predicate.json) if not changed.intersection(t.column for t in c)]
        elif not step.rowwise:
            break
        made = _made(step)
        if made is None:
            break
        changed |= made
    usable = tuple(dict.fromkeys(c for c in found if len(c) <= MOST))
    return plan.with_source(msgspec.structs.replace(plan.source, clauses=usable))


def _made(step: Step) -> set[str] | None:
    """Columns whose values a step changes; None if that cannot be told."""
    match step:
        case Filter() | Scope() | Drop():
            return set()
        case Select() | WithColumns():
            outputs = [e.output for e in step.exprs]
            return None if any(o is None for o in outputs) else {o for o in outputs if o is not None}
        case Extract():
            return set(step.groups)
        case Rename():
            return {*step.mapping, *step.mapping.values()}
    return None


def clauses_of(tree: Json) -> list[Clause]:
    """Boolean expression → clauses that are true wherever it is; none if nothing is known."""
    if not isinstance(tree, dict):
        return []
    if "BinaryExpr" in tree:
        node = tree["BinaryExpr"]
        return _binary(node["op"], node["left"], node["right"])
    if "Function" in tree:
        return _function(tree["Function"]["input"], tree["Function"]["function"])
    return []


def _binary(op: str, left: Json, right: Json) -> list[Clause]:
    if op in ("And", "LogicalAnd"):
        return clauses_of(left) + clauses_of(right)
    if op in ("Or", "LogicalOr"):
        return [tuple(dict.fromkeys(a + b)) for a, b in product(clauses_of(left)[:2], clauses_of(right)[:2])]
    if op == "Eq":
        for column, value in ((_column(left), _value(right)), (_column(right), _value(left))):
            if column is not None and value:
                return [(Term(column=column, text=value, whole=True),)]
    if op in ("GtEq", "Gt") and _column(left) == "level" and _value(right) in LEVELS:
        at = LEVELS.index(str(_value(right))) + (op == "Gt")
        return [tuple(Term(column="level", text=name, whole=True) for name in LEVELS[at:])] if at < len(LEVELS) else []
    return []


def _function(inputs: list[Json], function: Json) -> list[Clause]:
    column = _column(inputs[0]) if len(inputs) > 1 else None
    value = _value(inputs[1]) if column is not None else None
    if column is None or not value or not isinstance(function, dict):
        return []
    match function.get("StringExpr"):
        case {"Contains": {"literal": True}} | "StartsWith" | "EndsWith":
            return [(Term(column=column, text=value),)]
        case {"Contains": {"literal": False}}:
            literal = required_literal(value)
            return [(Term(column=column, text=literal),)] if literal else []
    return []


def _column(tree: Json) -> str | None:
    return tree.get("Column") if isinstance(tree, dict) and isinstance(tree.get("Column"), str) else None


def _value(tree: Json) -> str | None:
    """Text of a string or integer literal."""
    literal = tree.get("Literal") if isinstance(tree, dict) else None
    match literal:
        case {"Scalar": {"String": str(text)}} | {"Dyn": {"Str": str(text)}}:
            return text
        case {"Dyn": {"Int": int(number)}} | {"Scalar": {"Int64": int(number)}}:
            return str(number)
    return None
