"""What a student made, as HTML that can do nothing: no script, no link, no picture from elsewhere, no style."""

from __future__ import annotations

import re

import nh3
from markupsafe import Markup

from autograder.escaping import visible

# What tables, Markdown and printed text need. No links and no pictures: a click or a look would be a request.
TAGS = frozenset(
    "p br hr b i em strong u s small sub sup code pre kbd samp blockquote ul ol li dl dt dd div span"
    " h1 h2 h3 h4 h5 h6 table caption thead tbody tfoot tr th td".split()
)
DROPPED = frozenset(
    "script style template noscript noframes noembed iframe frameset object embed applet svg math head title textarea"
    " xmp plaintext select button audio video canvas".split()
)
ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
SPAN = re.compile(r"[1-9][0-9]?\Z")
MAX_HTML = 200_000
MAX_TAGS = 10_000  # parsing takes the square of the depth: 0.3 s for as many tags in tags
FORMATTING = re.compile(r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE)
MAX_REOPENED = 10_000  # tags
MAX_TEXT = 20_000
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def safe_html(html: str) -> Markup:
    """The tags and the text of it that are harmless; as plain text where it is too much to parse.

    Much formatting becomes spans: HTML5 opens it again in each paragraph after one in which it was not closed, so that
    from 100 KB of it a parser makes hundreds of MB.
    """
    much = len(FORMATTING.findall(html)) * html.count("<") > MAX_REOPENED
    return _cleaned(FORMATTING.sub(r"<\1span", html) if much else html, html)


def safe_markdown(html: str) -> Markup:
    """The same of what a Markdown renderer made, which closes what it opens."""
    return _cleaned(html, html)


def _cleaned(parsed: str, html: str) -> Markup:
    if len(parsed) > MAX_HTML or parsed.count("<") > MAX_TAGS:
        return Markup("<pre>{}</pre>").format(shown_text(html))
    clean = nh3.clean(
        parsed.encode("utf-8", "replace").decode(),  # half a character (a lone surrogate) would be an exception
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=set(),
        link_rel=None,
        strip_comments=True,
    )
    return Markup(visible(clean))  # noqa: S704  (nh3 made it)


def _attribute(tag: str, name: str, value: str) -> str | None:
    return value if SPAN.match(value) else None


def shown_text(text: str, limit: int = MAX_TEXT) -> str:
    """Printed text without terminal colours, cut in the middle where it is long."""
    half = limit // 2
    if len(text) > 8 * limit:  # what is far from both ends is not even looked at
        text = text[: 4 * limit] + text[-4 * limit :]
    plain = ANSI.sub("", text)
    if len(plain) > limit:
        plain = f"{plain[:half]}\n[... {len(plain) - limit:,} characters or more are left out ...]\n{plain[-half:]}"
    return visible(plain.replace("\r\n", "\n"))
