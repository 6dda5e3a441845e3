"""What a household's key opens, and what its players see when it is revoked."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from core.db import session_scope
from core.settings import Settings
from county import keys, places
from tests.players import client_ffmpeg, client_kodi
from tests.players.kodi_rpc import Kodi
from tests.players.on_air import VILLAGE, clocks, must_be_live
from tests.players.station import CLIP_S, Station
from vod_server.bootstrap import House, open_house
from vod_server.web.live_rights import ADMITTED_S

pytestmark = [pytest.mark.players, pytest.mark.media, pytest.mark.timeout(600)]

REFUSED_S = 60.0
#: Without a good key; Kodi asks for a guide so often with a bad one that it is told to wait.
REFUSALS = {401, 429}
#: Words of Kodi's log: it opens something, and finds no stream behind the address.
OPENED, FAILED = "VideoPlayer::OpenFile", "Error creating demuxer"
#: Over the place where the film begins anew, twice.
LOOPED_S = 2.5 * CLIP_S


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as reply:
        text: str = reply.read().decode()
    return text


def must_refuse(url: str, codes: set[int]) -> None:
    with pytest.raises(HTTPError) as refused:
        fetch(url)
    refused.value.close()
    assert refused.value.code in codes


def addresses(text: str) -> dict[str, str]:
    """Return what a playlist lists: addresses by name."""
    return dict(re.findall(r"#EXTINF:[^\n]*,([^,\n]*)\n(\S+)", text))


@contextmanager
def installation(station: Station) -> Iterator[House]:
    """Open the installation that the station's server is serving."""
    house = open_house(Settings(home=Path(station.home)))
    try:
        yield house
    finally:
        house.engine.dispose()


def needs(client: object) -> None:
    reason = client.missing()  # type: ignore[attr-defined]
    if reason is not None:
        pytest.skip(reason)


def must_not_open(kodi: Kodi, channel: int) -> None:
    """Open a channel and wait until Kodi says in its log that there was nothing to play."""
    before = len(kodi.log.read_text(errors="replace"))

    def refused() -> bool:
        since = kodi.log.read_text(errors="replace")[before:]
        if OPENED not in since:  # it takes no notice while it still closes what played before
            kodi.call("Player.Open", item={"channelid": channel})
        return FAILED in since

    kodi.wait_for("refusal", refused, REFUSED_S)
    kodi.wait_for("silence", lambda: client_kodi.position_s(kodi) is None, REFUSED_S)


def test_a_restricted_channel_is_listed_and_played_with_the_key_only(station: Station) -> None:
    without = addresses(fetch(f"{station.url}/playlist.m3u"))
    assert set(without) == {"时钟", "短片"}
    assert set(addresses(fetch(f"{station.url}/playlist.m3u?key={station.key}"))) == {
        *without,
        VILLAGE,
    }
    must_refuse(f"{station.url}/playlist.m3u?key={station.revoked}", REFUSALS)
    must_refuse(f"{station.url}/live/{station.village}/index.m3u8?v=1", {404})


def test_the_list_of_xtream_leads_ffmpeg_to_the_channel(station: Station, folder: Path) -> None:
    needs(client_ffmpeg)
    login = f"username=h{station.key_id}&password={station.key}"
    listed = addresses(fetch(f"{station.url}/get.php?{login}&type=m3u_plus&output=ts"))
    must_be_live(clocks(client_ffmpeg.watch(listed[VILLAGE], folder, seconds=8)), 5)


def test_a_film_in_a_loop_plays_over_its_end_in_strict_ffmpeg(
    station: Station, folder: Path
) -> None:
    needs(client_ffmpeg)
    listed = addresses(fetch(f"{station.url}/playlist.m3u"))
    pictures = client_ffmpeg.watch(listed["短片"], folder, seconds=LOOPED_S)
    assert len(pictures) >= client_ffmpeg.KEPT * LOOPED_S - 1


def test_kodi_can_no_longer_play_when_its_key_is_revoked(station: Station, tmp_path: Path) -> None:
    needs(client_kodi)
    with installation(station) as house:
        now = house.clock.now()
        with session_scope(house.sessions) as session:
            place = places.get_place(session, "990199")
            key, token = keys.issue_key(session, place=place, name="Kodi", max_streams=2, now=now)
            key_id = key.id
        query = f"?key={token}"
        with client_kodi.running_kodi(
            tmp_path,
            m3u_url=f"{station.url}/playlist.m3u{query}",
            epg_url=f"{station.url}/xmltv.xml.gz{query}",
        ) as kodi:
            village = client_kodi.channels(kodi)[VILLAGE]
            client_kodi.play(kodi, channelid=village)
            client_kodi.stop(kodi)
            with session_scope(house.sessions) as session:
                keys.revoke_key(session, key_id, now=house.clock.now())
            must_refuse(f"{station.url}/live/{station.village}/index.m3u8{query}", REFUSALS)
            time.sleep(ADMITTED_S + 1)  # so long a player that was let in may go on
            must_not_open(kodi, village)
