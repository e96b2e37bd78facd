"""Bytes of any kind into a scan, for as long as one likes: `python -m tests.fuzz --minutes 10`."""
