"""Which words a format's level may be written as, for tests on raw lines."""

from __future__ import annotations

import pytest

from logq.formats import FORMATS, Format


@pytest.mark.parametrize(
    ("level", "word", "may"),
    [
        ("(?P<level>ERROR|WARN(?:ING)?)", "ERROR", True),
        ("(?P<level>ERROR|WARN(?:ING)?)", "WARNING", True),
        ("(?P<level>ERROR|WARN(?:ING)?)", "error", False),
        ("(?P<level>ERROR|WARN(?:ING)?)", "ERR", False),
        ("(?i)(?P<level>ERROR)", "error", True),
        ("(?P<level>(?i:ERROR))", "error", True),
        ("(?P<level>[a-z]+[0-8]?)", "debug", True),
        ("(?P<level>[a-z]+[0-8]?)", "DEBUG", False),
        (r"(?P<level>\w+)", "anything", True),
        (r"(?P<level>a\(b)", "anything", True),
        ("(?P<level>.*)", "anything", True),
        ("(?P<level> *ERROR)", "anything", True),
        ("(?P<other>ERROR)", "anything", True),
    ],
)
def test_words_a_pattern_takes(level: str, word: str, *, may: bool) -> None:
    """Only a pattern that is a choice of words rules a word out."""
    assert Format(name="own", title="Own", patterns=(f"^{level} (?P<message>.*)$",)).may_say(word) is may


def test_every_pattern_counts() -> None:
    """A word that any of the patterns takes may stand there."""
    patterns = ("^(?P<level>ERROR) (?P<message>.*)$", "^(?P<level>error): (?P<message>.*)$")
    form = Format(name="own", title="Own", patterns=patterns)
    assert (form.may_say("ERROR"), form.may_say("error"), form.may_say("Error")) == (True, True, False)


def test_formats_without_patterns_rule_nothing_out() -> None:
    """JSON takes any word."""
    assert FORMATS["json"].may_say("crit")
