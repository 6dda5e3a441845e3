"""What a script is made of: statements as a tree, expressions as flat lists of pieces.

A piece is the text of a token, a variable's name, or a function; brackets are pieces as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

#: How strongly an expression's loosest operator outside brackets binds (ECMA-262 5.1 §11).
COMMA, ASSIGNMENT, CONDITIONAL, OR, AND, BINARY, UNARY = range(7)


@dataclass(slots=True, eq=False)
class Scope:
    """A function's variables, a caught error's, or the program's (§10.2)."""

    outer: Scope | None
    catches: bool = False
    declared: dict[str, None] = field(default_factory=dict)  # in order of appearance
    uses: list[Name] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Name:
    """A variable where it is named."""

    text: str


@dataclass(slots=True, eq=False)
class Function:
    """A function, declared or within an expression; or the accessor of a property, without word."""

    word: str
    name: Name | None
    parameters: list[Name]
    body: list[Statement]


Piece: TypeAlias = str | Name | Function


@dataclass(slots=True, eq=False)
class Expression:
    """Pieces, and how strongly they hold together."""

    pieces: list[Piece]
    level: int = UNARY

    def within(self, level: int) -> list[Piece]:
        """Return the pieces for a place that needs this level, in brackets if they are looser."""
        return self.pieces if self.level >= level else ["(", *self.pieces, ")"]

    def may_begin_statement(self) -> bool:
        """Say whether it would not be taken for a block or a declaration (§12.4)."""
        return not (self.pieces[0] == "{" or isinstance(self.pieces[0], Function))


@dataclass(slots=True, eq=False)
class Statement:
    """A statement; as such the empty one."""


@dataclass(slots=True, eq=False)
class Plain(Statement):
    """An expression as a statement."""

    value: Expression


@dataclass(slots=True, eq=False)
class Directive(Statement):
    """A string that says how the code is meant, as `'use strict'` (§14.1)."""

    text: str


@dataclass(slots=True, eq=False)
class Var(Statement):
    """`var`: declarations with their commas."""

    pieces: list[Piece]


@dataclass(slots=True, eq=False)
class Jump(Statement):
    """`return`, `throw`, `break`, `continue`, `debugger`; a label stands in `value`."""

    word: str
    value: Expression | None = None


@dataclass(slots=True, eq=False)
class Block(Statement):
    """Statements in braces."""

    body: list[Statement]


@dataclass(slots=True, eq=False)
class Declaration(Statement):
    """A function's declaration."""

    function: Function


@dataclass(slots=True, eq=False)
class If(Statement):
    """`if`, perhaps with `else`."""

    test: Expression
    then: Statement
    other: Statement | None


@dataclass(slots=True, eq=False)
class Loop(Statement):
    """`for`, `while` or a label: what stands before the body."""

    head: list[Piece]
    body: Statement


@dataclass(slots=True, eq=False)
class DoWhile(Statement):
    """`do` … `while`."""

    body: Statement
    test: Expression


@dataclass(slots=True, eq=False)
class Try(Statement):
    """`try`, with either or both of the other parts."""

    body: list[Statement]
    caught: Name | None
    handler: list[Statement]
    last: list[Statement] | None


@dataclass(slots=True, eq=False)
class Switch(Statement):
    """`switch`: what is compared, and clauses of a head (`case x:`) and statements."""

    value: Expression
    clauses: list[tuple[list[Piece], list[Statement]]]


@dataclass(slots=True, eq=False)
class Program:
    """A whole script."""

    body: list[Statement]
    scope: Scope
    functions: list[Function]
