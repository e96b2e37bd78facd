"""Nodes of this machine that are asked by tier B."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import logq as lq
from logq.run.bare import agent

FAST = lq.Patience(start=10, silence=5, retries=3, pause=0.01)
SOURCE = Path(agent.__file__)


def as_a_file(*arguments: str) -> str:
    """An interpreter that runs the agent from its file, as a forced command would, whatever it is asked to run."""
    command = shlex.join([sys.executable, str(SOURCE), "--nice", "0", *arguments])
    return shlex.join(["sh", "-c", f"exec {command}"])


def bare(folder: Path, name: str = "a", **options: Any) -> lq.Node:
    """A node of this machine that is asked by tier B."""
    given = {"address": "pipe:", "folder": str(folder), "tiers": ("B",), "python": as_a_file("--root", str(folder))}
    return lq.Node(name=name, **{**given, **options})


def fleet_of(folder: Path, **options: Any) -> lq.Fleet:
    """A fleet of one such node."""
    return lq.Fleet([bare(folder, **options)], patience=FAST)
