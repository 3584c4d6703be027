"""Sounds, decoded by FFmpeg: in the child alone. Of a film the sound."""

from __future__ import annotations

import wave
from io import BytesIO
from typing import Final

import av
from av.audio.resampler import AudioResampler
from av.stream import Disposition

from causeway.desk.viewer.limits import SOUND_RATE, SOUND_SECONDS_MAX
from causeway.desk.viewer.shapes import Shape

__all__ = ["hear", "warm_up"]

_CODECS: Final = (
    *("aac", "alac", "amrnb", "amrwb", "flac", "mp3", "mp3float", "opus", "vorbis", "pcm_alaw", "pcm_f32le"),
    *("pcm_mulaw", "pcm_s16be", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8"),
)
"""What phones and browsers record, and no other decoder of FFmpeg's hundreds."""

_SAMPLE_BYTES: Final = 2
_CUT: Final = 1
_FILM: Final = 2


def warm_up() -> None:
    """Decode a moment of our own, so that all that is loaded on the way is loaded."""
    own = BytesIO()
    with wave.open(own, "wb") as silence:
        silence.setparams((2, _SAMPLE_BYTES, 2 * SOUND_RATE, 0, "NONE", ""))
        silence.writeframes(bytes(4_096))
    hear(own.getvalue(), shape=Shape.WAV)


def hear(content: bytes, *, shape: Shape) -> bytes:
    """Return samples, as `child` writes them: up to the longest length, or to where the file breaks off.

    Raises:
        Exception: Nothing of it can be read.
    """
    room = SOUND_RATE * SOUND_SECONDS_MAX * _SAMPLE_BYTES
    flags, heard = 0, bytearray()
    options = {"codec_whitelist": ",".join(_CODECS)}
    # The demuxer is named and not guessed: some open other files, or addresses, that a file names.
    with av.open(BytesIO(content), "r", format=shape.value, options=options) as container:
        stream = container.streams.audio[0]
        if stream.codec_context.name not in _CODECS:
            raise ValueError("no decoder for this")
        stream.codec_context.thread_count = 1
        if any(not one.disposition & Disposition.attached_pic for one in container.streams.video):
            flags |= _FILM
        resampler = AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
        try:
            for frame in container.decode(stream):
                for part in resampler.resample(frame):
                    heard += bytes(part.planes[0])[: part.samples * _SAMPLE_BYTES]
                if len(heard) >= room:
                    flags |= _CUT
                    break
        except av.FFmpegError:
            if not heard:
                raise
    if not heard:
        raise ValueError("no sound")
    return b"S" + bytes([flags]) + bytes(heard[:room])
