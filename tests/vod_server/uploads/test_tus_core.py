"""The sentences of tus 1.0.0, core protocol, one by one, against the blueprint."""

from __future__ import annotations

import base64
import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.db import SessionFactory
from tests.vod_server.uploads.up_flask import (
    CHUNK,
    PREFIX,
    TUS,
    create,
    head,
    made,
    named,
    patch,
    problem,
)
from vod_server.media.uploads.store import UploadStore
from vod_server.media.uploads.tables import Upload

NAME = base64.b64encode("春耕.mp4".encode()).decode()


@pytest.mark.parametrize("path", [PREFIX, f"{PREFIX}/{'0' * 32}"])
def test_options_tells_what_the_server_can(up_client: FlaskClient, path: str) -> None:
    reply = up_client.options(path, headers={"X-Person": "nobody"})
    assert reply.status_code == 204
    assert reply.headers["Tus-Version"] == "1.0.0"
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    assert reply.headers["Tus-Max-Size"] == "50000000"
    assert reply.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert set(reply.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "checksum",
        "termination",
        "expiration",
    }


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1", "2.0.0"])
@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_another_version_is_refused_and_nothing_is_done(
    up_client: FlaskClient, method: str, version: str | None
) -> None:
    path = made(up_client)
    headers = {"Upload-Offset": "0", "Content-Type": CHUNK}
    headers |= {"Tus-Resumable": version} if version else {}
    reply = up_client.open(path, method=method, headers=headers, data=b"x")
    assert reply.status_code == 412
    assert reply.headers["Tus-Version"] == "1.0.0"
    assert head(up_client, path).headers["Upload-Offset"] == "0"


def test_a_creation_of_another_version_is_refused(
    up_client: FlaskClient, up_lite_sessions: SessionFactory
) -> None:
    reply = up_client.post(PREFIX, headers={"Tus-Resumable": "0.9", "Upload-Length": "5"})
    assert reply.status_code == 412
    with up_lite_sessions() as session:
        assert session.query(Upload).count() == 0


def test_every_reply_says_its_version(up_client: FlaskClient) -> None:
    path = made(up_client)
    replies = [
        create(up_client),
        create(up_client, "x"),
        head(up_client, path),
        patch(up_client, path, 0, b"abc"),
        patch(up_client, path, 0, b"abc"),
        head(up_client, f"{PREFIX}/{'0' * 32}"),
        up_client.delete(path, headers=TUS),
    ]
    assert [reply.headers.get("Tus-Resumable") for reply in replies] == ["1.0.0"] * len(replies)


def test_head_tells_offset_and_length_and_is_not_cached(up_client: FlaskClient) -> None:
    path = made(up_client)
    for offset in (0, 4, 10):
        reply = head(up_client, path)
        assert reply.status_code == 200
        assert reply.headers["Upload-Offset"] == str(offset)
        assert reply.headers["Upload-Length"] == "10"
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.data == b""
        patch(up_client, path, offset, b"x" * (4 if offset == 0 else 10 - offset))


@pytest.mark.parametrize("upload_id", ["0" * 32, "x", "..%2f..%2fetc", "0" * 31 + "G"])
def test_head_of_nothing_is_404_without_an_offset(up_client: FlaskClient, upload_id: str) -> None:
    reply = head(up_client, f"{PREFIX}/{upload_id}")
    assert reply.status_code == 404
    assert "Upload-Offset" not in reply.headers


def test_head_gives_the_metadata_back_as_it_came(up_client: FlaskClient) -> None:
    metadata = f"filename {NAME},empty,other eA=="
    path = made(up_client, Upload_Metadata=metadata)
    assert head(up_client, path).headers["Upload-Metadata"] == metadata
    assert "Upload-Metadata" not in head(up_client, made(up_client)).headers


def test_chunks_arrive_one_after_the_other(
    up_client: FlaskClient, up_store: UploadStore, up_completed: list[str]
) -> None:
    path = made(up_client)
    for offset, body in ((0, b"abc"), (3, b""), (3, b"defg"), (7, b"hij")):
        reply = patch(up_client, path, offset, body)
        assert reply.status_code == 204
        assert reply.headers["Upload-Offset"] == str(offset + len(body))
    upload_id = path.rsplit("/", 1)[-1]
    assert up_store.path(upload_id).read_bytes() == b"abcdefghij"
    assert up_completed == [upload_id]


