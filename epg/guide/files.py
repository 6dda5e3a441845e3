"""Files of feeds below CUNTAI_HOME/guide: what comes in, and the last good one of each."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path


class GuideFiles:
    """The folder of feeds' files.

    Args:
        folder: made when something first comes in.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Give the path of a new file; removed afterwards unless it was kept."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"incoming-{secrets.token_hex(8)}.part"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def keep(self, feed_id: int, path: Path) -> None:
        """Make an incoming file the feed's last good one."""
        path.replace(self.last(feed_id))

    def keep_copy(self, feed_id: int, path: Path) -> None:
        """Make a copy of somebody's file the feed's last good one."""
        with self.incoming() as copy:
            shutil.copyfile(path, copy)
            self.keep(feed_id, copy)

    def last(self, feed_id: int) -> Path:
        """Return where the feed's last good file lies, if there is one."""
        return self.folder / f"feed-{feed_id}.guide"

    def prune(self, feed_ids: Collection[int], *, older_than: float) -> None:
        """Remove files of feeds that are gone, and what killed processes left half-way.

        Args:
            feed_ids: of the feeds there are.
            older_than: epoch seconds; an incoming file touched since may still be written.
        """
        for path in self.folder.glob("incoming-*.part"):
            if path.stat().st_mtime < older_than:
                path.unlink(missing_ok=True)
        for path in self.folder.glob("feed-*.guide"):
            number = path.stem.removeprefix("feed-")
            if number.isdecimal() and int(number) not in feed_ids:
                path.unlink(missing_ok=True)
