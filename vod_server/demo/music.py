"""Gentle music for the demo: a pentatonic melody of plucked notes, written as a mono WAV.

The frequencies are equal temperament; the melody walks over the scale at random by its seed,
which makes the same notes again every time.
"""

from __future__ import annotations

import array
import dataclasses
import functools
import math
import random
import sys
import wave
from pathlib import Path

SAMPLE_RATE = 24_000
#: Steps of the scale 宫商角徵羽 in semitones.
_PENTATONIC = (0, 2, 4, 7, 9)


@dataclasses.dataclass(frozen=True, slots=True)
class Tune:
    """How a title sounds: `root_hz` the tonic, `beat_s` a quarter note, `seed` the melody."""

    seed: int
    root_hz: float = 293.66
    beat_s: float = 0.5


@functools.lru_cache(maxsize=128)
def pluck(frequency_hz: float, length_s: float, loudness: float) -> array.array[float]:
    """Make one plucked note: a few partials that die away, the high ones first."""
    partials = ((1, 1.0, 2.6), (2, 0.42, 4.0), (3, 0.18, 6.0), (4, 0.08, 9.0))
    count = round(length_s * SAMPLE_RATE)
    note = array.array("d", bytes(8 * count))
    for factor, amount, decay in partials:
        step = math.tau * frequency_hz * factor / SAMPLE_RATE
        fade = math.exp(-decay / SAMPLE_RATE)
        level = loudness * amount
        for i in range(count):
            note[i] += level * math.sin(step * i)
            level *= fade
    _soften_ends(note)
    return note


def _soften_ends(note: array.array[float]) -> None:
    attack, release = SAMPLE_RATE // 125, SAMPLE_RATE // 20
    for i in range(attack):
        note[i] *= i / attack
    for i in range(release):
        note[-1 - i] *= i / release


def melody(tune: Tune, duration_s: float) -> list[tuple[float, float, float]]:
    """Write the notes as (start in s, frequency in Hz, loudness 0–1), the last one the tonic."""
    rng = random.Random(tune.seed)  # noqa: S311  # music, no secret
    notes = []
    degree, beat = 2, 0
    beats = int((duration_s - 2.5) / tune.beat_s)
    while beat < beats:
        degree = min(9, max(-2, degree + rng.choice((-2, -1, -1, 0, 1, 1, 2))))
        notes.append((beat * tune.beat_s, _degree_hz(tune, degree), 0.5 if beat % 4 else 0.62))
        beat += rng.choice((1, 1, 1, 2, 2))
    notes.append((beats * tune.beat_s, tune.root_hz, 0.6))
    bass = [(bar * tune.beat_s, _degree_hz(tune, low), 0.4) for bar, low in _bass(rng, beats)]
    return notes + bass


def _bass(rng: random.Random, beats: int) -> list[tuple[int, int]]:
    return [(beat, rng.choice((-10, -7, -5))) for beat in range(0, beats, 4)] + [(beats, -10)]


def _degree_hz(tune: Tune, degree: int) -> float:
    octave, step = divmod(degree, len(_PENTATONIC))
    return float(tune.root_hz * 2 ** (octave + _PENTATONIC[step] / 12))


def write_music(path: Path, tune: Tune, duration_s: float) -> None:
    """Write the tune as a 16-bit mono WAV of exactly `duration_s`."""
    samples = array.array("d", bytes(8 * round(duration_s * SAMPLE_RATE)))
    for start_s, frequency_hz, loudness in melody(tune, duration_s):
        offset = round(start_s * SAMPLE_RATE)
        note = pluck(round(frequency_hz, 2), 1.8, loudness)
        end = min(len(samples), offset + len(note))
        mixed = [a + b for a, b in zip(samples[offset:end], note, strict=False)]
        samples[offset:end] = array.array("d", mixed)
    peak = max(map(abs, samples)) or 1.0
    pcm = array.array("h", [round(20_000 * value / peak) for value in samples])
    if sys.byteorder == "big":
        pcm.byteswap()  # WAV is little-endian
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(pcm.tobytes())
