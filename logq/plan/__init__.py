"""What to do, as frozen data: sources, steps, expressions and their JSON."""

from logq.plan.base import Step
from logq.plan.codec import decode, encode
from logq.plan.columns import Drop, Extract, Rename, Select, WithColumns
from logq.plan.context import CONTEXT_COLUMNS, Context
from logq.plan.expressions import HIDDEN, Expression, IntoExpression, expressions
from logq.plan.groups import Aggregate
from logq.plan.match_pattern import PATTERN_COLUMNS, RowPattern, RowsShown, Skip, is_shift
from logq.plan.patterns import Anchor, Choice, Node, Repeat, Series, Variable, leaves, parse_pattern
from logq.plan.plan import STEPS, AnyStep, Plan
from logq.plan.redact import Redact
from logq.plan.repair import CLOCK, Repairing, RepairTime
from logq.plan.rows import Filter, Head, Scope, Sort, Tail, Unique
from logq.plan.scan import Clause, Scan, Term
from logq.plan.sequence import SEQUENCE_COLUMNS, Answer, EventSequence, Policy, Stage
from logq.plan.sessions import (
    SESSION_COLUMNS,
    SUMMARY_COLUMNS,
    Having,
    Orphans,
    SessionLinks,
    Sessions,
    SessionSummary,
    Timeline,
)
from logq.plan.table import Table

__all__ = [
    "CLOCK",
    "CONTEXT_COLUMNS",
    "HIDDEN",
    "PATTERN_COLUMNS",
    "SEQUENCE_COLUMNS",
    "SESSION_COLUMNS",
    "STEPS",
    "SUMMARY_COLUMNS",
    "Aggregate",
    "Anchor",
    "Answer",
    "AnyStep",
    "Choice",
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
    "Node",
    "Orphans",
    "Plan",
    "Policy",
    "Redact",
    "Rename",
    "RepairTime",
    "Repairing",
    "Repeat",
    "RowPattern",
    "RowsShown",
    "Scan",
    "Scope",
    "Select",
    "Series",
    "SessionLinks",
    "SessionSummary",
    "Sessions",
    "Skip",
    "Sort",
    "Stage",
    "Step",
    "Table",
    "Tail",
    "Term",
    "Timeline",
    "Unique",
    "Variable",
    "WithColumns",
    "decode",
    "encode",
    "expressions",
    "is_shift",
    "leaves",
    "parse_pattern",
]
