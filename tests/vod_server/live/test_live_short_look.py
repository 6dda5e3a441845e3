"""A signal that is joined just after a keyframe: it is looked at for longer, and is no failure."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.vod_server.live.deck import DEADLINE_S, endless, on_deck, sender, wanted
from tests.vod_server.live.test_live_sources import free_port
from vod_server.live import airing
from vod_server.live.inputs import LOOKS_S, Surroundings, input_arguments
from vod_server.live.wanted import WantedSource

#: A keyframe every so many seconds, more than the first look lasts.
KEYFRAMES_S = 4


@pytest.mark.media
def test_joined_after_a_keyframe_it_waits_for_the_next(tmp_path: Path, clips: Path) -> None:
    port = free_port()
    url = f"udp://127.0.0.1:{port}"
    send = [*endless(clips / "uncut.ts"), "-f", "mpegts", f"{url}?pkt_size=1316"]
    given = wanted(("udp", url), target_duration_s=6)
    with ExitStack() as stack:
        with socket.socket(type=socket.SOCK_DGRAM) as early:
            early.settimeout(DEADLINE_S)
            early.bind(("127.0.0.1", port))
            stack.enter_context(sender(*send))
            early.recv(2048)  # the keyframe begins to go by
        deck = stack.enter_context(on_deck(tmp_path, given, stall_s=10))
        [first] = deck.record(1)
        assert first.duration_ms > 1000 * (KEYFRAMES_S - 1), "from a keyframe to the next"
        state = deck.airing.state()
        assert (state.restarts, state.mode, state.last_error) == (0, "copy", "")


@pytest.mark.media
def test_what_never_tells_its_parameters_fails_after_the_second_look(
    tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(airing, "LOOKS_S", (0.3, 0.6, 0.9))
    url = f"udp://127.0.0.1:{free_port()}"
    no_keyframes = ["-bsf:v", "filter_units=remove_types=5|7|8", "-f", "mpegts"]
    send = [*endless(clips / "uncut.ts"), *no_keyframes, f"{url}?pkt_size=1316"]
    given = wanted(("udp", url), ("file", str(clips / "small.ts")))
    with sender(*send), on_deck(tmp_path, given) as deck, capture_logs() as logs:
        deck.wait(lambda: deck.airing.state().restarts, "it to be given up")
        assert "参数" in deck.airing.state().last_error
        assert [one["event"] for one in logs] == ["live.start", "live.start", "live.fail"]
        deck.record(1)
        assert deck.airing.state().source_id == 2, "the reserve"


def test_a_longer_look_may_also_take_more_bytes(tmp_path: Path) -> None:
    def look(seconds: float) -> list[str]:
        source = WantedSource(1, "udp", "udp://239.1.1.1:5000", "auto")
        around = Surroundings(tmp_path, "")
        return input_arguments(source, around, stream_key=None, run=tmp_path, look_s=seconds)[:4]

    assert look(LOOKS_S[0]) == ["-analyzeduration", "1500000", "-probesize", "3750000"]
    assert look(LOOKS_S[2]) == ["-analyzeduration", "12000000", "-probesize", "30000000"]
