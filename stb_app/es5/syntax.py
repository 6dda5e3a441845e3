"""Reads statements (ECMA-262 5.1 §12-§14) into a tree, closing them where a line ends (§7.9)."""

from __future__ import annotations

from stb_app.es5.expressions import Expressions
from stb_app.es5.tree import (
    Block,
    Declaration,
    Directive,
    DoWhile,
    Expression,
    If,
    Jump,
    Loop,
    Name,
    Piece,
    Plain,
    Program,
    Scope,
    Statement,
    Switch,
    Try,
    Var,
)


def parse(source: str) -> Program:
    """Read a script.

    Raises:
        SyntaxError: it is no ES5, or uses `with` or `eval`.
    """
    reader = _Parser(source)
    body = reader.statements("")
    if reader.kind != "end":
        raise reader.error("a statement expected")
    return Program(body, reader.scope, reader.functions)


class _Parser(Expressions):
    """The part that reads statements."""

    _may_direct = False  # the next statement, if it is a string, is a directive

    def function_body(self) -> list[Statement]:
        self.expect("{")
        return self.statements("}")

    def statements(self, close: str) -> list[Statement]:
        """Read statements up to a brace, or to the end of the source; its prologue first."""
        found: list[Statement] = []
        prologue = True
        while not self._closes(close):
            self._may_direct = prologue
            found.append(self._statement())
            prologue = prologue and isinstance(found[-1], Directive)
        return found

    def _block(self) -> list[Statement]:
        self.expect("{")
        found: list[Statement] = []
        while not self._closes("}"):
            found.append(self._statement())
        return found

    def _closes(self, close: str) -> bool:
        if self.kind == "end" and not close:
            return True
        return bool(close) and self.take(close)

    def _end(self) -> None:
        """Close a statement by `;`, or where the grammar lets a line's end do so (§7.9.1)."""
        if self.take(";") or self.text == "}" or self.kind == "end" or self.after_line_end:
            return
        raise self.error("; expected")

    def _statement(self) -> Statement:
        may_direct, self._may_direct = self._may_direct, False
        if self.kind == "punctuator":
            if self.text == "{":
                return Block(self._block())
            if self.take(";"):
                return Statement()
        elif self.kind == "keyword":
            read = getattr(self, f"_{self.text}", None)
            if read is not None:
                found: Statement = read()
                return found
        return self._plain(may_direct=may_direct)

    def _plain(self, *, may_direct: bool) -> Statement:
        value = self.expression()
        only = value.pieces[0] if len(value.pieces) == 1 else None
        if isinstance(only, Name) and self.take(":"):
            self.scope.uses.remove(only)  # a label is no variable
            return Loop([only.text, ":"], self._statement())
        self._end()
        if isinstance(only, str) and only[0] in "\"'":
            if not may_direct:  # it could become a directive where something before it goes
                raise self.error("a string that does nothing stands before this")
            return Directive(only)
        return Plain(value)

    def _var(self) -> Statement:
        found = Var(self._declarations(ins=True))
        self._end()
        return found

    def _declarations(self, *, ins: bool) -> list[Piece]:
        """Read what follows `var`."""
        self.expect("var")
        out: list[Piece] = []
        while True:
            out.append(self.declare(self.name()))
            if self.take("="):
                out += ["=", *self.expression(commas=False, ins=ins).pieces]
            if not self.take(","):
                return out
            out.append(",")

    def _function(self) -> Statement:
        return Declaration(self.function(declared=True))

    def _test(self) -> Expression:
        self.expect("(")
        found = self.expression()
        self.expect(")")
        return found

    def _if(self) -> Statement:
        self.expect("if")
        test, then = self._test(), self._statement()
        return If(test, then, self._statement() if self.take("else") else None)

    def _while(self) -> Statement:
        self.expect("while")
        test = self._test()
        return Loop(["for", "(", ";", *test.pieces, ";", ")"], self._statement())

    def _do(self) -> Statement:
        self.expect("do")
        body = self._statement()
        self.expect("while")
        found = DoWhile(body, self._test())
        self.take(";")  # never needed here (§7.9.1, and every browser)
        return found

    def _for(self) -> Statement:
        self.expect("for")
        self.expect("(")
        head: list[Piece] = ["for", "("]
        if self.text == "var" and self.kind == "keyword":
            head += ["var", *self._declarations(ins=False)]
        elif self.text != ";":
            head += self.expression(ins=False).pieces
        if self.take("in"):
            head += ["in", *self.expression().pieces]
        else:
            for close in (";", ")"):
                head.append(self.expect(";"))
                head += [] if self.text == close else self.expression().pieces
        self.expect(")")
        head.append(")")
        return Loop(head, self._statement())

    def _jump(self) -> Statement:
        """Read `return`, `throw`, `break` or `continue`; a line's end closes them (§7.9.1)."""
        word = self.advance()
        bare = self.after_line_end or self.text in {";", "}"} or self.kind == "end"
        if bare and word == "throw":
            raise self.error("what is thrown is missing")
        value = None
        if not bare and word in {"break", "continue"}:
            value = Expression([self.advance()])
        elif not bare:
            value = self.expression()
        self._end()
        return Jump(word, value)

    _return = _throw = _break = _continue = _debugger = _jump

    def _try(self) -> Statement:
        self.expect("try")
        body, caught, handler, last = self._block(), None, list[Statement](), None
        if self.take("catch"):
            outer = self.scope
            self.scope = Scope(outer, catches=True)
            outer.inner.append(self.scope)
            self.expect("(")
            caught = self.name()
            self.scope.declared[caught.text] = None
            self.expect(")")
            handler = self._block()
            self.scope = outer
        if self.take("finally"):
            last = self._block()
        return Try(body, caught, handler, last)

    def _switch(self) -> Statement:
        self.expect("switch")
        value = self._test()
        self.expect("{")
        clauses: list[tuple[list[Piece], list[Statement]]] = []
        while not self.take("}"):
            head: list[Piece] = [self.text]
            if self.take("case"):
                head += self.expression().pieces
            else:
                self.expect("default")
            head.append(self.expect(":"))
            body: list[Statement] = []
            while self.text not in {"case", "default", "}"}:
                body.append(self._statement())
            clauses.append((head, body))
        return Switch(value, clauses)
