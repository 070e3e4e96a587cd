from __future__ import annotations

import itertools
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwaudit.extract.frames import cut_frames, decode_result, encode_result, read_frame, write_frame


@given(st.lists(st.binary(max_size=50), max_size=8), st.lists(st.integers(0, 400), max_size=6))
def test_frames_survive_any_cut(bodies: list[bytes], cuts: list[int]) -> None:
    """However a stream of frames is cut into reads, the same frames come out, each as soon as it is complete."""
    stream = b"".join(len(body).to_bytes(4) + body for body in bodies)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    buffer = bytearray()
    found = []
    for start, end in itertools.pairwise(edges):
        buffer += stream[start:end]
        found += list(cut_frames(buffer))

    assert found == bodies
    assert buffer == b""


def test_a_large_frame_passes_through_a_pipe() -> None:
    """A frame larger than a pipe holds is written and read in parts; the end of the pipe is None."""
    reader, writer = os.pipe()
    body = os.urandom(3_000_000)

    def write() -> None:
        write_frame(writer, body)
        write_frame(writer, b"")
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    assert read_frame(reader) == body
    assert read_frame(reader) == b""
    assert read_frame(reader) is None
    thread.join()
    os.close(reader)


def test_half_a_frame_is_the_end() -> None:
    """A process that died while writing sent nothing."""
    reader, writer = os.pipe()
    os.write(writer, (10).to_bytes(4) + b"half")
    os.close(writer)

    assert read_frame(reader) is None
    os.close(reader)


def test_writing_to_nobody_fails() -> None:
    """A reader that is gone is an exception, not a signal."""
    reader, writer = os.pipe()
    os.close(reader)

    with pytest.raises(BrokenPipeError):
        write_frame(writer, b"x")
    os.close(writer)


def test_results_keep_index_kind_and_payload() -> None:
    """A result's body is what was put in."""
    assert decode_result(encode_result(70_000, 2, b"payload")) == (70_000, 2, b"payload")
