"""`pictures`: poster candidates and seek sprites of a title."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from catalog.titles import service, wants
from catalog.titles.model import OWN_POSTER
from catalog.titles.tables import Title
from core.errors import InvalidInputError, JobError
from core.jobs.runner import Handler, JobContext
from vod_server.bootstrap import House
from vod_server.media.images import make_pictures
from vod_server.media.posters import accept_poster
from vod_server.media.probe import Probe
from vod_server.worker.scratch import (
    local_blob,
    require_source,
    require_title,
    scratch_folder,
    title_id_of,
)

#: The picture that came with an import; those uploaded by people have names of their own.
IMPORTED_POSTER = f"{OWN_POSTER}.jpg"


def make_pictures_handler(house: House) -> Handler:
    """Return the handler; a poster that came with the import is preferred to what is found."""

    def run(context: JobContext) -> None:
        with scratch_folder(house, context) as folder:
            with context.scope() as session:
                title = require_title(session.get(Title, title_id_of(context)))
                source = require_source(title)
                name = title.name
            path = local_blob(house, source.blob_key, folder)
            out = folder / "out"
            made = make_pictures(
                path,
                Probe.from_json(source.probe),
                out,
                title=name,
                on_progress=lambda p: context.progress(
                    p.fraction, eta_s=p.eta_s, message="正在制作海报和预览图"
                ),
                should_stop=context.should_stop,
            )
            posters, chosen = list(made.candidates), made.candidates[made.best]
            refused = _take_given(str(context.payload.get("poster", "")), out)
            if (out / IMPORTED_POSTER).exists():
                posters, chosen = [IMPORTED_POSTER, *posters], IMPORTED_POSTER
            sprite = dataclasses.asdict(made.sprite) if made.sprite else None
            _store(house, context, out, posters, chosen, sprite)
        if refused:
            # The title has pictures all the same; what came with the import must still be told.
            raise JobError(f"海报用不了，已改用画面截图：{refused}", permanent=True, field="poster")

    return run


def _take_given(poster: str, out: Path) -> str:
    """Take the picture that came with the import, if any; return why it cannot be used."""
    if not poster:
        return ""
    try:
        accept_poster(Path(poster), out / IMPORTED_POSTER)
    except InvalidInputError as error:
        return error.message
    except FileNotFoundError:
        return f"找不到文件 {Path(poster).name}。"
    return ""


def _store(
    house: House,
    context: JobContext,
    out: Path,
    posters: list[str],
    chosen: str,
    sprite: dict[str, object] | None,
) -> None:
    title_id, gen = title_id_of(context), service.new_generation()
    with context.scope() as session:
        old = dict(require_title(session.get(Title, title_id)).pictures)
    own = _keep_own(house, f"images/{title_id}", old, out)
    for file in sorted(out.glob("*.jpg")):
        house.blobs.put_file(f"images/{title_id}/{gen}/{file.name}", file, move=True)
    if old.get("poster") in own:
        chosen = old["poster"]
    pictures = {
        "gen": gen,
        "posters": [*own, *(name for name in posters if name not in own)],
        "poster": chosen,
        "sprite": sprite,
    }
    with context.scope() as session:
        title = require_title(session.get(Title, title_id))
        if title.pictures.get("gen") != old.get("gen") or title.pictures.get("posters") != old.get(
            "posters"
        ):
            # Somebody has added a poster since: the next try takes it along.
            raise JobError("海报刚刚被改动，稍后重做预览图。", permanent=False)
        now = house.clock.now()
        service.set_pictures(session, title, pictures, now=now)
        if old:
            prefixes = [f"images/{title_id}/{old['gen']}"]
            delay_s = house.settings.address_ttl_s
            wants.want_tidy(session, title, prefixes, now=now, delay_s=delay_s)


def _keep_own(house: House, prefix: str, old: dict[str, Any], out: Path) -> list[str]:
    """Bring posters that people chose themselves into the new generation; return their names."""
    names = [name for name in old.get("posters", ()) if name.startswith(OWN_POSTER)]
    for name in names:
        if not (out / name).exists():
            house.blobs.fetch(f"{prefix}/{old['gen']}/{name}", out / name)
    return names
