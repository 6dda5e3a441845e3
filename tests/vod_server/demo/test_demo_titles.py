import csv

import pytest

from catalog.importers.sheet import read_sheet
from vod_server.demo.cards import HEADING_SIZE, LINE_SIZE, TEXT_WIDTH, Slide, slide_card, text_width
from vod_server.demo.content import HEADER, write_sheet
from vod_server.demo.music import SAMPLE_RATE, Tune, melody, write_music
from vod_server.demo.paint import HEIGHT, MARGIN_X, MARGIN_Y, WIDTH, mix
from vod_server.demo.places import PLACES
from vod_server.demo.titles import demo_titles

CATEGORIES = {"党课", "农技", "政策", "法治", "健康", "身边案例", "遥控器教学"}


def test_there_are_ten_titles_with_names_and_files_of_their_own():
    titles = demo_titles()
    assert len(titles) == 10
    for name in ("slug", "title", "file_name", "poster_name"):
        assert len({getattr(title, name) for title in titles}) == 10


def test_titles_are_short_and_of_known_categories():
    for title in demo_titles():
        assert 15 <= title.duration_s <= 40
        assert title.category in CATEGORIES
        assert title.summary.endswith("。")
        assert "".join(title.lines) == title.title


def test_one_title_is_for_a_village_alone():
    places = {place.code: place.kind for place in PLACES}
    bound = [title for title in demo_titles() if title.place]
    assert [places[title.place] for title in bound] == ["village"]


def test_most_titles_may_be_copied_and_some_must_be_encoded():
    encodings = [title.encoding for title in demo_titles()]
    assert encodings.count("fits") >= 5
    assert {"long_gop", "mpeg2"} <= set(encodings)


def test_the_series_counts_from_one():
    orders = [title.order for title in demo_titles() if title.series]
    assert orders == [1, 2, 3]


def test_the_sheet_has_the_header_of_the_design_and_a_row_a_title(tmp_path):
    write_sheet(tmp_path / "catalog.csv", demo_titles())
    text = (tmp_path / "catalog.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == (
        "file,title,series,order,category,summary,lecturer,source,licence,place,required,"
        "study_hours,audience,expires,subtitle,poster"
    )
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["title"] for row in rows] == [title.title for title in demo_titles()]
    assert tuple(rows[0]) == HEADER
    assert {row["licence"] for row in rows} == {"CC0"}
    assert [p.name for p in tmp_path.iterdir()] == ["catalog.csv"]


@pytest.mark.parametrize(
    "slide", [slide for title in demo_titles() for slide in title.slides], ids=lambda s: s.heading
)
def test_slides_are_large_enough_to_read_and_stay_in_their_column(slide: Slide):
    assert LINE_SIZE >= 44
    assert len(slide.lines) <= 4
    assert all(text_width(line, LINE_SIZE) + 34 <= TEXT_WIDTH for line in slide.lines)
    assert text_width(slide.heading, HEADING_SIZE) <= TEXT_WIDTH


def test_a_slide_keeps_the_safe_margins():
    title = demo_titles()[0]
    solid = (
        slide_card(title.slides[0], title.palette).getchannel("A").point(lambda a: 255 * (a > 250))
    )
    left, top, right, bottom = solid.getbbox()
    assert left >= MARGIN_X - 1
    assert top >= MARGIN_Y - 1
    assert right <= WIDTH - MARGIN_X + 2
    assert bottom <= HEIGHT - MARGIN_Y


def test_the_same_tune_has_the_same_notes_and_ends_on_its_tonic():
    tune = Tune(5, 220.0)
    notes = melody(tune, 12)
    assert notes == melody(tune, 12)
    assert notes != melody(Tune(6, 220.0), 12)
    assert max(notes)[0] <= 12 - 1.8
    assert (max(n[0] for n in notes), 220.0, 0.6) in notes


def test_music_is_as_long_as_asked_and_never_clips(tmp_path):
    path = tmp_path / "m.wav"
    write_music(path, Tune(5, 220.0), 4.0)
    pcm = memoryview(path.read_bytes()[44:]).cast("h")
    assert len(pcm) == 4 * SAMPLE_RATE
    assert 15_000 < max(pcm) <= 20_000


def test_mix_goes_from_the_first_colour_to_the_second():
    assert mix("#000000", "#ff8000", 0) == "#000000"
    assert mix("#000000", "#ff8000", 0.5) == "#804000"
    assert mix("#000000", "#ff8000", 1) == "#ff8000"


def test_the_importer_reads_the_sheet_without_a_fault(tmp_path):
    write_sheet(tmp_path / "catalog.csv", demo_titles())
    sheet = read_sheet((tmp_path / "catalog.csv").read_bytes())
    assert (sheet.errors, sheet.warnings) == ((), ())
    read = [(row.title, row.required, row.study_hours, row.order, row.place) for row in sheet.rows]
    assert read == [
        (title.title, title.required, title.study_hours, title.order, title.place)
        for title in demo_titles()
    ]
