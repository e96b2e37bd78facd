"""Sources that coverage sees: Polars runs them in threads of its own. To be imported ahead of what makes any."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import polars.io.plugins


def _traced(register: Callable[..., pl.LazyFrame]) -> Callable[..., pl.LazyFrame]:
    """Trace a source in whatever thread it runs."""

    def registered(source: Callable[..., Iterator[pl.DataFrame]], **options: Any) -> pl.LazyFrame:
        def frames(*asked: Any) -> Iterator[pl.DataFrame]:
            made = iter(source(*asked))
            try:
                while True:
                    if sys.gettrace() is None:
                        sys.settrace(threading.gettrace())
                    frame = next(made, None)
                    if frame is None:
                        return
                    yield frame
            finally:
                made.close()  # type: ignore[attr-defined]

        return register(frames, **options)

    return registered


polars.io.plugins.register_io_source = _traced(polars.io.plugins.register_io_source)
