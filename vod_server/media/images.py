"""Pictures of a title: poster candidates and sprite sheets for seeking, by one ffmpeg."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from core.errors import JobError
from vod_server.media.commands import picture_steps, tone_steps
from vod_server.media.facts import Probe
from vod_server.media.ffmpeg import (
    OnProgress,
    StopQuestion,
    input_arguments,
    never_stop,
    run_ffmpeg,
    storage_error,
)
from vod_server.media.ladder import Picture, plan_ladder
from vod_server.media.posters import accept_poster, compose_poster, draw_poster, score_picture

__all__ = ["Pictures", "Sprite", "accept_poster", "draw_poster", "make_pictures"]

TILE_WIDTH, TILE_HEIGHT = 160, 90
COLUMNS = ROWS = 10
MIN_INTERVAL_S = 2.0
MAX_TILES = 300
CANDIDATES = 5
POSTER_BOX = (640, 360)


@dataclass(frozen=True, slots=True)
class Sprite:
    """Sheets of small pictures, row by row; tile n shows the time n × interval."""

    files: tuple[str, ...]
    count: int
    interval_s: float
    tile_width: int = TILE_WIDTH
    tile_height: int = TILE_HEIGHT
    columns: int = COLUMNS
    rows: int = ROWS


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a title, as file names in their folder."""

    poster: str  #: 640×360 JPEG, a copy of the best candidate
    candidates: tuple[str, ...]
    best: int  #: index of the candidate the poster is
    sprite: Sprite | None  #: None for sound alone

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary that `from_json` reads back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Pictures:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: the dictionary is not one of `to_json`'s.
        """
        raw = value["sprite"]
        sprite = Sprite(**{**raw, "files": tuple(raw["files"])}) if raw else None
        return cls(**{**value, "candidates": tuple(value["candidates"]), "sprite": sprite})


def make_pictures(
    source: Path,
    probe: Probe,
    out_dir: Path,
    *,
    title: str,
    on_progress: OnProgress | None = None,
    should_stop: StopQuestion = never_stop,
) -> Pictures:
    """Write `poster.jpg`, `poster-<n>.jpg` and `sprite-<n>.jpg` into a folder.

    Args:
        title: written on the poster of a title without picture.

    Raises:
        JobError, JobCancelledError, StorageFullError: as `run_ffmpeg`.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    picture = plan_ladder(probe, None).picture
    if probe.video is None or picture is None:
        return _drawn(title, out_dir)
    duration_s = max(probe.video.end_s, 0.001)
    interval_s = sprite_interval(duration_s)
    tiles = _Frames(TILE_WIDTH, TILE_HEIGHT)
    stills = _Frames(*_still_size(probe.video.width, probe.video.height))

    def build(outputs: Sequence[str]) -> list[str]:
        # Where keyframes are denser than tiles, only those need decoding.
        gap_s = probe.video.max_keyframe_gap_s if probe.video else None
        sparse = gap_s is not None and gap_s <= interval_s
        skip = ["-skip_frame", "nokey"] if sparse else []
        graph = _graph(picture, stills, interval_s, duration_s)
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
        outs = [
            ["-map", name, *raw, out] for name, out in zip(("[t]", "[p]"), outputs, strict=True)
        ]
        return [*skip, *input_arguments(source), "-filter_complex", graph, *outs[0], *outs[1]]

    run_ffmpeg(
        build,
        sinks=[tiles, stills],
        duration_s=duration_s,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    try:
        return _save(tiles.images(), stills.images(), interval_s, out_dir)
    except OSError as error:
        raise storage_error(error) from error


def sprite_interval(duration_s: float) -> float:
    """Return the seconds between tiles: at least 2, and so many that about 300 tiles do."""
    return float(max(MIN_INTERVAL_S, math.ceil(duration_s / MAX_TILES)))


def _graph(picture: Picture, stills: _Frames, interval_s: float, duration_s: float) -> str:
    """Return the graph to the outputs `[t]` (tiles) and `[p]` (poster candidates).

    Pictures are thinned out first, so that only those that are kept are scaled and converted.
    """
    steps = [step for step in picture_steps(picture, steady=False) if "tpad" not in step]
    # Seven spots, of which the first (often black or a logo) and the last are left aside.
    spot_s = max(duration_s / (CANDIDATES + 2), 0.001)
    tone = [*tone_steps(picture), "format=rgb24"]
    still = [_thin(spot_s), f"scale={stills.width}:{stills.height}", "setsar=1", *tone]
    fit = f"scale={TILE_WIDTH}:{TILE_HEIGHT}:force_original_aspect_ratio=decrease"
    pad = f"pad={TILE_WIDTH}:{TILE_HEIGHT}:-1:-1"
    tile = [_thin(interval_s), "scale=trunc(iw*sar):ih", fit, "setsar=1", *tone, pad]
    chain = ",".join([*steps, "split[a][b]"])
    return f"[0:{picture.index}]{chain};[a]{','.join(tile)}[t];[b]{','.join(still)}[p]"


def _thin(interval_s: float) -> str:
    return f"fps=1/{interval_s:.6f}:start_time=0:round=up"


def _still_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, POSTER_BOX[0] / width, POSTER_BOX[1] / height)
    return max(2, round(width * scale)), max(2, round(height * scale))


class _Frames:
    """Collects raw RGB frames of a size."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bytes = bytearray()

    def __call__(self, chunk: bytes) -> None:
        self._bytes += chunk

    def images(self) -> list[Image.Image]:
        size = self.width * self.height * 3
        return [
            Image.frombytes("RGB", (self.width, self.height), bytes(self._bytes[at : at + size]))
            for at in range(0, len(self._bytes) - size + 1, size)
        ]


def _save(
    tiles: list[Image.Image], stills: list[Image.Image], interval_s: float, out_dir: Path
) -> Pictures:
    if not tiles or not stills:
        raise JobError("视频里取不出画面，文件可能已损坏。", permanent=True)
    chosen = stills[1 : CANDIDATES + 1] or stills
    scores = [score_picture(image) for image in chosen]
    best = scores.index(max(scores))
    names = tuple(f"poster-{at}.jpg" for at in range(len(chosen)))
    for name, image in zip(names, chosen, strict=True):
        compose_poster(image).save(out_dir / name, quality=85)
    (out_dir / "poster.jpg").write_bytes((out_dir / names[best]).read_bytes())
    return Pictures("poster.jpg", names, best, _save_sheets(tiles, interval_s, out_dir))


def _save_sheets(tiles: list[Image.Image], interval_s: float, out_dir: Path) -> Sprite:
    names: list[str] = []
    for first in range(0, len(tiles), COLUMNS * ROWS):
        part = tiles[first : first + COLUMNS * ROWS]
        columns, rows = min(len(part), COLUMNS), math.ceil(len(part) / COLUMNS)
        sheet = Image.new("RGB", (columns * TILE_WIDTH, rows * TILE_HEIGHT))
        for at, tile in enumerate(part):
            sheet.paste(tile, (at % COLUMNS * TILE_WIDTH, at // COLUMNS * TILE_HEIGHT))
        names.append(f"sprite-{len(names)}.jpg")
        sheet.save(out_dir / names[-1], quality=70)
    return Sprite(tuple(names), len(tiles), interval_s)


def _drawn(title: str, out_dir: Path) -> Pictures:
    try:
        draw_poster(title).save(out_dir / "poster-0.jpg", quality=90)
        (out_dir / "poster.jpg").write_bytes((out_dir / "poster-0.jpg").read_bytes())
    except OSError as error:
        raise storage_error(error) from error
    return Pictures("poster.jpg", ("poster-0.jpg",), 0, None)
