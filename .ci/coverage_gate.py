"""Hold every module of logq to its coverage: `python .ci/coverage_gate.py [coverage.json]`.

Reads what `coverage json` wrote, prints one line a module, and exits 1 if a module is below its bar
(statements and branches together, as coverage counts them) or was not measured at all.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

BAR: Final = 90.0
# What matches patterns and puts sequences together is held to every line and branch.
SEQUENCES: Final = (
    *(
        f"logq/compile/{name}.py"
        for name in ("answers", "automaton", "chains", "combinations", "cuts", "greedy", "link", "lost", "summed")
    ),
    *(
        f"logq/compile/{name}.py"
        for name in ("near_misses", "order", "patterns", "recognised", "search", "sequence", "tested")
    ),
    *(f"logq/plan/{name}.py" for name in ("match_pattern", "patterns", "sequence", "sessions")),
    *(f"logq/frame/{name}.py" for name in ("folded", "keys", "patterns", "sequences", "sessions")),
    "logq/memory.py",
)
# What runs on a fleet, or decides what does, and what of the wire is let in is tested to the last line too; but when
# threads and links do what is not quite the same in each run: the bar leaves room for one such line in a small module.
DISTRIBUTED: Final = (
    "logq/run/",
    "logq/optimise/partials.py",
    "logq/compile/session_parts.py",
    "logq/read/ranges.py",
    *(f"logq/plan/{name}.py" for name in ("codec", "vocabulary")),
)
PATTERNS: Final = (
    "logq/formats/",
    *(
        f"logq/read/decode/{name}.py"
        for name in ("atoms", "covers", "cuts", "ends", "heads", "nulls", "pieces", "regex", "runs", "tails")
    ),
)
BARS: Final = dict.fromkeys((*PATTERNS, *SEQUENCES), 100.0) | dict.fromkeys(DISTRIBUTED, 98.0)


def bar_of(module: str) -> float:
    """Per cent that `module` (a path from the repository's root) must reach."""
    return next((bar for prefix, bar in BARS.items() if module.startswith(prefix)), BAR)


def failures(measured: dict[str, float], present: list[str]) -> list[str]:
    """One sentence for each module below its bar or missing from the measurement."""
    low = [f"{m}: {p:.1f} % < {bar_of(m):.0f} %" for m, p in sorted(measured.items()) if p < bar_of(m)]
    return low + [f"{m}: not measured" for m in sorted(set(present) - measured.keys())]


def main(argv: list[str]) -> int:
    """Print the table and the failures; 0 if there are none."""
    report = json.loads(Path(argv[0] if argv else "coverage.json").read_text(encoding="utf-8"))
    measured = {Path(name).as_posix(): file["summary"]["percent_covered"] for name, file in report["files"].items()}
    present = [path.as_posix() for path in Path("logq").rglob("*.py")]
    width = max(map(len, measured), default=0)
    for module, percent in sorted(measured.items()):
        print(f"{module:<{width}}  {percent:6.1f} %  (bar {bar_of(module):3.0f} %)")
    wrong = failures(measured, present)
    if not measured:
        wrong.append("nothing was measured")
    for sentence in wrong:
        print(f"coverage gate: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
