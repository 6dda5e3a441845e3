"""Job handlers by kind."""

from __future__ import annotations

from collections.abc import Mapping

from core.jobs.runner import Handler
from vod_server.bootstrap import House
from vod_server.worker.guide import make_fetch_guide
from vod_server.worker.hiding import make_hide_pictures
from vod_server.worker.ingest import make_ingest
from vod_server.worker.pictures import make_pictures_handler
from vod_server.worker.tidy import make_tidy
from vod_server.worker.transcode import make_transcode


def make_handlers(house: House) -> Mapping[str, Handler]:
    """Return the handlers of an installation."""
    return {
        "ingest": make_ingest(house),
        "transcode": make_transcode(house),
        "pictures": make_pictures_handler(house),
        "hide_pictures": make_hide_pictures(house),
        "fetch_guide": make_fetch_guide(house),
        "tidy": make_tidy(house),
    }
