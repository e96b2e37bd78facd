"""Hosts that have Python and no logq: one source of the standard library goes in over the pipe, bytes come out.

What an agent of Polars would do with the bytes is done here, by the same code.
"""
