"""What is kept of a document: the keys of all its names, and a word that says when they are old.

For the indexer: readings are looked up here.
"""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

from catalog.search.asking import IN_ALIAS
from catalog.search.keys import keys_of
from catalog.search.model import Alphabet, Draft
from catalog.search.normalising import Unit, fold, heads_of, units_of
from catalog.search.pinyin import with_readings
from catalog.search.synonyms import other_forms

#: Raised when keys are made otherwise: all documents are then old.
KEYS_VERSION = 2


class KeyPlace(NamedTuple):
    """Where a key stands: see `catalog.search.tables.SearchKey`."""

    inside: int
    position: int


def fingerprint(draft: Draft) -> str:
    """Return a word that is another when a document's keys are."""
    facts = [
        KEYS_VERSION,
        draft.name,
        draft.aliases,
        sorted(draft.scopes),
        draft.rank,
        draft.family,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def keys_of_draft(draft: Draft) -> tuple[list[Unit], dict[tuple[Alphabet, str], KeyPlace]]:
    """Return the units of a document's name, and all keys, those of aliases and synonyms too."""
    units = with_readings(units_of(draft.name))
    heads = heads_of(draft.name, units)
    keys = {key: KeyPlace(int(at not in heads), at) for key, at in keys_of(units, heads).items()}
    forms = [form for name in (draft.name, *draft.aliases) for form in other_forms(fold(name))]
    for alias in (*draft.aliases, *forms):
        for key, at in keys_of(with_readings(units_of(alias))).items():
            keys.setdefault(key, KeyPlace(int(at > 0), IN_ALIAS))
    return units, keys
