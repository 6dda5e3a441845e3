"""Uploads against a real gunicorn: killed, raced, broken off, stalled, measured."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.vod_server.uploads.up_http import (
    TUS,
    ask,
    begin_patch,
    create,
    offset_of,
    patch,
    patch_headers,
)
from tests.vod_server.uploads.up_server import Server

StartServer = Callable[..., Server]

MB = 1_000_000


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def part_of(server: Server, path: str) -> Path:
    return server.home / "uploads" / f"{path.rsplit('/', 1)[-1]}.part"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pieces_of(content: bytes, size: int = 65536) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def test_a_killed_server_goes_on_at_the_byte(up_server: StartServer) -> None:
    content = os.urandom(12 * MB)
    first = up_server()
    path = create(first, len(content))
    connection = begin_patch(first, path, 0, len(content))
    for piece in pieces_of(content[: 7 * MB]):
        connection.send(piece)
    wait_for(lambda: offset_of(first, path) >= 5 * MB)
    first.kill()
    connection.close()

    second = up_server()
    there = offset_of(second, path)
    assert 5 * MB <= there <= 7 * MB
    assert there == part_of(second, path).stat().st_size
    status, headers, _body = patch(second, path, there, content[there:])
    assert (status, headers["upload-offset"]) == (204, str(len(content)))
    assert sha256(part_of(second, path)) == hashlib.sha256(content).hexdigest()


def test_a_server_killed_under_a_checksum_keeps_nothing_of_the_chunk(
    up_server: StartServer,
) -> None:
    first = up_server()
    path = create(first, 9 * MB)
    assert patch(first, path, 0, b"a" * MB)[0] == 204
    checksum = {"Upload_Checksum": "sha1 " + "A" * 27 + "="}
    connection = begin_patch(first, path, MB, 8 * MB, **checksum)
    connection.send(b"b" * 5 * MB)
    wait_for(lambda: part_of(first, path).stat().st_size > 3 * MB)
    assert offset_of(first, path) == MB
    first.kill()
    connection.close()

    second = up_server()
    assert offset_of(second, path) == MB
    assert patch(second, path, MB, b"c" * 8 * MB)[0] == 204
    assert part_of(second, path).read_bytes() == b"a" * MB + b"c" * 8 * MB


def test_a_second_chunk_beside_the_first_is_refused(up_shared_server: Server) -> None:
    server = up_shared_server
    path = create(server, 4 * MB)
    first = begin_patch(server, path, 0, 3 * MB)
    first.send(b"a" * 2 * MB)
    wait_for(lambda: offset_of(server, path) >= MB)
    status, _headers, body = patch(server, path, offset_of(server, path), b"b" * 100)
    assert status == 423
    assert "另一个请求" in body.decode()
    first.send(b"a" * MB)
    assert first.getresponse().status == 204
    first.close()
    assert patch(server, path, 3 * MB, b"c" * MB)[0] == 204
    assert part_of(server, path).read_bytes() == b"a" * 3 * MB + b"c" * MB


def test_many_racing_chunks_leave_one_of_them(up_shared_server: Server) -> None:
    server = up_shared_server
    path = create(server, 3 * MB)
    statuses: list[int] = []

    def send(sign: int) -> None:
        statuses.append(patch(server, path, 0, bytes([sign]) * 3 * MB)[0])

    threads = [threading.Thread(target=send, args=(sign,)) for sign in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 409, 423}
    content = part_of(server, path).read_bytes()
    assert content in [bytes([sign]) * 3 * MB for sign in range(4)]


@pytest.mark.parametrize("goodbye", [True, False])
def test_what_came_before_a_break_is_kept(up_shared_server: Server, goodbye: bool) -> None:
    server = up_shared_server
    path = create(server, 5 * MB)
    connection = begin_patch(server, path, 0, 5 * MB)
    connection.send(b"a" * 2 * MB)
    wait_for(lambda: offset_of(server, path) >= MB)
    if not goodbye:
        # A reset instead of an orderly end.
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    wait_for(lambda: patch(server, path, offset_of(server, path), b"")[0] == 204)
    there = offset_of(server, path)
    assert there == 2 * MB if goodbye else MB <= there <= 2 * MB
    assert patch(server, path, there, b"a" * (5 * MB - there))[0] == 204
    assert part_of(server, path).read_bytes() == b"a" * 5 * MB


def test_a_silent_sender_does_not_hold_the_upload(up_server: StartServer) -> None:
    server = up_server(UP_STALL_S="1.5")
    path = create(server, 5 * MB)
    connection = begin_patch(server, path, 0, 5 * MB)
    connection.send(b"a" * 3 * MB)
    wait_for(lambda: offset_of(server, path) >= 2 * MB)
    assert patch(server, path, offset_of(server, path), b"x")[0] == 423
    reply = connection.getresponse()
    assert reply.status == 503
    assert "中断" in reply.read().decode()
    # It wakes up and goes on with what it meant to send: nobody listens, nothing is written.
    there = offset_of(server, path)
    with contextlib.suppress(OSError):
        connection.send(b"z" * 2 * MB)
    connection.close()
    assert 2 * MB <= there <= 3 * MB
    assert patch(server, path, there, b"a" * (5 * MB - there))[0] == 204
    assert part_of(server, path).read_bytes() == b"a" * 5 * MB


def test_a_chunked_body_is_taken(up_shared_server: Server) -> None:
    server = up_shared_server
    content = os.urandom(3 * MB + 17)
    path = create(server, len(content))
    status, headers, _body = patch(server, path, 0, pieces_of(content, 10_000))
    assert (status, headers["upload-offset"]) == (204, str(len(content)))
    assert part_of(server, path).read_bytes() == content


def test_a_chunked_body_that_breaks_off_is_kept(up_shared_server: Server) -> None:
    server = up_shared_server
    path = create(server, 3 * MB)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("PATCH", path)
    for name, value in {**TUS, **patch_headers(0), "Transfer-Encoding": "chunked"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"%x\r\n%s\r\n" % (2 * MB, b"a" * 2 * MB))
    connection.close()
    wait_for(lambda: offset_of(server, path) >= MB)
    wait_for(lambda: patch(server, path, offset_of(server, path), b"")[0] == 204)
    assert offset_of(server, path) > 2 * MB - 100_000


def test_a_refusal_of_a_short_body_keeps_the_connection(up_shared_server: Server) -> None:
    server = up_shared_server
    path = create(server, 5 * MB)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for _ in range(3):
        connection.request("PATCH", path, b"x" * 2 * MB, {**TUS, **patch_headers(1)})
        reply = connection.getresponse()
        assert reply.status == 409
        assert reply.getheader("Upload-Offset") == "0"
        reply.read()
    connection.close()
    assert offset_of(server, path) == 0


def test_a_refusal_of_a_long_body_does_not_wait_for_it(up_shared_server: Server) -> None:
    server = up_shared_server
    path = create(server, 10_000 * MB)
    connection = begin_patch(server, path, 5, 9_000 * MB)
    started = time.monotonic()
    reply = connection.getresponse()
    assert reply.status == 409
    connection.close()
    assert time.monotonic() - started < 10


def test_a_cancelled_upload_stops_its_sender(up_shared_server: Server) -> None:
    server = up_shared_server
    path = create(server, 500 * MB)
    connection = begin_patch(server, path, 0, 500 * MB)
    connection.send(b"a" * 3 * MB)
    wait_for(lambda: offset_of(server, path) >= MB)
    assert ask(server, "DELETE", path)[0] == 204
    assert not part_of(server, path).exists()
    connection.send(b"a" * 2 * MB)
    assert connection.getresponse().status == 410
    connection.close()
    assert ask(server, "HEAD", path)[0] == 410
    assert not part_of(server, path).exists()


def test_an_expecting_client_is_told_to_go_on(up_shared_server: Server) -> None:
    server = up_shared_server
    path = create(server, 5)
    connection = begin_patch(server, path, 0, 5, Expect="100-continue")
    connection.send(b"abcde")
    assert connection.getresponse().status == 204
    connection.close()


def test_a_file_beyond_four_gigabytes_is_addressed_right(up_shared_server: Server) -> None:
    server = up_shared_server
    size = 6_000 * MB
    path = create(server, size)
    part_of(server, path).touch()
    # A hole stands for what came before; the disk holds only what is sent now.
    os.truncate(part_of(server, path), size - 10)
    assert offset_of(server, path) == size - 10
    status, headers, _body = patch(server, path, size - 10, b"0123456789")
    assert (status, headers["upload-offset"]) == (204, str(size))
    with part_of(server, path).open("rb") as file:
        file.seek(size - 10)
        assert file.read() == b"0123456789"


def peak_kb(server: Server) -> int:
    def peak(pid: int) -> int:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])

    return max(peak(pid) for pid in server.worker_pids())


def send_zeros(server: Server, size: int) -> None:
    path = create(server, size)
    piece = bytes(MB)
    connection = begin_patch(server, path, 0, size)
    for _ in range(size // MB):
        connection.send(piece)
    assert connection.getresponse().status == 204
    connection.close()
    part_of(server, path).unlink()


def test_memory_does_not_grow_with_the_file(up_server: StartServer) -> None:
    server = up_server()
    send_zeros(server, 30 * MB)
    small = peak_kb(server)
    send_zeros(server, 300 * MB)
    assert peak_kb(server) - small < 4096


def test_the_disk_of_a_real_server_runs_full(up_server: StartServer, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a tiny disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount a tmpfs")
    try:
        server = up_server(UP_FOLDER=str(disk))
        status, _headers, body = ask(server, "POST", headers={"Upload-Length": str(9 * MB)})
        assert status == 507
        assert "空间不足" in body.decode()
        path = create(server, 5 * MB)
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 3 * MB)
        content = os.urandom(5 * MB)
        status, _headers, body = patch(server, path, 0, content)
        assert status == 507
        assert "空间不足" in body.decode()
        there = offset_of(server, path)
        assert MB <= there < 5 * MB
        ballast.unlink()
        assert patch(server, path, there, content[there:])[0] == 204
        assert (disk / f"{path.rsplit('/', 1)[-1]}.part").read_bytes() == content
    finally:
        server.process.terminate()
        server.process.wait()
        subprocess.run(["umount", str(disk)], check=True)
