"""The export: valid by the DTD, and what goes out comes in again the same."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from epg.guide.export import ExportChannel, write_xmltv
from epg.guide.facts import ELEMENTS, ORDER
from epg.guide.model import Entry
from epg.guide.unpacking import GuideFile
from epg.guide.xmltv import FeedChannel, FeedProgramme, Item, read_guide

CHANNEL = ExportChannel(7, "qh.1", ["青禾综合", "QHTV"], "http://x/a.png?b=1&c=2", "http://x/")

#: Any text XML can hold, on one line as the import keeps it.
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
).map(lambda text: " ".join(text.split()))
SOME = WORDS.filter(bool)


def nodes(name: str) -> st.SearchStrategy[Any]:
    """Return nodes of an element as the import would keep them."""
    kind = ELEMENTS[name]
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for attribute, allowed in kind.attributes.items():
        fields[f"@{attribute}"] = st.sampled_from(sorted(allowed)) if allowed else SOME
    for child in kind.children:
        fields[child] = st.lists(
            nodes(child), min_size=1, max_size=2 if ELEMENTS[child].many else 1
        )
    if kind.text:
        fields["#"] = SOME
    needed = {f"@{required}" for required in kind.required} | ({kind.must} - {""})
    if kind.text and not kind.bare and not kind.children:
        needed.add("#")
    whole = st.fixed_dictionaries(
        {key: fields[key] for key in sorted(needed)},
        optional={key: value for key, value in fields.items() if key not in needed},
    )
    if not kind.bare:
        whole = whole.filter(lambda node: any(not key.startswith("@") for key in node))
    # A node that is text alone is kept as the text.
    return whole.map(lambda node: node.get("#", "") if node.keys() <= {"#"} else node)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(nodes(name), min_size=1, max_size=2 if ELEMENTS[name].many else 1)
        for name in ORDER
        # A second text of another language may be chosen for the first, see `xmltv`.
        if name not in {"title", "sub-title", "desc", "category"}
    },
)
ENTRIES = st.builds(
    Entry,
    id=st.just("p1"),
    channel_id=st.just(7),
    start_s=st.integers(0, 2_000_000_000),
    stop_s=st.integers(2_000_000_001, 2_000_600_000),
    title=SOME,
    sub_title=WORDS,
    summary=WORDS,
    category=WORDS,
    facts=st.none() | FACTS.map(lambda facts: facts or None),
)


def written(*entries: Entry) -> bytes:
    return b"".join(write_xmltv([CHANNEL], entries))


def read(content: bytes) -> list[Item]:
    return list(read_guide(GuideFile(io.BytesIO(content)), zone="Europe/London"))


def as_read(entry: Entry) -> FeedProgramme:
    return FeedProgramme(
        "qh.1",
        entry.start_s,
        entry.stop_s,
        entry.title,
        entry.sub_title,
        entry.summary,
        entry.category,
        entry.facts,
    )


@pytest.fixture(scope="module")
def dtd(shared_dir: Path) -> etree.DTD:
    with (shared_dir / "guide" / "xmltv.dtd").open("rb") as file:
        return etree.DTD(file)


@given(entry=ENTRIES)
def test_what_goes_out_is_valid_and_comes_in_again_the_same(entry: Entry, dtd: etree.DTD) -> None:
    content = written(entry)
    assert dtd.validate(etree.fromstring(content)), dtd.error_log
    assert read(content) == [
        FeedChannel("qh.1", ("青禾综合", "QHTV"), "http://x/a.png?b=1&c=2"),
        as_read(entry),
    ]


def test_second_texts_go_out_after_the_first() -> None:
    facts = {"title": [{"#": "News", "@lang": "en"}], "category": ["科教"]}
    entry = Entry("p1", 7, 0, 60, "新闻", category="农业", facts=facts)
    assert read(written(entry))[1] == as_read(entry)


def test_what_xml_cannot_hold_does_not_break_the_file() -> None:
    entry = Entry("p1", 7, 0, 60, "a\x00b\x1b\ud800c]]>&<", summary="一\r\n二")
    [_, programme] = read(written(entry))
    assert isinstance(programme, FeedProgramme)
    assert (programme.title, programme.summary) == ("abc]]>&<", "一 二")


def test_times_are_chinas_and_strangers_are_left_out() -> None:
    content = written(Entry("p1", 7, 1750305600, 1750307400, "新闻"), Entry("p2", 8, 0, 60, "别台"))
    assert b'start="20250619120000 +0800" stop="20250619123000 +0800" channel="qh.1"' in content
    assert "别台".encode() not in content


def test_a_large_guide_goes_out_in_pieces() -> None:
    many = (Entry("p1", 7, n * 60, n * 60 + 60, f"节目{n}") for n in range(5_000))
    pieces = list(write_xmltv([CHANNEL], many))
    assert max(map(len, pieces)) < 200_000
    assert len(pieces) > 3
    assert len(read(b"".join(pieces))) == 5_001


def test_the_real_guide_goes_out_valid(shared_dir: Path, dtd: etree.DTD) -> None:
    with (shared_dir / "guide" / "beijing-unicom-epg.xml.gz").open("rb") as stream:
        items = list(read_guide(GuideFile(stream), zone="Asia/Shanghai"))
    channels = [c for c in items if isinstance(c, FeedChannel)]
    ids = {channel.ref: number for number, channel in enumerate(channels)}
    entries = [
        Entry(f"p{n}", ids[p.ref], p.start_s, p.stop_s or 0, p.title)
        for n, p in enumerate(items)
        if isinstance(p, FeedProgramme)
    ]
    out = [ExportChannel(ids[c.ref], c.ref, c.names) for c in channels]
    tree = etree.fromstring(b"".join(write_xmltv(out, entries)))
    assert dtd.validate(tree), dtd.error_log
    assert len(tree.findall("programme")) == len(entries) == 25_554
