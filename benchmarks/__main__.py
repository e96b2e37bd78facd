"""All benchmarks, one after the other: ``python -m benchmarks [--quick]``."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import cli, context, data, json_lines, memory, parse
from benchmarks import filter as filtering

SCRIPTS = (filtering, context, parse, json_lines)
QUICK = data.parse_size("50MB")
QUICK_RESULTS = cli.RESULTS / "quick"
OTHERS = {
    "formats": ("--size", "2MB", "--repeats", "1"),
    "entries": ("--size", "20MB", "--repeats", "1"),
    "detect": ("--size", "50MB", "--repeats", "1"),
    "sequences": ("--million", "0.2", "--repeats", "1"),
    "fleet": ("--mb", "4", "--seconds", "1"),
}
"""Scripts with a command line of their own, and what makes them quick."""


def main() -> None:
    """Run from the command line; ends with status 1 if a bar was missed at full size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small files, once: does it work, not how fast")
    raise SystemExit(_quick() if parser.parse_args().quick else _full())


def _quick() -> int:
    """Bars are shown, but small files say nothing about them."""
    for script in SCRIPTS:
        cli.run(script.BENCH, cli.Options(QUICK, repeats=1, results=QUICK_RESULTS))
    memory.run(memory.WORKS, (QUICK, 2 * QUICK), 1, 1, QUICK_RESULTS)
    for name, options in OTHERS.items():
        _script(name, *options, results=QUICK_RESULTS)
    return 0


def _full() -> int:
    met = [cli.run(script.BENCH, cli.Options(data.parse_size(script.SIZE))) for script in SCRIPTS]
    sizes = (data.parse_size("1GB"), data.parse_size("6GB"))
    met.append(memory.run(memory.WORKS, sizes, 1, 3, cli.RESULTS))
    met += [_script(name) for name in OTHERS]
    return 0 if all(met) else 1


def _script(name: str, *options: str, results: Path = cli.RESULTS) -> bool:
    """Run a script in a process of its own; whether every bar was met.

    Raises
    ------
    RuntimeError
        It ended before it had saved its figures.
    """
    begun = time.time()
    argv = [sys.executable, "-m", f"benchmarks.{name}", *options, "--results", str(results)]
    status = subprocess.run(argv, check=False).returncode
    saved = results / f"{name}.json"
    if not saved.exists() or saved.stat().st_mtime < begun:
        raise RuntimeError(f"benchmarks.{name} ended with status {status} and saved nothing")
    return status == 0


if __name__ == "__main__":
    main()
