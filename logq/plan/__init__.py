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
from logq.plan.sequence import SEQUENCE_COLUMNS, Answer, EventSequence, Stage
from logq.plan.sessions import SESSION_COLUMNS, Having, Orphans, Sessions, SessionSummary, Timeline
from logq.plan.table import Table

__all__ = [
    "CONTEXT_COLUMNS",
    "HIDDEN",
    "SEQUENCE_COLUMNS",
    "SESSION_COLUMNS",
    "STEPS",
    "Aggregate",
    "Answer",
    "AnyStep",
    "Clause",
    "Context",
    "Drop",
    "EventSequence",
    "Expression",
    "Extract",
    "Filter",
    "Having",
    "Head",
    "IntoExpression",
    "Orphans",
    "Plan",
    "Rename",
    "Scan",
    "Scope",
    "Select",
    "SessionSummary",
    "Sessions",
    "Sort",
    "Stage",
    "Step",
    "Table",
    "Tail",
    "Term",
    "Timeline",
    "Unique",
    "WithColumns",
    "decode",
    "encode",
    "expressions",
]
