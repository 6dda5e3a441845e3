"""Typed settings, parsed once from `CUNTAI_*` (and `PORT`); `docs/settings.md` lists them all."""

from __future__ import annotations

import hmac
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import SettingsError

PREFIX = "CUNTAI_"

#: Variables the test-suite and benches of this project use; no settings, but no mistakes either.
RESERVED = frozenset({"CUNTAI_TEST_DATABASES", "CUNTAI_SHARED"})

#: Shortest secret key, in characters.
MIN_SECRET = 32

Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(gt=0)]


class Settings(BaseModel):
    """Everything that can be set, with its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Field(Path("var"), description="Folder of all files of this installation.")
    #: All interfaces: boxes reach the server over the county's network.
    host: str = Field("0.0.0.0", description="Address the web server listens on.")  # noqa: S104
    port: Port = Field(8000, description="Port the web server listens on; `PORT` is read too.")
    database_url: str = Field(
        "", description="SQLAlchemy address; empty: SQLite at `CUNTAI_HOME/cuntai.db`."
    )
    blob_url: str = Field(
        "",
        description="`file:///…` or `s3://bucket/prefix?endpoint=…`; empty: `CUNTAI_HOME/blobs`.",
    )
    secret_key: str = Field(
        "",
        description="Signs sessions and addresses, at least 32 characters; "
        "empty: made by `init` in `CUNTAI_HOME/secret.key`.",
    )
    public_url: str = Field(
        "",
        description="Address people and boxes use, e.g. `https://tv.example.cn`.",
    )
    behind_proxy: bool = Field(
        False, description="Trust X-Forwarded-* of one proxy (nginx) in front."
    )
    secure_cookies: bool = Field(False, description="Send the session cookie over HTTPS only.")
    web_workers: Positive = Field(2, description="Processes of the web server.")
    web_threads: Positive = Field(16, description="Threads in each process of the web server.")
    worker_threads: Positive = Field(2, description="Jobs a worker process runs at once.")
    address_ttl_s: Annotated[int, Field(ge=300, le=7 * 86400)] = Field(
        6 * 3600, description="How long a signed address stays valid at least, in seconds."
    )
    upload_max_bytes: Positive = Field(
        20 * 1000**3, description="Largest file that may be uploaded, in bytes."
    )
    upload_ttl_s: Positive = Field(
        7 * 86400, description="How long an unfinished upload is kept, in seconds."
    )
    disk_reserve_bytes: Annotated[int, Field(ge=0)] = Field(
        1000**3, description="Free disk that uploads and transcodes leave alone, in bytes."
    )
    job_lease_s: Annotated[int, Field(ge=2)] = Field(
        30, description="A running job without a heartbeat for so long is taken up by another."
    )
    job_sweep_s: Positive = Field(5, description="How often lost and due jobs are looked for.")
    session_ttl_s: Positive = Field(
        12 * 3600, description="A sign-in lasts so long without a request, in seconds."
    )
    snapshot_ttl_s: Annotated[float, Field(ge=0, le=60)] = Field(
        1.0, description="How long a web process may answer from a catalogue it has just read."
    )
    recordings_dir: str = Field(
        "", description="Folder of recorded channels; empty: `CUNTAI_HOME/recordings`."
    )
    recordings_reserve_bytes: Annotated[int, Field(ge=0)] = Field(
        2 * 1000**3, description="Free disk that recordings leave alone, in bytes."
    )
    live_segment_s: Annotated[float, Field(ge=1, le=6)] = Field(
        2.0, description="Least length of a live segment, in seconds."
    )
    live_window_s: Annotated[int, Field(ge=20, le=86400)] = Field(
        60, description="How much of a channel its live playlist lists, in seconds."
    )
    live_lease_s: Annotated[int, Field(ge=3, le=60)] = Field(
        10, description="A channel whose supervisor gave no sign for so long is taken over."
    )
    live_stall_s: Annotated[int, Field(ge=3, le=120)] = Field(
        10, description="A source without a new segment for so long is given up, in seconds."
    )
    live_channels: Positive = Field(200, description="Channels one supervisor takes at most.")
    rtmp_url: str = Field(
        "rtmp://127.0.0.1:1935/push",
        description="Where nginx-rtmp offers what encoders push to it.",
    )
    public_playlist: bool = Field(
        True, description="Give `/playlist.m3u` of the public channels without a household's key."
    )
    metrics_token: str = Field(
        "", description="Bearer token of `/metrics`; empty: this machine alone may read it."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged."
    )
    log_format: Literal["console", "json"] = Field("console", description="Form of the log lines.")

    def path(self, *parts: str) -> Path:
        """Return an absolute path below CUNTAI_HOME."""
        return self.home.resolve().joinpath(*parts)

    @property
    def effective_recordings_dir(self) -> Path:
        """Return the folder of recorded channels, with the default filled in."""
        return (
            Path(self.recordings_dir).resolve() if self.recordings_dir else self.path("recordings")
        )

    @property
    def effective_database_url(self) -> str:
        """Return the address of the database, with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.path('cuntai.db')}"

    @property
    def effective_blob_url(self) -> str:
        """Return the address of the blob store, with the embedded default filled in."""
        return self.blob_url or self.path("blobs").as_uri()


