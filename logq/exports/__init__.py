"""Results → files."""

from logq.exports.files import WRITERS, write

__all__ = ["WRITERS", "write"]
