"""What came of an import."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from epg.guide.xmltv import Junk

#: How much junk is told line by line; all of it is counted.
TOLD_JUNK = 50


@dataclass
class ImportReport:
    """What came of an import."""

    feed_id: int
    #: False where the feed has lost more than half: nothing was changed.
    taken: bool = False
    channels: int = 0
    programmes: int = 0
    #: Channels of the feed that are channels of ours; of these new ones.
    matched: int = 0
    created: int = 0
    #: Rows of the database.
    added: int = 0
    removed: int = 0
    unchanged: int = 0
    #: Programmes given twice; ends that were missing or wrong; elements that could not be used.
    doubles: int = 0
    mended: int = 0
    junk: int = 0
    junk_lines: list[Junk] = field(default_factory=list)
    #: Channels that have lost more than half and keep what they had.
    shrunk: list[str] = field(default_factory=list)
    words: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return {**asdict(self), "junk_lines": [junk._asdict() for junk in self.junk_lines]}

    def note_junk(self, junk: Junk) -> None:
        """Count what could not be used, and keep the first of it to be told."""
        self.junk += 1
        if len(self.junk_lines) < TOLD_JUNK:
            self.junk_lines.append(junk)
