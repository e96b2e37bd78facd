"""What to do, as frozen data: sources, steps, expressions and their JSON."""

from logq.plan.base import Step
from logq.plan.codec import decode, encode
from logq.plan.columns import Drop, Extract, Rename, Select, WithColumns
from logq.plan.context import CONTEXT_COLUMNS, Context
from logq.plan.expressions import HIDDEN, Expression, IntoExpression, expressions
from logq.plan.groups import Aggregate
from logq.plan.plan import STEPS, AnyStep, Plan
from logq.plan.rows import Filter, Head, Scope, Sort, Tail, Unique
from logq.plan.scan import Clause, Scan, Term

__all__ = [
    "CONTEXT_COLUMNS",
    "HIDDEN",
    "STEPS",
    "Aggregate",
    "AnyStep",
    "Clause",
    "Context",
    "Drop",
    "Expression",
    "Extract",
    "Filter",
    "Head",
    "IntoExpression",
    "Plan",
    "Rename",
    "Scan",
    "Scope",
    "Select",
    "Sort",
    "Step",
    "Tail",
    "Term",
    "Unique",
    "WithColumns",
    "decode",
    "encode",
    "expressions",
]
