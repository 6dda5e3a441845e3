"""A county whose only film really plays, on demand and as the channel that shows it in a loop."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bench.tv_county import Size, make_county
from catalog.titles.renditions import Measured
from catalog.titles.service import touch_catalog
from core.db import session_scope
from epg.channels.service import create_channel, set_loop
from epg.channels.version import touch_epg
from epg.playout.service import refresh_playout
from tests.factories import make_title
from tests.vod_server.media.clips import AAC, GOP2, H264, picture, run, tone
from vod_server.bootstrap import House
from vod_server.media.ladder import plan_ladder
from vod_server.media.probe import probe_file
from vod_server.media.transcode import transcode
from vod_server.streams.playlists import iframe_playlist, media_playlist

LENGTH_S = 60
#: What the playlists name are segments of this; the loop has run for as long already.
ALREADY = timedelta(minutes=5)

#: The walk from live to the film and back, as in `tests.tv_walk.steps`; `PLAYS` is of both.
PLAYS = "S.detail.state === 'playing' && S.detail.engine === 'native'"
STEPS: list[tuple[str, str]] = [
    ("", f"S.screen === 'live' && S.detail.number === 1 && {PLAYS}"),
    ("Home", "S.screen === 'home' && S.detail.rows > 0"),
    ("Down", "S.focus.row === 1"),
    ("Enter", "S.screen === 'title' && /播放/.test(S.detail.buttons)"),
    ("Enter", f"S.screen === 'player' && {PLAYS} && S.detail.position_s > 2"),
    ("Enter", "S.detail.state === 'paused' && S.detail.position_s < 15"),
    ("Right Right Right", "S.detail.target_s > 25"),
    ("Enter", "S.detail.target_s === null && S.detail.position_s > 25"),
    ("Enter", f"{PLAYS} && S.detail.position_s > 33"),
    ("Left Left", "S.detail.target_s < 25"),
    ("Enter", f"{PLAYS} && S.detail.target_s === null && S.detail.position_s < 25"),
    ("", "!S.detail.bar"),  # which Back would close first
    ("Escape", "S.screen === 'title' && /继续播放/.test(S.detail.buttons)"),
    ("Enter", f"S.screen === 'player' && {PLAYS} && S.detail.position_s > 10 && !S.detail.bar"),
    ("Escape", "S.screen === 'title'"),
    ("Escape", "S.screen === 'home'"),
    ("Escape", f"S.screen === 'live' && {PLAYS}"),
]
#: At which of them the picture fills the screen, and nothing lies over its middle.
PICTURED = (0, 4, 11, 13, 16)

Made = list[tuple[Measured, Path]]


def make_film_county(folder: Path) -> House:
    """Make an installation with a film of a minute and channel 1, which plays it in a loop."""
    house = make_county(folder / "var", Size(titles=0, channels=0))
    made = _make_renditions(folder)
    before = house.clock.now() - ALREADY
    with session_scope(house.sessions) as session:
        renditions = tuple(measured for measured, _ in made)
        title = make_title(
            session, name="怎样修剪苹果树", state="published", renditions=renditions, now=before
        )
        for measured, files in made:
            _store(house, f"vod/{title.id}/{title.media_gen}/{measured.name}", measured, files)
        channel = create_channel(session, name="农技频道", number=1, kind="loop", now=before)
        channel.wanted = True
        set_loop(session, channel, [title.id], now=before)
        refresh_playout(session, channel, now=before)
        touch_catalog(session)
        touch_epg(session)
    return house


def _make_renditions(folder: Path) -> Made:
    clip = folder / "film.mp4"
    source = [*picture("640x360", "25", LENGTH_S), *tone(LENGTH_S)]
    run("ffmpeg", "-v", "error", "-y", *source, *H264, *GOP2, *AAC, clip)
    made: Made = []
    transcode(
        clip,
        plan_ladder(probe_file(clip), None),
        folder / "renditions",
        on_progress=lambda _: None,
        should_stop=lambda: False,
        on_rendition=lambda measured, files: made.append((measured, files)),
    )
    return made


def _store(house: House, prefix: str, measured: Measured, files: Path) -> None:
    for segment in measured.segments:
        house.blobs.put_file(f"{prefix}/{segment.name}", files / segment.name)
    house.blobs.put_bytes(f"{prefix}/iframes.m3u8", iframe_playlist(measured).encode())
    house.blobs.put_bytes(f"{prefix}/index.m3u8", media_playlist(measured).encode())
