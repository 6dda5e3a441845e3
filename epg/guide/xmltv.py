"""Read XMLTV as a stream: channels, programmes and junk as values, in constant memory.

XMLTV DTD. One import reads millions of elements: what each goes through calls little.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple
from xml.etree.ElementTree import Element

from core.errors import InvalidInputError
from epg.guide.facts import KNOWN, Facts, add_fact, text_of
from epg.guide.markup import ChildReader
from epg.guide.times import parse_instant
from epg.guide.unpacking import Readable

#: Longest `channel@id`, and longest category a row can hold.
MAX_REF = 200
MAX_CATEGORY = 200

#: Times remembered while a guide is read.
MAX_INSTANTS = 16_384

#: Elements that have a field of their own, by name.
_MAIN = frozenset({"title", "sub-title", "desc", "category"})


class FeedChannel(NamedTuple):
    """A `channel` element."""

    ref: str
    names: tuple[str, ...]
    icon: str


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


class _Instants(dict[str, int]):
    """Epoch seconds of the times seen: a feed's starts are its ends, and other channels' too."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, text: str) -> int:
        if len(self) >= MAX_INSTANTS:
            self.clear()
        self[text] = instant = parse_instant(text, self._zone)
        return instant

    def end(self, text: str) -> int | None:
        """Return an end; one that cannot be read is as good as none: the next start closes it."""
        try:
            return self[text]
        except InvalidInputError:
            return None


def read_guide(stream: Readable, *, zone: str) -> Iterator[Item]:
    """Yield what a guide holds, in its order.

    Args:
        stream: the unpacked file (`epg.guide.unpacking.GuideFile`).
        zone: IANA name of the zone of times without one.

    Raises:
        InvalidInputError: it is not XMLTV, is broken off, or declares entities; the message
            names the line. What was yielded before is not a whole guide.
    """
    reader = ChildReader(stream, root="tv", names=frozenset({"channel", "programme"}))
    instants = _Instants(zone)
    for element in chain.from_iterable(reader.read()):
        item = _programme(element, instants) if element.tag == "programme" else _channel(element)
        if type(item) is Junk:
            item = item._replace(line=reader.line_of(element))
        yield item


def _channel(element: Element) -> FeedChannel | Junk:
    ref = element.get("id", "").strip()
    if not ref or len(ref) > MAX_REF:
        return Junk(0, "频道没有 id，或者 id 太长")
    names = dict.fromkeys(text_of(child) for child in element.iterfind("display-name"))
    names.pop("", None)
    icon = element.find("icon")
    return FeedChannel(ref, tuple(names), "" if icon is None else icon.get("src", ""))


def _programme(element: Element, instants: _Instants) -> FeedProgramme | Junk:
    get = element.attrib.get
    ref = get("channel", "").strip()
    if not ref or len(ref) > MAX_REF:
        return Junk(0, "节目没有写明频道")
    start, stop = get("start", ""), get("stop")
    try:
        start_s = instants[start]
    except InvalidInputError as error:
        return Junk(0, f"频道 {ref}：开始{error.message}")
    texts, facts = _children(element)
    title = texts.get("title")
    if not title:
        return Junk(0, f"频道 {ref} {start} 的节目没有名称")
    stop_s = instants.end(stop) if stop else None
    text = texts.get
    category = text("category", "")[:MAX_CATEGORY]
    # By way of the class itself it costs twice as much.
    values = (ref, start_s, stop_s, title, text("sub-title", ""), text("desc", ""), category, facts)
    return tuple.__new__(FeedProgramme, values)


def _children(element: Element) -> tuple[dict[str, str], Facts | None]:
    """Return the main texts by element name, and everything else as facts."""
    texts: dict[str, str] = {}
    for child in element:
        tag = child.tag
        if tag not in _MAIN or tag in texts or len(child):
            return _all_children(element)
        # As `text_of`, without the call: this is where an import spends its time.
        text = child.text
        if text:
            texts[tag] = " ".join(text.split())
    return texts, None


def _all_children(element: Element) -> tuple[dict[str, str], Facts | None]:
    texts: dict[str, str] = {}
    facts: Facts = {}
    first: dict[str, Element] = {}
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


def _speaks_better(one: Element, other: Element) -> bool:
    """Say whether one element is in Chinese and the other in a language that is not."""
    known = other.get("lang")
    return known is not None and not known.startswith("zh") and one.get("lang", "").startswith("zh")
