"""`tidy`: files of replaced generations go once no signed address can lead to them.

Generations of captions that are shown (again) stay: when those are replaced there is a new job.
"""

from __future__ import annotations

from catalog.titles.captions import prefixes_shown
from catalog.titles.tables import Title
from core.jobs.runner import Handler, JobContext
from vod_server.bootstrap import House
from vod_server.worker.playout import keep_back


def make_tidy(house: House) -> Handler:
    """Return the handler; its payload is `{"prefixes": [blob key prefix, …]}`."""

    def tidy(context: JobContext) -> None:
        prefixes = context.payload["prefixes"]
        kept = _kept(house, context, prefixes)
        for prefix in prefixes:
            context.check()
            if prefix not in kept:
                house.blobs.delete_prefix(prefix)

    return tidy


def _kept(house: House, context: JobContext, prefixes: list[str]) -> set[str]:
    """Return what must stay: captions that are shown, and what catch-up lists a while longer."""
    with context.scope() as session:
        title = session.get(Title, int(context.subject.removeprefix("title:")))
        if title is None:
            return set()
        shown = prefixes_shown(session, title.id, prefixes)
        return shown | keep_back(session, title, prefixes, now=house.clock.now())
