"""Bundles the TV app: index.html with style and the first scripts inside, the rest beside it."""

import hashlib
import json
from functools import cache, lru_cache
from pathlib import Path

from stb_app.es5 import minify as minify_js
from stb_app.minify import minify_css

_ROOT = Path(__file__).resolve().parent
_SOURCE = _ROOT / "src"
_VENDOR = _ROOT / "vendor"
#: Scripts that come after the first page, each a folder of src/.
LATER = ("more", "rare", "box")


@lru_cache(maxsize=256)
def small_script(source: str) -> str:
    """Return one file's JavaScript as small as it can be."""
    return minify_js(source)


def _small(path: Path) -> str:
    return small_script(path.read_text(encoding="utf-8"))


def _joined(folder: Path) -> str:
    """Return the scripts of one folder, made small, in the order of their numbers."""
    return "".join(_small(path) for path in sorted(folder.glob("*.js")))


def later_script(name: str) -> str:
    """Return a script that comes later, its own style inside: `more`, `rare` or `box`.

    `more` is what comes after the first picture (home, lists, guide, on-demand, search); `rare`, on
    top of it, what is seldom opened (settings and what they lead to, languages); `box` is the
    players that are built into boxes, fetched by boxes that have one.
    """
    css = _styles(_SOURCE / name)
    dressed = f"CT.addStyle({json.dumps(css, ensure_ascii=False)});\n" if css else ""
    return dressed + _joined(_SOURCE / name)


def later_name(name: str) -> str:
    """Return such a script's file name; it changes with its bytes: it may be kept for ever."""
    return f"{name}-{hashlib.sha256(later_script(name).encode()).hexdigest()[:12]}.js"


def script() -> str:
    """Return the JavaScript of the first page: what boot to live television needs."""
    text = _joined(_SOURCE).replace("{{version}}", version())
    for name in LATER:
        text = text.replace("{{" + name + "}}", later_name(name))
    return text


@cache
def version() -> str:
    """Return the app's version: a hash over all of its own source."""
    text = hashlib.sha256()
    for path in sorted(path for path in _SOURCE.rglob("*") if path.is_file()):
        text.update(path.relative_to(_SOURCE).as_posix().encode() + b"\0" + path.read_bytes())
    return text.hexdigest()[:10]


def whole_script(*without: str) -> str:
    """Return all scripts in one, for a flashed box, but for later ones that it is to fetch."""
    paths = sorted(_SOURCE.glob("*.js"))
    inside = [name for name in LATER if name not in without]
    later = [path for name in inside for path in sorted((_SOURCE / name).glob("*.js"))]
    # What boots comes last.
    text = "".join(_small(path) for path in [*paths[:-1], *later, paths[-1]])
    for name in LATER:
        text = text.replace("{{" + name + "}}", later_name(name) if name in without else "")
    return text.replace("{{version}}", version())


def whole_style(*without: str) -> str:
    """Return all styles in one, for a flashed box; later scripts it fetches bring their own."""
    return style() + "".join(_styles(_SOURCE / name) for name in LATER if name not in without)


def style() -> str:
    """Return the first page's style sheet: every .css of src/ in the order of its name."""
    return _styles(_SOURCE)


def _styles(folder: Path) -> str:
    sheets = sorted(folder.glob("*.css"))
    return "".join(minify_css(path.read_text(encoding="utf-8")) for path in sheets)


def bundle() -> dict[str, bytes]:
    """Return the files to serve below /tv/, as bytes.

    They are ``index.html``, the later scripts ``<name>-<hash>.js`` and ``vendor/<file>``; and by
    which flashed boxes renew themselves: ``version.json``, ``app-<version>.js`` and ``.css``.
    """
    page = (_SOURCE / "index.html").read_text(encoding="utf-8")
    page = page.replace("/*{{css}}*/", style()).replace("/*{{js}}*/", script())
    files = {"index.html": page.encode()}
    files |= {later_name(name): later_script(name).encode() for name in LATER}
    files |= _news()
    for path in sorted(_VENDOR.iterdir()):
        files[f"vendor/{path.name}"] = path.read_bytes()
    return files


def _news() -> dict[str, bytes]:
    js, css = whole_script(), whole_style()
    names = {"js": f"app-{version()}.js", "css": f"app-{version()}.css"}
    about = {"version": version(), **names, "check": fnv1a(js + css)}
    return {
        "version.json": json.dumps(about).encode(),
        names["js"]: js.encode(),
        names["css"]: css.encode(),
    }


def fnv1a(text: str) -> int:
    """Return the 32-bit FNV-1a of a text's UTF-16 code units, as JavaScript counts characters."""
    units = text.encode("utf-16-le")
    found = 0x811C9DC5
    for low, high in zip(units[::2], units[1::2], strict=True):
        found = ((found ^ (high << 8 | low)) * 0x01000193) & 0xFFFFFFFF
    return found


def write_bundle(out: Path) -> None:
    """Write the bundle below the folder ``out``, made if absent; each file is replaced whole.

    Later scripts of former versions go: nothing of today's page leads to them.
    """
    files = bundle()
    for old in (old for name in (*LATER, "app") for old in out.glob(f"{name}-*")):
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        write_whole(out / name, content)


def write_whole(target: Path, content: bytes) -> None:
    """Write a file by a rename, its folder made if absent."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.write_bytes(content)
    part.replace(target)
