"""Entries → columns: one module a kind of format, one vocabulary of canonical columns over them."""

from logq.read.decode.columns import decode

__all__ = ["decode"]