@pytest.mark.parametrize("offset", [0, 2, 4, 10])
def test_another_offset_is_409_and_changes_nothing(up_client: FlaskClient, offset: int) -> None:
    path = made(up_client)
    patch(up_client, path, 0, b"abc")
    reply = patch(up_client, path, offset, b"zzz")
    assert reply.status_code == 409
    assert problem(reply)["field"] == "Upload-Offset"
    assert reply.headers["Upload-Offset"] == "3"
    assert head(up_client, path).headers["Upload-Offset"] == "3"


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", ""])
def test_another_content_type_is_415(up_client: FlaskClient, kind: str) -> None:
    path = made(up_client)
    reply = patch(up_client, path, 0, b"abc", Content_Type=kind)
    assert reply.status_code == 415
    assert problem(reply)["field"] == "Content-Type"
    assert head(up_client, path).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("offset", ["", "-1", "x"])
def test_an_unusable_offset_is_400(up_client: FlaskClient, offset: str) -> None:
    reply = patch(up_client, made(up_client), offset, b"abc")
    assert reply.status_code == 400
    assert problem(reply)["field"] == "Upload-Offset"


def test_patch_of_nothing_is_404(up_client: FlaskClient) -> None:
    assert patch(up_client, f"{PREFIX}/{'0' * 32}", 0, b"abc").status_code == 404


def test_a_chunk_beyond_the_end_is_refused_whole(up_client: FlaskClient) -> None:
    path = made(up_client)
    patch(up_client, path, 0, b"12345678")
    reply = patch(up_client, path, 8, b"abc")
    assert reply.status_code == 413
    problem(reply)
    assert head(up_client, path).headers["Upload-Offset"] == "8"


def test_a_chunk_of_unknown_length_beyond_the_end_is_refused_whole(up_client: FlaskClient) -> None:
    path = made(up_client)
    reply = up_client.patch(
        path,
        headers={**TUS, "Upload-Offset": "0", "Content-Type": CHUNK},
        input_stream=io.BytesIO(b"x" * 11),
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert reply.status_code == 413
    assert head(up_client, path).headers["Upload-Offset"] == "0"


def test_a_complete_upload_answers_on(up_client: FlaskClient) -> None:
    path = made(up_client, 3)
    patch(up_client, path, 0, b"abc")
    again = patch(up_client, path, 3, b"")
    assert (again.status_code, again.headers["Upload-Offset"]) == (204, "3")
    assert patch(up_client, path, 3, b"d").status_code == 413
    assert patch(up_client, path, 0, b"abc").status_code == 409


def test_a_chunk_larger_than_any_form_is_taken(up_client: FlaskClient) -> None:
    # The application's own limit is 100 kB, and its CSRF check looks for a form first.
    path = made(up_client, 3_000_000)
    assert patch(up_client, path, 0, b"x" * 3_000_000).status_code == 204


def test_a_form_in_place_of_a_chunk_keeps_its_limit(up_client: FlaskClient) -> None:
    path = made(up_client, 3_000_000)
    kind = "multipart/form-data; boundary=x"
    assert patch(up_client, path, 0, b"x" * 200_000, Content_Type=kind).status_code == 413


@pytest.mark.parametrize("true_method", ["POST", "GET", "PUT"])
def test_the_override_is_the_method(up_client: FlaskClient, true_method: str) -> None:
    path = made(up_client, 3)

    def ask(method: str, **headers: str) -> TestResponse:
        everything = {**TUS, "X-HTTP-Method-Override": method, **named(headers)}
        body = b"abc" if method == "PATCH" else None
        return up_client.open(path, method=true_method, headers=everything, data=body)

    assert ask("PATCH", Upload_Offset="0", Content_Type=CHUNK).status_code == 204
    told = ask("HEAD")
    assert told.headers["Upload-Offset"] == "3"
    assert (told.data, told.headers["Content-Length"]) == (b"", "0")
    assert ask("OPTIONS").headers["Tus-Version"] == "1.0.0"
    assert ask("DELETE").status_code == 409


def test_an_override_can_create_and_terminate(up_client: FlaskClient) -> None:
    headers = {**TUS, "Upload-Length": "3", "X-HTTP-Method-Override": "post"}
    path = up_client.put(PREFIX, headers=headers).headers["Location"]
    gone = up_client.post(path, headers={**TUS, "X-HTTP-Method-Override": "DELETE"})
    assert gone.status_code == 204


def test_the_override_is_for_uploads_only(up_client: FlaskClient) -> None:
    reply = up_client.get("/api/elsewhere", headers={"X-HTTP-Method-Override": "DELETE"})
    assert reply.request.environ["REQUEST_METHOD"] == "GET"
