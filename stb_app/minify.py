"""Makes the TV app's style sheets small and fit for any screen; scripts are `stb_app.es5`'s."""

import re

DESIGN_PX_PER_REM = 40  # src/10-base.js sets the root's font size by the same number
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PX = re.compile(r"(?<![\w.#-])(-?(?:\d+\.\d+|\d+|\.\d+))px\b")
_CSS_SPACE = re.compile(r"\s*([{};,>])\s*")


def minify_css(source: str) -> str:
    """Strip comments and spare spaces, and turn design px into rem."""
    text = _BLOCK_COMMENT.sub("", source)
    text = _PX.sub(lambda found: _rem(float(found[1])), text)
    text = _CSS_SPACE.sub(r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r":\s+", ":", text).replace(";}", "}").strip()


def _rem(px: float) -> str:
    return f"{px / DESIGN_PX_PER_REM:.4g}rem".replace("0.", ".", 1 if abs(px) < 40 else 0)
