"""Settings are parsed once, refused by name, and all documented."""

from __future__ import annotations

import re
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from core.errors import SettingsError
from core.settings import RESERVED, Settings, derive_key, load_secret, parse_settings
from tests.conftest import CHECKOUT

TABLE_ROW = re.compile(r"\| `(CUNTAI_\w+)` \| (empty|`[^`]*`) \| (.+) \|")


def documented() -> dict[str, tuple[str, str]]:
    """Return what docs/settings.md says: default and meaning by name."""
    text = (CHECKOUT / "docs" / "settings.md").read_text()
    return {name: (default, meaning) for name, default, meaning in TABLE_ROW.findall(text)}


def said(default: Any) -> str:
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if str(default) else "empty"


def test_every_setting_is_documented_with_its_default() -> None:
    defaults = {
        f"CUNTAI_{name.upper()}": said(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert {name: default for name, (default, _) in documented().items()} == defaults


def test_every_documented_default_can_be_set_as_it_is_written() -> None:
    environ = {
        name: default.strip("`")
        for name, (default, _) in documented().items()
        if default != "empty"
    }
    assert parse_settings(environ) == Settings.model_validate({})


def test_every_setting_says_what_it_does() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert all(meaning.endswith(".") for _, meaning in documented().values())


def test_reserved_names_are_documented_and_let_through() -> None:
    text = (CHECKOUT / "docs" / "settings.md").read_text()
    assert all(f"`{name}`" in text for name in RESERVED)
    assert parse_settings(dict.fromkeys(RESERVED, "x")) == Settings.model_validate({})


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="CUNTAI_PROT") as caught:
        parse_settings({"CUNTAI_PROT": "8000"})
    assert caught.value.field == "CUNTAI_PROT"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CUNTAI_PORT", "eighty"),
        ("CUNTAI_PORT", "0"),
        ("CUNTAI_PORT", "65536"),
        ("CUNTAI_WEB_WORKERS", "0"),
        ("CUNTAI_JOB_LEASE_S", "1"),
        ("CUNTAI_ADDRESS_TTL_S", "299"),
        ("CUNTAI_SNAPSHOT_TTL_S", "-1"),
        ("CUNTAI_LOG_LEVEL", "loud"),
        ("CUNTAI_BEHIND_PROXY", "maybe"),
        ("CUNTAI_DISK_RESERVE_BYTES", "-1"),
    ],
)
def test_an_unusable_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        parse_settings({name: value})
    assert caught.value.field == name
    assert value in caught.value.message


def test_a_secret_is_never_in_a_message() -> None:
    short = "hunter2-hunter2"
    with pytest.raises(SettingsError) as caught:
        parse_settings({"CUNTAI_SECRET_KEY": short})
    assert short not in caught.value.message
    assert caught.value.field == "CUNTAI_SECRET_KEY"
    assert caught.value.__cause__ is None


def test_other_variables_are_none_of_our_business() -> None:
    assert parse_settings({"HOME": "/root", "cuntai_port": "1"}).port == 8000


def test_port_of_the_platform_is_read_unless_ours_is_set() -> None:
    assert parse_settings({"PORT": "9000"}).port == 9000
    assert parse_settings({"PORT": "9000", "CUNTAI_PORT": "9001"}).port == 9001
    assert parse_settings({"PORT": ""}).port == 8000
    with pytest.raises(SettingsError, match="CUNTAI_PORT"):
        parse_settings({"PORT": "http"})


def test_the_embedded_database_and_blobs_lie_below_home(tmp_path: Path) -> None:
    settings = parse_settings({"CUNTAI_HOME": str(tmp_path)})
    assert settings.effective_database_url == f"sqlite:///{tmp_path}/cuntai.db"
    assert settings.effective_blob_url == f"file://{tmp_path}/blobs"


def test_settings_cannot_be_changed_later() -> None:
    settings = parse_settings({})
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    settings = parse_settings({"CUNTAI_HOME": str(tmp_path / "new")})
    with pytest.raises(SettingsError, match="cuntai init"):
        load_secret(settings)
    secret = load_secret(settings, create=True)
    assert len(bytes.fromhex(secret)) == 32
    assert load_secret(settings, create=True) == load_secret(settings) == secret
    assert stat.S_IMODE((tmp_path / "new" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]


def test_of_many_that_start_at_once_all_use_one_secret(tmp_path: Path) -> None:
    settings = parse_settings({"CUNTAI_HOME": str(tmp_path)})
    gate = threading.Barrier(8)
    found: list[str] = []

    def start() -> None:
        gate.wait()
        found.append(load_secret(settings, create=True))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) == 64


def test_a_broken_secret_file_is_told_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("\n")
    with pytest.raises(SettingsError, match=r"secret\.key"):
        load_secret(parse_settings({"CUNTAI_HOME": str(tmp_path)}), create=True)


def test_the_setting_goes_before_the_file(tmp_path: Path) -> None:
    key = "k" * 32
    settings = parse_settings({"CUNTAI_HOME": str(tmp_path), "CUNTAI_SECRET_KEY": key})
    assert load_secret(settings, create=True) == key
    assert list(tmp_path.iterdir()) == []


def test_keys_of_different_purposes_differ() -> None:
    assert derive_key("s", "cookie") != derive_key("s", "media") != derive_key("t", "media")
    assert len(bytes.fromhex(derive_key("s", "cookie"))) == 32
