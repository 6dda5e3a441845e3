"""`tidy`: files of replaced generations go once no signed address can lead to them."""

from __future__ import annotations

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
    """Return what a loop channel's catch-up still lists; it is tidied later."""
    with context.scope() as session:
        title = session.get(Title, int(context.subject.removeprefix("title:")))
        return keep_back(session, title, prefixes, now=house.clock.now()) if title else set()
