"""Writes what an integrator flashes into a box or hosts: `python -m stb_app.flashing --api URL`.

Below the folder `--out` (build/stb): the page that the county's own server serves (`bundle.py`);
`flash/` with index.html, one style sheet, one script and the players of last resort; the same as
`cuntai-stb-<version>.zip`; and `single.html`, one file with all inside but those players and the
script of what is seldom opened, which it fetches from the server.
"""

import argparse
import gzip
import json
import re
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from stb_app.bundle import (
    bundle,
    small_script,
    version,
    whole_script,
    whole_style,
    write_bundle,
    write_whole,
)

_FLASH = Path(__file__).resolve().parent / "src" / "flash"
#: Files of a zip all bear this time: the same source gives the same bytes.
_ZIP_TIME = (2024, 1, 1, 0, 0, 0)
#: The later script that is left out of the single file, as the players of last resort are.
_SELDOM = "rare"
_CLOSING = re.compile(r"</(?=script|style)", re.IGNORECASE)


def flash_files(api: str) -> dict[str, bytes]:
    """Return the files to flash.

    Args:
        api: address of the county's server, `https://tv.example.cn`; empty where the box loads the
            page from that server itself.
    """
    page = _page(api, {"version": version(), "js": "app.js", "css": "app.css"}, inside="")
    vendor = {name: body for name, body in bundle().items() if name.startswith("vendor/")}
    return {
        "index.html": page,
        "app.js": whole_script().encode(),
        "app.css": whole_style().encode(),
        **vendor,
    }


def single_file(api: str) -> bytes:
    """Return the app as one page; what is seldom needed is fetched from the server."""
    css, js = whole_style(_SELDOM), whole_script(_SELDOM)
    inside = (
        f'<script type="text/plain" id="flashed-css">{_within(css)}</script>\n'
        f'<script type="text/plain" id="flashed-js">{_within(js)}</script>\n'
    )
    return _page(api, {"version": version(), "js": None, "css": None}, inside)


def _page(api: str, flashed: dict[str, str | None], inside: str) -> bytes:
    page = (_FLASH / "index.html").read_text(encoding="utf-8")
    loader = small_script((_FLASH / "loader.js").read_text(encoding="utf-8"))
    parts = {
        "config": _within(json.dumps({"api": api} if api else {})),
        "flashed": json.dumps(flashed),
        "loader": loader,
        "inside": inside,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page).encode()


def _within(text: str) -> str:
    """Return a script's text so that it does not close the element it stands in (HTML §4.12.1)."""
    return _CLOSING.sub(r"<\\/", text)


def zipped(files: dict[str, bytes]) -> bytes:
    """Return files as a zip archive; the same files give the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def write_flash(out: Path, api: str) -> dict[str, int]:
    """Write everything below `out`; return the sizes to be told, in bytes."""
    write_bundle(out)
    files = flash_files(api)
    for name, body in files.items():
        write_whole(out / "flash" / name, body)
    for old in out.glob("cuntai-stb-*.zip"):
        old.unlink()
    archive, single = zipped(files), single_file(api)
    write_whole(out / f"cuntai-stb-{version()}.zip", archive)
    write_whole(out / "single.html", single)
    return {"zip": len(archive), "single": len(single), "single gz": len(gzip.compress(single, 9))}


def _address(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query):
        raise argparse.ArgumentTypeError(f"要写成 https://主机[:端口] 的样子，不是 {text}")
    return text.rstrip("/")


def main() -> int:
    """Write build/stb and say what was made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--api", type=_address, default="", help="address of the county's server")
    parser.add_argument("--out", type=Path, default=Path("build/stb"))
    given = parser.parse_args()
    sizes = write_flash(given.out, given.api)
    said = ", ".join(f"{name} {size / 1000:.1f} KB" for name, size in sizes.items())
    sys.stdout.write(f"{given.out}: version {version()}, {said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
