"""The sentences of tus 1.0.0, extensions, one by one; and whose upload it is."""

from __future__ import annotations

import base64
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.db import SessionFactory, session_scope
from tests.fakes import FakeClock
from tests.vod_server.uploads.up_flask import (
    CHUNK,
    PREFIX,
    TUS,
    checksum_of,
    create,
    head,
    made,
    patch,
    problem,
)
from tests.vod_server.uploads.up_server import make_app
from vod_server.media.uploads.store import UploadStore
from vod_server.media.uploads.tables import Upload
from vod_server.web.tus import TusParts, make_tus_blueprint


def test_creation_answers_201_and_an_address_that_works(up_client: FlaskClient) -> None:
    reply = create(up_client)
    assert reply.status_code == 201
    location = reply.headers["Location"]
    assert location.startswith(f"{PREFIX}/")
    assert head(up_client, location).status_code == 200


def test_the_address_is_right_behind_a_proxy(up_client: FlaskClient) -> None:
    # No host in it: the client puts it to the address it asked, whatever the proxy called us.
    reply = up_client.post(
        PREFIX,
        headers={**TUS, "Upload-Length": "3", "Host": "inside:8000"},
        environ_overrides={"SCRIPT_NAME": "/county"},
    )
    assert reply.headers["Location"].startswith(f"/county{PREFIX}/")


@pytest.mark.parametrize("length", ["", "-1", "x", "1.0"])
def test_creation_needs_a_length(up_client: FlaskClient, length: str) -> None:
    reply = create(up_client, length)
    assert reply.status_code == 400
    assert problem(reply)["field"] == "Upload-Length"


def test_a_deferred_length_is_not_offered(up_client: FlaskClient) -> None:
    reply = up_client.post(PREFIX, headers={**TUS, "Upload-Defer-Length": "1"})
    assert reply.status_code == 400
    assert problem(reply)["field"] == "Upload-Length"


def test_an_empty_file_is_refused_clearly(up_client: FlaskClient) -> None:
    reply = create(up_client, 0)
    assert reply.status_code == 400
    assert problem(reply)["field"] == "file"
    assert "空的" in problem(reply)["detail"]


def test_a_file_over_the_limit_is_413(up_client: FlaskClient) -> None:
    reply = create(up_client, 50_000_001)
    assert reply.status_code == 413
    assert problem(reply)["field"] == "file"
    assert create(up_client, 50_000_000).status_code == 201


def test_unusable_metadata_is_400(up_client: FlaskClient) -> None:
    reply = create(up_client, Upload_Metadata="filename ???")
    assert reply.status_code == 400
    assert problem(reply)["field"] == "Upload-Metadata"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"../../etc/passwd", "passwd"),
        ("村务公开.mp4".encode("gb18030"), "村务公开.mp4"),
        ("春耕.mp4".encode(), "春耕.mp4"),
    ],
)
def test_a_name_is_kept_to_be_shown_and_is_never_a_path(
    up_client: FlaskClient,
    up_lite_sessions: SessionFactory,
    tmp_path: Path,
    raw: bytes,
    shown: str,
) -> None:
    metadata = f"filename {base64.b64encode(raw).decode()}"
    path = made(up_client, 3, Upload_Metadata=metadata)
    patch(up_client, path, 0, b"abc")
    upload_id = path.rsplit("/", 1)[-1]
    with up_lite_sessions() as session:
        assert session.get_one(Upload, upload_id).file_name == shown
    files = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")}
    assert {name for name in files if not name.startswith("uploads.db")} == {
        "uploads",
        f"uploads/{upload_id}.part",
    }


def test_a_creation_may_carry_the_first_bytes(up_client: FlaskClient) -> None:
    headers = {**TUS, "Upload-Length": "10", "Content-Type": CHUNK}
    reply = up_client.post(PREFIX, headers=headers, data=b"abcd")
    assert reply.status_code == 201
    assert reply.headers["Upload-Offset"] == "4"
    assert head(up_client, reply.headers["Location"]).headers["Upload-Offset"] == "4"


