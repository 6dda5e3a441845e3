"""What Xtream players list: channels, films, series, in the shapes and types they expect. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from catalog.titles.reading import COUNTY_ZONE, picture_url
from catalog.titles.tables import Series, Title
from epg.channels.naming import group_names
from epg.channels.tables import Channel
from vod_server.web.playing import catchup_days

Json = dict[str, Any]

#: The ending players ask films by: what is behind it is HLS.
CONTAINER = "m3u8"

OTHERS = "其他"
#: Id of the films without a category; those of others are the categories' own.
NO_CATEGORY = "0"


def group_id(name: str) -> str:
    """Return the id of a group: the same whatever other groups there are, as clients keep it."""
    return str(zlib.crc32(name.encode()) & 0x7FFFFFFF)


def groups_of(channel: Channel) -> list[str]:
    """Return a channel's groups, at least one."""
    return group_names(channel.group_title) or [OTHERS]


def is_offered(channel: Channel) -> bool:
    """Say whether an Xtream player can be sent to a channel: only by HTTP."""
    if channel.kind != "reference":
        return True
    return bool(channel.sources) and channel.sources[0].kind in {"http", "hls"}


def live_categories(channels: Iterable[Channel]) -> list[Json]:
    """Return the groups, in the order their first channels stand in."""
    names = dict.fromkeys(name for channel in channels for name in groups_of(channel))
    return [category(group_id(name), name) for name in names]


def category(id_: str, name: str) -> Json:
    """Return a category."""
    return {"category_id": id_, "category_name": name, "parent_id": 0}


def live_stream(
    channel: Channel, number: int, guide_id: str, address: Callable[[str], str]
) -> Json:
    """Return a channel.

    Args:
        channel: with its sources.
        number: its place in the list, from 1.
        guide_id: its id in the XMLTV file.
        address: makes an address of ours absolute.
    """
    groups = [group_id(name) for name in groups_of(channel)]
    days = catchup_days(channel)
    return {
        "num": number,
        "name": channel.name,
        "stream_type": "live",
        "stream_id": channel.id,
        "stream_icon": address(channel.logo),
        "epg_channel_id": guide_id,
        "added": _epoch(channel.created_at),
        "is_adult": "0",
        "category_id": groups[0],
        "category_ids": [int(one) for one in groups],
        "custom_sid": "",
        "tv_archive": 1 if days else 0,
        "direct_source": "",
        "tv_archive_duration": days,
    }


def title_categories(titles: Iterable[Title]) -> list[Json]:
    """Return the categories of some titles, in their own order, those without one last."""
    known = {title.category.id: title.category for title in titles if title.category}
    ordered = sorted(known.values(), key=lambda one: (one.position, one.id))
    found = [category(str(one.id), one.name) for one in ordered]
    if any(title.category is None for title in titles):
        found.append(category(NO_CATEGORY, OTHERS))
    return found


def category_of(title: Title) -> str:
    """Return the id of a title's category."""
    return str(title.category_id) if title.category_id else NO_CATEGORY


def film(title: Title, number: int, address: Callable[[str], str]) -> Json:
    """Return a film as lists show it."""
    return {
        "num": number,
        "name": title.name,
        "stream_type": "movie",
        "stream_id": title.id,
        "stream_icon": address(_poster(title)),
        "rating": "",
        "rating_5based": 0,
        "added": _epoch(title.published_at or title.created_at),
        "is_adult": "0",
        "category_id": category_of(title),
        "category_ids": [int(category_of(title))],
        "container_extension": CONTAINER,
        "custom_sid": "",
        "direct_source": "",
    }


def film_info(title: Title, address: Callable[[str], str]) -> Json:
    """Return a film's page (get_vod_info)."""
    poster = address(_poster(title))
    info = _facts(title, poster) | {
        "name": title.name,
        "o_name": title.name,
        "cover_big": poster,
        "director": title.lecturer,
        "cast": "",
        "actors": "",
        "genre": title.category.name if title.category else OTHERS,
        "country": "",
        "rating": "",
        "backdrop_path": [],
        "youtube_trailer": "",
    }
    data = film(title, 1, address)
    shown = ("stream_id", "name", "added", "category_id", "category_ids", "container_extension")
    return {
        "info": info,
        "movie_data": {name: data[name] for name in shown}
        | {"custom_sid": "", "direct_source": ""},
    }


def series_card(
    series: Series, titles: Sequence[Title], number: int, address: Callable[[str], str]
) -> Json:
    """Return a series as lists show it.

    Args:
        series: which.
        titles: its visible titles in order, at least one.
        number: its place in the list, from 1.
        address: makes an address of ours absolute.
    """
    newest = max(title.published_at or title.created_at for title in titles)
    return {
        "num": number,
        "name": series.name,
        "series_id": series.id,
        "cover": address(_poster(titles[0])),
        "plot": series.summary or "",
        "cast": "",
        "director": titles[0].lecturer,
        "genre": titles[0].category.name if titles[0].category else OTHERS,
        "releaseDate": _day(newest),
        "release_date": _day(newest),
        "last_modified": _epoch(newest),
        "rating": "",
        "rating_5based": 0,
        "backdrop_path": [],
        "youtube_trailer": "",
        "episode_run_time": str(round((titles[0].duration_s or 0) / 60)),
        "category_id": category_of(titles[0]),
        "category_ids": [int(category_of(titles[0]))],
    }


def series_info(series: Series, titles: Sequence[Title], address: Callable[[str], str]) -> Json:
    """Return a series' page: everything is one season (get_series_info)."""
    card = series_card(series, titles, 1, address)
    season = {
        "air_date": card["releaseDate"],
        "episode_count": len(titles),
        "id": series.id,
        "name": "全部",
        "overview": "",
        "season_number": 1,
        "cover": card["cover"],
        "cover_big": card["cover"],
    }
    episodes = [_episode(title, number, address) for number, title in enumerate(titles, start=1)]
    return {"seasons": [season], "info": card, "episodes": {"1": episodes}}


def _episode(title: Title, number: int, address: Callable[[str], str]) -> Json:
    return {
        "id": str(title.id),
        "episode_num": title.episode or number,
        "title": title.name,
        "container_extension": CONTAINER,
        "info": _facts(title, address(_poster(title))),
        "custom_sid": "",
        "added": _epoch(title.published_at or title.created_at),
        "season": 1,
        "direct_source": "",
    }


def _facts(title: Title, poster: str) -> Json:
    length_s = round(title.duration_s or 0)
    day = _day(title.published_at or title.created_at)
    return {
        "movie_image": poster,
        "plot": title.summary,
        "description": title.summary,
        "releasedate": day,
        "release_date": day,
        "duration_secs": length_s,
        "duration": f"{length_s // 3600:02}:{length_s // 60 % 60:02}:{length_s % 60:02}",
        "bitrate": 0,
    }


def _poster(title: Title) -> str:
    return picture_url(title, title.pictures.get("poster")) or ""


def _epoch(at: datetime) -> str:
    return str(int(at.timestamp()))


def _day(at: datetime) -> str:
    return at.astimezone(COUNTY_ZONE).strftime("%Y-%m-%d")
