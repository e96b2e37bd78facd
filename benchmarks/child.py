"""The fresh process in which one Python contender works once: ``module:function path``.

Prints one line of JSON: the seconds the call took (imports are over by then), those of all its threads on the
processors, and its answer.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from time import perf_counter, process_time


def main(target: str, path: str) -> None:
    """Import ``target``, time one call of it on ``path``, print what came out."""
    module, _, function = target.partition(":")
    work = getattr(importlib.import_module(module), function)
    start, start_cpu = perf_counter(), process_time()
    answer = work(Path(path))
    seconds, cpu = perf_counter() - start, process_time() - start_cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "answer": answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])
