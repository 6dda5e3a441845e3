"""Guide commands: import-xmltv."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import session_scope
from core.errors import InvalidInputError
from core.settings import Settings
from epg.channels.service import create_channel
from epg.channels.tables import Channel
from epg.guide import feeds
from epg.guide.fetching import fetch_guide
from epg.guide.importing import import_xmltv
from epg.guide.report import ImportReport
from epg.guide.tables import GuideChannel, GuideFeed
from vod_server.bootstrap import House, open_house
from vod_server.worker.guide import guide_files

#: Longest name a channel may have; feeds are not asked to keep to it.
MAX_NAME = 120


@click.command("import-xmltv")
@click.argument("src")
@click.option("--channels-from-feed", is_flag=True, help="为节目单里还没有的频道新建频道。")
@click.option("--zone", help="没有写明时区的时间按这个时区理解，默认 Asia/Shanghai。")
@click.option("--feed", "name", help="节目源的名称；默认取文件名或地址。")
@click.option("--force", is_flag=True, help="节目比上次少了一半以上也照样导入。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def import_xmltv_command(
    settings: Settings,
    src: str,
    channels_from_feed: bool,
    zone: str | None,
    name: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """导入 XMLTV 节目单：SRC 是文件（可以是 .gz 或 .xz）或 http(s) 地址。"""
    house = open_house(settings)
    # What is loaded by now lives as long as this process: the collector need not look at it
    # each time some ten thousand programmes have come by.
    gc.freeze()
    with _source(house, src, quiet=as_json) as path:
        feed_id = _feed(house, src, name, zone)
        with path.open("rb") as stream, _bar("导入节目单", quiet=as_json) as tell:
            report = import_xmltv(
                house.sessions,
                feed_id,
                stream,
                clock=house.clock,
                create=_create if channels_from_feed else None,
                force=force,
                size_bytes=path.stat().st_size,
                on_progress=tell,
            )
        if report.taken:
            guide_files(house).keep_copy(feed_id, path)
    _print(report, as_json=as_json)
    if not report.taken:
        click.get_current_context().exit(1)


def _is_address(src: str) -> bool:
    return src.lower().startswith(("http://", "https://"))


@contextmanager
def _source(house: House, src: str, *, quiet: bool) -> Iterator[Path]:
    """Give the file of a source, fetched where it is an address."""
    if not _is_address(src):
        path = Path(src)
        if not path.is_file():
            raise InvalidInputError(f"找不到文件 {src}。", field="src")
        yield path
        return
    with guide_files(house).incoming() as path:
        with _bar("下载节目单", quiet=quiet) as tell:
            fetch_guide(
                src, path, on_read=lambda count, total: tell(count / total if total else 0.0)
            )
        yield path


def _feed(house: House, src: str, name: str | None, zone: str | None) -> int:
    """Return the id of the feed that is meant, made when it is new."""
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        feed = _find(session, src, name)
        if feed is None:
            feed = feeds.add_feed(
                session,
                name=name or _own_name(src),
                url=src if _is_address(src) else "",
                zone=zone or feeds.DEFAULT_ZONE,
                now=now,
            )
            feed.asked_at = now
        elif zone is not None:
            feeds.edit_feed(session, feed, now=now, zone=zone)
        return feed.id


def _find(session: Session, src: str, name: str | None) -> GuideFeed | None:
    if name is None and _is_address(src):
        known = session.scalars(select(GuideFeed).where(GuideFeed.url == src)).first()
        if known is not None:
            return known
    return feeds.find_feed(session, " ".join((name or _own_name(src)).split()))


def _own_name(src: str) -> str:
    if _is_address(src):
        parts = urlsplit(src)
        return f"{parts.netloc.rpartition('@')[2]}{parts.path}"[:120]
    stem = Path(src).name
    for ending in (".gz", ".xz", ".xml", ".xmltv"):
        stem = stem.removesuffix(ending)
    return stem[:120] or "XMLTV"


def _create(session: Session, row: GuideChannel, now: datetime) -> Channel:
    names = [name[:MAX_NAME] for name in row.names] or [row.ref[:MAX_NAME]]
    return create_channel(
        session,
        name=names[0],
        now=now,
        names=names[1:],
        tvg_id=row.ref,
        logo=row.icon if len(row.icon) <= 500 else "",
        wanted=False,
    )


@contextmanager
def _bar(label: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on a terminal, on stderr: stdout is for what is reported."""
    hidden = quiet or not sys.stderr.isatty()
    with click.progressbar(length=1000, label=label, hidden=hidden, file=sys.stderr) as bar:
        yield lambda fraction: bar.update(int(fraction * 1000) - bar.pos)


def _print(report: ImportReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
        return
    for junk in report.junk_lines:
        where = f"第 {junk.line} 行：" if junk.line else ""
        click.secho(f"{where}{junk.words}", err=True, fg="yellow")
    if report.junk > len(report.junk_lines):
        click.secho(f"……共 {report.junk} 处用不了。", err=True, fg="yellow")
    if report.words:
        click.secho(report.words, err=True, fg="yellow" if report.taken else "red")
    if not report.taken:
        click.secho("没有导入；确实要导入请加 --force。", err=True, fg="red")
        return
    click.echo(
        f"频道 {report.channels} 个（对应 {report.matched} 个，新建 {report.created} 个），"
        f"节目 {report.programmes} 个：新增 {report.added}，删除 {report.removed}，"
        f"不变 {report.unchanged}；重复 {report.doubles}，补全时间 {report.mended}，"
        f"无效 {report.junk}。"
    )
