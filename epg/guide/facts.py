"""What XMLTV says of a programme beside its main texts, as JSON and back (XMLTV DTD). Pure.

A fact is kept by element name as a list of nodes. A node is the element's text, or where there is
more a dict: `#` the text, `@name` an attribute, a child's name the list of its nodes. Only what
the DTD knows is kept, so that what was read can always be written validly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Node = str | dict[str, Any]
Facts = dict[str, list[Node]]

_ANY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the DTD.

    Args:
        attributes: name to its allowed values; an empty set allows any.
        required: attributes it must have, with the value of one that lacks it; None drops it.
        children: their names, in order.
        must: a child it cannot be without.
        many: whether it may come again beside itself.
        text: whether it holds text; one that does and has none is dropped, unless `bare`.
        bare: whether it may stand empty.
    """

    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    required: Mapping[str, str | None] = field(default_factory=dict)
    children: tuple[str, ...] = ()
    must: str = ""
    many: bool = True
    text: bool = True
    bare: bool = False


_LANG = {"lang": _ANY}
_SYSTEM = {"system": _ANY}
_PERSON = Element(children=("image", "url"))
_ROLES = ("director", "actor", "writer", "adapter", "producer", "composer", "editor")
_GUESTS = ("presenter", "commentator", "guest")
_RATING = Element(_SYSTEM, children=("value", "icon"), must="value", text=False)

#: Every element below `programme`, by name.
ELEMENTS: dict[str, Element] = {
    "title": Element(_LANG),
    "sub-title": Element(_LANG),
    "desc": Element(_LANG),
    "credits": Element(children=_ROLES + _GUESTS, many=False, text=False),
    **dict.fromkeys(_ROLES + _GUESTS, _PERSON),
    "actor": Element({"role": _ANY, "guest": frozenset({"yes", "no"})}, children=("image", "url")),
    "date": Element(many=False),
    "category": Element(_LANG),
    "keyword": Element(_LANG),
    "language": Element(_LANG, many=False),
    "orig-language": Element(_LANG, many=False),
    "length": Element(
        {"units": frozenset({"seconds", "minutes", "hours"})}, {"units": None}, many=False
    ),
    "icon": Element(
        {"src": _ANY, "width": _ANY, "height": _ANY}, {"src": None}, text=False, bare=True
    ),
    "url": Element(_SYSTEM),
    "country": Element(_LANG),
    "episode-num": Element(_SYSTEM),
    "video": Element(children=("present", "colour", "aspect", "quality"), many=False, text=False),
    "audio": Element(children=("present", "stereo"), many=False, text=False),
    **dict.fromkeys(("present", "colour", "aspect", "quality", "stereo"), Element(many=False)),
    "previously-shown": Element(
        {"start": _ANY, "channel": _ANY}, many=False, text=False, bare=True
    ),
    "premiere": Element(_LANG, many=False, bare=True),
    "last-chance": Element(_LANG, many=False, bare=True),
    "new": Element(many=False, text=False, bare=True),
    "subtitles": Element(
        {"type": frozenset({"teletext", "onscreen", "deaf-signed"})},
        children=("language",),
        text=False,
        bare=True,
    ),
    "rating": _RATING,
    "star-rating": _RATING,
    "value": Element(many=False),
    "review": Element(
        {"type": frozenset({"text", "url"}), "source": _ANY, "reviewer": _ANY, "lang": _ANY},
        {"type": "text"},
    ),
    "image": Element(
        {
            "type": frozenset({"poster", "backdrop", "still", "person", "character"}),
            "size": frozenset({"1", "2", "3"}),
            "orient": frozenset({"P", "L"}),
            "system": _ANY,
        }
    ),
}

#: Children of `programme`, in the order of the DTD.
ORDER = (
    *("title", "sub-title", "desc", "credits", "date", "category", "keyword", "language"),
    *("orig-language", "length", "icon", "url", "country", "episode-num", "video", "audio"),
    *("previously-shown", "premiere", "last-chance", "new", "subtitles", "rating"),
    *("star-rating", "review", "image"),
)
KNOWN = frozenset(ORDER)


def text_of(element: Any) -> str:
    """Return an element's own text on one line; its children's texts are theirs."""
    text: str | None = element.text
    if len(element):
        text = "".join([text or "", *(child.tail or "" for child in element)])
    return " ".join(text.split()) if text else ""


def add_fact(facts: Facts, element: Any) -> None:
    """Put an element into the facts of its parent; what the DTD does not know is left out."""
    kind = ELEMENTS[element.tag]
    nodes = facts.get(element.tag)
    if nodes and not kind.many:
        return
    node = _read(element, kind)
    if node is None:
        return
    if nodes is None:
        facts[element.tag] = [node]
    else:
        nodes.append(node)


def _read(element: Any, kind: Element) -> Node | None:
    """Return the node of an element, None when it says nothing or may not stand so."""
    found: dict[str, Any] = {f"@{name}": value for name, value in _attributes(element, kind)}
    for name, default in kind.required.items():
        value = found.setdefault(f"@{name}", default)
        if value is None:
            return None
    text = text_of(element) if kind.text else ""
    below: Facts = {}
    for child in element:
        if child.tag in kind.children:
            add_fact(below, child)
    if (kind.must and kind.must not in below) or not (text or below or kind.bare):
        return None
    if not found and not below:
        return text
    return {**({"#": text} if text else {}), **found, **below}


def _attributes(element: Any, kind: Element) -> Iterator[tuple[str, str]]:
    for name, allowed in kind.attributes.items():
        value = element.get(name)
        if value and (not allowed or value in allowed):
            yield name, value
