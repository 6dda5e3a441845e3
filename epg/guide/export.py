"""Write XMLTV, valid by its DTD (element order, required attributes), piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epg.guide.facts import ELEMENTS, ORDER, Node
from epg.guide.model import Entry
from epg.guide.times import format_instant

#: Pieces are given on when so much has gathered.
PIECE_CHARACTERS = 64 * 1024

#: What XML 1.0 cannot hold at all (§2.2); a feed cannot bring it, a form could.
_ILLEGAL = dict.fromkeys(
    [*range(9), 0xB, 0xC, *range(0xE, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
)
_TEXT: dict[int, str | None] = {
    **_ILLEGAL,
    **{ord(char): f"&{name};" for char, name in (("&", "amp"), ("<", "lt"), (">", "gt"))},
    ord("\r"): "&#13;",
}
_ATTRIBUTE: dict[int, str | None] = {
    **_TEXT,
    ord('"'): "&quot;",
    ord("\n"): "&#10;",
    ord("\t"): "&#9;",
}


@dataclass(frozen=True, slots=True)
class ExportChannel:
    """A channel as the export names it.

    Args:
        channel_id: ours.
        ref: its `channel@id`, unique in the file and the same as the playlist's `tvg-id`.
        names: `display-name`s, the best first; at least one.
        icon: address of its logo, or empty.
        url: address of its page, or empty.
    """

    channel_id: int
    ref: str
    names: Sequence[str]
    icon: str = ""
    url: str = ""


def write_xmltv(
    channels: Sequence[ExportChannel],
    entries: Iterable[Entry],
    *,
    generator: str = "cuntai",
    generator_url: str = "",
) -> Iterator[bytes]:
    """Yield an XMLTV file in UTF-8, piece by piece.

    Args:
        channels: the channels told of.
        entries: their programmes, in the order they shall stand; those of others are left out.
        generator: `generator-info-name`.
        generator_url: `generator-info-url`, left out when empty.
    """
    refs = {channel.channel_id: _attribute("channel", channel.ref) for channel in channels}
    yield "".join(_head(channels, generator, generator_url)).encode()
    gathered: list[str] = []
    size = 0
    for entry in entries:
        ref = refs.get(entry.channel_id)
        if ref is None:
            continue
        written = _programme(entry, ref)
        gathered.append(written)
        size += len(written)
        if size >= PIECE_CHARACTERS:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    gathered.append("</tv>\n")
    yield "".join(gathered).encode()


def _head(channels: Sequence[ExportChannel], generator: str, url: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'
    about = _attribute("generator-info-name", generator)
    yield f"<tv{about}{_attribute('generator-info-url', url) if url else ''}>\n"
    for channel in channels:
        yield f"<channel{_attribute('id', channel.ref)}>"
        for name in channel.names:
            yield f"<display-name>{_text(name)}</display-name>"
        if channel.icon:
            yield f"<icon{_attribute('src', channel.icon)}/>"
        if channel.url:
            yield f"<url>{_text(channel.url)}</url>"
        yield "</channel>\n"


def _programme(entry: Entry, ref: str) -> str:
    start, stop = format_instant(entry.start_s), format_instant(entry.stop_s)
    if entry.facts:
        body = "".join(_with_facts(entry, entry.facts))
    else:
        body = "".join(f"<{tag}>{_text(text)}</{tag}>" for tag, text in _main(entry) if text)
    return f'<programme start="{start}" stop="{stop}"{ref}>{body}</programme>\n'


def _main(entry: Entry) -> tuple[tuple[str, str], ...]:
    return (
        ("title", entry.title),
        ("sub-title", entry.sub_title),
        ("desc", entry.summary),
        ("category", entry.category),
    )


def _with_facts(entry: Entry, facts: Mapping[str, Sequence[Node]]) -> Iterator[str]:
    main = dict(_main(entry))
    for tag in ORDER:
        if main.get(tag):
            yield f"<{tag}>{_text(main[tag])}</{tag}>"
        for node in facts.get(tag, ()):
            yield _node(tag, node)


def _node(tag: str, node: Node) -> str:
    """Return the element of a fact, see `epg.guide.facts`."""
    if isinstance(node, str):
        return f"<{tag}>{_text(node)}</{tag}>" if node else f"<{tag}/>"
    kind = ELEMENTS[tag]
    attributes = "".join(
        _attribute(name, node[f"@{name}"]) for name in kind.attributes if f"@{name}" in node
    )
    inside = _text(node.get("#", "")) + "".join(
        _node(name, child) for name in kind.children for child in node.get(name, ())
    )
    return f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>"


def _text(text: str) -> str:
    return text.translate(_TEXT)


def _attribute(name: str, value: Any) -> str:
    return f' {name}="{str(value).translate(_ATTRIBUTE)}"'
