"""Writes a tree as text: no space and no semicolon but those that are needed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatchmethod

from stb_app.es5.tree import (
    Block,
    Declaration,
    Directive,
    DoWhile,
    Function,
    If,
    Jump,
    Loop,
    Name,
    Piece,
    Plain,
    Statement,
    Switch,
    Try,
    Var,
)

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")
#: Two pieces that would be read otherwise without a space: `a+ +b`, `a/ /b/`, `a< !--b`.
_APART = frozenset({"++", "--", "//", "<!"})
_END = ";\n"  # ends a statement: nothing at all before `}`


def to_text(body: list[Statement]) -> str:
    """Return the script's text, without a line's end."""
    writer = _Writer()
    for statement in body:
        writer.write(statement)
    return writer.text()


class _Writer:
    """Takes statements and gives the text of them all."""

    def __init__(self) -> None:
        self._out: list[str] = []

    def text(self) -> str:
        """Return what was written."""
        out: list[str] = []
        last = ""
        for piece in self._out:
            if last == _END:
                if piece != "}":
                    out.append(";")
                last = ";"
            if piece is not _END:
                if _needs_space(last, piece):
                    out.append(" ")
                out.append(piece)
            last = piece
        # Another script may follow in the same file: what looks like a call is none then.
        return "".join(out) + (";" if last == _END else "")

    def _add(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                self._out.append(piece)
            elif isinstance(piece, Name):
                self._out.append(piece.text)
            else:
                self._function(piece)

    def _function(self, function: Function) -> None:
        if function.word:
            self._out.append(function.word)
        self._add([function.name] if function.name else [])
        self._out.append("(")
        for i, parameter in enumerate(function.parameters):
            self._add([",", parameter] if i else [parameter])
        self._out.append(")")
        self._block(function.body)

    def _block(self, body: list[Statement]) -> None:
        self._out.append("{")
        for statement in body:
            self.write(statement)
        self._out.append("}")

    @singledispatchmethod
    def write(self, statement: Statement) -> None:
        """Write a statement; by itself the empty one."""
        self._out.append(";")

    @write.register
    def _(self, statement: Plain) -> None:
        self._add(statement.value.pieces)
        self._out.append(_END)

    @write.register
    def _(self, statement: Directive) -> None:
        self._out += [statement.text, _END]

    @write.register
    def _(self, statement: Var) -> None:
        self._out.append("var")
        self._add(statement.pieces)
        self._out.append(_END)

    @write.register
    def _(self, statement: Jump) -> None:
        self._out.append(statement.word)
        self._add(statement.value.pieces if statement.value else [])
        self._out.append(_END)

    @write.register
    def _(self, statement: Block) -> None:
        self._block(statement.body)

    @write.register
    def _(self, statement: Declaration) -> None:
        self._function(statement.function)

    @write.register
    def _(self, statement: If) -> None:
        self._out += ["if", "("]
        self._add(statement.test.pieces)
        self._out.append(")")
        then = statement.then
        if statement.other is None:
            self.write(then)
            return
        # An `else` belongs to the nearest `if` that has none (§12.5).
        self.write(Block([then]) if ends_open(then) else then)
        self._out.append("else")
        self.write(statement.other)

    @write.register
    def _(self, statement: Loop) -> None:
        self._add(statement.head)
        self.write(statement.body)

    @write.register
    def _(self, statement: DoWhile) -> None:
        self._out.append("do")
        self.write(statement.body)
        self._out += ["while", "("]
        self._add(statement.test.pieces)
        self._out += [")", _END]

    @write.register
    def _(self, statement: Try) -> None:
        self._out.append("try")
        self._block(statement.body)
        if statement.caught is not None:
            self._out += ["catch", "("]
            self._add([statement.caught])
            self._out.append(")")
            self._block(statement.handler)
        if statement.last is not None:
            self._out.append("finally")
            self._block(statement.last)

    @write.register
    def _(self, statement: Switch) -> None:
        self._out += ["switch", "("]
        self._add(statement.value.pieces)
        self._out += [")", "{"]
        for head, body in statement.clauses:
            self._add(head)
            for inner in body:
                self.write(inner)
        self._out.append("}")


def ends_open(statement: Statement) -> bool:
    """Say whether a statement ends with an `if` that an `else` behind it would join."""
    if isinstance(statement, If):
        return statement.other is None or ends_open(statement.other)
    return isinstance(statement, Loop) and ends_open(statement.body)


def _needs_space(last: str, piece: str) -> bool:
    if not last:
        return False
    a, b = last[-1], piece[0]
    if a in _WORD or a > "\x7f":
        # `1.toString` would be read as the number `1.` (§7.8.3)
        return b in _WORD or b > "\x7f" or (b == "." and last.isdecimal())
    return a + b in _APART
