"""Every arrow from every place: the focus is seen, all is reached, Back leads to live."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tv_walk.conftest import Open
from tests.tv_walk.screens import SCREENS, UNWALKED, open_screen

pytestmark = pytest.mark.e2e

#: Places of screens that go on for weeks: walked so far, then left.
MOST = {"guide": 400}
#: What they show comes while they are walked, so not all that is seen can be reached in one go.
FETCHING = {"guide", "browse"}
LIMIT = 3000


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
@pytest.mark.parametrize("name", [name for name in SCREENS if name not in UNWALKED])
def test_every_place_is_reached_and_back_leads_to_live(
    television: Open, name: str, elder: bool
) -> None:
    page = television(elder=elder)
    open_screen(page, name)
    walked: dict[str, Any] = page.evaluate("most => crawl(most)", MOST.get(name, LIMIT))
    assert walked["faults"] == []
    assert walked["complete"] or name in MOST
    assert name in FETCHING or walked["never"] == []
    assert page.evaluate("backs()") <= 5
    assert page.evaluate("CT.state().error") is None


@pytest.mark.parametrize("name", sorted(UNWALKED))
def test_back_leads_to_live_from_what_has_no_focus(television: Open, name: str) -> None:
    page = television()
    open_screen(page, name)
    assert page.evaluate("backs()") <= 5
    assert page.evaluate("CT.state().error") is None