def test_a_creation_may_carry_the_whole_file(
    up_client: FlaskClient, up_completed: list[str]
) -> None:
    headers = {**TUS, "Upload-Length": "4", "Content-Type": CHUNK}
    reply = up_client.post(PREFIX, headers=headers, data=b"abcd")
    assert reply.headers["Upload-Offset"] == "4"
    assert len(up_completed) == 1
    assert "Upload-Expires" not in reply.headers


def test_a_creation_with_bytes_of_another_type_is_415(up_client: FlaskClient) -> None:
    headers = {**TUS, "Upload-Length": "4", "Content-Type": "video/mp4"}
    assert up_client.post(PREFIX, headers=headers, data=b"abcd").status_code == 415


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Upload-Length": "3"}, 413), ({"Upload-Length": "4", "Upload-Checksum": "sha1 AA=="}, 400)],
)
def test_a_refused_creation_with_bytes_leaves_no_upload(
    up_client: FlaskClient,
    up_lite_sessions: SessionFactory,
    headers: dict[str, str],
    status: int,
) -> None:
    everything = {**TUS, "Content-Type": CHUNK, **headers}
    assert up_client.post(PREFIX, headers=everything, data=b"abcd").status_code == status
    with up_lite_sessions() as session:
        assert session.query(Upload).count() == 0


def test_a_creation_whose_bytes_fail_their_checksum_leaves_nothing_open(
    up_client: FlaskClient, up_lite_sessions: SessionFactory, up_store: UploadStore
) -> None:
    headers = {"Content-Type": CHUNK, "Upload-Length": "4", "Upload-Checksum": checksum_of(b"else")}
    assert up_client.post(PREFIX, headers={**TUS, **headers}, data=b"abcd").status_code == 460
    with up_lite_sessions() as session:
        assert [upload.state for upload in session.query(Upload)] == ["cancelled"]
    assert up_store.ids() == set()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_right_checksum_is_taken(up_client: FlaskClient, algorithm: str) -> None:
    path = made(up_client)
    reply = patch(up_client, path, 0, b"abc", Upload_Checksum=checksum_of(b"abc", algorithm))
    assert (reply.status_code, reply.headers["Upload-Offset"]) == (204, "3")


def test_a_wrong_checksum_is_460_and_nothing_of_the_chunk_is_kept(
    up_client: FlaskClient, up_store: UploadStore
) -> None:
    path = made(up_client)
    patch(up_client, path, 0, b"abc")
    reply = patch(up_client, path, 3, b"defg", Upload_Checksum=checksum_of(b"DEFG"))
    assert reply.status_code == 460
    assert problem(reply)["field"] == "Upload-Checksum"
    assert head(up_client, path).headers["Upload-Offset"] == "3"
    assert patch(up_client, path, 3, b"defghij").status_code == 204
    assert up_store.path(path.rsplit("/", 1)[-1]).read_bytes() == b"abcdefghij"


def test_an_unknown_algorithm_is_400(up_client: FlaskClient) -> None:
    path = made(up_client)
    reply = patch(up_client, path, 0, b"abc", Upload_Checksum="crc32 AAAAAA==")
    assert reply.status_code == 400
    assert problem(reply)["field"] == "Upload-Checksum"
    assert head(up_client, path).headers["Upload-Offset"] == "0"


def test_termination_frees_the_file_and_the_address_is_gone(
    up_client: FlaskClient, up_store: UploadStore
) -> None:
    path = made(up_client)
    patch(up_client, path, 0, b"abc")
    assert up_client.delete(path, headers=TUS).status_code == 204
    assert up_store.ids() == set()
    assert head(up_client, path).status_code == 410
    assert patch(up_client, path, 3, b"d").status_code == 410
    gone = up_client.delete(path, headers=TUS)
    assert gone.status_code == 410
    assert "取消" in problem(gone)["detail"]


def test_a_complete_upload_is_not_terminated(up_client: FlaskClient) -> None:
    path = made(up_client, 3)
    patch(up_client, path, 0, b"abc")
    reply = up_client.delete(path, headers=TUS)
    assert reply.status_code == 409
    problem(reply)


