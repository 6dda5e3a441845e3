"""How the admin says what channels are and do, in Chinese. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LEVEL_NAMES = {
    "central": "中央",
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "town": "乡镇",
}

KIND_NAMES = {"live": "直播", "loop": "轮播", "reference": "引用"}

KIND_HINTS = {
    "live": "从信号源录制，可以时移和回看。",
    "loop": "按顺序轮流播放点播节目，不需要信号源。",
    "reference": "只列出运营商自己的地址，本系统不录制。",
}

#: What a channel is doing, as a word; the picture beside it is drawn by `_macros_channel.html`.
LIVE_NAMES = {
    "on_air": "在播",
    "starting": "启动中",
    "stalled": "断流",
    "waiting": "等待重试",
    "off": "未开播",
    "listed": "仅列出",
}

SOURCE_MODES = {"auto": "自动", "copy": "直接封装", "encode": "转码"}


@dataclass(frozen=True, slots=True)
class SourceKind:
    """How a kind of source is offered: its name, an example address, and a hint."""

    name: str
    example: str
    hint: str


SOURCE_KINDS = {
    "hls": SourceKind("HLS 拉流", "http://10.0.0.8/cctv1/index.m3u8", "以 .m3u8 结尾的地址。"),
    "http": SourceKind(
        "HTTP 传输流", "http://10.0.0.8:8000/udp/239.1.1.1:5000", "连续的 MPEG-TS。"
    ),
    "udp": SourceKind("UDP 组播/单播", "udp://239.1.1.1:5000", "组播地址或本机端口。"),
    "rtp": SourceKind("RTP 组播/单播", "rtp://239.1.1.1:5000", "组播地址或本机端口。"),
    "srt": SourceKind(
        "SRT", "srt://10.0.0.9:9000?mode=caller", "mode 是 caller（去连）或 listener（等连）。"
    ),
    "rtmp": SourceKind("RTMP 拉流", "rtmp://10.0.0.9/live/news", "从别的服务器拉。"),
    "push": SourceKind("RTMP 推流", "", "编码器推到本机，地址和密钥在右边，不用填地址。"),
    "file": SourceKind("文件循环", "/srv/tv/notice.mp4", "服务器上的文件或文件夹，循环播放。"),
    "card": SourceKind(
        "测试图", "clock", "clock（时钟）或 bars（彩条），用来检查线路；不填就是时钟。"
    ),
}


def span_words(duration_s: float | None) -> str:
    """Return how long something has lasted, `3 天 4 小时`; a dash when unknown."""
    if duration_s is None:
        return "—"
    seconds = max(0, int(duration_s))
    if seconds < 60:
        return f"{seconds} 秒"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes} 分钟"
    if hours < 24:
        rest = minutes % 60
        return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"
    rest = hours % 24
    return f"{days} 天 {rest} 小时" if rest else f"{days} 天"


def ago_words(age_s: float | None) -> str:
    """Return how long ago something was, `12 秒前`; a dash when never."""
    if age_s is None:
        return "—"
    return "刚刚" if age_s < 1 else f"{span_words(age_s)}前"


def kept_bytes(bitrate_bps: int, retention_days: int) -> int | None:
    """Return what keeping a channel so long takes at its measured bit rate; None if unmeasured."""
    if bitrate_bps <= 0:
        return None
    return bitrate_bps * retention_days * 86400 // 8
