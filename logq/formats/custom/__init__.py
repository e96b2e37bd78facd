"""Formats of one's own, built from what describes them: a regex, a log_format directive, a logging style."""
