"""The agent: answers a coordinator over its standard streams, beside the files. `python -m logq.run.agent` runs it.

It needs polars and msgspec alone, opens no port, leaves nothing running, and writes nothing.
"""
