"""Looks whether a scheduler answers, before anything of Dask's is built on it that would not end well without one."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from distributed.core import rpc
from distributed.security import Security
from tornado.ioloop import IOLoop

from autograder.cluster.tls import certificates
from autograder.errors import GraderError

SCHEMES = ("tcp", "tls")
ANSWER_SECONDS = 10.0  # once it is reached: something else may listen there, and never say a word
SCHEDULER = "Scheduler"  # what Dask's own says that it is; a worker says Worker


def security(tls: Path | None) -> Security | None:
    """With the certificates of a folder, for a command and for workers; None: what Dask's own configuration says.

    Raises:
        GraderError: one of them is not there.
    """
    if tls is None:
        return None
    authority, certificate, key = certificates(tls)
    mine = {
        f"tls_{role}_{what}": path
        for role in ("client", "worker")
        for what, path in (("cert", certificate), ("key", key))
    }
    return Security(tls_ca_file=authority, require_encryption=True, **mine)


def reach(
    address: str,
    seconds: float,
    secured: Security | None,
    loop: IOLoop,
    role: str = "client",
    *,
    patience: float = ANSWER_SECONDS,
) -> None:
    """Return when the scheduler has answered; tries again and again for `seconds`, and waits `patience` for a word.

    `loop` runs in another thread: see `running_loop`.

    Raises:
        GraderError: it does not answer, or `address` is not a scheduler's.
    """
    refuse_malformed(address)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in our words
    try:
        knock = _knock(address, seconds, (secured or Security()).get_connection_args(role))
        answer = asyncio.wait_for(knock, seconds + patience)
        asyncio.run_coroutine_threadsafe(answer, loop.asyncio_loop).result()
    except TypeError:  # Dask's, where no certificate is named
        raise GraderError(
            f"{address} needs certificates\n    -> name their folder: --cluster-tls DIR, for a worker --tls DIR"
        ) from None
    except (OSError, ValueError, TimeoutError, asyncio.TimeoutError, concurrent.futures.TimeoutError) as error:
        raise silent(address, error) from None


def silent(address: str, error: BaseException) -> GraderError:
    """What is said of a scheduler that does not answer."""
    why = next(iter(str(error).splitlines()), "")
    return GraderError(
        f"no scheduler answers at {address} ({type(error).__name__}: {why})\n"
        "    -> is `dask scheduler` running there, and is the address its own (tcp://HOST:8786, or tls://)?"
    )


async def _knock(address: str, seconds: float, options: dict[str, Any]) -> None:
    async with rpc(address, timeout=seconds, connection_args=options) as there:
        kind = (await there.identity())["type"]
    if kind != SCHEDULER:
        raise GraderError(f"what answers at {address} is a {kind.lower()}\n    -> name the scheduler's address")


def refuse_malformed(address: str) -> None:
    """Raise GraderError where `address` is not one that a scheduler can have."""
    try:
        where = urlsplit(address)
        found = where.scheme in SCHEMES and where.hostname and where.port
    except ValueError:
        found = False
    if not found:
        raise GraderError(f"{address!r} is no scheduler's address\n    -> tcp://HOST:8786, or tls://HOST:8786")
