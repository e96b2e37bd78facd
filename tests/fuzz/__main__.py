"""Run the fuzz for a number of minutes: lines of every format, cut, spliced and damaged, in any blocks."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback

from tests.fuzz.inputs import BY, FORMS, HEADED, logs
from tests.fuzz.oracle import complaint


def main() -> int:
    """Print the inputs that crash a scan or lose a line, and how many were tried; 1 if there were any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, until = random.Random(given.seed), time.monotonic() + given.minutes * 60
    tried, found = 0, 0
    while time.monotonic() < until and found < 10:
        data, form, block = logs(chance), chance.choice(FORMS), chance.choice([1, 7, 64, 1000, 1 << 20])
        by = chance.choice([None, None, None, BY])
        tried += 1
        try:
            said = complaint(data, form, block, by if form not in HEADED else None)
        except Exception:  # noqa: BLE001 (any crash is a find)
            said = traceback.format_exc(limit=-4)
        if said:
            found += 1
            print(f"format={form!r} block={block} by={by!r} data={data!r}\n{said}", flush=True)
    print(f"{tried} inputs, {found} finds")
    return int(found > 0)


sys.exit(main())
