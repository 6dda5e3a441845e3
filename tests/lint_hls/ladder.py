"""A real little ladder: made by ffmpeg, measured from its bytes, written by our playlists."""

from __future__ import annotations

import gzip
import math
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from catalog.titles.renditions import IFrame, Measured, Segment
from core.blobs.local import LocalBlobs
from tests.lint_hls.fetching import Response
from tests.lint_hls.timing import Timing, timing
from tests.lint_hls.transport_stream import SPS, TransportStream, read_transport_stream
from vod_server.streams.playlists import iframe_playlist, media_playlist, multivariant_playlist

SCOPE = "vod/5/f00d"
DURATION_S = 14
RUNGS = {"480p": (854, 480, 900), "360p": (640, 360, 500)}


def make_ladder(folder: Path) -> list[Measured]:
    """Encode two rungs and a sound of 14 s into `folder/<name>/s00000.ts` and measure them."""
    names = [*RUNGS, "audio"]
    for name in names:
        (folder / name).mkdir(parents=True)
    subprocess.run(_command(folder), check=True)
    return [measure(folder / name, name) for name in names]


def store_ladder(folder: Path, ladder: Iterable[Measured], store: LocalBlobs) -> None:
    """Put segments and playlists where the server looks; `index.m3u8` of the scope offers all."""
    ladder = list(ladder)
    for measured in ladder:
        below = f"{SCOPE}/{measured.name}"
        for segment in measured.segments:
            store.put_file(f"{below}/{segment.name}", folder / measured.name / segment.name)
        store.put_bytes(f"{below}/index.m3u8", media_playlist(measured).encode())
        if measured.width:
            store.put_bytes(f"{below}/iframes.m3u8", iframe_playlist(measured).encode())
    text = multivariant_playlist(
        ladder, lambda m: f"{m.name}/index.m3u8", lambda m: f"{m.name}/iframes.m3u8"
    )
    store.put_bytes(f"{SCOPE}/index.m3u8", text.encode())


def wsgi_fetch(app: Any) -> Callable[[str], Response]:
    """Return a fetch that asks a WSGI application directly."""

    def fetch(url: str) -> Response:
        seen: list[Any] = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": url, "HTTP_ACCEPT_ENCODING": "gzip"}
        body = app(environ, lambda status, headers: seen.extend((status, headers)))
        content = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        headers = {name.lower(): value for name, value in seen[1]}
        if headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return Response(int(seen[0][:3]), content, headers)

    return fetch


def measure(folder: Path, name: str) -> Measured:
    """Measure a rendition from the bytes of its segments."""
    files = sorted(folder.glob("s*.ts"))
    streams = [read_transport_stream(file.read_bytes()) for file in files]
    times = [timing(stream) for stream in streams]
    start_s = _sure(times[0]).first_s
    ends = [_sure(found).first_s for found in times[1:]] + [_sure(times[-1]).end_s]
    segments = tuple(
        Segment(
            name=file.name,
            duration_s=end_s - _sure(found).first_s,
            size_bytes=file.stat().st_size,
            init_bytes=stream.video[0].offset if stream.video else 0,
            iframes=_iframes(stream, file.stat().st_size, start_s),
        )
        for file, stream, found, end_s in zip(files, streams, times, ends, strict=True)
    )
    width, height, _ = RUNGS.get(name, (None, None, 0))
    rates = [s.size_bytes * 8 / s.duration_s for s in segments if s.duration_s >= 3]
    return Measured(
        name=name,
        mode="encode",
        width=width,
        height=height,
        frame_rate=25.0 if width else None,
        codecs=_codecs(streams[0]),
        bandwidth_bps=math.ceil(max(rates)),
        average_bandwidth_bps=math.ceil(
            sum(s.size_bytes for s in segments) * 8 / sum(s.duration_s for s in segments)
        ),
        segments=segments,
    )


def _iframes(stream: TransportStream, size: int, start_s: float) -> tuple[IFrame, ...]:
    ends = [unit.offset for unit in stream.video[1:]] + [size]
    return tuple(
        IFrame((unit.pts or 0) / 90_000 - start_s, unit.offset, end - unit.offset)
        for unit, end in zip(stream.video, ends, strict=False)
        if unit.is_idr
    )


def _codecs(stream: TransportStream) -> str:
    if not stream.video:
        return "mp4a.40.2"
    payload = bytes(stream.video[0].payload)
    at = next(
        i
        for i in range(len(payload))
        if payload[i : i + 3] == b"\0\0\1" and payload[i + 3] & 31 == SPS
    )
    return f"avc1.{payload[at + 4 : at + 7].hex()},mp4a.40.2"


def _sure(found: Timing | None) -> Timing:
    assert found is not None
    return found


def _command(folder: Path) -> list[str]:
    scales = "".join(f"[v{i}]scale={w}:{h}[o{i}];" for i, (w, h, _) in enumerate(RUNGS.values()))
    graph = f"[0:v]split={len(RUNGS)}{''.join(f'[v{i}]' for i in range(len(RUNGS)))};{scales}"
    command = ["ffmpeg", "-v", "error", "-nostdin"]
    command += ["-f", "lavfi", "-i", f"testsrc2=s=854x480:r=25:d={DURATION_S}"]
    command += ["-f", "lavfi", "-i", f"sine=440:r=48000:d={DURATION_S}"]
    command += ["-filter_complex", graph.rstrip(";")]
    for index, (_, _, kbps) in enumerate(RUNGS.values()):
        command += ["-map", f"[o{index}]", "-map", "1:a", f"-b:v:{index}", f"{kbps}k"]
        command += [
            f"-maxrate:v:{index}",
            f"{kbps * 1.07:.0f}k",
            f"-bufsize:v:{index}",
            f"{kbps * 2}k",
        ]
    command += ["-map", "1:a", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    command += ["-force_key_frames", "expr:gte(t,n_forced*2)", "-sc_threshold", "0"]
    command += ["-c:a", "aac", "-b:a", "96k", "-ac", "2"]
    streams = [f"v:{i},a:{i},name:{name}" for i, name in enumerate(RUNGS)]
    streams.append(f"a:{len(RUNGS)},name:audio")
    command += ["-var_stream_map", " ".join(streams), "-f", "hls", "-hls_time", "6"]
    command += ["-hls_playlist_type", "vod", "-hls_flags", "independent_segments"]
    command += ["-hls_segment_filename", str(folder / "%v/s%05d.ts")]
    return [*command, str(folder / "%v/ffmpeg.m3u8")]
