"""What a question would cost: told from the sizes of files and a run on the heads of a few."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.run.fleet.dispatch import Share
from logq.run.fleet.dispatched import spans
from logq.run.prepared import NAMES
from logq.run.runner import ESTIMATE
from logq.run.wire.messages import Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from logq.run.fleet.dispatched import Dispatched, Told
    from logq.run.wire.messages import Run

__all__ = ["estimated"]

HEAD: Final = 64 << 10
FEW: Final = 8
"""Files of a host whose heads are tried."""


def estimated(
    prepared: Dispatched,
    asked: Callable[[Dispatched, Told], Run],
    start: Callable[[dict[int, Share]], Future[object]],
) -> pl.DataFrame:
    """One row a host: files, bytes as stored, and what would be sent at first; null where no head could be tried.

    Rows are taken to be as frequent as in the heads; of what is done in parts each unit sends one.
    """
    if prepared.late is not None:
        sent = (*prepared.late.sent, *(n for n in NAMES if n in prepared.streamed))
        prepared = replace(prepared, output=sent)
    news = threading.Condition()
    shares = {
        i: Share(asked(prepared, told), heads, news) for i, told in enumerate(prepared.told) if (heads := _heads(told))
    }
    work = start(shares)
    try:
        measured = {i: _measured(share) for i, share in shares.items()}
        work.result()
    finally:
        work.cancel()
    parts = prepared.parted is not None and bool(prepared.parted.ahead)
    rows = []
    for i, told in enumerate(prepared.told):
        size = sum(f.size for f in told.files)
        tried, scanned, sent_bytes = measured.get(i, (0, 0, 0))
        unknown = bool(told.files) and not tried
        many = len(spans(prepared, told)) / max(tried, 1) if parts else size / max(scanned, 1)
        rows.append((told.report.host, len(told.files), size, None if unknown else round(sent_bytes * many)))
    return pl.DataFrame(rows, schema=ESTIMATE, orient="row")


def _heads(told: Told) -> list[Span]:
    """Units of the heads of a few files, from first to last."""
    fit = [
        i for i, (file, whole) in enumerate(zip(told.files, told.whole, strict=True)) if whole != "always" and file.size
    ]
    chosen = fit[:: -(-len(fit) // FEW)] if fit else []
    return [
        Span(number=n, first=i, last=i + 1, low=0, high=min(HEAD, told.files[i].size)) for n, i in enumerate(chosen)
    ]


def _measured(share: Share) -> tuple[int, int, int]:
    """Heads that were read, their bytes, and the bytes that were sent."""
    heads = scanned = sent = 0
    for unit in share.in_order():
        bodies = [len(body) for body in unit.bodies()]
        if unit.end is not None:
            heads, scanned, sent = heads + 1, scanned + unit.end.files[0].bytes, sent + sum(bodies)
    share.drop()
    if share.refused is not None:
        raise share.refused
    return heads, scanned, sent
