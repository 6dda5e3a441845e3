"""The small script does what the long one does: both are run, and what they report is compared."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from stb_app import bundle, es5

SOURCES = sorted((Path(bundle.__file__).parent / "src").rglob("*.js"))

#: Scripts that hold what a reader of ES5 gets wrong easily; each reports what it sees by out(…).
NASTY = (Path(__file__).parent / "es5_nasty.txt").read_text(encoding="utf-8").split("\n====\n")

_RUN = """pairs => pairs.map(pair => pair.map(source => {
  const seen = [];
  const say = v => v === undefined || typeof v === 'number' ? String(v) : JSON.stringify(v);
  const out = (...values) => {
    seen.push(values.map(say).join());
    if (seen.length > 500) { throw 'runs on'; }
    return values[0];
  };
  try { new Function('out', source)(out); } catch (e) { seen.push('threw ' + (e.name || e)); }
  return seen;
}))"""


def run(chromium: Browser, sources: list[str]) -> list[tuple[list[str], list[str]]]:
    """Return what each source and its small script report."""
    page = chromium.new_page()
    try:
        pairs = [[source, es5.minify(source)] for source in sources]
        return [(long, small) for long, small in page.evaluate(_RUN, pairs)]
    finally:
        page.close()


def test_small_scripts_do_what_the_long_ones_do(chromium: Browser) -> None:
    strict = [f"(function (window) {{ 'use strict';\n{source}\n}}(this));" for source in NASTY]
    for source, (long, small) in zip(
        [*NASTY, *strict], run(chromium, [*NASTY, *strict]), strict=True
    ):
        assert long == small, source
        assert long, source


class _Author:
    """Writes functions that no one would write, each different, none without an end."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def program(self) -> str:
        body = "".join(self._statement(3) for _ in range(4))
        return f"function f(a, b) {{ var c = 1, d; {body} return c; }}\n" + "".join(
            f"out(f({a}, {b}));" for a in (0, 1, "''", "'x'") for b in (0, 2)
        )

    def _one(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _value(self, depth: int) -> str:
        if depth == 0 or self._random.random() < 0.2:
            return self._one("a", "b", "c", "d", "0", "1", "'s'", "true", "undefined", "[]", "0.5")
        left, right = self._value(depth - 1), self._value(depth - 1)
        sign = self._one("+", "-", "*", "&&", "||", ",", "===", "<", "!==", "&", ">>")
        return self._one(
            f"{left} {sign} {right}",
            f"({left} {sign} {right})",
            f"!({left})",
            f"!{self._one('a', 'b', 'c')}",
            f"({self._one('c', 'd')} = ({left} {sign} {right}))",
            f"({left}) ? ({self._value(depth - 1)}) : ({right})",
            f"out({left.replace(',', '+')})",
            f"typeof ({left})",
            f"- -{self._one('a', 'c')}",
            f"(function (c) {{ return c {sign} a; }}({self._one('a', 'b')}))",
        )

    def _body(self, depth: int) -> str:
        return "".join(self._statement(depth - 1) for _ in range(self._random.randint(0, 2)))

    def _statement(self, depth: int) -> str:
        value = self._value(2)
        if depth == 0:
            return self._one(
                f"out({self._one('a', 'b', 'c', 'd')});", f"c = ({value});", f"({value});"
            )
        body, other = self._body(depth), self._body(depth)
        i, jump = f"i{depth}", self._one("break", "continue")
        return self._one(
            f"if ({value}) {{ {body} }}",
            f"if ({value}) {{ {body} }} else {{ {other} }}",
            f"if ({value}) {{ {body} return {self._value(1)}; }}",
            f"if ({value}) {{ return; }} {other}",
            f"if ({value}) if ({self._value(1)}) {{ {body} }} else {{ {other} }}",
            f"for (var {i} = 0; {i} < 2; {i} += 1) {{ {body} if ({value}) {{ {jump}; }} {other} }}",
            f"try {{ {body} if ({value}) {{ throw 1; }} }} catch (e) {{ out(e); {other} }}",
            f"switch ({value}) {{ case 1: {body} default: {other} }}",
            f"var {self._one('g', 'd')} = ({value}); {body}",
            f"{{ {body} }} ;",
        )  # fmt: skip


def test_scripts_of_chance_do_what_they_did(chromium: Browser) -> None:
    sources = [_Author(seed).program() for seed in range(600)]
    reports = run(chromium, sources)
    for source, (long, small) in zip(sources, reports, strict=True):
        assert long == small, source
        assert long != ["threw SyntaxError"], source
    assert sum(len(long) for long, _ in reports) > 600 * 8, "the scripts do too little"


@pytest.mark.parametrize(
    "source",
    [
        "with (a) { b; }",
        "eval('a')",
        "var eval = 1;",
        "function f(undefined) {}",
        "undefined = 1;",
        "true.x;",
        "let a = 1;",
        "const a = 1;",
        "var f = () => 1;",
        "var a = `b`;",
        "class A {}",
        "var a = {b};",
        "for (var a of b) {}",
        "a ** b;",
        "a?.b;",
        "throw\n1;",
        "var a = 1 var b;",
        "try { } catch (e) { var e = 1; }",
        "var a = 'b\nc';",
        "var a = /b;",
        "if (a { b; }",
        "function f() {",
        "var arguments = 1;",
        "a = 1; 'use strict';",
        "#",
    ],
)
def test_what_is_no_es5_or_not_known_is_refused(source: str) -> None:
    with pytest.raises(SyntaxError):
        es5.minify(source)


def test_an_error_names_its_line() -> None:
    with pytest.raises(SyntaxError, match=r"line 3: .* at ' `"):
        es5.minify("var a;\n/* b\n */ var c = `d`;")


@pytest.mark.parametrize(
    ("source", "small"),
    [
        ("var a = 1; // b\n", "var a=1;"),
        ("f(function (one, two) { return two; });", "f(function(w,T){return T});"),
        ("f(function (a) { if (a) { g(); } else { h(); } });", "f(function(w){w?g():h()});"),
        ("f(function (a) { if (!a) { return; } g(); h(a); });", "f(function(w){w&&(g(),h(w))});"),
        ("f(function () { var a = 1; var b = true; });", "f(function(){var w=1,T=!0});"),
        ("f({ name: name, other: 0.25 });", "f({name:name,other:.25});"),
        ("window.setTimeout(CT.go, 3600000);", "window.setTimeout(CT.go,36e5);"),
        ("x = function () { 'use strict'; return 0; };", "x=function(){'use strict';return 0};"),
    ],
)  # fmt: skip
def test_what_becomes_small(source: str, small: str) -> None:
    found = es5.minify(source)
    assert found == small + "\n"
    assert es5.minify(found) == found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_our_own_files_become_small_and_stay_so(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    small = es5.minify(source)
    assert len(small) < 0.92 * len(source)
    assert json.dumps(small).count("CT") <= json.dumps(source).count("CT")
    es5.minify(small)
