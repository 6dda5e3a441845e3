"""The commands a newcomer types: make's list, and what is said to somebody who is not root."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What scripts/setup.sh itself calls; nothing of what it would install is among it.
TOOLS = ("bash", "sh", "dirname", "cat", "sha256sum", "cut", "env", "awk", "pwd", "grep")


@pytest.fixture
def poor_path(tmp_path):
    """A PATH on which Python is new enough, nothing else is installed and `id` says 1000."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    (folder / "python3").symlink_to(ROOT / ".venv" / "bin" / "python")
    (folder / "id").write_text("#!/bin/sh\necho 1000\n")
    (folder / "id").chmod(0o755)
    return folder


@pytest.fixture
def checkout(tmp_path):
    """The set-up's own files in a folder with a space in its name, and no .venv."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    shutil.copytree(
        ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    for name in ("Makefile", "setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def set_up(checkout, profile, path, **environment):
    return subprocess.run(
        [str(checkout / "scripts" / "setup.sh"), profile],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_help_is_the_default_and_lists_every_target_with_a_line():
    said = subprocess.run(
        ["make", "-C", str(ROOT)], capture_output=True, text=True, check=True
    ).stdout
    targets = (
        re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
        .group(1)
        .split()
    )
    assert {"install", "run", "test", "lint", "e2e", "bench", "stb", "help"} <= set(targets)
    listed = dict(re.findall(r"^  make (\S+) +(\S.*)$", said, re.MULTILINE))
    assert set(listed) == set(targets)


@pytest.mark.parametrize(
    ("profile", "packages"),
    [
        ("run", {"ffmpeg"}),
        ("test", {"ffmpeg", "chromium", "wrk", "curl", "nodejs"}),
        ("test", {"mpv", "vlc-bin", "gstreamer1.0-tools", "kodi", "xvfb"}),
        ("lint", {"nodejs", "npm"}),
    ],
)
def test_without_root_the_packages_are_named_and_nothing_is_changed(
    checkout, poor_path, profile, packages
):
    before = sorted(path.name for path in checkout.iterdir())
    done = set_up(checkout, profile, poor_path)
    assert done.returncode == 1
    command = re.search(r"sudo apt-get update && sudo apt-get install -y .*", done.stderr).group()
    # What else this machine lacks (a font, nginx outside of PATH) may be named as well.
    assert packages <= set(command.split())
    assert "python3-venv" not in command
    assert sorted(path.name for path in checkout.iterdir()) == before


def test_a_python_that_is_too_old_is_named_with_its_version(checkout, poor_path):
    old = poor_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    done = set_up(checkout, "run", poor_path, PYTHON="python3.9")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert f"{old} is Python 3.9.2" in done.stderr


def test_an_unknown_job_is_refused(checkout, poor_path):
    done = set_up(checkout, "everything", poor_path)
    assert done.returncode == 1
    assert "usage" in done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize("name", ["setup.sh", "packages.sh", "venv.sh", "lint.sh"])
def test_scripts_are_sound_bash(name):
    subprocess.run(["bash", "-n", str(ROOT / "scripts" / name)], check=True)


def test_ci_runs_the_gates_first_so_that_pytest_has_the_last_word():
    script = (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert script.index("lint") < script.index(" test")
    assert "set -euo pipefail" in script
