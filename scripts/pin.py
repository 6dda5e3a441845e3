"""Write requirements/*.txt from what is installed in the running environment.

Run it in the .venv whose versions are to be pinned: `.venv/bin/python scripts/pin.py`. The
runtime is the closure of setup.cfg's install_requires, s3 what that extra adds, dev all else.
"""

from __future__ import annotations

import configparser
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
BUILD = {"pip", "setuptools"}
UNPINNED = BUILD | {"wheel", "cuntai"}


def declared(section: str, option: str) -> list[Requirement]:
    """Read a list of requirements from setup.cfg."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return [Requirement(line) for line in config[section][option].split("\n") if line.strip()]


def installed() -> dict[str, metadata.Distribution]:
    """Map canonical names to the distributions of this environment."""
    return {canonicalize_name(dist.metadata["Name"]): dist for dist in metadata.distributions()}


def wanted_by(dist: metadata.Distribution, extras: set[str]) -> list[Requirement]:
    """List what a distribution requires here, with the extras asked for."""
    requirements = map(Requirement, dist.requires or [])
    return [
        req
        for req in requirements
        if req.marker is None or any(req.marker.evaluate({"extra": e}) for e in extras | {""})
    ]


def closure(roots: list[Requirement]) -> set[str]:
    """Follow requirements to the end; raises KeyError for one that is not installed."""
    here = installed()
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = list(roots)
    while todo:
        req = todo.pop()
        key = (canonicalize_name(req.name), frozenset(req.extras))
        if key not in seen:
            seen.add(key)
            todo += wanted_by(here[key[0]], set(req.extras))
    return {name for name, _ in seen}


def render(heading: str, names: set[str], includes: tuple[str, ...] = ()) -> str:
    """Write one requirements file as text, sorted, one pin a line."""
    here = installed()
    pins = [f"{name}=={here[name].version}" for name in sorted(names)]
    made = "# Made by scripts/pin.py; do not edit by hand."
    return "\n".join([f"# {heading}", made, *(f"-r {name}" for name in includes), *pins, ""])


def main() -> int:
    """Write the four files and return 0."""
    runtime = closure(declared("options", "install_requires"))
    s3 = closure(declared("options.extras_require", "s3")) - runtime
    dev = set(installed()) - runtime - s3 - UNPINNED
    texts = {
        "build.txt": render("What builds the package in .venv", BUILD),
        "runtime.txt": render("What a running Cuntai needs", runtime),
        "s3.txt": render("Also needed with an S3-compatible store", s3),
        "dev.txt": render("Tests, lint and benches", dev, ("runtime.txt", "s3.txt")),
    }
    for name, text in texts.items():
        (ROOT / "requirements" / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
