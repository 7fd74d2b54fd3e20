"""A notebook of a student who wants the pages that show it to do something."""

from __future__ import annotations

import base64
import json
from typing import Any

ALERT = "alert(document.domain)"
REMOTE = "http://127.0.0.1:9"  # nobody listens there; that it is asked for would be seen
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

HTML = (
    f"<script>{ALERT}</script>",
    f"<img src=x onerror={ALERT}>",
    f"<img src='{REMOTE}/pixel.png'>",
    f"<svg onload={ALERT}><script>{ALERT}</script></svg>",
    f"<svg><style>@import '{REMOTE}/a.css';</style></svg>",
    f"<iframe src='{REMOTE}/frame'></iframe><iframe srcdoc='<script>parent.{ALERT}</script>'></iframe>",
    f"<object data='{REMOTE}/o'></object><embed src='{REMOTE}/e'>",
    f"<a href='javascript:{ALERT}'>click</a><a href='{REMOTE}/link' ping='{REMOTE}/ping'>link</a>",
    f"<a href='data:text/html,<script>{ALERT}</script>'>data</a>",
    f"<style>body {{ background: url({REMOTE}/bg) }} body * {{ display: none }}</style>",
    f"<div style='position:fixed;inset:0;background:url({REMOTE}/fixed)'>over all</div>",
    f"<link rel=stylesheet href='{REMOTE}/l.css'><meta http-equiv=refresh content='0;url={REMOTE}/away'>",
    f"<base href='{REMOTE}/'><form action='{REMOTE}/form'><input name=a><button>send</button></form>",
    f"<video src='{REMOTE}/v' onerror={ALERT}></video><audio src='{REMOTE}/a'></audio>",
    f"<details open ontoggle={ALERT}>x</details><body onload={ALERT}><input autofocus onfocus={ALERT}>",
    "<p class='good big' id='submissions'>100 of 100 points</p>",
    f'<svg></p><style><a id="</style><img src=1 onerror={ALERT}>">',
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={ALERT}&gt;">',
    f'<noscript><p title="</noscript><img src=x onerror={ALERT}>">',
    f"<xmp><img src=x onerror={ALERT}></xmp><textarea></textarea><script>{ALERT}</script>",
    f"<template><img src=x onerror={ALERT}></template></div></div></body></html><script>{ALERT}</script>",
    f"<table background='{REMOTE}/t'><tr><td colspan=9999999 background='{REMOTE}/td'>cell</td></tr></table>",
    f"<plaintext><script>{ALERT}</script>",
)
MARKDOWN = (
    f"$\\text{{<script>{ALERT}</script>}}$ $\\href{{javascript:{ALERT}}}{{x}}$ $\\href{{{REMOTE}/formula}}{{x}}$",
    f"$$\\style{{background:url({REMOTE}/formula)}}{{x}} \\verb|<img src=x onerror={ALERT}>| \\text{{&lt;b&gt;}}$$",
    f"<script>{ALERT}</script> <img src=x onerror={ALERT}>",
    f"![pixel]({REMOTE}/md.png) [click](javascript:{ALERT}) [link]({REMOTE}/md) <{REMOTE}/auto>",
    f"![data](data:image/svg+xml;base64,{base64.b64encode(b'<svg onload=alert(1)>').decode()})",
    f"[ref]: {REMOTE}/ref 'x'\n![ref] [ref]",
    f"```\n</code></pre><script>{ALERT}</script>\n```",
    f"| a |\n|---|\n| <img src=x onerror={ALERT}> |",
)
TEXTS = (
    f"</pre><script>{ALERT}</script>",
    f"</style><script>{ALERT}</script><!--",
    "\x1b[31mred\x1b[0m \x1b]8;;http://127.0.0.1:9/osc\x07link\x1b]8;;\x07 \u202eevil\u202c \x00\x07",
    "{{ 7 * 7 }} {% include 'style.css' %}",
)
KINDS = ("stdout", "stderr", "display", "error", "omitted", "none of these")
BUNDLES: tuple[dict[str, Any], ...] = (
    {"image/png": f'x" onerror="{ALERT}'},
    {"image/png": base64.b64encode(b"<svg onload=alert(1)>").decode()},
    {"image/jpeg": base64.b64encode(b"<script>").decode()},
    {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload='{ALERT}'/>"},
    {"application/javascript": ALERT, "text/plain": "javascript"},
    {"application/javascript": ALERT},
    {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
    {f"text/x-<script>{ALERT}</script>": "x"},
    {"image/png": PIXEL, "text/plain": f'"><script>{ALERT}</script>'},
    {"text/markdown": MARKDOWN[0]},
    {"text/latex": f"$$\\href{{javascript:{ALERT}}}{{x}}$$</script><script>{ALERT}</script>"},
    {"text/html": ["<scr", f"ipt>{ALERT}</script>"]},
    {"text/html": {"not": "text"}},
)


def hostile_outputs() -> list[dict[str, Any]]:
    """The same as outputs of a run, as a report holds them: one cell for each."""
    plain: list[dict[str, Any]] = [
        {"kind": "display", "text": text, "html": text, "png": ""} for text in (*HTML, *TEXTS)
    ]
    plain += [{"kind": kind, "text": text, "html": "", "png": ""} for kind in KINDS for text in (*HTML, *TEXTS)]
    pictures = [f'x" onerror="{ALERT}', base64.b64encode(b"<svg onload=alert(1)>").decode(), PIXEL]
    plain += [{"kind": "display", "text": TEXTS[0], "html": HTML[0], "png": png} for png in pictures]
    return [{"cell": number, "outcome": "ok", "outputs": [one]} for number, one in enumerate(plain, 1)]


def hostile_notebook(slug: str) -> bytes:
    """All of it in one file."""
    outputs: list[dict[str, Any]] = [{"output_type": "display_data", "data": {"text/html": html}} for html in HTML]
    outputs += [{"output_type": "display_data", "data": data} for data in BUNDLES]
    outputs += [{"output_type": "stream", "name": "stdout", "text": text} for text in TEXTS]
    outputs += [{"output_type": "error", "ename": "E", "evalue": "", "traceback": [text]} for text in TEXTS]
    outputs += [{"output_type": "error", "traceback": 3}, {"output_type": {"x": 1}}, {}]
    cells: list[Any] = [{"cell_type": "markdown", "source": text} for text in (*MARKDOWN, *HTML)]
    cells += [{"cell_type": "code", "source": TEXTS[0], "outputs": [one]} for one in outputs]
    cells += [{"cell_type": "raw", "source": TEXTS[0]}, None, 3, {"cell_type": [], "source": {}}]
    return json.dumps({"cells": cells, "metadata": {"autograder": {"exercise": slug}}, "nbformat": 4}).encode()