def parse_settings(environ: Mapping[str, str]) -> Settings:
    """Parse the settings of a process's environment.

    Args:
        environ: variables; those that do not begin with `CUNTAI_` are ignored, except `PORT`.

    Raises:
        SettingsError: a setting is unknown or its value unusable; `field` names it.
    """
    values = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and name not in RESERVED
    }
    if "port" not in values and environ.get("PORT"):
        values["port"] = environ["PORT"]
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise _settings_error(error, values) from None
    if settings.secret_key and len(settings.secret_key) < MIN_SECRET:
        raise SettingsError(
            f"设置 CUNTAI_SECRET_KEY 太短，至少 {MIN_SECRET} 个字符。", field="CUNTAI_SECRET_KEY"
        )
    return settings


def _settings_error(error: ValidationError, values: Mapping[str, str]) -> SettingsError:
    first = error.errors(include_input=False, include_url=False)[0]
    key = str(first["loc"][0])
    name = PREFIX + key.upper()
    if first["type"] == "extra_forbidden":
        return SettingsError(f"没有名为 {name} 的设置（见 docs/settings.md）。", field=name)
    # A secret's value never appears in a message.
    shown = (
        "…"
        if any(word in key for word in ("secret", "url", "token"))
        else repr(values.get(key, ""))
    )
    return SettingsError(f"设置 {name} 的值 {shown} 不可用：{first['msg']}", field=name)


def load_secret(settings: Settings, *, create: bool = False) -> str:
    """Return the secret key: the setting, or the file `secret.key` below CUNTAI_HOME.

    Args:
        settings: where to look.
        create: make the file when there is none (`cuntai init`).

    Raises:
        SettingsError: there is no key and `create` is false.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.path("secret.key")
    if not path.exists():
        if not create:
            raise SettingsError(
                "还没有密钥：请先运行 cuntai init，或设置 CUNTAI_SECRET_KEY。",
                field="CUNTAI_SECRET_KEY",
            )
        _make_secret(path)
    secret = path.read_text().strip()
    if len(secret) < MIN_SECRET:
        raise SettingsError(f"密钥文件 {path} 不完整。", field="CUNTAI_SECRET_KEY")
    return secret


def _make_secret(path: Path) -> None:
    """Write a new key, whole or not at all; of two that start at once, both use the first's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # readable by us alone
    draft = Path(name)
    try:
        with open(handle, "w") as file:  # noqa: PTH123 - an open handle, not a path
            file.write(secrets.token_hex(32) + "\n")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def derive_key(secret: str, purpose: str) -> str:
    """Return a key for one purpose: HMAC-SHA256(secret, purpose), 64 hex digits."""
    return hmac.new(secret.encode(), purpose.encode(), "sha256").hexdigest()
