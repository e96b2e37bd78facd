"""Facts about the machine and the contenders' versions, kept beside every result."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

PACKAGES = ("logq", "polars", "pyarrow", "duckdb", "chdb")
TOOLS = ("rg", "grep")


def facts() -> dict[str, object]:
    """Cores, CPU, memory, versions and date, as JSON carries them; null for what is not there."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _first_match(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text()),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 10**6,
        "kernel": platform.release(),
        "python": platform.python_version(),
        **{package: _package_version(package) for package in PACKAGES},
        **{tool: _tool_version(tool) for tool in TOOLS},
    }


def _first_match(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found.group(1) if found else None


def _package_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _tool_version(name: str) -> str | None:
    if shutil.which(name) is None:
        return None
    said = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout
    return _first_match(r"(\d+(?:\.\d+)+)", said)
