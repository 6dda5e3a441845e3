"""Where the words of a title's captions are fetched from."""

from __future__ import annotations

from catalog.titles.captions import caption_key, caption_scope
from catalog.titles.tables import TitleCaption
from vod_server.streams.signing import expires_at, media_prefix
from vod_server.web.access import house


def caption_url(one: TitleCaption) -> str:
    """Return the signed address of captions; it lives as long as those of segments."""
    here = house()
    scope = caption_scope(one.title_id, one.gen)
    expires = expires_at(here.clock.now(), here.settings.address_ttl_s)
    rest = caption_key(one.title_id, one.gen, one.language).removeprefix(f"{scope}/")
    return media_prefix(here.media_key, scope, expires) + rest
