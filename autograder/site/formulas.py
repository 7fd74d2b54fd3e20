r"""LaTeX formulas as MathML, which browsers show without a script: $O = \lfloor I / s \rfloor$.

A formula may be a student's: what the converter makes of it is written anew from a list of elements and attributes,
with every text escaped, and what is too long, too deep or not understood is shown as it was typed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markupsafe import Markup, escape

from autograder.escaping import visible

MAX_FORMULA = 400  # characters
MAX_DEPTH = 40
MAX_ELEMENTS = 1_000
ELEMENTS = frozenset(
    "math mrow mi mn mo mtext ms mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts"
    " mprescripts none mtable mtr mtd mstyle mpadded mphantom menclose".split()
)
NAMES = frozenset(
    "display displaystyle scriptlevel mathvariant stretchy fence form separator accent accentunder movablelimits"
    " symmetric linethickness columnalign columnlines rowlines columnspacing rowspacing notation lspace rspace"
    " width".split()
)
VALUE = re.compile(r"(?:[a-z -]{1,60}|-?[0-9]{0,2}(?:\.[0-9]{1,6})?(?:em|ex|pt|px)?)\Z")


class _Refused(Exception):
    """It is no formula that is shown as one."""


def formula(latex: str, *, is_block: bool) -> Markup:
    """MathML of a formula without its dollars; where there is none, its source."""
    dollars = "$$" if is_block else "$"
    try:
        if len(latex) > MAX_FORMULA:
            raise _Refused
        root = convert_to_element(latex, display="block" if is_block else "inline")
        if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
            raise _Refused
        return Markup("".join(_written(root, MAX_DEPTH)))  # noqa: S704  (each part is of the lists, or escaped)
    except Exception:  # the converter has a dozen errors of its own, and others where a formula is odd
        return Markup("<code>{}</code>").format(visible(f"{dollars}{latex}{dollars}"))


def _written(element: Element, depth: int) -> Iterator[str]:
    if element.tag not in ELEMENTS or not depth:
        raise _Refused
    kept = (f' {name}="{value}"' for name, value in element.attrib.items() if name in NAMES and VALUE.match(value))
    yield f"<{element.tag}{''.join(kept)}>"
    yield _text(element.text)
    for child in element:
        yield from _written(child, depth - 1)
        yield _text(child.tail)
    yield f"</{element.tag}>"


def _text(text: str | None) -> str:
    """The converter writes signs as &#x0230A;."""
    return str(escape(visible(html.unescape(text or ""))))
