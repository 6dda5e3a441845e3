"""One walk through the whole app, as keys and what must come of them; every engine walks the same.

A step is `(keys, until)`: keys as a desktop's remote has them, and a JavaScript expression that
must become true. `S` stands for `CT.state()`.
"""

from __future__ import annotations

STEPS: list[tuple[str, str]] = [
    ("", "S.screen === 'live' && S.detail.number === 1"),
    ("Up", "S.detail.number === 2"),
    ("5", "S.detail.number === 5"),
    ("Enter", "S.detail.list && S.focus"),
    ("Down", "S.focus.index === 5"),
    ("Enter", "!S.detail.list && S.detail.number === 6"),
    ("G", "S.screen === 'guide' && S.detail.title"),
    ("Down Right Right Left", "S.screen === 'guide' && S.detail.row === 6"),
    ("Escape", "S.screen === 'live'"),
    ("Home", "S.screen === 'home' && S.focus && S.detail.rows > 0"),
    ("Down", "S.focus.row === 1 && S.detail.small"),
    ("Enter", "S.screen === 'title' && S.focus"),
    ("Escape", "S.screen === 'home' && S.focus.row === 1"),
    ("F4", "S.elder"),
    ("F4", "!S.elder"),
    ("Up", "S.focus.row === 0"),
    ("Right Right Down Enter", "S.screen === 'notices' && S.focus"),
    ("Enter", "S.screen === 'reader' && S.detail.page === 1"),
    ("Right", "S.detail.page === 2"),
    ("Escape", "S.screen === 'notices'"),
    ("Escape", "S.screen === 'home'"),
    ("Left Down Enter", "S.screen === 'search' && S.detail.found.length > 0"),
    ("6 9", "S.detail.typed === '69' && S.detail.form === 't9'"),
    ("Escape", "S.screen === 'home'"),
    ("Escape", "S.screen === 'live' && S.depth === 1"),
]
