import dataclasses
import hashlib
import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from core.errors import JobError
from vod_server.demo import content
from vod_server.demo.film import measure_gain_db, run_ffmpeg
from vod_server.demo.music import Tune, write_music
from vod_server.demo.titles import demo_titles

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.media


def probe(path, *, entries):
    command = ["ffprobe", "-v", "error", "-of", "json", *entries.split(), str(path)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One title of the fitting kind, with one slide so that it is quick."""
    out = tmp_path_factory.mktemp("demo")
    first = demo_titles()[0]
    title = dataclasses.replace(first, slides=first.slides[:1])
    content.make_title(out, title)
    return out, title


def test_a_title_is_h264_and_aac_as_the_boxes_play_it(made):
    out, title = made
    found = probe(out / title.file_name, entries="-show_streams -show_format")
    video, audio = found["streams"]
    assert (video["codec_name"], video["width"], video["height"]) == ("h264", 1280, 720)
    assert (video["r_frame_rate"], video["pix_fmt"]) == ("25/1", "yuv420p")
    assert (audio["codec_name"], audio["profile"]) == ("aac", "LC")
    assert (audio["sample_rate"], audio["channels"]) == ("48000", 2)
    assert float(found["format"]["duration"]) == pytest.approx(title.duration_s, abs=0.05)


def test_its_keyframes_stand_every_two_seconds(made):
    out, title = made
    entries = "-select_streams v -skip_frame nokey -show_entries frame=pts_time"
    frames = probe(out / title.file_name, entries=entries)["frames"]
    times = [float(frame["pts_time"]) for frame in frames]
    assert times == pytest.approx([2.0 * n for n in range(len(times))], abs=0.001)
    assert len(times) == int(title.duration_s // 2) + 1


def test_its_picture_moves_and_is_not_one_colour(made):
    out, title = made
    stills = []
    for second in ("1.5", "7"):
        path = out / f"at{second}.png"
        run_ffmpeg(["-ss", second, "-i", str(out / title.file_name), "-frames:v", "1", str(path)])
        with Image.open(path) as picture:
            stills.append(picture.convert("RGB"))
        path.unlink()
    assert stills[0].tobytes() != stills[1].tobytes()
    assert all(len(picture.resize((64, 36)).getcolors(4096)) > 500 for picture in stills)


def test_its_sound_is_at_broadcast_loudness(made):
    out, title = made
    said = run_ffmpeg(["-i", str(out / title.file_name), "-af", "ebur128", "-f", "null", "-"])
    integrated = float(said.rsplit("I:", 1)[1].split()[0])
    assert integrated == pytest.approx(-23.0, abs=1.0)


def test_its_poster_is_a_whole_picture(made):
    out, title = made
    with Image.open(out / title.poster_name) as picture:
        picture.load()
        assert (picture.format, picture.size, picture.mode) == ("PNG", (1280, 720), "RGB")


def test_a_finished_title_is_not_made_again_and_scratch_is_gone(made):
    out, title = made
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    content.make_title(out, title)
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before
    assert {path.name for path in before} == {title.file_name, title.poster_name}


def test_making_it_anew_gives_the_same_bytes(made, tmp_path):
    out, title = made
    content.make_title(tmp_path, title)
    for name in (title.poster_name, title.file_name):
        first, second = (hashlib.sha256((at / name).read_bytes()) for at in (out, tmp_path))
        assert first.hexdigest() == second.hexdigest(), name


def test_the_folder_goes_on_where_a_killed_run_stopped(made, tmp_path, monkeypatch):
    _, title = made
    short = dataclasses.replace(title, slides=())
    titles = (short, dataclasses.replace(short, slug="98-other", title="另一部", encoding="mpeg2"))
    monkeypatch.setattr(content, "demo_titles", lambda: titles)
    (tmp_path / ".01-spring-x").mkdir()
    (tmp_path / short.file_name).write_bytes(b"done before")
    (tmp_path / short.poster_name).write_bytes(b"done before")
    told = []
    sheet = content.make_demo_media(tmp_path, on_progress=told.append)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {sheet.name, *(t.file_name for t in titles), *(t.poster_name for t in titles)}
    assert (tmp_path / short.file_name).read_bytes() == b"done before"
    assert told == [0.5, 1.0]


def test_gain_brings_the_music_to_the_target(tmp_path):
    path = tmp_path / "m.wav"
    write_music(path, Tune(3), 5.0)
    assert -20 < measure_gain_db(path) < 10


def test_a_failing_ffmpeg_says_why(tmp_path):
    with pytest.raises(JobError, match=r"missing\.wav") as caught:
        run_ffmpeg(["-i", str(tmp_path / "missing.wav"), str(tmp_path / "out.mp4")])
    assert caught.value.permanent


def test_without_ffmpeg_the_error_names_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JobError) as caught:
        run_ffmpeg(["-version"])
    assert caught.value.field == "ffmpeg"


def test_a_killed_run_leaves_no_ffmpeg_and_no_half_film(tmp_path):
    maker = (
        "import sys; from pathlib import Path; from vod_server.demo import content;"
        "content.make_title(Path(sys.argv[1]), content.demo_titles()[0])"
    )
    command = [sys.executable, "-c", maker, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        wait_until(lambda: ffmpegs_writing_to(tmp_path))
        process.kill()
    wait_until(lambda: not ffmpegs_writing_to(tmp_path))
    assert not (tmp_path / demo_titles()[0].file_name).exists()
    assert (tmp_path / demo_titles()[0].poster_name).exists()


def ffmpegs_writing_to(folder):
    """Pids of the ffmpegs whose output, their last word, is a film in the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended while we looked
            words = path.read_text(errors="replace").rstrip("\0").split("\0")
            if words[-1].startswith(str(folder)) and words[-1].endswith(".mp4"):
                found.append(int(path.parent.name))
    return found


def wait_until(true, *, within_s=30.0):
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
