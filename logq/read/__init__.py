"""Files → blocks → entries → columns; nothing here knows of plans beyond the scan itself."""

from logq.read.blocks import BLOCK, Block, blocks
from logq.read.decode import decode_entries, decode_mixed, decode_wrapped
from logq.read.detect import detect
from logq.read.files import FileRef
from logq.read.lines import DAMAGE, LINE, entries
from logq.read.prefilter import prefilter
from logq.read.resolve import resolve_file
from logq.read.resolved import Resolved

__all__ = [
    "BLOCK",
    "DAMAGE",
    "LINE",
    "Block",
    "FileRef",
    "Resolved",
    "blocks",
    "decode_entries",
    "decode_mixed",
    "decode_wrapped",
    "detect",
    "entries",
    "prefilter",
    "resolve_file",
]
