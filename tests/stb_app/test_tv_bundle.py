import gzip
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stb_app import bundle, flashing, minify
from tests.stb_app.tv_server import TvServer

SOURCES = sorted((Path(bundle.__file__).parent / "src").rglob("*.js"))


def packed(text: str | bytes) -> int:
    """Return a size as it goes over the wire."""
    return len(gzip.compress(text.encode() if isinstance(text, str) else text, 9))


def test_what_boxes_load_keeps_to_its_budget() -> None:
    """The targets of the television, in bytes of gzip: the first page, its script, one file."""
    sizes = {
        "first page": (packed(bundle.bundle()["index.html"]), 30_000),
        "its script": (packed(bundle.script()), 20_000),
        "single file": (packed(flashing.single_file("https://tv.example.cn")), 60_000),
    }
    assert not {name: both for name, both in sizes.items() if both[0] > both[1]}, sizes


def test_bundling_does_not_keep_a_server_from_starting() -> None:
    """Every process of the server bundles once; what is slow here is slow at each start."""
    bundle.small_script.cache_clear()
    begun = time.process_time()
    bundle.bundle()
    assert time.process_time() - begun < 5  # 0.3 s on a quiet machine


def test_live_needs_the_page_and_the_channels_and_nothing_else(air: TvServer, page: Page) -> None:
    """Two requests to interactive: whatever else is asked for may never be answered."""
    page.route(
        re.compile(r"/live/|/vendor/|/more-|/api/v1/(?!channels$)"),
        lambda route: None,  # the request hangs
    )
    page.goto(f"{air.url}/tv/#player=native")
    page.wait_for_function("CT.state().screen === 'live'")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("/CCTV-17/.test(document.querySelector('.air-name').textContent)")


def test_second_script_comes_after_the_first_picture(
    live: Callable[[str], Page], page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    live("player=hlsjs")
    page.wait_for_function("CT.screens.guide")
    media = next(n for n, name in enumerate(asked) if name.endswith(".ts"))
    assert asked.index(bundle.later_name("more")) > media


def test_home_without_channels_asks_little(tv: Callable[[str], Page], page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    tv("")
    kinds = sorted(kind for kind in asked if kind != "image")
    assert kinds == ["document", "script", "xhr", "xhr", "xhr"]


def test_second_script_changes_its_name_with_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    name = bundle.later_name("more")
    assert f"'{name}'" in bundle.script()
    assert bundle.bundle()[name] == bundle.later_script("more").encode()
    monkeypatch.setattr(bundle, "later_script", lambda _: "another")
    assert bundle.later_name("more") != name


def test_second_scripts_of_former_versions_go(tmp_path: Path) -> None:
    (tmp_path / "more-000000000000.js").write_text("old")
    bundle.write_bundle(tmp_path)
    assert [path.name for path in tmp_path.glob("more-*.js")] == [bundle.later_name("more")]


def test_bundle_holds_everything_it_names(tmp_path: Path) -> None:
    bundle.write_bundle(tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "{{" not in page
    vendored = re.findall(r"vendor/[\w.-]+\.js", page)
    assert len(vendored) == 2
    for name in vendored:
        assert (tmp_path / name).stat().st_size > 100_000
    for version in ("1.7.4", "0.14.17"):
        licence = (tmp_path / f"vendor/LICENSE-hls.light-{version}.txt").read_text()
        assert "Apache License, Version 2.0" in licence


def test_minify_css_turns_design_px_into_rem() -> None:
    small = minify.minify_css("/* x */ .a > .b { left: 40px; top: -10px }\n.c { margin:0 1px }")
    assert small == ".a>.b{left:1rem;top:-.25rem}.c{margin:0 .025rem}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_each_file_is_small_and_leaks_no_global(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
    assert re.search(
        r"^\(function \((CT|window|CT, window)\) \{\n  'use strict';", text, re.MULTILINE
    )
    assert text.rstrip().endswith(("}(window.CT));", "}(window.CT, window));", "}(window));"))


def test_only_the_namespace_is_global(tv: Callable[[str], Page]) -> None:
    own = """() => { const f = document.createElement('iframe'); document.body.appendChild(f);
      const plain = Object.getOwnPropertyNames(f.contentWindow); f.remove();
      return Object.getOwnPropertyNames(window).filter(n => plain.indexOf(n) < 0 && isNaN(n)); }"""
    names = set(tv("").evaluate(own))
    assert {name for name in names if not name.startswith("__")} == {"CT"}


def test_bundled_scripts_are_es5(tmp_path: Path) -> None:
    checker = Path(bundle.__file__).parents[1] / "node_modules" / ".bin" / "es-check"
    if not checker.exists() or shutil.which("node") is None:
        pytest.skip("es-check is not installed: npm ci")
    page = flashing.single_file("https://tv.example.cn").decode()
    inside = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    scripts = {name: bundle.later_script(name) for name in bundle.LATER}
    scripts |= {"first": bundle.script(), "flashed": bundle.whole_script()}
    scripts |= {f"single{i}": text for i, text in enumerate(inside) if not text.startswith("html,")}
    assert len(scripts) == 8, "config, loader and app of the single file too"
    for name, text in scripts.items():
        (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [checker, "es5", *sorted(tmp_path.glob("*.js"))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
