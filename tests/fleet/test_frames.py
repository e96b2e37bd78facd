"""Frames: what was sent arrives, or it is noticed."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logq.errors import PlanDecodeError
from logq.run.wire import messages, tables
from logq.run.wire.frames import MAGIC, MAX_BODY, MAX_NOISE, CorruptFrameError, Decoder, Frame, Kind

NUMBERS = st.integers(0, 2**32 - 1)
FRAMES = st.builds(Frame, st.sampled_from(Kind), st.binary(max_size=200), NUMBERS, NUMBERS, NUMBERS, NUMBERS)


@given(
    st.lists(FRAMES, max_size=5),
    st.integers(1, 50),
    st.binary(max_size=300).filter(lambda n: MAGIC not in n + MAGIC[:-1]),
)
def test_frames_arrive_however_the_stream_is_cut(frames: list[Frame], size: int, noise: bytes) -> None:
    """In pieces of any size, behind any noise of a shell."""
    stream = noise + MAGIC + b"".join(f.encode() for f in frames)
    decoder = Decoder(preamble=True)
    found = [f for i in range(0, len(stream), size) for f in decoder.feed(stream[i : i + size])]
    assert found == frames
    assert decoder.begun


@given(st.lists(FRAMES, min_size=1, max_size=4), st.data())
def test_a_twisted_byte_never_makes_another_frame(frames: list[Frame], data: st.DataObject) -> None:
    """What comes out is a beginning of what was sent."""
    stream = bytearray(b"".join(f.encode() for f in frames))
    at = data.draw(st.integers(0, len(stream) - 1))
    stream[at] ^= data.draw(st.integers(1, 255))
    decoder = Decoder(preamble=False)
    found: list[Frame] = []
    try:
        for i in range(len(stream)):
            found += decoder.feed(bytes(stream[i : i + 1]))
    except CorruptFrameError:
        pass
    assert found == frames[: len(found)]
    assert len(found) < len(frames)


def test_a_stream_that_is_no_agent_is_noticed() -> None:
    """The first words of what speaks there instead are shown."""
    decoder = Decoder(preamble=True)
    assert list(decoder.feed(b"Welcome!\n" * 10)) == []
    assert not decoder.begun
    with pytest.raises(CorruptFrameError, match=r"no agent spoke .* they begin b'Welcome!"):
        list(decoder.feed(b"x" * (MAX_NOISE + len(MAGIC))))


def test_impossible_frames_are_refused() -> None:
    """Lengths over the limit at both ends, kinds that nobody knows."""
    with pytest.raises(CorruptFrameError, match="over the limit"):
        Frame(Kind.ROWS, bytes(MAX_BODY + 1)).encode()
    with pytest.raises(CorruptFrameError, match="is announced, over the limit of 10"):
        list(Decoder(preamble=False, max_body=10).feed(Frame(Kind.ROWS, bytes(11)).encode()))
    unknown = Frame(Kind.ROWS)
    object.__setattr__(unknown, "kind", 99)
    with pytest.raises(CorruptFrameError, match="kind 99"):
        list(Decoder(preamble=False).feed(unknown.encode()))


def test_messages_refuse_what_they_do_not_know() -> None:
    """Another message, further fields, and nesting without end."""
    pong = messages.write(messages.Pong(clock=1.0))
    assert messages.read(pong, messages.Pong).clock == 1.0
    for data in (b"", b"\x91" * 100_000, messages.write(messages.Failure(kind="a", text="b")), pong[:-1]):
        with pytest.raises(PlanDecodeError, match="not a Pong"):
            messages.read(data, messages.Pong)


def test_tables_travel_in_pieces() -> None:
    """Every row comes, none in two; no rows are a piece too."""
    frame = pl.DataFrame({"a": range(100_000), "b": [random.Random(1).randbytes(400).hex()] * 100_000})
    parts = list(tables.pieces(frame))
    assert len(parts) > 1
    assert pl.concat(tables.unpack(tables.pack(p)) for p in parts).equals(frame)
    assert [p.height for p in tables.pieces(frame.head(0))] == [0]
    assert [p.height for p in tables.pieces(pl.DataFrame({"a": ["x" * (40 << 20)]}))] == [1]
    with pytest.raises(CorruptFrameError, match="no Arrow IPC stream"):
        tables.unpack(b"nonsense")
