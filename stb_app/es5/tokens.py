"""Reads ES5 tokens one at a time (ECMA-262 5.1 §7); the parser says where a `/` begins a regex."""

import re

_TOKEN = re.compile(
    r"""(?P<space>(?:[\s\ufeff]+|//[^\n\r\u2028\u2029]*|/\*.*?\*/)*)
      (?:(?P<name>[^\W\d][\w$]*|\$[\w$]*)
      | (?P<number>0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w$])
      | (?P<string>'(?:[^'\\\n\r\u2028\u2029]|\\.)*'|"(?:[^"\\\n\r\u2028\u2029]|\\.)*")
      | (?P<punctuator>>>>=|===|!==|>>>|<<=|>>=|[=!<>]=|&&|\|\||\+\+|--|<<|>>|[-+*/%&|^]=
          |[-+*/%&|^<>=!~?:;,.(){}\[\]])
      | (?P<end>\Z))""",
    re.DOTALL | re.VERBOSE,
)
_REGEX = re.compile(r"/(?:[^/\\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+/[A-Za-z]*")
#: Reserved words (§7.6.1.1 and, for strict code, §7.6.1.2) and literals.
KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """break case catch continue debugger default delete do else finally for function if in
        instanceof new return switch this throw try typeof var void while with null true false
        class const enum export extends import super implements interface let package private
        protected public static yield""",
    )
)


class Tokens:
    """A place in a source: the token there as `kind`, `text`, and whether a line ended before it.

    `kind` is name, keyword, number, string, regex, punctuator or end.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._start = self._next = 0
        self.kind = self.text = ""
        self.after_line_end = False
        self.advance()

    def advance(self) -> str:
        """Go on to the next token; return the text of the one that was here."""
        text = self.text
        self._start = self._next
        found = _TOKEN.match(self._source, self._next)
        if found is None or found.lastgroup is None:
            raise self.error("unreadable")
        self.kind = found.lastgroup
        self.text = found[self.kind]
        space = found["space"]
        self.after_line_end = bool(space) and any(end in space for end in "\n\r\u2028\u2029")
        self._start, self._next = found.start(self.kind), found.end()
        if self.kind == "name" and self.text in KEYWORDS:
            self.kind = "keyword"
        return text

    def read_regex(self) -> None:
        """Read the token anew as a regular expression literal (§7.8.5)."""
        found = _REGEX.match(self._source, self._start)
        if found is None:
            raise self.error("no regular expression")
        self.kind, self.text, self._next = "regex", found[0], found.end()

    def take(self, text: str) -> bool:
        """Go past a punctuator or keyword if it is here."""
        if self.text != text:
            return False
        self.advance()
        return True

    def expect(self, text: str) -> str:
        """Go past a punctuator or keyword that must be here."""
        if not self.take(text):
            raise self.error(f"{text} expected")
        return text

    def error(self, what: str) -> SyntaxError:
        """Return an error that names the line."""
        line = self._source.count("\n", 0, self._next) + 1
        return SyntaxError(
            f"line {line}: {what} at {self._source[self._start : self._start + 30]!r}"
        )
