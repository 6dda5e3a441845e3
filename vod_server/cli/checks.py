"""What `cuntai doctor` looks at. Each check says what it saw, and what to do when it is bad."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from core.blobs.opening import open_blobs
from core.db import make_engine, make_session_factory, read_scope
from core.errors import CuntaiError
from core.jobs.tables import Job
from core.settings import Settings, load_secret
from vod_server.media.posters import find_font
from vod_server.migrations import is_current


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    what: str
    ok: bool
    says: str


def run_checks(settings: Settings) -> list[Finding]:
    """Run every check; a check that fails does not stop the others."""
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("ffmpeg", _ffmpeg),
        ("中文字体", _font),
        ("数据目录", _folder),
        ("磁盘空间", _disk),
        ("密钥", _secret),
        ("数据库", _database),
        ("文件库", _blobs),
        ("任务", _jobs),
    )
    return [_run(what, check, settings) for what, check in checks]


def _run(what: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what, True, check(settings))
    except CuntaiError as error:
        return Finding(what, False, error.message)
    except (OSError, SQLAlchemyError) as error:
        return Finding(what, False, f"{type(error).__name__}: {error}")


def _ffmpeg(settings: Settings) -> str:
    del settings
    for program in ("ffmpeg", "ffprobe"):
        if shutil.which(program) is None:
            raise CuntaiError(f"没有 {program}：请运行 apt-get install ffmpeg。")
    encoders = _output("ffmpeg", "-hide_banner", "-encoders")
    for encoder in ("libx264", "aac"):
        if not re.search(rf"\b{encoder}\b", encoders):
            raise CuntaiError(f"这个 ffmpeg 不带 {encoder} 编码器。")
    return _output("ffmpeg", "-version").splitlines()[0]


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout


def _font(settings: Settings) -> str:
    del settings
    font = find_font()
    if font is None:
        raise CuntaiError("没有中文字体：请运行 apt-get install fonts-noto-cjk。")
    return str(font[0])


def _folder(settings: Settings) -> str:
    home = settings.path()
    home.mkdir(parents=True, exist_ok=True)
    probe = home / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    return str(home)


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(settings.path()).free
    if free < settings.disk_reserve_bytes:
        raise CuntaiError(
            f"只剩 {free / 1e9:.1f} GB，低于保留的 {settings.disk_reserve_bytes / 1e9:.1f} GB"
            "（CUNTAI_DISK_RESERVE_BYTES）。请清理磁盘。"
        )
    return f"剩余 {free / 1e9:.1f} GB"


def _secret(settings: Settings) -> str:
    load_secret(settings)
    if not settings.secret_key and settings.path("secret.key").stat().st_mode & 0o077:
        raise CuntaiError("secret.key 别人也能读：请运行 chmod 600。")
    return "有，只有本用户可读"


def _database(settings: Settings) -> str:
    engine = make_engine(settings.effective_database_url)
    try:
        if not is_current(engine):
            raise CuntaiError("表结构不是最新：请运行 cuntai init。")
        return f"{engine.dialect.name}，表结构最新"
    finally:
        engine.dispose()


def _blobs(settings: Settings) -> str:
    store = open_blobs(settings.effective_blob_url)
    store.put_bytes("doctor/probe", b"ok")
    store.delete("doctor/probe")
    return "可读写"


def _jobs(settings: Settings) -> str:
    engine = make_engine(settings.effective_database_url)
    try:
        with read_scope(make_session_factory(engine)) as session:
            statement = select(Job.state, func.count()).group_by(Job.state)
            counts = dict(session.execute(statement).all())
    finally:
        engine.dispose()
    words = (("排队", "queued"), ("进行", "running"), ("失败", "failed"))
    return "，".join(f"{word} {counts.get(state, 0)}" for word, state in words)
