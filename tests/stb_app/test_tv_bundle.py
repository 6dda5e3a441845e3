import gzip
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stb_app import bundle, minify
from tests.stb_app.tv_server import TvServer

SOURCES = sorted((Path(bundle.__file__).parent / "src").rglob("*.js"))


def test_first_page_keeps_to_its_budget() -> None:
    assert len(gzip.compress(bundle.bundle()["index.html"], 9)) <= 30_000
    assert len(gzip.compress(bundle.script().encode(), 9)) <= 20_000


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
    small = minify.minify_js(source)
    assert "'http://x  //y'" in small
    assert '"/* no comment */"' in small
    assert """/["\\\\\\n] \\/\\/ [/'"]/g""" in small
    assert "return /it's  x/.test(a)" in small
    assert "gone" not in small
    assert "words" not in small
    assert small.rstrip().endswith("var e=a?b:c\nd()")


def test_names_are_shortened_where_they_are_variables_only() -> None:
    source = """(function (CT, window) {
  'use strict';
  var total = 1, table = { total: 2, other: [1, 2], a: total }, later, b = window.total;
  function count(total, at) { var more = at ? total : later; return table.total + more + CT.count; }
  try { count(total); } catch (error) { CT.note('total ' + error, /total/.test(String(b))); }
}(window.CT, window));
"""
    small = minify.shorten_names(minify.minify_js(source))
    assert "{total:2,other:[1,2],a:" in small
    assert ".total" in small
    assert "'total '" in small
    assert "/total/.test(String(" in small
    assert "catch(error)" not in small
    assert small.rstrip().endswith("}(window.CT,window));")


def test_minify_css_turns_design_px_into_rem() -> None:
    small = minify.minify_css("/* x */ .a > .b { left: 40px; top: -10px }\n.c { margin:0 1px }")
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
    for name, text in (("app.js", bundle.script()), ("more.js", bundle.later_script("more"))):
        script = tmp_path / name
        script.write_text(text, encoding="utf-8")
        done = subprocess.run([checker, "es5", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
