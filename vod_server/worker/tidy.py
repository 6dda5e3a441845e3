"""`tidy`: files of replaced generations go once no signed address can lead to them."""

from __future__ import annotations

from core.jobs.runner import Handler, JobContext
from vod_server.bootstrap import House


def make_tidy(house: House) -> Handler:
    """Return the handler; its payload is `{"prefixes": [blob key prefix, …]}`."""

    def tidy(context: JobContext) -> None:
        for prefix in context.payload["prefixes"]:
            context.check()
            house.blobs.delete_prefix(prefix)

    return tidy
