"""How the admin says numbers, instants and states, in Chinese. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from catalog.titles.reading import COUNTY_ZONE

if TYPE_CHECKING:
    from core.jobs.tables import Job

JOB_NAMES = {
    "ingest": "接收文件",
    "transcode": "转码",
    "pictures": "截取图片",
    "hide_pictures": "隐藏图片",
    "tidy": "清理",
    "fetch_guide": "更新节目单",
}

JOB_STATES = {
    "queued": "等待中",
    "running": "进行中",
    "done": "已完成",
    "failed": "失败",
    "cancelled": "已取消",
}

MODE_NAMES = {"copy": "直接封装", "encode": "转码"}

ACTION_NAMES = {
    "title.create": "建立节目",
    "title.edit": "修改资料",
    "title.submit": "提交审核",
    "title.send_back": "退回修改",
    "title.publish": "发布",
    "title.withdraw": "撤回",
    "title.reopen": "重新编辑",
    "title.poster": "更换海报",
    "title.captions": "上传字幕",
    "title.captions_remove": "删除字幕",
    "title.captions_restore": "恢复字幕",
    "title.transcode": "要求转码",
    "channel.create": "建立频道",
    "channel.edit": "修改资料",
    "channel.sources": "修改信号源",
    "channel.loop": "修改轮播表",
    "channel.key": "更换推流密钥",
    "channel.on": "开播",
    "channel.off": "停播",
    "channel.delete": "删除频道",
    "recording.pin": "保存录像",
    "recording.unpin": "取消保存录像",
    "guide.add": "加入节目",
    "guide.edit": "修改节目单",
    "guide.drop": "去掉人工节目",
    "notice.create": "建立通知",
    "notice.edit": "修改内容",
    "notice.pages": "修改扫描件",
    "notice.publish": "发布",
    "notice.withdraw": "撤回",
    "question.answer": "答复提问",
    "question.correct": "更正答复",
    "box.pair": "绑定机顶盒",
    "box.edit": "修改机顶盒",
    "box.revoke": "解除绑定",
    "box.restore": "恢复绑定",
    "keys.approve": "采用按键修正",
    "keys.refuse": "不采用按键修正",
    "keys.take_back": "收回按键修正",
    "place.boot": "修改开机画面",
    "job.cancel": "取消任务",
    "job.retry": "重试任务",
}

_SIZES = ("字节", "KB", "MB", "GB", "TB")


def concerns_editors(job: Job) -> bool:
    """Say whether editors want to know of a job: of what runs by itself only that it failed."""
    return job.kind not in {"tidy", "hide_pictures"} or job.state == "failed"


def size_words(size_bytes: int | None) -> str:
    """Return a size in decimal units, `7.3 MB`; a dash when unknown."""
    if size_bytes is None:
        return "—"
    size, unit = float(size_bytes), 0
    while size >= 1000 and unit < len(_SIZES) - 1:
        size, unit = size / 1000, unit + 1
    return (
        f"{size:.0f} {_SIZES[unit]}" if unit == 0 or size >= 100 else f"{size:.1f} {_SIZES[unit]}"
    )


def rate_words(rate_bps: int | None) -> str:
    """Return a bit rate, `1.8 Mbps`; a dash when unknown."""
    if rate_bps is None:
        return "—"
    return f"{rate_bps / 1e6:.1f} Mbps" if rate_bps >= 1_000_000 else f"{rate_bps / 1e3:.0f} kbps"


def clock_words(duration_s: float | None) -> str:
    """Return a play time, `1:02:03` or `2:03`; a dash when unknown."""
    if duration_s is None:
        return "—"
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def left_words(left_s: float | None) -> str:
    """Return how long something will still take, `还需约 3 分钟`; empty when unknown."""
    if left_s is None:
        return ""
    if left_s < 60:
        return f"还需约 {max(1, round(left_s))} 秒"
    if left_s < 3600:
        return f"还需约 {round(left_s / 60)} 分钟"
    hours, minutes = divmod(round(left_s / 60), 60)
    return f"还需约 {hours} 小时 {minutes} 分" if minutes else f"还需约 {hours} 小时"


def when_words(at: datetime, now: datetime) -> str:
    """Return an instant as the county's people say it, `今天 14:03` or `2026年3月1日 14:03`."""
    here, today = at.astimezone(COUNTY_ZONE), now.astimezone(COUNTY_ZONE).date()
    hour = f"{here:%H:%M}"
    days = (today - here.date()).days
    if days in {0, 1}:
        return f"{'昨天' if days else '今天'} {hour}"
    year = "" if here.year == today.year else f"{here.year}年"
    return f"{year}{here.month}月{here.day}日 {hour}"


def day_words(day: date | None) -> str:
    """Return a day, `2026年3月1日`; empty for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def percent(fraction: float) -> int:
    """Return whole percents; 100 only when it is all there."""
    return min(int(fraction * 100), 100)


def job_line(job: Job, now: datetime) -> str:
    """Return what a job is doing, or why it is not, in one line."""
    if job.cancel_requested and job.state == "running":
        return "正在取消…"
    if job.state == "running":
        doing = job.message or ("" if job.progress else "正在开始")
        parts = (doing, f"{percent(job.progress)}%", left_words(job.eta_s))
        return " · ".join(part for part in parts if part)
    if job.state == "queued" and job.attempts:
        wait_s = max(0.0, (job.run_after - now).total_seconds())
        again = f"{round(wait_s)} 秒后再试" if wait_s < 60 else f"{round(wait_s / 60)} 分钟后再试"
        return f"上次没有成功：{job.message or '任务中断'} {again}"
    if job.state == "queued":
        return "排队等待"
    return job.message or JOB_STATES[job.state]
