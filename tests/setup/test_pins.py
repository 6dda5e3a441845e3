"""Requirements: everything is pinned, and the runtime is what setup.cfg asks for."""

import importlib.util
import json
import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def load_pin():
    spec = importlib.util.spec_from_file_location("pin", ROOT / "scripts" / "pin.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pins(name):
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r "))]


@pytest.mark.parametrize("name", ["build.txt", "runtime.txt", "s3.txt", "dev.txt"])
def test_every_line_is_an_exact_version_and_no_host_is_named(name):
    text = (ROOT / "requirements" / name).read_text()
    assert "://" not in text
    assert pins(name)
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) for pin in pins(name))


def test_the_runtime_is_the_closure_of_what_setup_cfg_asks_for():
    pin = load_pin()
    wanted = pin.closure(pin.declared("options", "install_requires"))
    assert {canonicalize_name(p.name) for p in pins("runtime.txt")} == wanted


def test_pinned_versions_satisfy_setup_cfg():
    pin = load_pin()
    pinned = {canonicalize_name(p.name): p for p in pins("runtime.txt") + pins("s3.txt")}
    for section, option in (("options", "install_requires"), ("options.extras_require", "s3")):
        for asked in pin.declared(section, option):
            version = str(pinned[canonicalize_name(asked.name)].specifier).removeprefix("==")
            assert asked.specifier.contains(version), asked


def test_the_files_do_not_overlap():
    names = [canonicalize_name(p.name) for f in ("runtime", "s3", "dev") for p in pins(f"{f}.txt")]
    assert len(names) == len(set(names))


def test_this_environment_is_the_pinned_one():
    wrong = {
        p.name: metadata.version(p.name)
        for p in pins("runtime.txt")
        if not p.specifier.contains(metadata.version(p.name))
    }
    assert wrong == {}


def test_the_npm_lock_names_hashes_and_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())
    asked = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert all(re.fullmatch(r"[\d.]+", version) for version in asked.values())
