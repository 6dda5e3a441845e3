"""Write the scripts inside HTML pages to files: what parsers of JavaScript can then check.

`python scripts/inline_scripts.py PAGE OUT` writes OUT/inline-0.js …; fails when there is none.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path


class InlineScripts(HTMLParser):
    """Collects the text of every <script> that has no address and is JavaScript."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a script unless it is fetched from elsewhere or holds data."""
        names = dict(attrs)
        kind = names.get("type") or "text/javascript"
        self._inside = tag == "script" and "src" not in names and "javascript" in kind
        if self._inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        """End a script."""
        self._inside = False

    def handle_data(self, data: str) -> None:
        """Take a script's text."""
        if self._inside:
            self.scripts[-1] += data


def main(page: str, out: str) -> int:
    """Write the scripts of `page` into the folder `out`; returns 1 when it has none."""
    parser = InlineScripts()
    parser.feed(Path(page).read_text(encoding="utf-8"))
    parser.close()
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for number, script in enumerate(parser.scripts):
        (folder / f"inline-{number}.js").write_text(script, encoding="utf-8")
    if not parser.scripts:
        sys.stderr.write(f"{page}: no script inside\n")
    return 0 if parser.scripts else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
