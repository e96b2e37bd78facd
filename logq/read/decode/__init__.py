"""Entries → columns: one module a kind of format, one vocabulary of canonical columns over them."""

from logq.read.decode.columns import decode_entries, decode_whole
from logq.read.decode.mixed import decode_mixed
from logq.read.decode.wrapped import decode_wrapped

__all__ = ["decode_entries", "decode_mixed", "decode_whole", "decode_wrapped"]
