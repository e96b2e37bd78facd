"""Files → blocks → entries → columns; nothing here knows of plans beyond the scan itself."""

from logq.read.blocks import BLOCK, Block, blocks
from logq.read.decode import decode_entries, decode_mixed, decode_whole, decode_wrapped
from logq.read.detect import detect
from logq.read.files import FileRef
from logq.read.lines import BODY, DAMAGE, LINE, entries, text_of
from logq.read.prefilter import prefilter
from logq.read.processes import PROCESS
from logq.read.resolve import resolve_file
from logq.read.resolved import Resolved
from logq.read.woven import Woven, entry_blocks

__all__ = [
    "BLOCK",
    "BODY",
    "DAMAGE",
    "LINE",
    "PROCESS",
    "Block",
    "FileRef",
    "Resolved",
    "Woven",
    "blocks",
    "decode_entries",
    "decode_mixed",
    "decode_whole",
    "decode_wrapped",
    "detect",
    "entries",
    "entry_blocks",
    "prefilter",
    "resolve_file",
    "text_of",
]
