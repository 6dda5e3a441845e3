"""Remotes: corrections of key codes that a household taught its box, for every box of the model.

KEYS is `{"back": [8, 461], …}`: functions of `stb_app/src/30-keymaps.js` to key codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, joinedload

from core.db import changed_rows, expect_one_row, is_row_id
from core.errors import ConflictError, InvalidInputError, NotFoundError, RateLimitedError
from county.box_tables import KeyCorrection
from county.boxes import MODEL_MAX, PairedBox
from county.tables import Box

#: Function → what a remote calls it; `event` is no key, and nobody teaches it.
FUNCTIONS: Mapping[str, str] = {
    "up": "上", "down": "下", "left": "左", "right": "右", "ok": "确定",
    "back": "返回", "exit": "退出",
    "red": "红", "green": "绿", "yellow": "黄", "blue": "蓝",
    "pageup": "上页", "pagedown": "下页", "chup": "频道加", "chdown": "频道减",
    "volup": "音量加", "voldown": "音量减", "mute": "静音",
    "play": "播放", "pause": "暂停", "playpause": "播放/暂停", "stop": "停止",
    "ff": "快进", "rew": "快退",
    "info": "信息", "guide": "节目单", "home": "首页", "menu": "菜单", "live": "直播",
    "vod": "点播",
    "catchup": "回看",
    "last": "上一个频道",
    **{f"digit{digit}": str(digit) for digit in range(10)},
}  # fmt: skip
#: Nobody can do without these, so no code may serve two of them.
NEEDED = ("up", "down", "left", "right", "ok", "back")
PROFILES = ("hbbtv", "tizen", "webos", "android", "ctc", "ipanel", "advance", "desktop")
MOST_CODES = 8
MOST_A_DAY = 20
DAY = timedelta(days=1)
_TRIES = 3
_DECIDED = "这条按键修正已经处理过了，请刷新。"

Keys = dict[str, list[int]]
Decision = Literal["approve", "refuse", "take back"]


def check_keys(raw: Any) -> Keys:
    """Return KEYS as they are kept.

    Raises:
        InvalidInputError: a function is unknown, a code is none, or a remote so taught would leave
            its household without an arrow, OK or Back.
    """
    if not isinstance(raw, Mapping) or not raw or len(raw) > len(FUNCTIONS):
        raise InvalidInputError("keys 要是“功能 → 键码”的表。", field="keys")
    keys = {function: _check_codes(function, codes) for function, codes in raw.items()}
    served: dict[int, str] = {}
    for function in NEEDED:
        if function in keys and not keys[function]:
            raise InvalidInputError(f"“{FUNCTIONS[function]}”键不能没有键码。", field="keys")
        for code in keys.get(function, ()):
            other = served.setdefault(code, function)
            if other != function:
                words = f"键码 {code} 不能又是“{FUNCTIONS[other]}”又是“{FUNCTIONS[function]}”。"
                raise InvalidInputError(words, field="keys")
    return keys


def _check_codes(function: Any, codes: Any) -> list[int]:
    if function not in FUNCTIONS:
        shown = str(function)[:20] if str(function).isprintable() else "这样"
        raise InvalidInputError(f"没有 {shown} 这个按键功能。", field="keys")
    good = isinstance(codes, list) and len(codes) <= MOST_CODES
    if not good or not all(type(code) is int and 0 <= code <= 65535 for code in codes):
        words = f"“{FUNCTIONS[function]}”的键码要是最多 {MOST_CODES} 个 0 到 65535 的数。"
        raise InvalidInputError(words, field="keys")
    return list(codes)


def propose(
    session: Session, box: PairedBox, *, model: str, profile: str, keys: Any, now: datetime
) -> KeyCorrection:
    """Keep a correction until an admin decides; a newer one of the same box replaces it.

    Raises:
        InvalidInputError: something of it does not fit.
        RateLimitedError: the box has sent too many today.
        ConflictError: the box sends too many at once.
    """
    model = model.strip()
    if not model or len(model) > MODEL_MAX or not model.isprintable():
        raise InvalidInputError("缺少机顶盒型号。", field="model")
    if profile not in PROFILES:
        raise InvalidInputError("没有这种遥控器。", field="profile")
    checked = check_keys(keys)
    _check_rate(session, box, now)
    for _ in range(_TRIES):
        correction = KeyCorrection(
            model=model, profile=profile, keys=checked, box_id=box.id, created_at=now
        )
        try:
            with session.begin_nested():
                _replace_waiting(session, correction, now)
                session.add(correction)
        except IntegrityError:
            continue  # the same box, a moment ago
        return correction
    raise ConflictError("刚刚已经收到了另一条按键修正，请再试一次。")


def _replace_waiting(session: Session, by: KeyCorrection, now: datetime) -> None:
    session.execute(
        update(KeyCorrection)
        .where(
            KeyCorrection.box_id == by.box_id,
            KeyCorrection.model == by.model,
            KeyCorrection.waits.is_(True),
        )
        .values(state="replaced", waits=None, decided_at=now)
    )


def _check_rate(session: Session, box: PairedBox, now: datetime) -> None:
    lately = KeyCorrection.created_at > now - DAY
    count = session.scalar(select(func.count()).where(KeyCorrection.box_id == box.id, lately))
    if (count or 0) >= MOST_A_DAY:
        raise RateLimitedError("今天改遥控器的次数太多了，明天再试吧。", retry_after_s=3600)


def approved_keys(session: Session, model: str) -> Keys | None:
    """Return what every box of a model is told, None when nothing was approved."""
    return session.scalar(
        select(KeyCorrection.keys).where(
            KeyCorrection.model == model, KeyCorrection.holds.is_(True)
        )
    )


def list_corrections(session: Session, *, limit: int = 100) -> Sequence[KeyCorrection]:
    """Return what waits and what is approved, the waiting first, newest first."""
    statement = (
        select(KeyCorrection)
        .where(KeyCorrection.state.in_(("waiting", "approved")))
        .options(joinedload(KeyCorrection.box).joinedload(Box.place))
        .order_by(KeyCorrection.state.desc(), KeyCorrection.id.desc())
        .limit(limit)
    )
    return session.scalars(statement).all()


def decide(
    session: Session, correction_id: int, decision: Decision, *, by: str, now: datetime
) -> KeyCorrection:
    """Approve, refuse or take back a correction.

    What held before an approval holds again when that is taken back; what was taken back waits
    again, unless its box has sent a newer one since.

    Raises:
        NotFoundError: there is none of that id.
        ConflictError: it is not in a state for that.
    """
    found = session.get(KeyCorrection, correction_id) if is_row_id(correction_id) else None
    if found is None:
        raise NotFoundError("没有这条按键修正。")
    said = {"decided_at": now, "decided_by": by}
    try:
        with session.begin_nested():
            _DECISIONS[decision](session, found, said)
    except IntegrityError:
        raise ConflictError(_DECIDED) from None
    session.refresh(found)
    return found


def _approve(session: Session, found: KeyCorrection, said: dict[str, Any]) -> None:
    holding = (KeyCorrection.model == found.model, KeyCorrection.holds.is_(True))
    before_id = session.scalar(select(KeyCorrection.id).where(*holding))
    if before_id is not None:
        mine = (KeyCorrection.id == before_id, KeyCorrection.holds.is_(True))
        _change(session, *mine, state="replaced", holds=None)
    waiting = (KeyCorrection.id == found.id, KeyCorrection.waits.is_(True))
    values = {"state": "approved", "waits": None, "holds": True, "before_id": before_id}
    _change(session, *waiting, **values, **said)


def _refuse(session: Session, found: KeyCorrection, said: dict[str, Any]) -> None:
    waiting = (KeyCorrection.id == found.id, KeyCorrection.waits.is_(True))
    _change(session, *waiting, state="refused", waits=None, **said)


def _take_back(session: Session, found: KeyCorrection, said: dict[str, Any]) -> None:
    other = aliased(KeyCorrection)
    newer = exists().where(
        other.box_id == found.box_id, other.model == found.model, other.waits.is_(True)
    )
    waits = None if session.scalar(select(newer)) else True
    holding = (KeyCorrection.id == found.id, KeyCorrection.holds.is_(True))
    values = {"state": "waiting" if waits else "replaced", "waits": waits, "holds": None}
    before_id = found.before_id
    _change(session, *holding, **values, before_id=None, **said)
    if before_id is not None:
        before = (KeyCorrection.id == before_id, KeyCorrection.state == "replaced")
        _change(session, *before, state="approved", holds=True)


_DECISIONS: Mapping[str, Callable[[Session, KeyCorrection, dict[str, Any]], None]] = {
    "approve": _approve,
    "refuse": _refuse,
    "take back": _take_back,
}


def _change(session: Session, *where: ColumnElement[bool], **values: Any) -> None:
    statement = update(KeyCorrection).where(*where).values(**values)
    expect_one_row(changed_rows(session, statement), _DECIDED)


def difference(new: Keys, old: Keys | None) -> list[str]:
    """Return in words what a correction changes: "返回：8 → 461", "确定：13 → 没有".

    It takes the place of the old one whole: what only that had is gone.
    """
    before = old or {}

    def said(codes: Sequence[int]) -> str:
        return "、".join(map(str, codes)) or "没有"

    return [
        f"{FUNCTIONS[name]}：{said(before[name])} → {said(new.get(name, ()))}"
        if name in before
        else f"{FUNCTIONS[name]}：{said(new[name])}"
        for name in FUNCTIONS
        if (name in new or name in before) and before.get(name) != new.get(name)
    ]
