"""Error types of the whole house; `vod_server.web.errors` says what they mean over HTTP."""

from __future__ import annotations


class CuntaiError(Exception):
    """An error a person or a client may be told of.

    Args:
        message: a sentence in Chinese for people, naming the place of the fault.
        field: the field, setting, row or file the message speaks of, if there is one.
    """

    code = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInputError(CuntaiError):
    """What was given cannot be used; giving the same again will not help."""

    code = "invalid-input"


class NotFoundError(CuntaiError):
    """There is no such thing, or the asker may not know that there is."""

    code = "not-found"


class UnauthenticatedError(CuntaiError):
    """Nobody is signed in, or the token is unknown or revoked."""

    code = "unauthenticated"


class ForbiddenError(CuntaiError):
    """The person is known but may not do this here."""

    code = "forbidden"


class ConflictError(CuntaiError):
    """The thing is no longer in the state this needs; look again and decide."""

    code = "conflict"


class GoneError(CuntaiError):
    """It was there and has expired or been removed."""

    code = "gone"


class TooLargeError(CuntaiError):
    """It is over a limit that the message names."""

    code = "too-large"


class RateLimitedError(CuntaiError):
    """Too many tries; `retry_after_s` says when the next one is allowed."""

    code = "rate-limited"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StorageFullError(CuntaiError):
    """No room on the disk; nothing that was complete is lost."""

    code = "storage-full"


class SettingsError(CuntaiError):
    """A setting is unknown or has an unusable value; `field` is its name."""

    code = "settings"


class JobError(CuntaiError):
    """A job cannot be done.

    Args:
        permanent: True when trying again cannot help, so that the job fails at once.
    """

    code = "job"

    def __init__(self, message: str, *, permanent: bool, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.permanent = permanent


class JobCancelledError(CuntaiError):
    """The job was cancelled by a person, or its lease was lost; stop and leave no trace."""

    code = "cancelled"
