"""What all tests in a browser share."""

from __future__ import annotations

PATIENCE = 300_000  # milliseconds, for whatever is waited for on a busy machine; the default is 30 seconds
