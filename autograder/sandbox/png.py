"""Checks the PNG files of a hostile process: with zlib and sizes alone, within bounds, and no decoder of others."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_SIDE = 6_000
MAX_PIXELS = 4_000_000
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}  # by type of colour
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_LAST_FILTER = 4
_HEADER = struct.Struct(">IIBBBBB")


class PngError(ValueError):
    """It is no PNG, a damaged one, or larger than is shown."""


def checked(data: bytes) -> bytes:
    """The picture in a file of our own making, without all that is not the picture: text, colour profiles, trailers.

    Raises:
        PngError: any part of it is not as it has to be. Interlaced files are refused, too.
    """
    chunks = _chunks(data)
    header, stride = _header(chunks.get(b"IHDR", b""))
    pixels = _pixels(chunks.get(b"IDAT", b""), stride * header[1])
    if max(pixels[::stride], default=0) > _LAST_FILTER:
        raise PngError("an unknown filter")
    palette = chunks.get(b"PLTE", b"") if header[3] == 3 else b""  # of others it is a mere suggestion
    if len(palette) % 3 or len(palette) > 768 or bool(palette) != (header[3] == 3):
        raise PngError("a wrong palette")
    names = [name for name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT") if chunks.get(name) and (name != b"PLTE" or palette)]
    return SIGNATURE + b"".join(_chunk(name, chunks[name]) for name in names) + _chunk(b"IEND", b"")


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks that make the picture, those of one name put together."""
    found: dict[bytes, list[bytes]] = {}
    for name, content in _every_chunk(data):
        if name in (b"IHDR", b"PLTE", b"tRNS") and name in found:
            raise PngError("a part that stands there twice")
        if name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT"):
            found.setdefault(name, []).append(content)
        elif name[:1].isupper():
            raise PngError("an unknown part without which it cannot be shown")
    if next(iter(found), b"") != b"IHDR" or len(b"".join(found.get(b"tRNS", []))) > 256:
        raise PngError("a wrong beginning")
    return {name: b"".join(parts) for name, parts in found.items()}


def _every_chunk(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(SIGNATURE):
        raise PngError("no PNG")
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        content, end = data[at + 8 : at + 8 + length], at + 8 + length
        if end + 4 > len(data) or zlib.crc32(name + content) != int.from_bytes(data[end : end + 4], "big"):
            raise PngError("a damaged part")
        if name == b"IEND":
            return
        yield name, content
        at = end + 4
    raise PngError("no end")


def _header(content: bytes) -> tuple[tuple[int, ...], int]:
    """Width, height, depth, type of colour ..., and the bytes of a row with the one that names its filter."""
    if len(content) != _HEADER.size:
        raise PngError("a wrong header")
    header = _HEADER.unpack(content)
    width, height, depth, colour, *rest = header
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise PngError("too large")
    if depth not in _DEPTHS.get(colour, ()) or any(rest):
        raise PngError("a kind of picture that is not shown")
    return header, 1 + (width * depth * _SAMPLES[colour] + 7) // 8


def _pixels(packed: bytes, expected: int) -> bytes:
    """Exactly as many bytes as the header says: no byte more is ever unpacked."""
    unpacking = zlib.decompressobj()
    try:
        pixels = unpacking.decompress(packed, expected)
        rest = unpacking.decompress(unpacking.unconsumed_tail, 1)
    except zlib.error:
        raise PngError("damaged pixels") from None
    if len(pixels) != expected or rest or not unpacking.eof:
        raise PngError("another number of pixels than it says")
    return pixels


def _chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")
