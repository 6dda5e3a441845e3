import gzip
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stb_app import bundle

KIB = 1024
SOURCES = sorted((Path(bundle.__file__).parent / "src").glob("*.js"))


def test_first_page_keeps_to_its_budget() -> None:
    assert len(gzip.compress(bundle.bundle()["index.html"], 9)) <= 30 * KIB
    assert len(gzip.compress(bundle.script().encode(), 9)) <= 20 * KIB


def test_home_is_ready_after_three_requests(tv: Callable[[str], Page], page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    tv("")
    assert [kind for kind in asked if kind != "image"] == ["document", "xhr", "xhr"]


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


def test_minify_js_keeps_strings_and_regular_expressions() -> None:
    source = """
    /* a block
       of words */
    var a = 'http://x  //y', b = "/* no comment */"; // gone
    var c = a.replace(/["\\\\\\n] \\/\\/ [/'"]/g, ' ');
    function d() { return /it's  x/.test(a) ; }
    var e = a ? b : c
    d()
    """
    small = bundle.minify_js(source)
    assert "'http://x  //y'" in small
    assert '"/* no comment */"' in small
    assert """/["\\\\\\n] \\/\\/ [/'"]/g""" in small
    assert "return /it's  x/.test(a)" in small
    assert "gone" not in small
    assert "words" not in small
    assert small.rstrip().endswith("var e=a?b:c\nd()")


def test_minify_css_turns_design_px_into_rem() -> None:
    small = bundle.minify_css("/* x */ .a > .b { left: 40px; top: -10px }\n.c { margin:0 1px }")
    assert small == ".a>.b{left:1rem;top:-0.25rem}.c{margin:0 0.025rem}"


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


def test_bundled_script_is_es5(tmp_path: Path) -> None:
    checker = Path(bundle.__file__).parents[1] / "node_modules" / ".bin" / "es-check"
    if not checker.exists() or shutil.which("node") is None:
        pytest.skip("es-check is not installed: npm ci")
    script = tmp_path / "app.js"
    script.write_text(bundle.script(), encoding="utf-8")
    done = subprocess.run([checker, "es5", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
