"""Of an HLS source with several variants the best is taken."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.vod_server.live.deck import endless, on_deck, sender, wait_until, wanted
from tests.vod_server.live.test_live_sources import web_server
from vod_server.live.fitting import Plan, output_arguments
from vod_server.live.looking import Look
from vod_server.live.variants import Variants, best_variant
from vod_server.live.wanted import WantedSource

HLS = WantedSource(7, "hls", "http://127.0.0.1:9/m.m3u8", "auto")


def answer(*rates: object) -> bytes:
    programs = [{"program_id": n, "tags": {"variant_bitrate": r}} for n, r in enumerate(rates)]
    return json.dumps({"programs": programs}).encode()


@pytest.mark.parametrize(
    ("said", "program"),
    [
        (answer("300000", "1100000", "500000"), 1),
        (answer("300000", "300000"), 0),
        (answer("0"), None),
        (answer(), None),
        (answer("fast", "1"), None),
        (b'{"programs": [{"program_id": 0}, {"program_id": 1, "tags": {}}]}', 0),
        (b'{"programs": [1, 2]}', None),
        (b"[]", None),
        (b"{}", None),
        (b"not json", None),
        (None, None),
    ],
)
def test_the_best_has_the_highest_rate(said: bytes | None, program: int | None) -> None:
    assert best_variant(said) == program


@pytest.mark.parametrize("treatment", ["copy", "encode"])
def test_picture_and_sound_are_of_one_variant(treatment: str) -> None:
    plan = Plan(treatment, treatment)  # type: ignore[arg-type]
    chosen = output_arguments(plan, "hls", 2)
    assert [chosen[n + 1] for n, one in enumerate(chosen) if one == "-map"] == [
        "0:p:2:v:0?",
        "0:p:2:a:0?",
    ]
    only = output_arguments(plan, "hls")
    assert [only[n + 1] for n, one in enumerate(only) if one == "-map"] == ["0:v:0?", "0:a:0?"]


def test_only_what_has_variants_is_asked() -> None:
    def never() -> list[str]:
        raise AssertionError("asked")

    variants = Variants()
    assert variants.is_known(WantedSource(1, "udp", "udp://@239.0.0.1:5", "auto"), never)
    assert variants.of(HLS) is None


def test_a_source_is_asked_once_until_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def look(inputs: list[str]) -> Look:
        asked.append(inputs)
        return Look(["echo", answer("1", "9").decode()], 30)

    monkeypatch.setattr("vod_server.live.variants.look_for_variants", look)
    variants = Variants()

    def ask() -> bool:
        return variants.is_known(HLS, lambda: ["-i", HLS.url])

    wait_until(ask, "an answer")
    assert ask()
    assert variants.of(HLS) == 1
    assert len(asked) == 1
    variants.forget(HLS.id)
    assert not variants.of(HLS)
    wait_until(ask, "an answer")
    assert len(asked) == 2
    variants.clear()
    ask()
    variants.stop()
    assert len(asked) == 3


def test_a_choice_needs_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {1: answer("1", "9").decode(), 2: answer("1").decode()}
    inputs = ["-analyzeduration", "1", "-f", "hls", "-i", HLS.url]
    for number, longer in ((1, True), (2, False)):
        monkeypatch.setattr(
            "vod_server.live.variants.look_for_variants",
            lambda _, number=number: Look(["echo", said[number]], 30),
        )
        variants, source = Variants(), WantedSource(number, "hls", HLS.url, "auto")
        wait_until(lambda v=variants, s=source: v.is_known(s, lambda: inputs), "an answer")
        found = variants.opened(source, inputs)
        assert (found != inputs) == longer
        assert found[-2:] == ["-i", HLS.url]
        assert (found.count("-analyzeduration") == 2) == longer


@pytest.mark.media
def test_the_best_variant_is_recorded(tmp_path: Path, clips: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    hls = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "8", "-hls_flags", "delete_segments"]
    poor = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-s", "128x72", "-c:a", "copy"]
    both = [*poor, *hls, site / "poor.m3u8", "-c", "copy", *hls, site / "good.m3u8"]
    (site / "all.m3u8").write_text(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\npoor.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=900000\ngood.m3u8\n"
    )
    with web_server(site) as base, sender(*endless(clips / "small.ts"), *both):
        wait_until((site / "good3.ts").exists, "a playlist of some length")
        wait_until((site / "poor3.ts").exists, "a playlist of some length")
        with on_deck(tmp_path, wanted(("hls", f"{base}/all.m3u8")), stall_s=20) as deck:
            deck.record(2)
            assert width_of(deck.file(deck.segments()[-1])) == width_of(clips / "small.ts") > 128


def width_of(file: Path) -> int:
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries"]
    command += ["stream=width", "-of", "csv=p=0", str(file)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return int(printed.stdout.split(",")[0].split()[0])
