"""Kodi with pvr.iptvsimple on a screen of its own (Xvfb), driven by JSON-RPC over TCP."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench.front_door import free_port
from tests.players.kodi_rpc import SCREEN, Kodi, KodiError
from tests.players.running import killed_at_end, why_not

NAME = "Kodi"
ADDON = "pvr.iptvsimple"
HOME_WINDOW = 10000
START_S, IMPORT_S, PLAY_S, SAVED_S = 120.0, 60.0, 60.0, 100.0


def missing() -> str | None:
    """Say why it cannot run here."""
    found = why_not("kodi", "Xvfb", "ffmpeg")
    if found is None and not Path(f"/usr/share/kodi/addons/{ADDON}").is_dir():
        return f"kodi-{ADDON.replace('.', '-')} is not installed (scripts/packages.sh, test)"
    return found


@contextmanager
def running_kodi(folder: Path, *, m3u_url: str, epg_url: str) -> Iterator[Kodi]:
    """Start Kodi with a home of its own, and wait until it knows the channels.

    Args:
        folder: an empty folder.
        m3u_url: of the playlist for pvr.iptvsimple.
        epg_url: of the XMLTV guide.
    """
    port = free_port()
    _settings(folder, port, m3u_url, epg_url)
    with _screen() as display, (folder / "kodi.out").open("wb") as output:
        environ = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "DISPLAY": display,
            "TZ": "Asia/Shanghai",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            # ALSA's null device takes sound at once (.asoundrc below); without any sink Kodi
            # waits for one for ever and the picture stands.
            "KODI_AE_SINK": "ALSA",
        }
        process = subprocess.Popen(
            [_program(), "--standalone", "--windowing=x11"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        kodi = Kodi(display, port, folder / ".kodi" / "temp" / "kodi.log")
        with killed_at_end(process):
            try:
                kodi.wait_for("start", lambda: kodi.call("JSONRPC.Ping"), START_S)
                kodi.call("Addons.SetAddonEnabled", addonid=ADDON, enabled=True)
                _answer_dialog(kodi)
                yield kodi
            finally:
                kodi.close()


def channels(kodi: Kodi) -> dict[str, int]:
    """Wait for the channels and return Kodi's id of each by name."""

    def ask() -> dict[str, int]:
        reply = kodi.call("PVR.GetChannels", channelgroupid="alltv")
        return {row["label"]: row["channelid"] for row in reply.get("channels", [])}

    return kodi.wait_for("channels", ask, IMPORT_S)


def broadcasts(kodi: Kodi, channel: int) -> list[dict[str, Any]]:
    """Wait for a channel's guide and return its programmes (times as Kodi gives them: UTC)."""
    wanted = ["title", "starttime", "endtime", "hastimer", "isactive", "wasactive"]

    def ask() -> list[dict[str, Any]]:
        reply = kodi.call("PVR.GetBroadcasts", channelid=channel, properties=wanted)
        found: list[dict[str, Any]] = reply.get("broadcasts", [])
        return found

    return kodi.wait_for("guide", ask, IMPORT_S)


def saved_broadcasts(kodi: Kodi, channel: int) -> list[dict[str, Any]]:
    """Wait for a channel's programmes with the ids (`broadcastid`) by which they can be played.

    Kodi gives them when it saves its guide, which it does once a minute.
    """

    def ask() -> list[dict[str, Any]]:
        return [row for row in broadcasts(kodi, channel) if "broadcastid" in row]

    return kodi.wait_for("saved guide", ask, SAVED_S)


def play(kodi: Kodi, **item: int) -> None:
    """Open a channel (`channelid`) or a past programme (`broadcastid`) and wait for the player."""
    kodi.call("Player.Open", item=item)
    kodi.wait_for("player", lambda: position_s(kodi) is not None, PLAY_S)


def stop(kodi: Kodi) -> None:
    """Stop whatever plays."""
    for player in kodi.call("Player.GetActivePlayers"):
        kodi.call("Player.Stop", playerid=player["playerid"])
    kodi.wait_for("stop", lambda: not kodi.call("Player.GetActivePlayers"), PLAY_S)


def position_s(kodi: Kodi) -> float | None:
    """Return the player's position in s, None while nothing plays."""
    players = kodi.call("Player.GetActivePlayers")
    if not players:
        return None
    reply = kodi.call("Player.GetProperties", playerid=players[0]["playerid"], properties=["time"])
    time_ = reply["time"]
    return float(
        time_["hours"] * 3600
        + time_["minutes"] * 60
        + time_["seconds"]
        + time_["milliseconds"] / 1000
    )


def _program() -> str:
    """Return kodi.bin: the shell script around it wants a desktop."""
    for found in sorted(Path("/usr/lib").glob("*/kodi/kodi.bin")):
        return str(found)
    return shutil.which("kodi") or "kodi"


def _answer_dialog(kodi: Kodi) -> None:
    """Close the question whether the add-on shall be enabled, which by then it is."""

    def closed() -> bool:
        asked = kodi.call("GUI.GetProperties", properties=["currentwindow"])["currentwindow"]
        if asked["id"] == HOME_WINDOW:
            return True
        kodi.call("Input.Back")
        return False

    kodi.wait_for("home", closed, START_S)


def _settings(folder: Path, port: int, m3u_url: str, epg_url: str) -> None:
    userdata = folder / ".kodi" / "userdata"
    mine = userdata / "addon_data" / ADDON
    mine.mkdir(parents=True)
    (userdata / "advancedsettings.xml").write_text(
        f"<advancedsettings><jsonrpc><tcpport>{port}</tcpport></jsonrpc>"
        "<splash>false</splash></advancedsettings>"
    )
    # Nothing that can be heard keeps time here: without this Kodi runs through a film in seconds.
    clock = '<setting id="videoplayer.usedisplayasclock">true</setting>'
    (userdata / "guisettings.xml").write_text(f'<settings version="2">{clock}</settings>')
    null = "pcm.!default { type null }\nctl.!default { type null }\n"
    (folder / ".asoundrc").write_text(null)
    values = {
        "m3uPathType": "1",
        "m3uUrl": m3u_url,
        "m3uCache": "false",
        "epgPathType": "1",
        "epgUrl": epg_url,
        "epgCache": "false",
        "catchupEnabled": "true",
        # Or it begins five minutes before the programme: the clock would show none of its minute.
        # After it, it asks for a quarter of an hour more, as it does at home.
        "catchupWatchEpgBeginBufferMins": "0",
    }
    rows = "".join(f'<setting id="{k}">{escape(v)}</setting>' for k, v in values.items())
    (mine / "settings.xml").write_text(f'<settings version="2">{rows}</settings>')


@contextmanager
def _screen() -> Iterator[str]:
    """Run Xvfb on a display number that is free and return its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24"]
    command += ["-nolisten", "tcp", "-ac"]
    process = subprocess.Popen(
        command,
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(writing)
    with killed_at_end(process), os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
        if not number:
            raise KodiError("Xvfb does not start")
        yield f":{number}"
