"""One walk through the whole app, as keys and what must come of them; every engine walks the same.

A step is `(keys, until)`: keys as a desktop's remote has them, and a JavaScript expression that
must become true. `S` stands for `CT.state()`.
"""

from __future__ import annotations

STEPS: list[tuple[str, str]] = [
    ("", "S.screen === 'live' && S.detail.number > 0"),
    ("Up", "S.detail.number === 2"),
    ("5", "S.detail.number === 5"),
    ("Enter", "S.detail.list && S.focus"),
    ("Down", "S.focus.index === 5"),
    ("Enter", "!S.detail.list && S.detail.number === 6"),
    ("G", "S.screen === 'guide' && S.detail.title"),
    ("Down Right Right Left", "S.screen === 'guide' && S.detail.row === 6"),
    ("Escape", "S.screen === 'live'"),
    ("Home", "S.screen === 'home' && S.focus"),
    ("Down Down", "S.focus.row > 0"),
    ("Enter", "S.screen === 'title' && S.focus"),
    ("Escape", "S.screen === 'home' && S.focus"),
    ("F4", "S.elder"),
    ("F4", "!S.elder"),
    ("Escape Escape Escape", "S.screen === 'live' && S.depth === 1"),
]
