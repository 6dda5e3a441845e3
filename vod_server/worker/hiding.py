"""`hide_pictures`: pictures of a withdrawn title move to a new address, the old leads nowhere.

nginx hands pictures out without asking anybody, so whoever kept an address could go on looking.
"""

from __future__ import annotations

from catalog.titles import service, wants
from catalog.titles.tables import Title
from core.errors import JobError
from core.jobs.runner import Handler, JobContext
from vod_server.bootstrap import House
from vod_server.worker.scratch import require_title, scratch_folder, title_id_of


def make_hide_pictures(house: House) -> Handler:
    """Return the handler; what was published again meanwhile stays where it is."""

    def run(context: JobContext) -> None:
        title_id = title_id_of(context)
        with context.scope() as session:
            title = require_title(session.get(Title, title_id))
            state, old = title.state, dict(title.pictures)
        if state == "published" or not old:
            return
        gen = service.new_generation()
        _copy(house, context, f"images/{title_id}/{old['gen']}", f"images/{title_id}/{gen}")
        with context.scope() as session:
            title = require_title(session.get(Title, title_id))
            if title.pictures != old:
                raise JobError("海报刚刚被改动，稍后再隐藏。", permanent=False)
            now = house.clock.now()
            service.set_pictures(session, title, {**old, "gen": gen}, now=now)
            wants.want_tidy(session, title, [f"images/{title_id}/{old['gen']}"], now=now, delay_s=0)

    return run


def _copy(house: House, context: JobContext, source: str, target: str) -> None:
    """Copy the blobs below one prefix to another."""
    with scratch_folder(house, context) as folder:
        for key in house.blobs.keys(source):
            context.check()
            name = key.rpartition("/")[2]
            house.blobs.fetch(key, folder / name)
            house.blobs.put_file(f"{target}/{name}", folder / name, move=True)
