"""Every table of the house in one metadata: what the migrations must add up to."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

from core.db import Base

#: Modules that declare tables; a new one is added here with its migration.
TABLE_MODULES = (
    "core.jobs.tables",
    "county.tables",
    "county.box_tables",
    "county.question_tables",
    "catalog.search.tables",
    "catalog.titles.tables",
    "catalog.notices.tables",
    "epg.channels.tables",
    "epg.guide.tables",
    "epg.search_tables",
    "vod_server.media.uploads.tables",
)


def metadata() -> MetaData:
    """Return the metadata with all tables loaded."""
    for module in TABLE_MODULES:
        import_module(module)
    return Base.metadata
