"""Plans as versioned JSON: what is written reads back equal, what is unknown is refused."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from logq.errors import BuildError, PlanDecodeError
from logq.plan.expressions import Expression
from logq.plan.plan import Plan

__all__ = ["MAX_PLAN", "VERSION", "decode", "encode"]

VERSION: Final = 1
MAX_PLAN: Final = 4 << 20


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    version: int
    plan: Plan


def encode(plan: Plan) -> bytes:
    """Plan → JSON.

    >>> from logq.plan import Head, Plan, Scan
    >>> decode(encode(Plan(source=Scan(sources=("a.log",)), steps=(Head(n=3),)))).describe()
    'scan(a.log; format=auto)\\n  .head(3)'
    """
    return msgspec.json.encode(_Envelope(version=VERSION, plan=plan), enc_hook=_write)


def decode(data: bytes) -> Plan:
    """JSON → plan, equal to the one that was encoded.

    Raises
    ------
    PlanDecodeError
        Not JSON, another version, an unknown step or field, an expression that is code, or too large.

    >>> decode(b'{"version":2,"plan":{}}')
    Traceback (most recent call last):
    ...
    logq.errors.PlanDecodeError: plan has version 2; this logq reads version 1
    """
    if len(data) > MAX_PLAN:
        msg = f"plan is {len(data)} bytes long, over the limit of {MAX_PLAN}"
        raise PlanDecodeError(msg)
    try:
        version = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).get("version")
        if version is None or msgspec.json.decode(version) != VERSION:
            msg = f"plan has version {bytes(version or b'none').decode()}; this logq reads version {VERSION}"
            raise PlanDecodeError(msg)
        return msgspec.json.decode(data, type=_Envelope, dec_hook=_read).plan
    except (msgspec.DecodeError, BuildError, RecursionError) as error:
        msg = f"not a plan: {error}"
        raise PlanDecodeError(msg) from error


def _write(value: Any) -> Any:  # noqa: ANN401 (msgspec's hook type)
    if isinstance(value, Expression):
        return value.json
    msg = f"a plan cannot hold {type(value).__name__}"
    raise TypeError(msg)


def _read(kind: type, value: Any) -> Any:  # noqa: ANN401 (msgspec's hook type)
    if kind is Expression:
        return Expression.decode(value)
    msg = f"a plan cannot hold {kind.__name__}"
    raise TypeError(msg)
