"""What a reader of screens and weak eyes need: no violation of axe-core, contrast on the glass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tv_walk.conftest import Open
from tests.tv_walk.pixels import contrast, texts
from tests.tv_walk.screens import SCREENS, open_screen

pytestmark = pytest.mark.e2e

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
#: A television has one region and no headings to skip by; its page is not scrolled or zoomed.
LEFT_OUT = ["region", "page-has-heading-one", "landmark-one-main", "meta-viewport"]
TEXT, FOCUS = 4.5, 7.0


@pytest.mark.parametrize("name", SCREENS)
def test_axe_finds_no_violation(television: Open, name: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    page = television()
    open_screen(page, name)
    page.add_script_tag(path=AXE)
    rules = {rule: {"enabled": False} for rule in LEFT_OUT}
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {rules: rules})", rules)
    said = [
        (one["id"], one["help"], [node["html"][:160] for node in one["nodes"]][:3])
        for one in found["violations"]
    ]
    assert said == []
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
@pytest.mark.parametrize("name", SCREENS)
def test_contrast_on_the_glass(television: Open, name: str, elder: bool) -> None:
    page = television(elder=elder)
    open_screen(page, name)
    page.evaluate("CT.clearNote()")
    page.wait_for_timeout(300)
    found = texts(page)
    assert found
    weak = [
        (text.words, round(text.contrast, 1))
        for text in found
        if text.contrast < (FOCUS if text.focused else TEXT)
    ]
    assert weak == []


def test_contrast_is_reckoned_as_the_guidelines_say() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
