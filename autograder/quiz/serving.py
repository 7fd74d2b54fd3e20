"""Serves the quiz page to this machine's browser; each load draws new numbers."""

from __future__ import annotations

import secrets
import webbrowser
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from autograder.quiz.page import page
from autograder.quiz.values import Quiz

LOCALHOST = "127.0.0.1"


def make_server(quizzes: Sequence[Quiz], seed: int | None) -> ThreadingHTTPServer:
    """A server on a free port of localhost that knows one page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = (self.headers.get("Host") or "").rpartition(":")[0]
            if self.path != "/" or host not in (LOCALHOST, "localhost"):  # another host: a page elsewhere asks
                self.send_error(404)
                return
            body = page(quizzes, secrets.randbelow(1_000_000) if seed is None else seed).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the terminal belongs to the reader."""

    return ThreadingHTTPServer((LOCALHOST, 0), Handler)


def serve(quizzes: Sequence[Quiz], seed: int | None, open_browser: Callable[[str], bool] = webbrowser.open) -> int:
    """Serve until Ctrl-C."""
    with make_server(quizzes, seed) as server:
        address = f"http://{LOCALHOST}:{server.server_address[1]}/"
        print(f"The quiz is at {address} (Ctrl-C ends it)", flush=True)
        open_browser(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0
