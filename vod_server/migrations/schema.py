"""Every table of the house in one metadata: what the migrations must add up to."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

from core.db import Base

#: Modules that declare tables; a new one is added here with its migration.
TABLE_MODULES = (
    "core.jobs.tables",
    "county.tables",
    "catalog.titles.tables",
    "epg.channels.tables",
    "epg.guide.tables",
    "vod_server.media.uploads.tables",
)


def metadata() -> MetaData:
    """Return the metadata with all tables loaded."""
    for module in TABLE_MODULES:
        import_module(module)
    return Base.metadata
