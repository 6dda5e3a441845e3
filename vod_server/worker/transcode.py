"""`transcode`: the renditions of a title are made, measured, stored and switched in."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles import service, wants
from catalog.titles.renditions import Measured
from catalog.titles.tables import Rendition, Title
from core.errors import ConflictError
from core.jobs.runner import Handler, JobContext
from vod_server.bootstrap import House
from vod_server.media.ffmpeg import Progress
from vod_server.media.ladder import Plan, plan_ladder
from vod_server.media.probe import Probe
from vod_server.media.transcode import transcode
from vod_server.streams.playlists import iframe_playlist, media_playlist
from vod_server.worker.scratch import (
    local_blob,
    require_source,
    require_title,
    scratch_folder,
    title_id_of,
)

#: An address signed just before a switch lives an hour longer than asked, see `streams.signing`.
ADDRESS_SLACK_S = 3600


def make_transcode(house: House) -> Handler:
    """Return the handler.

    Every try makes a generation of its own, so a key never changes its bytes. The title goes on
    playing the old generation until the first rendition of the new one is stored; what a killed
    try left is tidied by the next.
    """

    def run(context: JobContext) -> None:
        with scratch_folder(house, context) as folder:
            title_id = title_id_of(context)
            gen = service.new_generation()
            with context.scope() as session:
                title = require_title(session.get(Title, title_id))
                source = require_source(title)
                plan = plan_ladder(Probe.from_json(source.probe), None)
                _drop_unfinished(house, session, title)
                service.want_renditions(
                    session, title, [(rung.name, rung.mode) for rung in plan.rungs], gen=gen
                )
            path = local_blob(house, source.blob_key, folder)
            _transcode(house, context, plan, path, folder, gen)
            with context.scope() as session:
                title = require_title(session.get(Title, title_id))
                _tidy(house, session, title, service.drop_old_generations(session, title))

    return run


def _transcode(
    house: House, context: JobContext, plan: Plan, source: Path, folder: Path, gen: str
) -> None:
    def on_rendition(measured: Measured, made: Path) -> None:
        _store(house, f"vod/{title_id_of(context)}/{gen}/{measured.name}", measured, made)
        with context.scope() as session:
            title = require_title(session.get(Title, title_id_of(context)))
            now = house.clock.now()
            service.rendition_ready(session, title, measured, gen=gen, now=now)
            _publish_if_wanted(house, context, session, title)

    def on_progress(progress: Progress) -> None:
        context.progress(progress.fraction, eta_s=progress.eta_s, message="正在转码")

    context.progress(0.0, message="正在转码")
    transcode(
        source,
        plan,
        folder / "out",
        on_progress=on_progress,
        should_stop=context.should_stop,
        on_rendition=on_rendition,
    )


def _store(house: House, prefix: str, measured: Measured, made: Path) -> None:
    """Store a rendition: segments first, the playlists that name them last."""
    for segment in measured.segments:
        house.blobs.put_file(f"{prefix}/{segment.name}", made / segment.name, move=True)
    if measured.width is not None:
        house.blobs.put_bytes(f"{prefix}/iframes.m3u8", iframe_playlist(measured).encode())
    house.blobs.put_bytes(f"{prefix}/index.m3u8", media_playlist(measured).encode())


def _publish_if_wanted(house: House, context: JobContext, session: Session, title: Title) -> None:
    """Publish what an import wanted published, as soon as it can be played."""
    actor = str(context.payload.get("publish", ""))
    if not actor or title.state == "published":
        return
    now = house.clock.now()
    try:
        if title.state == "draft":
            service.move_title(session, title, "submit", actor=actor, now=now, remark="导入")
        service.move_title(session, title, "publish", actor=actor, now=now, remark="导入")
    except ConflictError:
        # Somebody has withdrawn it meanwhile: theirs is the last word.
        return


def _drop_unfinished(house: House, session: Session, title: Title) -> None:
    """Forget generations that an earlier try did not bring to their first rendition."""
    dead = Rendition.gen != (title.media_gen or "")
    statement = select(Rendition).where(Rendition.title_id == title.id, dead)
    rows = session.scalars(statement).all()
    for row in rows:
        session.delete(row)
    _tidy(house, session, title, sorted({row.gen for row in rows}))


def _tidy(house: House, session: Session, title: Title, gens: list[str]) -> None:
    if gens:
        wants.want_tidy(
            session,
            title,
            [f"vod/{title.id}/{gen}" for gen in gens],
            now=house.clock.now(),
            delay_s=house.settings.address_ttl_s + ADDRESS_SLACK_S,
        )
