"""Clips by name, the shared films, and renditions made and checked in one go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vod_server.media.clips import Finished, MakeClip, check_rendition, run
from vod_server.media.ladder import plan_ladder
from vod_server.media.probe import probe_file
from vod_server.media.transcode import transcode


@pytest.fixture(scope="session")
def make_clip(tmp_path_factory: pytest.TempPathFactory) -> MakeClip:
    folder = tmp_path_factory.mktemp("clips")

    def make(name: str, *arguments: str) -> Path:
        path = folder / name
        if not path.exists():
            run("ffmpeg", "-v", "error", "-y", *arguments, path)
        return path

    return make


@pytest.fixture
def shared_media() -> Path:
    folder = Path(__file__).parents[4] / "shared" / "media"
    if not folder.is_dir():
        pytest.skip("the shared media files are not here")
    return folder


@pytest.fixture
def make_renditions(tmp_path: Path) -> Callable[[Path], list[Finished]]:
    """Probe, plan, transcode and check a source; return its renditions."""

    def make(source: Path) -> list[Finished]:
        ready: list[Finished] = []
        plan = plan_ladder(probe_file(source), None)
        result = transcode(
            source,
            plan,
            tmp_path / "out",
            on_progress=lambda _: None,
            should_stop=lambda: False,
            on_rendition=lambda measured, folder: ready.append((measured, folder)),
        )
        assert list(result) == [measured for measured, _ in ready]
        assert [measured.name for measured in result] == [rung.name for rung in plan.rungs]
        for measured, folder in ready:
            check_rendition(measured, folder)
        cuts = {tuple(round(s.duration_s, 2) for s in m.segments[:-1]) for m, _ in ready}
        assert len(cuts) == 1, "variants are cut at different places"
        return ready

    return make
