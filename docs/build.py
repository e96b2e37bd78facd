"""Write the pages that are made from the code: `python docs/build.py`, or `--check` to fail if one is out of date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from logq.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logq.formats.base import Format

DOCS: Final = Path(__file__).parent


def formats_page() -> Iterator[str]:
    """One table of all formats, then a section a format with the first of its samples."""
    yield "<!-- Made by docs/build.py from the formats' own data. Edit those, then run `make docs`. -->"
    yield "# Formats"
    yield (
        "Each format is data: patterns, the layout of its time stamps, and samples with the values they must give. "
        "They stand here in the order in which detection breaks ties. The columns every scan has "
        "(`timestamp`, `level`, `message`, …) are described in [DESIGN.md](../DESIGN.md#2-what-an-entry-is)."
    )
    rows = [f"| [`{f.name}`](#{f.name}) | {f.title} | {own_columns(f)} |" for f in FORMATS.values()]
    yield "\n".join(["| name | title | columns of its own |", "|---|---|---|", *rows])
    for fmt in FORMATS.values():
        yield from section(fmt)


def own_columns(fmt: Format) -> str:
    """The format's columns beside the canonical ones, in words if only the data knows them."""
    names = ", ".join(f"`{name}`" for name in fmt.fields)
    return "; ".join(filter(None, [names, "whatever the data holds" if fmt.open else ""])) or "none"


def shown(value: object) -> str:
    """A value on one line of a table."""
    return "null" if value is None else str(value).replace("|", r"\|").replace("\n", "⏎")


def section(fmt: Format) -> Iterator[str]:
    """Heading, reference and one sample of a format."""
    yield f"## {fmt.name}"
    yield fmt.title + (f" ([reference]({fmt.reference}))." if fmt.reference else ".")
    for sample in fmt.samples[:1]:
        yield f"```text\n{sample.text}\n```"
        rows = [f"| `{name}` | `{shown(value)}` |" for name, value in sample.expected.items()]
        yield "\n".join(["| column | value |", "|---|---|", *rows])


PAGES: Final = {"formats.md": formats_page}


def main(argv: list[str]) -> int:
    """Write every page, or with `--check` only compare; 1 if a page was out of date."""
    stale = []
    for name, page in PAGES.items():
        path = DOCS / name
        text = "\n\n".join(page()) + "\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in argv:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(DOCS.parent)}")
    if stale and "--check" in argv:
        print(f"out of date, run `make docs`: {', '.join(stale)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
