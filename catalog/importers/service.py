"""Import a read sheet: rows become titles, and their files are wanted as sources."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.importers.captions import CheckedCaptions, check_found, want_captions
from catalog.importers.files import FoundFile, find_file
from catalog.importers.report import ImportReport, Outcome, RowResult
from catalog.importers.sheet import Sheet, SheetFault, SheetRow
from catalog.titles import service as titles
from catalog.titles.model import Move
from catalog.titles.tables import Title
from catalog.titles.wants import want_ingest
from core.errors import CuntaiError, InvalidInputError
from core.jobs.tables import Job
from county import audit
from county.places import get_place

#: Told after each row: rows done, rows in all.
Progress = Callable[[int, int], None]

#: Columns that are copied to the title, by the title's field.
_PLAIN = {
    "summary": "summary",
    "lecturer": "lecturer",
    "source": "source",
    "licence": "licence",
    "required": "required",
    "study_hours": "study_hours",
    "audience": "audience",
    "expires_on": "expires",
}


def import_catalog(
    session: Session,
    sheet: Sheet,
    *,
    media_dir: Path,
    owner_id: int | None,
    now: datetime,
    publish: str = "",
    actor: str = "system",
    on_progress: Progress | None = None,
) -> ImportReport:
    """Create or update a title for each row; a bad row is told and does not stop the others.

    A row is known again by its file and title, so a sheet can be mended and imported anew. Only
    columns that the sheet has are changed. The files are wanted as sources; workers fetch them.
    New captions are in `ImportReport.captions`: their words have yet to be stored and attached.

    Args:
        session: the unit of work; the caller commits.
        sheet: of `read_sheet`; its own faults are part of the report.
        media_dir: folder that holds every file of the sheet.
        owner_id: whose drafts new titles are.
        now: the present instant.
        publish: login of who wants the titles published as soon as they play, or empty.
        actor: who imports, for the audit log.
        on_progress: told after each row.

    Raises:
        InvalidInputError: there is no such folder.
    """
    if not media_dir.is_dir():
        raise InvalidInputError(f"没有媒体文件夹 {media_dir}。", field="media_dir")
    report = ImportReport(errors=list(sheet.errors), warnings=list(sheet.warnings))
    # All looks at the disk come before the first statement: on SQLite that takes the write lock.
    found = {row.row: _find_files(row, media_dir, report) for row in sheet.rows}
    captions = {number: check_found(number, files, report) for number, files in found.items()}
    importer = _Importer(session, sheet, owner_id, now, publish)
    for done, row in enumerate(sheet.rows, start=1):
        report.results.append(_import_row(importer, row, found[row.row], captions[row.row], report))
        if on_progress is not None:
            on_progress(done, len(sheet.rows))
    for faults in (report.errors, report.warnings):
        faults.sort(key=lambda fault: fault.row)
    _write_down(session, report, actor=actor, now=now)
    return report


def _find_files(
    row: SheetRow, media_dir: Path, report: ImportReport
) -> dict[str, FoundFile] | None:
    """Return the files of a row by column, None when one that is needed is not there."""
    files: dict[str, FoundFile] = {}
    for column in ("file", "poster", "subtitle"):
        name = getattr(row, column)
        if not name:
            continue
        try:
            files[column] = find_file(media_dir, name)
        except InvalidInputError as error:
            # That there are no captions need not keep the video back.
            faults = report.warnings if column == "subtitle" else report.errors
            faults.append(SheetFault(row.row, column, error.message))
    complete = "file" in files and ("poster" in files or not row.poster)
    return files if complete else None


def _import_row(
    importer: _Importer,
    row: SheetRow,
    files: dict[str, FoundFile] | None,
    captions: CheckedCaptions | None,
    report: ImportReport,
) -> RowResult:
    title_id: int | None = None
    outcome: Outcome = "refused"
    if files is not None:
        try:
            # A row that fails half-way leaves nothing behind.
            with importer.session.begin_nested():
                title_id, outcome = importer.bring_in(row, files)
            if captions and want_captions(importer.session, title_id, captions, report):
                outcome = "updated" if outcome == "unchanged" else outcome
        except CuntaiError as error:
            title_id, outcome = None, "refused"
            column = {"episode": "order", "name": "title"}.get(error.field or "", error.field or "")
            report.errors.append(SheetFault(row.row, column, error.message))
    return RowResult(row.row, outcome, title_id, row.file, row.title)


class _Importer:
    """Brings rows in, one after the other."""

    def __init__(
        self,
        session: Session,
        sheet: Sheet,
        owner_id: int | None,
        now: datetime,
        publish: str,
    ) -> None:
        self.session = session
        self.columns = frozenset(sheet.columns)
        self.owner_id = owner_id
        self.now = now
        self.publish = publish

    def bring_in(self, row: SheetRow, files: dict[str, FoundFile]) -> tuple[int, Outcome]:
        """Create or update the title of a row, and want its file.

        Raises:
            CuntaiError: a value does not fit; `field` names the column.
        """
        fields = self._fields(row)
        title = self._known(row)
        outcome: Outcome = "unchanged"
        if title is None:
            outcome = "created"
            title = titles.create_title(
                self.session,
                name=row.title,
                file_name=row.file,
                owner_id=self.owner_id,
                now=self.now,
                **fields,
            )
        elif any(getattr(title, field) != value for field, value in fields.items()):
            outcome = "updated"
            titles.edit_title(self.session, title, now=self.now, **fields)
        if self._want_file(title, files) and outcome == "unchanged":
            outcome = "updated"
        self._publish(title)
        return title.id, outcome

    def _fields(self, row: SheetRow) -> dict[str, Any]:
        """Return what the sheet says of a title, by the title's fields."""
        fields = {
            field: getattr(row, column)
            for field, column in _PLAIN.items()
            if column in self.columns
        }
        if "place" in self.columns:
            place = get_place(self.session, row.place) if row.place else None
            fields["place_id"] = place.id if place else None
        if "category" in self.columns:
            category = titles.category_named(self.session, row.category) if row.category else None
            fields["category_id"] = category.id if category else None
        if "series" in self.columns:
            series = titles.series_named(self.session, row.series) if row.series else None
            fields["series_id"] = series.id if series else None
            # Without a series the column only numbers the rows of the sheet.
            fields["episode"] = row.order if series else None
        return fields

    def _known(self, row: SheetRow) -> Title | None:
        statement = select(Title).where(Title.file_name == row.file, Title.name == row.title)
        return self.session.scalars(statement.order_by(Title.id)).first()

    def _want_file(self, title: Title, files: dict[str, FoundFile]) -> bool:
        """Want the row's files unless they were wanted before, just as they are now."""
        video, poster = files["file"], files.get("poster")
        payload = {
            "path": video.path,
            "poster": poster.path if poster else "",
            "stamp": f"{video.stamp} {poster.stamp if poster else ''}".strip(),
            "publish": self.publish,
        }
        statement = (
            select(Job)
            .where(Job.subject == f"title:{title.id}", Job.kind == "ingest")
            .order_by(Job.id.desc())
            .limit(1)
        )
        last = self.session.scalars(statement).one_or_none()
        if last is not None and last.state not in {"failed", "cancelled"}:
            same = {name: last.payload.get(name, "") for name in ("path", "poster", "stamp")}
            if same == {name: payload[name] for name in same}:
                return False
        want_ingest(self.session, title, payload, now=self.now)
        return True

    def _publish(self, title: Title) -> None:
        """Publish a title that plays already; the others are published by their transcode."""
        if not self.publish or not titles.is_playable(self.session, title):
            return
        if title.state == "draft":
            self._move(title, "submit")
        if title.state == "review":
            self._move(title, "publish")

    def _move(self, title: Title, move: Move) -> None:
        titles.move_title(
            self.session, title, move, actor=self.publish, now=self.now, remark="导入"
        )


def _write_down(session: Session, report: ImportReport, *, actor: str, now: datetime) -> None:
    audit.record(
        session,
        at=now,
        actor=actor,
        action="catalog.import",
        subject="catalog",
        detail={
            "created": report.created,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "refused_rows": report.refused_rows[:1000],
        },
    )
