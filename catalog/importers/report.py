"""What an import did, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from catalog.importers.sheet import SheetFault

Outcome = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row; `title_id` is None when it was refused."""

    row: int
    outcome: Outcome
    title_id: int | None
    file: str
    title: str


@dataclass(frozen=True, slots=True)
class WantedCaptions:
    """The file of captions that a title does not have yet; `path` as in `files.FoundFile`."""

    row: int
    title_id: int
    path: str


@dataclass(slots=True)
class ImportReport:
    """The whole import."""

    results: list[RowResult] = field(default_factory=list)
    errors: list[SheetFault] = field(default_factory=list)
    warnings: list[SheetFault] = field(default_factory=list)
    #: To be stored and attached once the titles are committed (`catalog.titles.captions`).
    captions: list[WantedCaptions] = field(default_factory=list)

    @property
    def created(self) -> int:
        """Return how many titles are new."""
        return self._count("created")

    @property
    def updated(self) -> int:
        """Return how many titles were there and are changed."""
        return self._count("updated")

    @property
    def unchanged(self) -> int:
        """Return how many titles were there as the sheet has them."""
        return self._count("unchanged")

    @property
    def refused_rows(self) -> list[int]:
        """Return the numbers of the rows that were not imported."""
        done = {result.row for result in self.results if result.title_id is not None}
        return sorted({error.row for error in self.errors if error.row > 1} - done)

    @property
    def title_ids(self) -> list[int]:
        """Return the titles of all rows that were imported, changed or not."""
        return [result.title_id for result in self.results if result.title_id is not None]

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused_rows": self.refused_rows,
            "title_ids": self.title_ids,
            "rows": [
                {"row": r.row, "outcome": r.outcome, "id": r.title_id, "title": r.title}
                for r in self.results
            ],
            "errors": [error.to_json() for error in self.errors],
            "warnings": [warning.to_json() for warning in self.warnings],
        }

    def _count(self, outcome: Outcome) -> int:
        return sum(result.outcome == outcome for result in self.results)
