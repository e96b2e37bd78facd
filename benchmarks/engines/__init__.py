"""The benchmarked work, one module an engine.

A run imports only the module of its own engine, so no engine pays for another's memory.
"""
