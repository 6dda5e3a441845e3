"""The writer: where segments go, what the index says, what is found again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ConflictError, InvalidInputError, NotFoundError
from epg.timeline.model import GAP_MS
from tests.vod_server.recordings.recorded import (
    CHANNEL,
    HOUR,
    MIDNIGHT,
    Recorder,
    contents,
    everything,
)
from vod_server.recordings.folders import channel_folder, hour_path
from vod_server.recordings.writer import ChannelWriter


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[ChannelWriter]:
    writer = ChannelWriter(tmp_path, CHANNEL)
    yield writer
    writer.close()


def reopened(writer: ChannelWriter) -> ChannelWriter:
    """Close a writer and open the channel anew."""
    writer.close()
    return ChannelWriter(writer.folder.parent, CHANNEL)


def index(writer: ChannelWriter, hour_ms: int = MIDNIGHT) -> Path:
    return hour_path(writer.folder, hour_ms) / "index"


def test_a_segment_lies_where_the_architecture_says(writer: ChannelWriter, tmp_path: Path) -> None:
    first, second = Recorder(writer, MIDNIGHT).record(2)
    assert first.key == f"live/7/20260501/00/{MIDNIGHT}-2000.ts"
    assert (tmp_path / "7/20260501/00" / f"{MIDNIGHT + 2000}-2000.ts").read_text() == "run-1/1"
    assert index(writer).read_text() == (
        f"cuntai-index 1 73526400 20424 0\n{MIDNIGHT} 2000 7\n{MIDNIGHT + 2000} 2000 7\n"
    )
    assert writer.last == second
    assert (second.sequence, second.opens) == (first.sequence + 1, False)


def test_recording_goes_on_over_midnight(writer: ChannelWriter, tmp_path: Path) -> None:
    segments = Recorder(writer, MIDNIGHT - 5000).record(6)
    assert everything(tmp_path) == segments
    assert [s.sequence - segments[0].sequence for s in segments] == list(range(6))
    assert not any(s.opens for s in segments)
    assert {s.key[:19] for s in segments} == {"live/7/20260430/23/", "live/7/20260501/00/"}
    head = index(writer).read_text().splitlines()[0]
    assert head == f"cuntai-index 1 {segments[3].sequence} {segments[3].discontinuity} 0"


def test_a_restart_opens_and_goes_on_counting(writer: ChannelWriter, tmp_path: Path) -> None:
    before = Recorder(writer, MIDNIGHT).record(3)
    again = reopened(writer)
    after = Recorder(again, MIDNIGHT + 6000, "run-2").record(2)
    assert again.folder == channel_folder(tmp_path, CHANNEL)
    assert after[0].opens
    assert after[0].start_ms >= before[-1].end_ms + 2 * GAP_MS
    assert (after[0].sequence, after[0].discontinuity) == (
        before[-1].sequence + 1,
        before[-1].discontinuity + 1,
    )
    assert everything(tmp_path) == before + after
    again.close()


def test_other_parameters_open(writer: ChannelWriter) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    words = ["h264 720p", "h264 720p", "h264 1080p", "h264 1080p"]
    opens = [recorder.commit(recorder.finish(), word).opens for word in words]
    assert opens == [False, False, True, False]


def test_a_clock_that_was_set_back_is_told(writer: ChannelWriter) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    recorder.record(3)
    assert writer.ahead_ms == 0
    recorder.start_ms -= 600_000
    segments = recorder.record(2)
    assert writer.ahead_ms == 600_000
    assert not any(segment.opens for segment in segments)


def test_what_a_dead_recorder_finished_is_taken_over_without_a_gap(
    writer: ChannelWriter, tmp_path: Path
) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    recorder.record(2)
    recorder.finish()
    recorder.finish()
    (recorder.folder / "4.ts").write_bytes(b"half")
    with (recorder.folder / "list.csv").open("a") as lines:
        lines.write("4.ts,8.000000,10.0")  # it died while it wrote this
    again = reopened(writer)
    assert contents(tmp_path) == ["run-1/0", "run-1/1", "run-1/2", "run-1/3"]
    segments = everything(tmp_path)
    assert not any(segment.opens for segment in segments)
    assert segments[-1].end_ms == MIDNIGHT + 8000
    assert again.last == segments[-1]
    assert list((again.folder / ".incoming").iterdir()) == []
    again.close()


def test_what_is_taken_over_of_other_parameters_opens(writer: ChannelWriter) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    recorder.commit(recorder.finish(b"720p"), "720p")
    recorder.finish(b"720p")
    recorder.finish(b"1080p")
    writer.close()
    root = writer.folder.parent
    again = ChannelWriter(root, CHANNEL, parameters_of=lambda file: file.read_text())
    assert [segment.opens for segment in everything(root)] == [False, False, True]
    again.close()


def test_a_run_that_was_never_committed_is_taken_over_with_a_gap(
    writer: ChannelWriter, tmp_path: Path
) -> None:
    Recorder(writer, MIDNIGHT).record(2)
    Recorder(writer, MIDNIGHT + 60_000, "run-2").finish()
    reopened(writer).close()
    assert contents(tmp_path) == ["run-1/0", "run-1/1", "run-2/0"]
    assert everything(tmp_path)[-1].opens
    assert everything(tmp_path)[-1].start_ms == MIDNIGHT + 60_000


def test_a_new_run_takes_over_what_the_last_one_finished(
    writer: ChannelWriter, tmp_path: Path
) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    recorder.record(1)
    recorder.finish()
    writer.begin_run("run-2")
    assert contents(tmp_path) == ["run-1/0", "run-1/1"]
    assert not recorder.folder.exists()


@pytest.mark.parametrize("damage", ["gone", "empty", "half", "shuffled", "behind"])
def test_a_damaged_index_is_mended(writer: ChannelWriter, tmp_path: Path, damage: str) -> None:
    segments = Recorder(writer, MIDNIGHT - 3000).record(6)
    path = index(writer)
    text = path.read_text()
    lines = text.splitlines(keepends=True)
    if damage == "gone":
        path.unlink()
    else:
        path.write_text(
            {
                "empty": "",
                "half": text[:-7],
                "shuffled": "".join([lines[0], *reversed(lines[1:])]),
                "behind": "".join(lines[:-2]),
            }[damage]
        )
    again = reopened(writer)
    assert path.read_text() == text
    assert again.last == segments[-1]
    assert everything(tmp_path) == segments
    again.close()


def test_an_older_index_that_is_lost_is_made_anew(writer: ChannelWriter) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    for hour in range(5):
        recorder.start_ms = MIDNIGHT + hour * HOUR - 2000 * recorder.number
        recorder.record(3)
    text = index(writer, MIDNIGHT).read_text()
    index(writer, MIDNIGHT).unlink()
    reopened(writer).close()
    assert index(writer, MIDNIGHT).read_text() == text


def test_what_a_power_cut_left_short_is_not_listed(writer: ChannelWriter, tmp_path: Path) -> None:
    segments = Recorder(writer, MIDNIGHT).record(4)
    files = [tmp_path / segment.key.removeprefix("live/") for segment in segments]
    files[3].write_bytes(b"")
    files[2].write_bytes(b"run")
    again = reopened(writer)
    assert everything(tmp_path) == segments[:2]
    assert again.last == segments[1]
    again.close()


def test_a_channel_whose_hours_are_all_deleted_never_counts_back(
    writer: ChannelWriter, tmp_path: Path
) -> None:
    before = Recorder(writer, MIDNIGHT).record(100)[-1]
    shutil.rmtree(tmp_path / "7/20260501")
    again = reopened(writer)
    assert again.last is None
    after = Recorder(again, MIDNIGHT + HOUR, "run-2").record(1)[0]
    assert after.sequence > before.sequence
    assert after.discontinuity > before.discontinuity
    again.close()


def test_bad_commits_change_nothing(writer: ChannelWriter, tmp_path: Path) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    with pytest.raises(NotFoundError, match=r"0\.ts"):
        recorder.commit(recorder.folder / "0.ts")
    (recorder.folder / "0.ts").write_bytes(b"")
    with pytest.raises(InvalidInputError, match="空"):
        recorder.commit(recorder.folder / "0.ts")
    with pytest.raises(InvalidInputError, match="早于"):
        writer.commit(recorder.finish(), begin_s=2, end_s=1, written_ms=MIDNIGHT, parameters="")
    assert everything(tmp_path) == []
    assert recorder.record(1)[0].sequence == 73_526_400 + 2


def test_a_file_is_committed_once(writer: ChannelWriter) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    file = recorder.finish()
    recorder.commit(file)
    with pytest.raises(NotFoundError):
        recorder.commit(file)


@pytest.mark.parametrize("run", ["", ".", "..", "a/b", ".hidden", "好", "x" * 65])
def test_a_run_needs_a_plain_word(writer: ChannelWriter, run: str) -> None:
    with pytest.raises(InvalidInputError):
        writer.begin_run(run)


def test_a_word_is_for_one_run(writer: ChannelWriter) -> None:
    (writer.folder / ".incoming" / "run-1").write_text("in the way")
    with pytest.raises(ConflictError):
        writer.begin_run("run-1")


def test_segments_can_be_read_by_nginx(writer: ChannelWriter, tmp_path: Path) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    file = recorder.finish()
    file.chmod(0o600)
    segment = recorder.commit(file)
    assert (tmp_path / segment.key.removeprefix("live/")).stat().st_mode & 0o777 == 0o644
