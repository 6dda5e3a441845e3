"""Reads expressions (ECMA-262 5.1 §11) into flat lists of pieces, and notes who names what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stb_app.es5.tokens import Tokens
from stb_app.es5.tree import (
    AND,
    ASSIGNMENT,
    BINARY,
    COMMA,
    CONDITIONAL,
    OR,
    UNARY,
    Expression,
    Function,
    Name,
    Piece,
    Scope,
)

if TYPE_CHECKING:
    from stb_app.es5.tree import Statement


def _words(text: str) -> list[str]:
    return text.split()


_LEVELS = {
    ",": COMMA,
    "?": CONDITIONAL,
    "||": OR,
    "&&": AND,
    **dict.fromkeys(_words("= *= /= %= += -= <<= >>= >>>= &= ^= |="), ASSIGNMENT),
    **dict.fromkeys(_words("| ^ & == != === !== < > <= >= << >> >>> + - * / %"), BINARY),
    **dict.fromkeys(_words("in instanceof"), BINARY),
}
_PREFIXES = frozenset(_words("! ~ + - ++ -- typeof void delete new"))
_SHORTER = {"true": "!0", "false": "!1", "undefined": "void 0"}


class Expressions(Tokens):
    """The part of the parser that reads expressions."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.scope = Scope(None)
        self.functions: list[Function] = []

    def name(self) -> Name:
        """Read the name of a variable."""
        if self.kind != "name" or self.text in {"eval", "undefined"}:
            raise self.error("a name expected")
        found = Name(self.advance())
        self.scope.uses.append(found)
        return found

    def expression(self, *, commas: bool = True, ins: bool = True) -> Expression:
        """Read an expression; without `commas` an element of a list, without `ins` a `for`'s."""
        out: list[Piece] = []
        level = UNARY
        while True:
            self._operand(out)
            here = _LEVELS.get(self.text)
            if here is None or (here == COMMA and not commas) or (self.text == "in" and not ins):
                return Expression(out, level)
            level = min(level, here)
            out.append(self.advance())
            if here == CONDITIONAL:
                out += self.expression(commas=False).pieces
                out.append(self.expect(":"))

    def _operand(self, out: list[Piece]) -> None:
        """Read an operand with what stands before and behind it (§11.2-§11.4)."""
        while self.text in _PREFIXES:
            out.append(self.advance())
        self._primary(out)
        while self.kind == "punctuator":
            if self.text == ".":
                self.advance()
                out += [".", self._property_name()]
            elif self.text in {"[", "("}:
                self._brackets(out)
            elif self.text in {"++", "--"} and not self.after_line_end:
                out.append(self.advance())
                return
            else:
                return

    def _primary(self, out: list[Piece]) -> None:
        if self.text in {"/", "/="}:
            self.read_regex()
        if self.text in _SHORTER:
            self._short_value(out)
        elif self.kind == "name":
            out.append(self.name())
        elif self.kind == "number":
            out.append(short_number(self.advance()))
        elif self.kind in {"string", "regex"} or self.text in {"this", "null"}:
            out.append(self.advance())
        elif self.text == "function":
            out.append(self.function())
        elif self.text == "{":
            self._object(out)
        elif self.text in {"(", "["}:
            self._brackets(out)
        else:
            raise self.error("an expression expected")

    def _short_value(self, out: list[Piece]) -> None:
        """Write `true`, `false` and `undefined` shorter, but for those that nobody writes."""
        text = self.text
        self.advance()
        if self.text in {".", "[", "(", "++", "--", "="}:
            raise self.error(f"{text} cannot be that")
        out.append(_SHORTER[text])

    def _brackets(self, out: list[Piece]) -> None:
        """Read `(…)` or `[…]`: an operand, an index, a list of arguments or of elements."""
        close = {"(": ")", "[": "]"}[self.text]
        out.append(self.advance())
        while self.text != close:
            if self.text == ",":
                out.append(self.advance())
            else:
                out += self.expression(commas=False).pieces
                if self.text not in {",", close}:
                    raise self.error(f"{close} expected")
        out.append(self.advance())

    def _object(self, out: list[Piece]) -> None:
        """Read an object literal (§11.1.5): keys are no variables, accessors are functions."""
        out.append(self.expect("{"))
        while not self.take("}"):
            accessor = self.text if self.kind == "name" and self.text in {"get", "set"} else None
            key = self._property_name(keys=True)
            if accessor and self.text != ":":
                out += [accessor, self._property_name(keys=True), self.function(word="")]
            else:
                out += [key, self.expect(":"), *self.expression(commas=False).pieces]
            if self.text != "}":
                out.append(self.expect(","))
        if out[-1] == ",":
            out.pop()
        out.append("}")

    def _property_name(self, *, keys: bool = False) -> str:
        if self.kind in {"name", "keyword"} or (keys and self.kind in {"string", "number"}):
            return self.advance()
        raise self.error("a property's name expected")

    def function(self, word: str = "function", *, declared: bool = False) -> Function:
        """Read a function; a name of its own belongs to it, a declared one to who declares it."""
        if word:
            self.expect(word)
        outer = self.scope
        own = self.declare(self.name()) if declared else None
        self.scope = Scope(outer)
        outer.inner.append(self.scope)
        if own is None and self.kind == "name":
            own = self.declare(self.name())
        self.expect("(")
        parameters: list[Name] = []
        while not self.take(")"):
            if parameters:
                self.expect(",")
            parameters.append(self.declare(self.name()))
        found = Function(word, own, parameters, self.function_body())
        self.scope = outer
        self.functions.append(found)
        return found

    def declare(self, name: Name) -> Name:
        """Note that the function which is being read has that variable (§10.5)."""
        scope = self.scope
        if name.text == "arguments":
            raise self.error("arguments are there already")
        while scope.catches and scope.outer is not None:
            if name.text in scope.declared:
                raise self.error(f"{name.text} is a caught error already")
            scope = scope.outer
        scope.declared.setdefault(name.text)
        return name

    def function_body(self) -> list[Statement]:
        """Read `{…}`; the parser of statements knows how."""
        raise NotImplementedError


def short_number(text: str) -> str:
    """Return a number's shortest text that we know: `0.5` as `.5`, `3600000` as `36e5`."""
    if text[:2] in {"0x", "0X"}:
        return min(text, str(int(text, 16)), key=len)
    if text.startswith("0."):
        return text[1:]
    zeros = len(text) - len(text.rstrip("0"))
    if text.isdecimal() and zeros > 2 and text[0] != "0":
        return f"{text[:-zeros]}e{zeros}"
    return text
