"""Gives variables short names, scope by scope (ECMA-262 5.1 §10.2)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from stb_app.es5.tokens import KEYWORDS
from stb_app.es5.tree import Name, Scope

#: By how often our scripts hold them anyhow, so that a packer sees few letters often.
_LETTERS = "estinorcaluhdpmfgybvwTCEANOSLkxDIMPRBFHKUVGWYjqzJXQZ_$"
#: Outermost variables begin here: they leave the first letters to parameters, and functions look
#: alike to a packer whatever they use from outside.
_OUTERMOST = 20


class _Variables:
    """What the names in a scope stand for.

    `own` are the uses of each of its variables, within it and further in; `foreign` are variables
    of scopes around it that it or a scope within it uses, each as (its scope, its name); `free`
    are the names of globals used there.
    """

    def __init__(self, scope: Scope, outer: _Variables | None) -> None:
        self.scope, self.outer = scope, outer
        self.own: dict[str, list[Name]] = {name: [] for name in scope.declared}
        self.foreign: set[tuple[_Variables, str]] = set()
        self.free: set[str] = set()
        self.inner = [_Variables(scope, self) for scope in scope.inner]
        self.short: dict[str, str] = {}

    def resolve(self) -> None:
        """Find the variable behind every name in this scope and those within it."""
        for inner in self.inner:
            inner.resolve()
        for name in self.scope.uses:
            self._find(name)

    def _find(self, name: Name) -> None:
        passed: list[_Variables] = []
        here: _Variables | None = self
        while here is not None and name.text not in here.own:
            passed.append(here)
            here = here.outer
        for scope in passed:
            if here is None:
                scope.free.add(name.text)
            else:
                scope.foreign.add((here, name.text))
        if here is not None:
            here.own[name.text].append(name)

    def shorten(self) -> None:
        """Name this scope's variables, then those further in; globals keep their names."""
        if self.outer is not None:
            taken = self.free | {scope.short[name] for scope, name in self.foreign}
            first = _OUTERMOST if self.outer.outer is None else 0
            names = (name for name in _names(first) if name not in taken)
            self.short = dict(zip(self.own, names, strict=False))
        else:
            self.short = {name: name for name in self.own}
        for inner in self.inner:
            inner.shorten()
        for name, uses in self.own.items():
            for use in uses:
                use.text = self.short[name]


def shorten_names(program: Scope) -> None:
    """Rename the variables of every function; a name means the same variable as before."""
    variables = _Variables(program, None)
    variables.resolve()
    variables.shorten()


def _names(begin: int) -> Iterator[str]:
    """Return short names, those of one letter first."""
    letters = _LETTERS[begin:] + _LETTERS[:begin]
    yield from letters
    for first, second in product(letters, letters + "0123456789"):
        if first + second not in KEYWORDS:
            yield first + second
