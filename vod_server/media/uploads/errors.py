"""What can go wrong with an upload beyond the errors of the house."""

from __future__ import annotations

from core.errors import ConflictError, CuntaiError, InvalidInputError


class OffsetMismatchError(ConflictError):
    """A chunk does not begin where the upload ends; `offset_bytes` says where that is."""

    code = "offset-mismatch"

    def __init__(self, offset_bytes: int) -> None:
        super().__init__(f"断点不一致：服务器已收到 {offset_bytes} 字节。", field="Upload-Offset")
        self.offset_bytes = offset_bytes


class UploadBusyError(ConflictError):
    """Another request is writing this upload just now."""

    code = "upload-busy"


class ChecksumMismatchError(InvalidInputError):
    """A chunk's bytes are not those its sender took the checksum of."""

    code = "checksum-mismatch"


class BrokenConnectionError(CuntaiError):
    """The sender went away or fell silent in the middle of a chunk; what came is kept."""

    code = "connection-broken"
