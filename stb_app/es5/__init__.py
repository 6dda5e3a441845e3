"""Makes ES5 small: read (`tokens`, `syntax`), rewrite (`shrink`), rename (`scopes`), print.

It knows ECMA-262 5.1 as our own scripts use it, and refuses what it does not: `with`, `eval` and
what could mean two things are a `SyntaxError`, never a guess.
"""

from stb_app.es5.printing import to_text
from stb_app.es5.scopes import shorten_names
from stb_app.es5.shrink import shrink
from stb_app.es5.syntax import parse


def minify(source: str) -> str:
    """Return a script that does the same in fewer bytes.

    Comments, spaces and names of variables go; statements are joined where that is shorter.
    Globals, properties, labels and directives keep their names.

    Raises:
        SyntaxError: the source is no ES5, or uses what is refused.
    """
    program = parse(source)
    for function in program.functions:
        function.body = shrink(function.body)
    shorten_names(program.scope)
    return to_text(shrink(program.body, ends=False)) + "\n"
