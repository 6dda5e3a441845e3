"""Makes the TV app's sources small: comments, spaces and local names; pure, for our own ES5 only.

Our sources are plain: each file is one function that leaks nothing, without `eval`, `with`, labels
or bare browser globals (`window.` stands before them). `shorten_names` leans on that.
"""

import re
from collections import Counter

DESIGN_PX_PER_REM = 40  # src/10-base.js sets the root's font size by the same number
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_JS_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      | (?P<literal>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"
          |(?:(?<=[(,=:\[!&|?])|(?<=[(,=:\[!&|?][ ])|(?<=return[ ]))
            /(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[gim]*)
      | (?P<mark>[ ]*(?:[=!<>]==?|&&|\|\||[-+*]=|[=<>?:;,(){}\[\]*%])[ ]*)
      | (?P<space>\s+)""",
    re.DOTALL | re.VERBOSE,
)
_JS_LINE_END = re.compile(r"(?<=[;{,(])\n|\n(?=})")
_JS_WORD = re.compile(
    r"""(?P<literal>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"
          |(?:(?<=[(,=:\[!&|?])|(?<=return[ ]))
            /(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[gim]*)
      | (?P<number>(?<![\w$])\.?\d[\w.]*)
      | (?P<word>[A-Za-z_$][\w$]*)""",
    re.VERBOSE,
)
_DECLARED = re.compile(
    r"\bfunction\b\s*(?P<name>[\w$]*)\s*\((?P<parameters>[^)]*)\)|\bcatch\s*\((?P<caught>[\w$]+)\)"
)
_PX = re.compile(r"(?<![\w.#-])(-?(?:\d+\.\d+|\d+|\.\d+))px\b")
_CSS_SPACE = re.compile(r"\s*([{};,>])\s*")
#: Words of the language (ECMA-262 5.1 §7.6.1), globals of it that our files name bare, and what
#: each file is handed from outside.
_KEPT = frozenset(
    re.findall(
        r"\w+",
        """break case catch continue debugger default delete do else finally for function if in
        instanceof new return switch this throw try typeof var void while with null true false
        arguments undefined NaN Infinity Array Boolean Date Error JSON Math Number Object RegExp
        CT window String isFinite isNaN parseFloat parseInt decodeURIComponent
        encodeURIComponent""",
    )
)
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def minify_js(source: str) -> str:
    """Strip comments and the spaces no parser needs; strings and regular expressions stay.

    Names are kept, and so is every line end that could close a statement (ECMA-262 5.1 §7.9):
    only those beside ``; { , (`` and before ``}`` go.
    """
    text = _JS_TOKEN.sub(_shorten_js, source)
    return _JS_LINE_END.sub("", re.sub(r" ?\n[ \n]*", "\n", text)).strip() + "\n"


def _shorten_js(token: re.Match[str]) -> str:
    """Keep a literal, drop a comment, and shrink a stretch of spaces to what it must leave."""
    if token["literal"] is not None:
        return token["literal"]
    if token["comment"] is not None:
        return "\n" if "\n" in token["comment"] else " "
    if token["mark"] is not None:
        return token["mark"].strip(" ")
    return "\n" if "\n" in token["space"] else " "


def shorten_names(minified: str) -> str:
    """Give every name that a file declares a short one, the same wherever it stands in the file.

    The renaming is one to one and leaves alone what the file does not declare, so whatever name
    hides another one still does; scopes need not be known. Properties keep their names: words after
    a dot, and keys of objects.

    Args:
        minified: one file's JavaScript, as `minify_js` returns it.
    """
    words = [found for found in _JS_WORD.finditer(minified) if found["word"]]
    declared = _declared_names(minified)
    uses = Counter(
        found["word"] for found in words if found["word"] in declared and _is_name(minified, found)
    )
    free = {found["word"] for found in words if found["word"] not in declared} | _KEPT
    short = dict(zip((name for name, _ in uses.most_common()), _short_names(free), strict=False))

    def rename(found: re.Match[str]) -> str:
        word = found["word"]
        return short[word] if word in short and _is_name(minified, found) else found[0]

    return _JS_WORD.sub(rename, minified)


def _declared_names(text: str) -> set[str]:
    """Return what `var`, functions, parameters and `catch` declare."""
    names: set[str] = set()
    bare = _JS_WORD.sub(lambda found: found[0] if found["literal"] is None else "0", text)
    for found in _DECLARED.finditer(bare):
        names.update(re.split(r"[\s,]+", found["parameters"] or ""))
        names.update({found["name"] or "", found["caught"] or ""})
    for found in re.finditer(r"\bvar\b", bare):
        names.update(_declared_by_var(bare, found.end()))
    return names - {""} - _KEPT


def _declared_by_var(text: str, at: int) -> set[str]:
    """Return the names of one `var` statement: those after `var` and after its own commas."""
    names, depth, expected = set(), 0, True
    for found in re.finditer(r"[\w$]+|[(\[{}\]),;]|\n", text[at:]):
        part = found[0]
        if expected and re.match(r"[A-Za-z_$]", part):
            names.add(part)
            expected = False
        elif part in "([{":
            depth += 1
        elif part in ")]}":
            depth -= 1
        elif part == "," and depth == 0:
            expected = True
        if depth < 0 or (part in {";", "in"} and depth == 0):
            break
    return names


def _is_name(text: str, found: re.Match[str]) -> bool:
    """Say whether a word stands for a variable: no property after a dot, no key of an object."""
    before, after = text[: found.start()].rstrip()[-1:], text[found.end() :].lstrip()[:1]
    return before != "." and not (after == ":" and before in "{,")


def _short_names(taken: set[str]):  # type: ignore[no-untyped-def]  # an endless iterator of str
    for first in _LETTERS:
        if first not in taken:
            yield first
    for first in _LETTERS:
        for second in _LETTERS + "0123456789":
            if first + second not in taken:
                yield first + second


def minify_css(source: str) -> str:
    """Strip comments and spare spaces, and turn design px into rem."""
    text = _BLOCK_COMMENT.sub("", source)
    text = _PX.sub(lambda found: f"{float(found[1]) / DESIGN_PX_PER_REM:.4g}rem", text)
    text = _CSS_SPACE.sub(r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r":\s+", ":", text).replace(";}", "}").strip()
