"""Content commands: demo, import-catalog."""

from __future__ import annotations

import json
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.importers.captions import read_file
from catalog.importers.report import ImportReport
from catalog.importers.service import import_catalog as import_rows
from catalog.importers.sheet import read_sheet
from catalog.titles.captions import attach_captions, store_captions
from catalog.titles.service import get_title
from core.db import read_scope, session_scope
from core.settings import Settings
from county import audit, places
from county.tables import AuditEntry
from vod_server.bootstrap import House, open_house
from vod_server.cli.waiting import wait_for_titles
from vod_server.demo.channels import (
    add_demo_channels,
    fill_demo_loops,
    make_channel_films,
    share_films,
    store_logos,
)
from vod_server.demo.content import make_demo_media
from vod_server.demo.notices import add_demo_notices, add_demo_questions
from vod_server.demo.places import PLACES
from vod_server.streams.signing import HOUR_S

DEMO_LOADED = "demo.load"
#: Later than the titles: a demo of an earlier release has none.
DEMO_CHANNELS_LOADED = "demo.channels"


def demo_is_loaded(house: House) -> bool:
    """Say whether the demo county was loaded into this database, its channels too."""
    actions = {DEMO_LOADED, DEMO_CHANNELS_LOADED}
    with read_scope(house.sessions) as session:
        statement = select(AuditEntry.action).where(AuditEntry.action.in_(actions)).distinct()
        return set(session.scalars(statement)) == actions


@click.command()
@click.option("--wait", is_flag=True, help="等到所有节目都能播放。")
@click.pass_obj
def demo(settings: Settings, wait: bool) -> None:
    """载入演示县：地区、频道，以及自己制作的几个节目。"""
    house = open_house(settings)
    logos = store_logos(house.blobs)
    with session_scope(house.sessions) as session:
        add_demo_places(session)
        channels = add_demo_channels(session, logos, now=house.clock.now())
    add_demo_notices(house.sessions, house.blobs, now=house.clock.now())
    with session_scope(house.sessions) as session:
        add_demo_questions(session, now=house.clock.now())
    folder, inbox = settings.path("demo"), settings.path("inbox")
    share_films(folder, inbox)
    with click.progressbar(length=1000, label="制作演示节目") as bar:

        def on_progress(done: float) -> None:
            # A channel is on air as soon as its first film is there.
            share_films(folder, inbox)
            bar.update(int(done * 1000) - bar.pos)

        sheet = make_demo_media(folder, on_progress=on_progress)
    with session_scope(house.sessions) as session:
        report = import_rows(
            session,
            read_sheet(sheet.read_bytes()),
            media_dir=folder,
            owner_id=None,
            now=house.clock.now(),
            publish="system",
        )
        audit.record(
            session,
            at=house.clock.now(),
            actor="system",
            action=DEMO_LOADED,
            subject="county",
            detail={"titles": len(report.title_ids)},
        )
        fill_demo_loops(session, now=house.clock.now())
    attach_imported(house, report)
    house.waker.wake(settings.worker_threads)
    make_channel_films(folder)
    share_films(folder, inbox)
    with session_scope(house.sessions) as session:
        audit.record(
            session,
            at=house.clock.now(),
            actor="system",
            action=DEMO_CHANNELS_LOADED,
            subject="county",
            detail={"channels": channels},
        )
    click.echo(f"演示县已载入：{len(report.title_ids)} 个节目，正在转码；新增频道 {channels} 个。")
    if wait:
        wait_for_titles(house, report.title_ids)


def add_demo_places(session: Session) -> None:
    """Add the demo county's places that are not there yet."""
    for position, demo_place in enumerate(PLACES):
        if places.find_place(session, demo_place.code) is not None:
            continue
        parent = (
            places.get_place(session, demo_place.parent_code) if demo_place.parent_code else None
        )
        places.add_place(
            session,
            kind=demo_place.kind,
            code=demo_place.code,
            name=demo_place.name,
            parent=parent,
            position=position,
        )


@click.command("import-catalog")
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--media-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="媒体文件所在的文件夹；默认是表格所在的文件夹。",
)
@click.option("--publish", is_flag=True, help="可以播放时立即发布。")
@click.option("--wait", is_flag=True, help="等到所有节目都能播放。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def import_catalog(
    settings: Settings,
    sheet: Path,
    media_dir: Path | None,
    publish: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """按表格导入一批节目；有错的行逐条说明，好的行照常导入。"""
    house = open_house(settings)
    with session_scope(house.sessions) as session:
        report = import_rows(
            session,
            read_sheet(sheet.read_bytes()),
            media_dir=(media_dir or sheet.parent).resolve(),
            owner_id=None,
            now=house.clock.now(),
            publish="system" if publish else "",
        )
    attach_imported(house, report)
    house.waker.wake(settings.worker_threads)
    failed = wait_for_titles(house, report.title_ids, quiet=as_json) if wait else []
    _print_report(report, failed, as_json=as_json)
    if report.errors or failed:
        click.get_current_context().exit(1)


def attach_imported(house: House, report: ImportReport) -> None:
    """Store and attach what the sheet had of captions; its titles are committed by now.

    A file that has just gone away or bad is told as a warning, as those that were so before.
    """
    for wanted in report.captions:
        captions = read_file(wanted.row, wanted.path, report)
        if captions is None:
            continue
        stored = store_captions(house.blobs, wanted.title_id, captions)
        with session_scope(house.sessions) as session:
            attach_captions(
                session,
                get_title(session, wanted.title_id),
                stored,
                actor="system",
                now=house.clock.now(),
                keep_s=house.settings.address_ttl_s + HOUR_S,
            )


def _print_report(report: ImportReport, failed: list[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.to_json() | {"failed": failed}, ensure_ascii=False))
        return
    for warning in report.warnings:
        click.secho(str(warning), err=True, fg="yellow")
    for error in [*map(str, report.errors), *failed]:
        click.secho(error, err=True, fg="red")
    click.echo(
        f"新增 {report.created} 个，更新 {report.updated} 个，"
        f"出错 {len(report.errors)} 行，转码失败 {len(failed)} 个。"
    )
