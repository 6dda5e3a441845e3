"""Read XMLTV as a stream: channels, programmes and junk as values, in constant memory.

XMLTV DTD; nothing is fetched, no DTD is loaded, no entity expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from lxml import etree

from core.errors import InvalidInputError
from epg.guide.facts import KNOWN, Facts, add_fact, text_of
from epg.guide.times import parse_instant
from epg.guide.unpacking import Readable

#: Longest `channel@id`, and longest category a row can hold.
MAX_REF = 200
MAX_CATEGORY = 200

#: Nothing that is one programme or channel is larger; a file that goes on so is no guide.
MAX_ITEM_BYTES = 8 * 1024**2

#: Elements that have a field of their own, by name.
_MAIN = frozenset({"title", "sub-title", "desc", "category"})


class FeedChannel(NamedTuple):
    """A `channel` element."""

    ref: str
    names: tuple[str, ...]
    icon: str
    line: int


class FeedProgramme(NamedTuple):
    """A `programme` element; `stop_s` is None where it does not say."""

    ref: str
    start_s: int
    stop_s: int | None
    title: str
    sub_title: str
    summary: str
    category: str
    facts: Facts | None


class Junk(NamedTuple):
    """What could not be used, and why."""

    line: int
    words: str


Item = FeedChannel | FeedProgramme | Junk


class _Metered:
    """Counts what the parser has swallowed, in all and since the last item."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.count = 0
        self.item_at = 0
        self.ended = False

    def read(self, size: int = -1) -> bytes:
        given = self._stream.read(size)
        self.count += len(given)
        self.ended = not given
        if self.count - self.item_at > MAX_ITEM_BYTES:
            limit = MAX_ITEM_BYTES // 1024**2
            raise InvalidInputError(f"连续 {limit} MB 里没有一个节目，这不是节目单。")
        return given


def read_guide(stream: Readable, *, zone: str) -> Iterator[Item]:
    """Yield what a guide holds, in its order.

    Args:
        stream: the unpacked file (`epg.guide.unpacking.GuideFile`).
        zone: IANA name of the zone of times without one.

    Raises:
        InvalidInputError: it is not XMLTV, is broken off, or declares entities; the message
            names the line. What was yielded before is not a whole guide.
    """
    metered = _Metered(stream)
    events = etree.iterparse(
        metered,
        events=("end",),
        tag=("channel", "programme"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = None
    try:
        for _, element in events:
            if metered.count != metered.item_at:
                # The first item of what was just read: all that stands before it is done with.
                metered.item_at = metered.count
                if root is None:
                    root = _checked_root(element.getroottree())
                _drop_before(root, element)
            yield _programme(element, zone) if element.tag == "programme" else _channel(element)
    except etree.XMLSyntaxError as error:
        _refuse(error, events.error_log, cut=metered.ended)
    if root is None:
        _checked_root(events.root.getroottree())


def _drop_before(root: Any, element: Any) -> None:
    while (parent := element.getparent()) is not root:
        element = parent
    del root[: root.index(element)]


def _checked_root(tree: Any) -> Any:
    declared = tree.docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise InvalidInputError("文件里声明了实体（<!ENTITY>），为安全起见不予导入。")
    root = tree.getroot()
    if root.tag != "tv":
        raise InvalidInputError(
            f"这不是 XMLTV：第 {root.sourceline} 行是 <{root.tag}>，不是 <tv>。"
        )
    return root


def _refuse(error: etree.XMLSyntaxError, log: Any, *, cut: bool) -> NoReturn:
    line, words = error.position[0], error.msg or ""
    if "no element found" in words and len(log):
        # What lxml says when the very first piece was bad; the parser knows more.
        line, words = log[0].line, log[0].message
    words = words.split(", line ")[0]
    if "amplification" in words or "entity reference loop" in words.lower():
        raise InvalidInputError(f"第 {line} 行的实体展开得没有止境，不予导入。") from None
    if "Document is empty" in words or "no element found" in words:
        raise InvalidInputError("文件是空的，或者不是 XML。") from None
    if cut:
        raise InvalidInputError(f"文件不完整，在第 {line} 行断了：{words}") from None
    raise InvalidInputError(f"第 {line} 行不是正确的 XML：{words}") from None


def _channel(element: Any) -> Item:
    ref = (element.get("id") or "").strip()
    if not ref or len(ref) > MAX_REF:
        return Junk(element.sourceline, "频道没有 id，或者 id 太长")
    names = dict.fromkeys(text_of(child) for child in element.iterchildren("display-name"))
    names.pop("", None)
    icon = element.find("icon")
    return FeedChannel(
        ref, tuple(names), "" if icon is None else icon.get("src") or "", element.sourceline
    )


def _programme(element: Any, zone: str) -> Item:
    get = element.get
    ref = (get("channel") or "").strip()
    if not ref or len(ref) > MAX_REF:
        return Junk(element.sourceline, "节目没有写明频道")
    start, stop = get("start") or "", get("stop")
    try:
        start_s = parse_instant(start, zone)
    except InvalidInputError as error:
        return Junk(element.sourceline, f"频道 {ref}：开始{error.message}")
    texts, facts = _children(element)
    title = texts.get("title")
    if not title:
        return Junk(element.sourceline, f"频道 {ref} {start} 的节目没有名称")
    stop_s = _stop(stop, zone) if stop else None
    text = texts.get
    category = text("category", "")[:MAX_CATEGORY]
    # By way of the class itself it costs twice as much.
    values = (ref, start_s, stop_s, title, text("sub-title", ""), text("desc", ""), category, facts)
    return tuple.__new__(FeedProgramme, values)


def _stop(text: str, zone: str) -> int | None:
    """Return the end; one that cannot be read is as good as none: the next start closes it."""
    try:
        return parse_instant(text, zone)
    except InvalidInputError:
        return None


def _children(element: Any) -> tuple[dict[str, str], Facts | None]:
    """Return the main texts by element name, and everything else as facts."""
    texts: dict[str, str] = {}
    for child in element[:]:  # a list: an iterator would ask lxml for each
        tag = child.tag
        if tag not in _MAIN or tag in texts or len(child):
            return _all_children(element)
        # As `text_of`, without the call: this is where an import spends its time.
        text = child.text
        if text:
            texts[tag] = " ".join(text.split())
    return texts, None


def _all_children(element: Any) -> tuple[dict[str, str], Facts | None]:
    texts: dict[str, str] = {}
    facts: Facts = {}
    first: dict[str, Any] = {}
    for child in element:
        tag = child.tag
        if tag not in KNOWN:
            continue
        text = text_of(child) if tag in _MAIN else ""
        if text and (tag not in first or _speaks_better(child, first[tag])):
            if tag in first:
                add_fact(facts, first[tag])
            texts[tag], first[tag] = text, child
        else:
            add_fact(facts, child)
    return texts, facts or None


def _speaks_better(one: Any, other: Any) -> bool:
    """Say whether one element is in Chinese and the other in a language that is not."""
    known = other.get("lang")
    return bool(known) and not known.startswith("zh") and (one.get("lang") or "").startswith("zh")
