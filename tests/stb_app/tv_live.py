"""Channels on air for the TV app's tests: playlists that advance by the clock over one clip."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

SEGMENT_S = 2
CLIP_SEGMENTS = 30
WINDOW_SEGMENTS = 10
PROGRAMME_S = 1800
DAY_S = 86400
REWIND_S = 4 * 3600
PLAYLIST = "application/vnd.apple.mpegurl"
NAMES = (
    (1, "CCTV-1 综合", "中央"),
    (17, "CCTV-17 农业农村", "中央"),
    (31, "省卫视", "省"),
    (51, "青禾县新闻综合", "县"),
    (65, "农技轮播", "县"),
)
SHOWS = (
    "早间新闻",
    "致富经",
    "田间课堂",
    "法治在线",
    "健康之路",
    "县里新鲜事",
    "戏曲舞台",
    "焦点访谈",
    "农业气象",
    "乡村大舞台",
    "电视剧：那年花开",
    "三农讲堂",
)


def make_clip(folder: Path) -> None:
    """Encode a minute with a running counter into 2 s segments ``<n>.ts``."""
    picture = f"testsrc2=s=320x180:r=10:d={SEGMENT_S * CLIP_SEGMENTS}"
    command = f"""ffmpeg -v error -f lavfi -i {picture} -f lavfi -i
        sine=f=330:d={SEGMENT_S * CLIP_SEGMENTS} -c:v libx264 -preset ultrafast -pix_fmt yuv420p
        -g {SEGMENT_S * 10} -bf 0 -c:a aac -ac 2 -f segment -segment_time {SEGMENT_S} %d.ts"""
    subprocess.run(command.split(), check=True, cwd=folder)


class Air:
    """What the county's channels show: pure functions of the clock, and what a test changes."""

    def __init__(self, clip: Path) -> None:
        self.clip = clip
        self.version = "1"
        self.signature = 1
        self.dead: set[int] = set()
        self.reminders: set[tuple[int, int]] = set()
        self.channels = [self.channel(n, *spec) for n, spec in enumerate(NAMES, 7)]

    def channel(self, number_id: int, number: int, name: str, group: str) -> dict[str, Any]:
        """Return a CHANNEL of docs/architecture.md without its live_url: that may run out."""
        return {
            "id": number_id, "number": number, "name": name, "logo": None, "group": group,
            "level": "county", "radio": False, "kind": "relay", "catchup_days": 7,
            "window_s": REWIND_S,
        }  # fmt: skip

    def grow(self, count: int) -> None:
        """Make it `count` channels, numbered from 1 on."""
        self.channels = [
            self.channel(n, n, f"频道 {n}", "中央省市县"[n % 5 :][:1]) for n in range(1, count + 1)
        ]

    def programme(self, channel: int, start: int, now: float) -> dict[str, Any]:
        stop = start + PROGRAMME_S
        caught = now - 7 * DAY_S < start <= now
        catchup = f"/live/{channel}/index.m3u8?e=1&s={self.signature}&start={start}&end={stop}"
        return {
            "id": f"p{start}", "channel": channel, "sub_title": "", "summary": "", "category": "",
            "title": SHOWS[(start // PROGRAMME_S + channel) % len(SHOWS)], "start": start,
            "stop": stop, "catchup_url": catchup if caught else None, "now": start <= now < stop,
        }  # fmt: skip

    def programmes(self, channel: int, begin: int, end: int) -> list[dict[str, Any]]:
        now = time.time()
        first = begin // PROGRAMME_S * PROGRAMME_S
        return [self.programme(channel, at, now) for at in range(first, end, PROGRAMME_S)]

    def reply(self, path: str, query: str) -> object | None:
        """Return what the API says to a GET below /api/v1/, or None where it is not live's."""
        args = dict(parse_qsl(query))
        if path == "channels":
            items = [{**c, "live_url": self.live_url(c["id"])} for c in self.channels]
            return {"version": self.version, "items": items}
        if path == "now":
            return {"version": self.version, "at": int(time.time()), "items": self._now()}
        if path == "reminders":
            return {
                "items": [{"channel": c, "start": s, "title": "约好的"} for c, s in self.reminders]
            }
        if path == "guide":
            span = int(args["from"]), int(args["to"])
            return {"items": self.programmes(int(args["channel"]), *span)}
        if path == "guide/rows":
            span = int(args["from"]), int(args["to"])
            ids = [int(word) for word in args["channels"].split(",")]
            return {"rows": [{"channel": n, "items": self.programmes(n, *span)} for n in ids]}
        return None

    def live_url(self, channel: int) -> str:
        return f"/live/{channel}/index.m3u8?e=1&s={self.signature}"

    def _now(self) -> list[dict[str, Any]]:
        now = int(time.time())
        pairs = [(c["id"], self.programmes(c["id"], now, now + PROGRAMME_S)) for c in self.channels]
        return [{"channel": n, "now": two[0], "next": two[1]} for n, two in pairs]

    def media(self, path: str, query: str) -> tuple[int, str, bytes]:
        """Answer below /live/: a playlist or a segment."""
        _, _, channel, name = path.split("/")
        if not name.endswith(".m3u8"):
            number = int(name.removesuffix(".ts"))
            return 200, "video/mp2t", (self.clip / f"{number % CLIP_SEGMENTS}.ts").read_bytes()
        args = dict(parse_qsl(query))
        if args.get("s") != str(self.signature):
            return 410, "application/problem+json", b"{}"
        if int(channel) in self.dead:
            return 404, "application/problem+json", b"{}"
        late_s = int(name.removesuffix(".m3u8").partition("timeshift_rel-")[2] or 0)
        return 200, PLAYLIST, playlist(args, time.time() - late_s).encode()


def playlist(args: dict[str, str], now: float) -> str:
    """Write the window a question means: live, EVENT from `utc` on, VOD from `start` to `end`.

    A live list may be late: `now` lies back then.
    """
    edge = int(now) // SEGMENT_S  # the segment that is not finished yet
    first, last, kind, sequence = edge - WINDOW_SEGMENTS, edge, "", edge - WINDOW_SEGMENTS
    if "utc" in args:
        first, kind, sequence = int(args["utc"]) // SEGMENT_S, "EVENT", 0
    elif "start" in args:
        first, last = int(args["start"]) // SEGMENT_S, int(args["end"]) // SEGMENT_S
        kind, sequence = "VOD", 0
    breaks = 0 if kind else (first - 1) // CLIP_SEGMENTS
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_S}",
             f"#EXT-X-MEDIA-SEQUENCE:{sequence}",
             f"#EXT-X-DISCONTINUITY-SEQUENCE:{breaks}"]  # fmt: skip
    if kind:
        lines.append(f"#EXT-X-PLAYLIST-TYPE:{kind}")
    for n in range(first, last):
        if n % CLIP_SEGMENTS == 0:
            lines.append("#EXT-X-DISCONTINUITY")
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(n * SEGMENT_S))
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{at}", f"#EXTINF:{SEGMENT_S}.000,", f"{n}.ts"]
    if kind == "VOD":
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def body(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
