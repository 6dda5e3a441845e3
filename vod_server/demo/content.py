"""Make the demo's media folder: films, posters, captions and the sheet that imports them."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from vod_server.demo.cards import poster, slide_card, title_card
from vod_server.demo.film import Card, make_film
from vod_server.demo.landscape import landscape, still
from vod_server.demo.model import LICENCE, OPENING_S, SLIDE_S, SOURCE, DemoTitle
from vod_server.demo.music import write_music
from vod_server.demo.subtitles import subtitles
from vod_server.demo.titles import demo_titles

SHEET = "catalog.csv"
HEADER = (
    "file",
    "title",
    "series",
    "order",
    "category",
    "summary",
    "lecturer",
    "source",
    "licence",
    "place",
    "required",
    "study_hours",
    "audience",
    "expires",
    "subtitle",
    "poster",
)

#: Called with the share that is done, 0 to 1.
Progress = Callable[[float], None]


def _cards(title: DemoTitle) -> list[Card]:
    opening = title_card(title.lines, title.category, SOURCE, title.palette)
    cards = [Card(opening, 0.6, OPENING_S)]
    for number, slide in enumerate(title.slides):
        start_s = OPENING_S + number * SLIDE_S
        cards.append(Card(slide_card(slide, title.palette), start_s, start_s + SLIDE_S))
    return cards


def _move_in(part: Path, target: Path) -> None:
    """Put a finished file in its place at once and for good."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(target)


def make_title(out: Path, title: DemoTitle) -> None:
    """Make one title's poster and film in `out`; what is already there stays.

    Raises:
        JobError: ffmpeg failed.
        InvalidInputError: no Chinese font is installed.
    """
    film, picture = out / title.file_name, out / title.poster_name
    if film.exists() and picture.exists():
        return
    layers = landscape(title.tune.seed, title.palette, title.duration_s)
    scratch = Path(tempfile.mkdtemp(prefix=f".{title.slug}-", dir=out))
    try:
        part = scratch / title.poster_name
        poster(still(layers), title.lines, title.category, title.icon, title.palette).save(part)
        _move_in(part, picture)
        music = scratch / "music.wav"
        write_music(music, title.tune, title.duration_s)
        part = scratch / title.file_name
        make_film(
            part,
            layers=layers,
            cards=_cards(title),
            music=music,
            duration_s=title.duration_s,
            encoding=title.encoding,
            scratch=scratch,
        )
        _move_in(part, film)
    finally:
        shutil.rmtree(scratch)


def sheet_row(title: DemoTitle) -> dict[str, str]:
    """Write a title as a row of the catalog sheet; what does not apply is empty."""
    return {
        "file": title.file_name,
        "title": title.title,
        "series": title.series,
        "order": "" if title.order is None else str(title.order),
        "category": title.category,
        "summary": title.summary,
        "lecturer": title.lecturer,
        "source": SOURCE,
        "licence": LICENCE,
        "place": title.place,
        "required": "必学" if title.required else "选学",
        "study_hours": "" if title.study_hours is None else f"{title.study_hours:g}",
        "audience": title.audience,
        "expires": "",
        "subtitle": title.subtitle_name,
        "poster": title.poster_name,
    }


def write_subtitles(out: Path, title: DemoTitle) -> None:
    """Write a title's caption file, where it has one: quickly done, so done each time."""
    if title.captioned:
        part = out / f"{title.subtitle_name}.part"
        part.write_text(subtitles(title), encoding="utf-8")
        _move_in(part, out / title.subtitle_name)


def write_sheet(path: Path, titles: tuple[DemoTitle, ...]) -> None:
    """Write the catalog sheet: CSV in UTF-8, the header of the design, a row a title."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, HEADER)
        sheet.writeheader()
        sheet.writerows(map(sheet_row, titles))
    _move_in(part, path)


def _sweep(out: Path) -> None:
    """Remove the scratch of a run that was killed."""
    for left in out.glob(".[0-9][0-9]-*"):
        shutil.rmtree(left)


def make_demo_media(out: Path, *, on_progress: Progress | None = None) -> Path:
    """Make films, posters and sheet in the folder `out`; goes on where a killed run stopped.

    Args:
        out: made when missing; one process at a time may work in it.
        on_progress: told the share that is done after each title, 1.0 last.

    Returns:
        The path of the sheet, written last: when it is there, everything it names is.

    Raises:
        JobError: ffmpeg is missing or failed.
        InvalidInputError: no Chinese font is installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    _sweep(out)
    titles = demo_titles()
    with ThreadPoolExecutor(max_workers=2) as pool:
        waiting = [pool.submit(make_title, out, title) for title in titles]
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                future.result()
                if on_progress is not None:
                    on_progress(done / len(titles))
        except BaseException:
            # Ctrl-C too: the titles not begun are not made, and the error goes on.
            pool.shutdown(cancel_futures=True)
            raise
    for title in titles:
        write_subtitles(out, title)
    write_sheet(out / SHEET, titles)
    return out / SHEET
