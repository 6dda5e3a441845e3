"""Turn layers, cards and music into a film by one ffmpeg command."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from core.errors import JobError
from vod_server.demo.landscape import FRAME_RATE, Layer
from vod_server.demo.model import Encoding
from vod_server.media.ffmpeg import tied

TARGET_LUFS = -23.0
FADE_S = 0.45
_H264 = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -crf 21 -maxrate 2500k -bufsize 5000k"
_AAC = "-c:a aac -b:a 128k -ac 2 -movflags +faststart"
_GOP_2_S = "-g 50 -keyint_min 50 -sc_threshold 0"
_MPEG2 = "-c:v mpeg2video -b:v 6M -maxrate 8M -bufsize 1835k -g 12 -c:a mp2 -b:a 192k"
_ENCODINGS: dict[Encoding, str] = {
    "fits": f"{_H264} -profile:v main -level 3.1 {_GOP_2_S} {_AAC} -ar 48000",
    "long_gop": f"{_H264} -profile:v high -g 250 {_AAC} -ar 44100",
    "mpeg2": f"{_MPEG2} -ar 48000",
}
#: A small room: each side hears its own echoes of the one source.
_ROOM = (
    "asplit[l][r];[l]aecho=0.8:0.75:43|97:0.3|0.2[a];[r]aecho=0.8:0.75:59|113:0.3|0.2[b];"
    "[a][b]join=inputs=2:channel_layout=stereo"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """A transparent picture of the whole screen, shown from `start_s` to `end_s`."""

    image: Image.Image
    start_s: float
    end_s: float


def run_ffmpeg(arguments: Sequence[str]) -> str:
    """Run ffmpeg, which ends when this process does, and return what it said on stderr.

    Raises:
        JobError: ffmpeg is not installed or failed; the message has its last line.
    """
    if shutil.which("ffmpeg") is None:
        raise JobError("没有找到 ffmpeg，请先安装。", permanent=True, field="ffmpeg")
    command = tied(["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-y", *arguments])
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=True)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["没有说明"])[-1]
        raise JobError(f"ffmpeg 制作演示片失败：{last}", permanent=True) from error
    return done.stderr


def measure_gain_db(music: Path) -> float:
    """Measure the music's integrated loudness (EBU R 128) and return what is lacking, in dB."""
    chain = f"{_ROOM},loudnorm=print_format=json"
    said = run_ffmpeg(["-i", str(music), "-af", chain, "-f", "null", "-"])
    found = re.search(r"\{[^{}]*\}\s*$", said)
    if found is None:
        raise JobError("ffmpeg 没有给出响度。", permanent=True)
    return round(TARGET_LUFS - float(json.loads(found.group())["input_i"]), 2)


def _held(number: int, pixels: str, *, start_s: float = 0.0, frames: int | None = None) -> str:
    """Repeat a picture from `start_s` on, for ever or for a number of frames."""
    times = -1 if frames is None else frames - 1
    first = round(start_s * FRAME_RATE)
    return (
        f"[{number}:v]format={pixels},loop=loop={times}:size=1,setpts=(N+{first})/{FRAME_RATE}/TB"
    )


def _layer_graph(layers: Sequence[Layer]) -> list[str]:
    """Lay moving layers over the first one; the result is named `land`."""
    steps = [f"{_held(0, 'yuv420p')}[s0]"]
    for number, layer in enumerate(layers[1:], start=1):
        across, down = f"{layer.left}-{layer.speed}*n", f"{layer.top}-{layer.rise}*n"
        steps.append(f"{_held(number, 'yuva420p')}[p{number}]")
        steps.append(f"[s{number - 1}][p{number}]overlay=x='{across}':y='{down}'[s{number}]")
    return steps


def _card_graph(cards: Sequence[tuple[Card, tuple[int, int]]], first: int) -> list[str]:
    """Fade the cards in and out over the layers below number `first`."""
    steps = []
    for number, (card, (x, y)) in enumerate(cards, start=first):
        # Only the frames on which a card is seen are made: fading is half the price of a film.
        frames = round((card.end_s - card.start_s) * FRAME_RATE)
        held = _held(number, "yuva420p", start_s=card.start_s, frames=frames)
        fades = (
            f"fade=in:st={card.start_s:.2f}:d={FADE_S}:alpha=1,"
            f"fade=out:st={card.end_s - FADE_S:.2f}:d={FADE_S}:alpha=1"
        )
        steps.append(f"{held},{fades}[p{number}]")
        laid = f"overlay=x={x}:y={y}:eval=init:eof_action=pass"
        steps.append(f"[s{number - 1}][p{number}]{laid}[s{number}]")
    return steps


def _save_pictures(
    folder: Path, layers: Sequence[Layer], cards: Sequence[Card]
) -> list[tuple[Card, tuple[int, int]]]:
    """Write every input picture, cards cut to what is not empty; returns where those then lie."""
    for number, layer in enumerate(layers):
        layer.image.save(folder / f"{number:02}.png", compress_level=1)
    placed = []
    for number, card in enumerate(cards, start=len(layers)):
        left, top, right, bottom = card.image.getbbox() or (0, 0, 2, 2)
        left, top = left // 2 * 2, top // 2 * 2  # chroma has half the positions
        card.image.crop((left, top, right, bottom)).save(
            folder / f"{number:02}.png", compress_level=1
        )
        placed.append((card, (left, top)))
    return placed


def make_film(
    out: Path,
    *,
    layers: Sequence[Layer],
    cards: Sequence[Card],
    music: Path,
    duration_s: float,
    encoding: Encoding,
    scratch: Path,
) -> None:
    """Render a film to `out`, whose suffix names the container.

    Args:
        scratch: an empty folder for the pictures; the caller removes it.

    Raises:
        JobError: ffmpeg failed.
    """
    placed = _save_pictures(scratch, layers, cards)
    count = len(layers) + len(cards)
    inputs = [word for n in range(count) for word in ("-i", str(scratch / f"{n:02}.png"))]
    close = f"[s{count - 1}]fade=in:st=0:d=0.6,fade=out:st={duration_s - 0.8:.2f}:d=0.8[v]"
    gain = measure_gain_db(music)
    sound = f"[{count}:a]{_ROOM},volume={gain}dB,afade=out:st={duration_s - 1:.2f}:d=1[a]"
    graph = ";".join([*_layer_graph(layers), *_card_graph(placed, len(layers)), close, sound])
    run_ffmpeg(
        [
            *inputs,
            "-i",
            str(music),
            "-filter_complex",
            graph,
            "-map",
            "[v]",
            "-map",
            "[a]",
            "-r",
            str(FRAME_RATE),
            "-t",
            str(duration_s),
            *_ENCODINGS[encoding].split(),
            "-map_metadata",
            "-1",
            "-fflags",
            "+bitexact",
            "-flags:v",
            "+bitexact",
            "-flags:a",
            "+bitexact",
            str(out),
        ]
    )
