"""Names of channels as people mean them: width, case, picture quality and numerals aside. Pure."""

from __future__ import annotations

import re
import unicodedata

_NOISE = re.compile(r"[\s\-_·.,:：()（）\[\]【】|/]+")

#: What a name may end in without being another channel.
_ENDINGS = re.compile(r"(?:超高清|高清|标清|超清|蓝光|频道|uhd|fhd|hd|sd|4k|8k)$")

_BRAND = re.compile(r"^(?:brtv|btv)(?=.+卫视)")

_CENTRAL = re.compile(r"^(?:中国?中央电视台|中央电视台|中央|央视|cctv)(?:tv)?")

_NUMBER = re.compile(r"^第?(\d+\+?|[一二三四五六七八九十]+)(?:台|套|频道)?")

_DIGITS = {digit: at for at, digit in enumerate("一二三四五六七八九", start=1)}

#: What the channels of CCTV are about, and their number.
_SUBJECTS = {
    "综合": "1", "财经": "2", "综艺": "3", "中文国际": "4", "体育": "5", "体育赛事": "5+",
    "电影": "6", "国防军事": "7", "电视剧": "8", "纪录": "9", "科教": "10", "戏曲": "11",
    "社会与法": "12", "新闻": "13", "少儿": "14", "音乐": "15", "奥林匹克": "16", "农业农村": "17",
}  # fmt: skip


def plain_name(name: str) -> str:
    """Return what a name comes down to; two channels of one plain name are taken for the same.

    `CCTV-1高清`, `ＣＣＴＶ１ 综合` and `中央一台` are `cctv1`; `湖南卫视HD` is `湖南卫视`. A name
    of digits alone says nothing (feeds give channel numbers as names) and is the empty text.
    """
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", name).casefold())
    while (shorter := _ENDINGS.sub("", plain)) and shorter not in {plain, "cctv", "cetv"}:
        plain = shorter
    if plain.isdecimal():
        return ""
    return _central(_BRAND.sub("", plain))


def _central(plain: str) -> str:
    brand = _CENTRAL.match(plain)
    if brand is None:
        return plain
    rest = plain[brand.end() :]
    if rest in _SUBJECTS:
        return "cctv" + _SUBJECTS[rest]
    number = _NUMBER.match(rest)
    if number is None:
        return plain
    digits = number[1] if number[1][0].isdecimal() else str(_numeral(number[1]))
    about = rest[number.end() :]
    return f"cctv{digits}{'' if _SUBJECTS.get(about) == digits else about}"


def _numeral(text: str) -> int:
    """Return a Chinese numeral below a hundred."""
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
