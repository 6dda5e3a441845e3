"""Channel commands: import-m3u, export-m3u."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from urllib.error import HTTPError, URLError

import click

from catalog.importers.decoding import decode_sheet
from core.db import read_scope, session_scope
from core.errors import InvalidInputError
from core.settings import Settings
from county import audit
from epg.channels.exporting import export_playlist
from epg.channels.import_report import ImportReport
from epg.channels.importing import import_m3u as take_in
from epg.channels.m3u import write_m3u
from epg.channels.reading import list_channels
from epg.guide.rematching import match_channels
from vod_server.bootstrap import open_house

#: Lists are read whole: ten thousand entries are some 4 MB.
MAX_BYTES = 32 * 1024**2
TIMEOUT_S = 30


@click.command("import-m3u")
@click.argument("src")
@click.option("--on-air", is_flag=True, help="导入后立即开播；默认只登记，不开播。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def import_m3u(settings: Settings, src: str, on_air: bool, as_json: bool) -> None:
    """导入 M3U 频道表：SRC 是文件或 http(s) 地址；再次导入会更新，不会重复。

    新频道随即与已有的节目单对应起来。
    """
    text = decode_sheet(_read(src))
    house = open_house(settings)
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        report = take_in(session, text, now=now, wanted=on_air)
        match_channels(session, report.channel_ids, now=now)
        audit.record(
            session,
            at=now,
            actor="system",
            action="channel.import",
            subject="county",
            detail={"created": report.count("new"), "changed": report.count("changed")},
        )
    _print(report, as_json=as_json)
    if report.refused:
        click.get_current_context().exit(1)


def _read(src: str) -> bytes:
    """Return the bytes of a file or an address.

    Raises:
        InvalidInputError: it cannot be read, or is too large.
    """
    try:
        if src.lower().startswith(("http://", "https://")):
            request = urllib.request.Request(src, headers={"User-Agent": "cuntai"})  # noqa: S310
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:  # noqa: S310
                raw: bytes = reply.read(MAX_BYTES + 1)
        else:
            with Path(src).open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
    except HTTPError as error:
        error.close()
        raise InvalidInputError(f"打不开 {src}：服务器回答 {error.code}。", field="src") from None
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise InvalidInputError(f"打不开 {src}：{reason}。", field="src") from None
    if len(raw) > MAX_BYTES:
        raise InvalidInputError(f"{src} 太大，频道表最大 32 MB。", field="src")
    return raw


def _print(report: ImportReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
        return
    for result in report.results:
        if result.words:
            colour = "red" if result.outcome == "refused" else "yellow"
            name = f"（{result.name}）" if result.name else ""
            click.secho(f"第 {result.line} 行{name}：{result.words}", err=True, fg=colour)
    click.echo(
        f"新增 {report.count('new')} 个频道，更新 {report.count('changed')} 个，"
        f"未变 {report.count('same')} 个，备用信号源 {report.count('source')} 个，"
        f"拒绝 {report.count('refused')} 行。"
    )


@click.command("export-m3u")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="写入文件；默认输出到屏幕。",
)
@click.pass_obj
def export_m3u(settings: Settings, output: Path | None) -> None:
    """导出频道表，供另一台服务器导入：地址是信号源自己的地址，可能含有密码。

    轮播、推流、文件和测试图没有这样的地址，不在其中；给播放器用的频道表在 /playlist.m3u。
    """
    house = open_house(settings)
    with read_scope(house.sessions) as session:
        channels = list_channels(session)
        playlist = export_playlist(channels)
    text = write_m3u(playlist)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    left_out = len(channels) - len({entry.first("tvg-chno") for entry in playlist.entries})
    if left_out:
        click.secho(f"有 {left_out} 个频道没有可以写明的地址，没有导出。", err=True, fg="yellow")
