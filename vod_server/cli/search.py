"""Search commands: reindex, search."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from catalog.search import outbox
from catalog.search.model import KINDS, Question
from catalog.titles.reading import COUNTY_ZONE
from core.db import read_scope
from core.settings import Settings
from county.places import get_place
from vod_server.bootstrap import House, open_house
from vod_server.searching import (
    detail_of,
    make_indexer,
    open_index,
    reconcile,
    search_status,
    snippet_of,
)

#: Pause where a worker has just done the batch that was next.
BUSY_S = 0.2


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def reindex(settings: Settings, as_json: bool) -> None:
    """重新建立搜索索引；建立期间照常可以搜索。"""
    house = open_house(settings)
    indexer = make_indexer(house)
    started = time.monotonic()
    count = reconcile(house, indexer, everything=True)
    with _bar(_waiting(house), quiet=as_json) as bar:
        left = bar.length or 0
        while left:
            if not indexer.drain_batch():
                time.sleep(BUSY_S)
            # A guide's row makes many of one.
            now_left = _waiting(house)
            bar.update(max(0, left - now_left))
            left = now_left
    seconds = round(time.monotonic() - started, 1)
    with read_scope(house.sessions) as session:
        index = open_index()
        counts = {kind: len(index.versions(session, kind)) for kind in KINDS}
    if as_json:
        click.echo(json.dumps({"noted": count, "documents": counts, "seconds": seconds}))
        return
    click.echo(f"索引已重建：共 {sum(counts.values())} 条，用时 {seconds} 秒。")


@click.command()
@click.argument("query", required=False, default="")
@click.option("--kind", type=click.Choice(KINDS), help="只找这一类。")
@click.option("--place", "code", help="从这个地区（代码）看；默认只找公开的内容。")
@click.option(
    "--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="最多几条。"
)
@click.option("--status", "as_status", is_flag=True, help="不搜索，只报告索引的情况。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def search(
    settings: Settings,
    query: str,
    kind: str | None,
    code: str | None,
    limit: int,
    as_status: bool,
    as_json: bool,
) -> None:
    """搜索节目、课程、频道和节目单：QUERY 可以是汉字、拼音、首字母或九宫格数字。"""
    house = open_house(settings)
    if as_status:
        _tell_status(house, as_json=as_json)
        return
    if not query:
        raise click.UsageError("请写明要找什么，或用 --status 查看索引的情况。")
    now = house.clock.now()
    with read_scope(house.sessions) as session:
        place_path = get_place(session, code).path if code else None
        question = Question(query, place_path, now, kind=kind or "", limit=limit)
        found = open_index().search(session, question)
        items: list[dict[str, Any]] = [
            {
                "kind": hit.kind,
                "id": int(hit.ref),
                "title": hit.name,
                "detail": detail_of(hit, now),
                "snippet": snippet_of(hit, query.strip()),
            }
            for hit in found.hits
        ]
    if as_json:
        answer = {"items": items, "counts": dict(found.counts)}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for item in items:
        click.echo(f"{item['kind']:<9} {item['id']:>6}  {item['title']}  {item['detail']}")
    if not items:
        click.echo("没有找到。")


def _tell_status(house: House, *, as_json: bool) -> None:
    now = house.clock.now()
    with read_scope(house.sessions) as session:
        status = search_status(session, now)
    if as_json:
        click.echo(json.dumps(asdict(status), ensure_ascii=False, default=_told))
        return
    click.echo("已索引 " + "，".join(f"{kind} {n}" for kind, n in status.documents.items()))
    click.echo(f"等待索引 {status.waiting} 条，最早的已等 {status.lag_s:.0f} 秒。")
    click.echo(f"索引失败 {status.failing} 条。" + ("会自动再试：" if status.failures else ""))
    for one in status.failures:
        again = one.next_try_at.astimezone(COUNTY_ZONE)
        click.echo(
            f"  {one.kind} {one.ref}：已试 {one.attempts} 次，"
            f"{again:%m-%d %H:%M} 后再试；{one.error}"
        )


def _told(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _waiting(house: House) -> int:
    with read_scope(house.sessions) as session:
        return outbox.waiting(session)


@contextmanager
def _bar(length: int, *, quiet: bool) -> Iterator[Any]:
    """Show a progress bar on a terminal, on stderr: stdout is for what is reported."""
    hidden = quiet or not sys.stderr.isatty()
    with click.progressbar(length=length, label="建立索引", hidden=hidden, file=sys.stderr) as bar:
        yield bar
