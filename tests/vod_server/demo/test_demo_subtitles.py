"""What the demo's captions say, and that the importer takes them."""

from __future__ import annotations

import itertools

from catalog.importers.sheet import read_sheet
from catalog.titles.caption_files import read_captions
from vod_server.demo.content import write_sheet, write_subtitles
from vod_server.demo.subtitles import subtitles
from vod_server.demo.titles import demo_titles


def test_one_title_has_captions_and_the_sheet_names_their_file(tmp_path):
    (captioned,) = (title for title in demo_titles() if title.captioned)
    for title in demo_titles():
        write_subtitles(tmp_path, title)
    assert [path.name for path in tmp_path.iterdir()] == [captioned.subtitle_name]
    write_sheet(tmp_path / "catalog.csv", demo_titles())
    sheet = read_sheet((tmp_path / "catalog.csv").read_bytes())
    assert {row.title: row.subtitle for row in sheet.rows if row.subtitle} == {
        captioned.title: captioned.subtitle_name
    }
    captions = read_captions((tmp_path / captioned.subtitle_name).read_bytes())
    assert captions.cues[0].text == captioned.title
    said = "".join(cue.text for cue in captions.cues)
    assert all(line in said for slide in captioned.slides for line in slide.lines)


def test_sentences_follow_one_another_within_the_film_and_can_be_read():
    for title in demo_titles():
        cues = read_captions(subtitles(title).encode()).cues
        assert len(cues) == 1 + 2 * len(title.slides)
        assert cues[-1].end_ms <= title.duration_s * 1000
        assert all(a.end_ms < b.start_ms for a, b in itertools.pairwise(cues))
        # Nine letters a second are the most that is comfortable to read.
        assert all(len(c.text) * 1000 <= 9 * (c.end_ms - c.start_ms) for c in cues), title.slug
