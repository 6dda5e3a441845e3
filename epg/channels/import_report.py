"""What the import of an M3U list did, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["new", "changed", "same", "source", "refused"]


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of an entry: `source` was added to the channel of the same name above it."""

    line: int
    outcome: Outcome
    name: str
    channel_id: int | None = None
    words: str = ""


@dataclass(slots=True)
class ImportReport:
    """The whole import."""

    results: list[LineResult] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        """Return how many entries ended so."""
        return sum(result.outcome == outcome for result in self.results)

    @property
    def refused(self) -> list[LineResult]:
        """Return the entries that were not taken in."""
        return [result for result in self.results if result.outcome == "refused"]

    @property
    def channel_ids(self) -> list[int]:
        """Return the channels of the list, changed or not."""
        ids = (result.channel_id for result in self.results)
        return list(dict.fromkeys(one for one in ids if one is not None))

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary."""
        counts: dict[str, Any] = {
            "entries": len(self.results),
            "created": self.count("new"),
            "changed": self.count("changed"),
            "same": self.count("same"),
            "further_sources": self.count("source"),
            "refused": self.count("refused"),
            "channel_ids": self.channel_ids,
        }
        rows = [
            {
                "line": r.line,
                "outcome": r.outcome,
                "name": r.name,
                "channel": r.channel_id,
                "words": r.words,
            }
            for r in self.results
        ]
        return counts | {"lines": rows}
