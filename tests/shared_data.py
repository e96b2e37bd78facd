"""Where the public logs and other projects' expected values lie: `python3 tests/shared_data.py` prints it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def folder() -> Path:
    """`LOGQ_SHARED_DATA`, else `shared/data` beside the repository; it need not be there."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("LOGQ_SHARED_DATA", beside))


if __name__ == "__main__":
    sys.stdout.write(f"{folder()}\n")
