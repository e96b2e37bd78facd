"""Start an agent on standard input and output."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

from logq.run.agent.files import Roots
from logq.run.agent.limits import Limits
from logq.run.agent.serve import Agent

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Read the arguments of a command line, perhaps one forced by `authorized_keys`, and serve until the input ends.

    Whatever else writes to standard output from here on reaches standard error.
    """
    parser = argparse.ArgumentParser(prog="python -m logq.run.agent", description="Answers a logq fleet.")
    parser.add_argument("--root", action="append", default=[], help="read regular files below this folder only")
    parser.add_argument("--max-memory", type=int, help="bytes of memory at which it gives up")
    parser.add_argument("--max-seconds", type=float, help="seconds after which a request is given up")
    parser.add_argument("--max-scan-bytes", type=int, help="decoded bytes that a request may read in all")
    parser.add_argument("--nice", type=int, default=10, help="added to the process's niceness")
    known = parser.parse_args(arguments)
    with contextlib.suppress(OSError):
        os.nice(known.nice)
    out = os.dup(1)
    os.dup2(2, 1)
    limits = Limits(memory=known.max_memory, seconds=known.max_seconds, scan_bytes=known.max_scan_bytes)
    Agent(0, out, Roots(known.root), limits).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
