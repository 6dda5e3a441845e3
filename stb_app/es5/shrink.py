"""Rewrites statements into shorter ones that do the same (ECMA-262 5.1 §12)."""

from __future__ import annotations

from collections.abc import Iterable

from stb_app.es5.tree import (
    AND,
    ASSIGNMENT,
    COMMA,
    CONDITIONAL,
    OR,
    UNARY,
    Block,
    Declaration,
    DoWhile,
    Expression,
    If,
    Jump,
    Loop,
    Piece,
    Plain,
    Statement,
    Switch,
    Try,
    Var,
)


def shrink(body: list[Statement], *, ends: bool = True) -> list[Statement]:
    """Return the statements of a function (`ends`: `return` ends it) or of a block, shorter."""
    flat = [inner for statement in body for inner in _opened(_inner(statement))]
    out: list[Statement] = []
    for statement in reversed(flat):
        _put(statement, out, ends=ends)
    return _joined(reversed(out))


def _inner(statement: Statement) -> Statement:
    """Shrink what stands within a statement, and the statement itself."""
    if isinstance(statement, If):
        then = _body(statement.then)
        other = None if statement.other is None else _body(statement.other)
        return _shorter_if(statement.test, then, other)
    if isinstance(statement, Loop | DoWhile):
        statement.body = _body(statement.body)
    elif isinstance(statement, Block):
        statement.body = shrink(statement.body, ends=False)
    elif isinstance(statement, Try):
        statement.body = shrink(statement.body, ends=False)
        statement.handler = shrink(statement.handler, ends=False)
        if statement.last is not None:
            statement.last = shrink(statement.last, ends=False)
    elif isinstance(statement, Switch):
        statement.clauses = [(head, shrink(body, ends=False)) for head, body in statement.clauses]
    return statement


def _opened(statement: Statement) -> list[Statement]:
    """Return what a block among statements holds: `var` knows no blocks."""
    if type(statement) is Statement:
        return []
    if isinstance(statement, Block) and not _declares(statement.body):
        return statement.body
    return [statement]


def _declares(body: list[Statement]) -> bool:
    return any(isinstance(statement, Declaration) for statement in body)


def _body(statement: Statement) -> Statement:
    """Return the body of an `if` or a loop as one statement, without braces where it can be."""
    body = shrink([statement], ends=False)
    if not body:
        return Statement()
    if len(body) > 1 or isinstance(body[0], Declaration):
        body = _in_commas(body)
    return body[0] if len(body) == 1 and not isinstance(body[0], Declaration) else Block(body)


def _in_commas(body: list[Statement]) -> list[Statement]:
    """Put expressions before the last statement into that statement, if all can go there."""
    *before, last = body
    values = [statement.value for statement in before if isinstance(statement, Plain)]
    if len(values) < len(before):
        return body
    if isinstance(last, Plain):
        return [Plain(_sequence([*values, last.value]))]
    if isinstance(last, Jump) and last.word in {"return", "throw"} and last.value is not None:
        return [Jump(last.word, _sequence([*values, last.value]))]
    if isinstance(last, If):
        return [If(_sequence([*values, last.test]), last.then, last.other)]
    return body


def _sequence(values: list[Expression]) -> Expression:
    """Return `a,b,c`."""
    pieces = list(values[0].pieces)
    for value in values[1:]:
        pieces += [",", *value.pieces]
    return Expression(pieces, COMMA if len(values) > 1 else values[0].level)


def _joined(body: Iterable[Statement]) -> list[Statement]:
    """Join neighbours: declarations, expressions, and either with the `for` behind them."""
    out: list[Statement] = []
    for statement in body:
        joined = _join(out[-1], statement) if out else None
        if joined is not None:
            out.pop()
        out.append(joined or statement)
    return out


def _join(first: Statement, then: Statement) -> Statement | None:
    """Return two statements as one, or None."""
    if isinstance(first, Var):
        if isinstance(then, Var):
            return Var([*first.pieces, ",", *then.pieces])
        return _begun(then, ["var", *first.pieces])
    if isinstance(first, Plain):
        if isinstance(then, Plain):
            return Plain(_sequence([first.value, then.value]))
        return _begun(then, first.value.pieces)
    return None


def _begun(loop: Statement, pieces: list[Piece]) -> Statement | None:
    """Return a `for` of three parts that begins with these pieces too, if it can (§12.6.3)."""
    if not isinstance(loop, Loop) or loop.head[0] != "for" or ";" not in loop.head:
        return None
    if "in" in pieces:  # would make it a `for` … `in`
        return None
    if loop.head[2] == ";":
        return Loop(["for", "(", *pieces, *loop.head[2:]], loop.body)
    if pieces[0] == loop.head[2] == "var":
        return Loop(["for", "(", *pieces, ",", *loop.head[3:]], loop.body)
    return None


def _put(statement: Statement, out: list[Statement], *, ends: bool) -> None:
    """Put a statement before those in `out` (the last one first), joined with them if it can be."""
    if isinstance(statement, Jump) and statement.word == "return" and ends and not out:
        if statement.value is None:
            return  # the function ends here anyhow
    elif isinstance(statement, If) and statement.other is None:
        statement = _with_the_rest(statement, out, ends=ends)
    out.append(statement)


def _with_the_rest(statement: If, out: list[Statement], *, ends: bool) -> Statement:
    """Join `if(a)return …;` with all that follows it in its function."""
    then = statement.then
    if not isinstance(then, Jump) or then.word != "return":
        return statement
    rest = list(reversed(out))
    if then.value is not None:
        joined = _in_commas(rest) if len(rest) > 1 else rest
        last = joined[0] if len(joined) == 1 else None
        if isinstance(last, Jump) and last.word == "return" and last.value is not None:
            out.clear()
            return Jump("return", _choice(statement.test, then.value, last.value))
        return statement
    if ends and rest and all(isinstance(after, Plain) for after in rest):
        out.clear()
        joined = _in_commas(rest) if len(rest) > 1 else rest
        tail = joined[0]
        return Plain(_either(statement.test, tail.value)) if isinstance(tail, Plain) else statement
    return statement


def _choice(test: Expression, then: Expression, other: Expression) -> Expression:
    """Return `test?then:other`."""
    pieces = [*test.within(OR), "?", *then.within(ASSIGNMENT), ":", *other.within(ASSIGNMENT)]
    return Expression(pieces, CONDITIONAL)


def _either(test: Expression, other: Expression) -> Expression:
    """Return `test||other`, the second done where the first is false."""
    if test.level == UNARY and test.pieces[0] == "!":
        return _both(Expression(test.pieces[1:]), other)
    return Expression([*test.within(OR), "||", *other.within(AND)], OR)


def _both(test: Expression, then: Expression) -> Expression:
    """Return `test&&then`, the second done where the first is true."""
    return Expression([*test.within(AND), "&&", *then.within(AND)], AND)


def _shorter_if(test: Expression, then: Statement, other: Statement | None) -> Statement:
    """Return an `if` as an expression or a `return` where it is one."""
    as_is = If(test, then, other)
    if not test.may_begin_statement():
        return as_is
    if isinstance(then, Plain) and isinstance(other, Plain):
        return Plain(_choice(test, then.value, other.value))
    if isinstance(then, Jump) and isinstance(other, Jump):
        if then.word == other.word == "return" and then.value and other.value:
            return Jump("return", _choice(test, then.value, other.value))
    elif isinstance(then, Plain) and other is None:
        if test.level == UNARY and test.pieces[0] == "!":
            return Plain(_either(Expression(test.pieces[1:]), then.value))
        return Plain(_both(test, then.value))
    return as_is
