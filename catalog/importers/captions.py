"""The `subtitle` column: the file is checked, and wanted where the title has other captions.

Only a file's hash is kept until it is attached: there is no room for those of ten thousand rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from catalog.importers.files import FoundFile
from catalog.importers.report import ImportReport, WantedCaptions
from catalog.importers.sheet import SheetFault
from catalog.titles.caption_files import Captions, check_size, read_captions
from catalog.titles.captions import DEFAULT_LANGUAGE, captions_in
from core.errors import CuntaiError


@dataclass(frozen=True, slots=True)
class CheckedCaptions:
    """A caption file that can be read; `sha256` is of what would be stored."""

    row: int
    path: str
    sha256: str


def check_found(
    row: int, files: Mapping[str, FoundFile] | None, report: ImportReport
) -> CheckedCaptions | None:
    """Check the caption file of a row; what is wrong with it is a warning, the video goes in.

    Args:
        row: its number in the sheet.
        files: what was found, by column; None where the row is refused.
        report: gets the warning.
    """
    found = (files or {}).get("subtitle")
    captions = read_file(row, found.path, report) if found is not None else None
    return CheckedCaptions(row, found.path, captions.sha256) if found and captions else None


def read_file(row: int, path: str, report: ImportReport) -> Captions | None:
    """Return the captions in a row's file, or None and a warning in the report."""
    try:
        check_size(Path(path).stat().st_size)
        return read_captions(Path(path).read_bytes())
    except CuntaiError as error:
        message = error.message
    except OSError as error:
        message = f"字幕文件读不出来：{error.strerror}。"
    report.warnings.append(SheetFault(row, "subtitle", message))
    return None


def want_captions(
    session: Session, title_id: int, checked: CheckedCaptions, report: ImportReport
) -> bool:
    """Want a file attached to a title, and say so, unless it has the very same words."""
    present = captions_in(session, title_id, DEFAULT_LANGUAGE)
    if present is not None and present.sha256 == checked.sha256:
        return False
    report.captions.append(WantedCaptions(checked.row, title_id, checked.path))
    return True