def test_the_expiry_is_told_and_moves_on_with_every_chunk(
    up_client: FlaskClient, up_clock: FakeClock
) -> None:
    reply = create(up_client)
    path = reply.headers["Location"]
    first = parsedate_to_datetime(reply.headers["Upload-Expires"])
    assert (first - up_clock.now()).total_seconds() == 3600
    up_clock.advance(3000)
    reply = patch(up_client, path, 0, b"abc")
    assert (parsedate_to_datetime(reply.headers["Upload-Expires"]) - first).total_seconds() == 3000
    assert head(up_client, path).headers["Upload-Expires"] == reply.headers["Upload-Expires"]


def test_an_expired_upload_is_410(up_client: FlaskClient, up_clock: FakeClock) -> None:
    path = made(up_client)
    up_clock.advance(3600)
    assert head(up_client, path).status_code == 410
    reply = patch(up_client, path, 0, b"abc")
    assert reply.status_code == 410
    assert "过期" in problem(reply)["detail"]


def test_somebody_elses_upload_is_not_there(up_client: FlaskClient) -> None:
    path = made(up_client)
    for method in ("HEAD", "PATCH", "DELETE"):
        headers = {**TUS, "X-Person": "2", "Upload-Offset": "0", "Content-Type": CHUNK}
        assert up_client.open(path, method=method, headers=headers).status_code == 404
    assert head(up_client, path).status_code == 200


def test_nobody_may_not_upload(up_client: FlaskClient) -> None:
    reply = create(up_client, X_Person="nobody")
    assert reply.status_code == 401
    problem(reply)


@pytest.mark.parametrize(
    ("path", "method"), [(PREFIX, "GET"), (PREFIX, "PATCH"), (f"{PREFIX}/{'0' * 32}", "POST")]
)
def test_other_methods_are_405(up_client: FlaskClient, path: str, method: str) -> None:
    assert up_client.open(path, method=method, headers=TUS).status_code == 405


@pytest.mark.parametrize("method", ["HEAD", "PATCH"])
def test_the_next_request_completes_what_a_dead_server_did_not(
    up_client: FlaskClient, up_store: UploadStore, up_completed: list[str], method: str
) -> None:
    path = made(up_client, 3)
    upload_id = path.rsplit("/", 1)[-1]
    up_store.path(upload_id).write_bytes(b"abc")
    reply = head(up_client, path) if method == "HEAD" else patch(up_client, path, 3, b"")
    assert reply.headers["Upload-Offset"] == "3"
    assert "Upload-Expires" not in reply.headers
    head(up_client, path)
    assert up_completed == [upload_id]


def test_an_upload_goes_on_when_its_part_file_was_lost(
    up_client: FlaskClient, up_store: UploadStore, up_lite_sessions: SessionFactory
) -> None:
    path = made(up_client, 3)
    patch(up_client, path, 0, b"ab")
    upload_id = path.rsplit("/", 1)[-1]
    up_store.path(upload_id).unlink()
    assert head(up_client, path).headers["Upload-Offset"] == "0"
    assert patch(up_client, path, 0, b"abc").status_code == 204
    with session_scope(up_lite_sessions) as session:
        assert session.get_one(Upload, upload_id).state == "complete"


def test_a_right_can_be_declared_on_every_view(up_parts: TusParts) -> None:
    def mark(view: Any) -> Any:
        view.required_right = "upload.create"
        return view

    app = Flask("rights")
    blueprint = make_tus_blueprint(replace(up_parts, mark_view=mark))
    app.register_blueprint(blueprint, url_prefix=PREFIX)
    for endpoint in ("uploads.uploads", "uploads.upload"):
        assert app.view_functions[endpoint].required_right == "upload.create"  # type: ignore[attr-defined]


def test_a_worker_is_woken_after_the_commit_of_a_whole_upload(
    up_parts: TusParts, up_lite_sessions: SessionFactory
) -> None:
    woken: list[str] = []

    def wake() -> None:
        with up_lite_sessions() as session:
            woken.extend(upload.state for upload in session.query(Upload))

    app = make_app(lambda owner: replace(up_parts, current_owner=owner, on_committed=wake))
    client = app.test_client()
    path = made(client, 3)
    patch(client, path, 0, b"ab")
    assert woken == []
    patch(client, path, 2, b"c")
    assert woken == ["complete"]
