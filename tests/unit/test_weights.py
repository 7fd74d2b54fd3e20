"""Weights files: safetensors and npz, every size checked, nothing unpickled."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import weights, wire
from autograder.messages import Request, Target
from autograder.weights import WeightsError, read_weights

ARRAYS = {
    "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "conv.bias": np.array([0.5, -1.5], dtype=np.float64),
    "half": np.array([[1, 2]], dtype=np.float16),
    "counter": np.array(7, dtype=np.int64),
    "mask": np.array([True, False]),
    "nothing": np.zeros((0, 3), dtype=np.float32),
}
DTYPES = {np.dtype(code).str: name for name, code in weights.SAFETENSORS.items()}


ENTRY = r"not a safetensors file: .*(tensor|invalid JSON)|'w' is .*, not a parameter"


def safetensors(arrays: dict[str, np.ndarray], **changes: Any) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, array in arrays.items():
        offsets = [len(body), len(body) + array.nbytes]
        header[name] = {"dtype": DTYPES[array.dtype.str], "shape": list(array.shape), "data_offsets": offsets}
        body += array.tobytes()
    header |= changes
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + body


def npz(arrays: dict[str, Any], *, pack: Any = np.savez) -> bytes:
    file = io.BytesIO()
    pack(file, **arrays)
    return file.getvalue()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def npy(header: str, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("latin1") + body


def same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()


class TestRead:
    def test_safetensors(self) -> None:
        same(read_weights("weights.safetensors", safetensors(ARRAYS)), ARRAYS)

    @pytest.mark.parametrize("pack", [np.savez, np.savez_compressed])
    def test_npz(self, pack: Any) -> None:
        same(read_weights("weights.npz", npz(ARRAYS, pack=pack)), ARRAYS)

    def test_the_published_library_writes_the_same(self) -> None:
        from safetensors.numpy import save

        same(read_weights("a/weights.safetensors", save(ARRAYS)), ARRAYS)

    def test_npz_in_columns(self) -> None:
        turned = np.asfortranarray(ARRAYS["conv.weight"][0])
        assert np.array_equal(read_weights("weights.npz", npz({"w": turned}))["w"], turned)

    def test_all_of_it_can_be_sent_on(self) -> None:
        for name, data in (("weights.safetensors", safetensors(ARRAYS)), ("weights.npz", npz(ARRAYS))):
            wire.pack_request(Request(Target.PROBE, "training.load", (read_weights(name, data),)))


class TestSafetensorsRefused:
    @pytest.mark.parametrize("length", [0, 1, 7, 8, 20, 200])
    def test_cut_off(self, length: int) -> None:
        with pytest.raises(WeightsError):
            read_weights("weights.safetensors", safetensors(ARRAYS)[:length])

    def test_cut_off_at_the_end_by_name(self) -> None:
        with pytest.raises(WeightsError, match="not fully covered"):
            read_weights("weights.safetensors", safetensors({"w": ARRAYS["half"], "mask": ARRAYS["mask"]})[:-1])

    @pytest.mark.parametrize("length", [2**64 - 1, 2**63, 2**40, 5 * 2**20])
    def test_a_header_that_claims_to_be_huge(self, length: int) -> None:
        with pytest.raises(WeightsError, match=r"header too large|invalid header length"):
            read_weights("weights.safetensors", struct.pack("<Q", length) + bytes(100))

    @pytest.mark.parametrize(
        "entry",
        [
            {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 8]},
            {"dtype": "F32", "shape": [2**40, 0], "data_offsets": [0, 8]},
            {"dtype": "F32", "shape": [-2, -1], "data_offsets": [0, 8]},
            {"dtype": "F32", "shape": [2.0], "data_offsets": [0, 8]},
            {"dtype": "F32", "shape": [True, 2], "data_offsets": [0, 8]},
            {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]},
            {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
            {"dtype": "F32", "shape": [2], "data_offsets": [2**40, 2**40 + 8]},
            {"dtype": "F32", "shape": [2], "data_offsets": [0, 4, 8]},
            {"dtype": "F32", "shape": [1] * 17, "data_offsets": [0, 4]},
            {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
            {"dtype": "O", "shape": [1], "data_offsets": [0, 8]},
            {"dtype": ["F32"], "shape": [2], "data_offsets": [0, 8]},
            {"shape": [2], "data_offsets": [0, 8]},
            [],
            None,
            7,
        ],
    )
    def test_an_entry_that_is_none_by_name(self, entry: Any) -> None:
        with pytest.raises(
            WeightsError, match=r"not a safetensors file: .*(tensor|invalid JSON)|'w' is .*, not a parameter"
        ):
            read_weights("weights.safetensors", safetensors({"v": ARRAYS["conv.bias"]}, w=entry))

    @pytest.mark.parametrize("head", [b"[]", b"7", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": 1' + b"0" * 5_000 + b"}"])
    def test_a_header_that_is_none(self, head: bytes) -> None:
        with pytest.raises(WeightsError):
            read_weights("weights.safetensors", struct.pack("<Q", len(head)) + head)

    @pytest.mark.parametrize("name", ["", "w" * 201, "a\nb", "a\0b", "\ud800"])
    def test_a_name_that_no_parameter_has(self, name: str) -> None:
        with pytest.raises(WeightsError, match=r"a name that no parameter has|hex escape"):
            read_weights("weights.safetensors", safetensors({name: ARRAYS["conv.bias"]}))

    def test_no_arrays(self) -> None:
        with pytest.raises(WeightsError, match=r"weights\.safetensors holds no arrays"):
            read_weights("weights.safetensors", safetensors({}))

    def test_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(weights, "MAX_ARRAYS", 3)
        for name, data in (("weights.safetensors", safetensors(ARRAYS)), ("weights.npz", npz(ARRAYS))):
            with pytest.raises(WeightsError, match="6 arrays"):
                read_weights(name, data)

    @given(st.data())
    def test_whatever_bytes_are_spoilt(self, data: Any) -> None:
        self.spoil("weights.safetensors", safetensors(ARRAYS), data)

    @staticmethod
    def spoil(name: str, right: bytes, data: Any) -> None:
        content = bytearray(right)
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        try:
            read_weights(name, bytes(content))
        except WeightsError as error:
            said = str(error)
        else:
            said = ""
        assert len(said) < 500


class Planted:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.write_text, (self.path, "unpickled")


class TestNpzRefused:
    def test_pickled_objects_are_not_unpickled(self, tmp_path: Path) -> None:
        planted = tmp_path / "planted"
        objects = np.array([Planted(planted)], dtype=object)
        for data in (npz({"w": objects}), zipped(**{"w.npy": pickle.dumps(objects)}), pickle.dumps(objects)):
            with pytest.raises(WeightsError):
                read_weights("weights.npz", data)
        with pytest.raises(WeightsError, match=r"'w\.npy' holds \|O, not plain numbers"):
            read_weights("weights.npz", npz({"w": objects}))
        assert not planted.exists()

    @pytest.mark.parametrize(
        "array",
        [np.array(["a"]), np.array([1j]), np.zeros(2, dtype="f4,i4"), np.array(["2026"], "M8[Y]"), np.array([b"x"])],
    )
    def test_what_is_no_number(self, array: np.ndarray) -> None:
        with pytest.raises(WeightsError, match="not plain numbers"):
            read_weights("weights.npz", npz({"w": array}))

    def test_numbers_wider_than_cross_to_the_notebook(self) -> None:
        wide = np.zeros(2, dtype=np.longdouble)
        if wide.itemsize <= 8:
            pytest.skip("no wider numbers on this machine")
        with pytest.raises(WeightsError, match="not plain numbers"):
            read_weights("weights.npz", npz({"w": wide}))

    @pytest.mark.parametrize(
        "shape", ["(1099511627776,)", "(1099511627776, 0)", "(-1,)", "(-2, -1)", "(2, 2)", "(" + "1, " * 17 + ")"]
    )
    def test_a_header_that_claims_another_size(self, shape: str) -> None:
        content = npy(f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n", bytes(8))
        with pytest.raises(WeightsError, match=r"'w\.npy' "):
            read_weights("weights.npz", zipped(**{"w.npy": content}))

    @pytest.mark.parametrize(
        "header",
        [
            *("", "7", "{", "{}", "(" * 9_000, "'''", "\0", "1L", "if True:\n x", "  {\n   1\n 2", "{'a': (1L,"),
            *("[" + "1," * 20_000 + "]", "{'descr': ('<f4',) * 3}", "{'descr': '<f4', 'shape': (1,)}"),
            "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': True, 'shape': [1]}",
            "{'descr': '<f4', 'fortran_order': True, 'shape': (1.0,)}",
            "{'descr': 1, 'fortran_order': True, 'shape': ()}",
        ],
    )
    def test_a_header_that_is_none(self, header: str) -> None:
        with pytest.raises(WeightsError, match=r"'w\.npy' "):
            read_weights("weights.npz", zipped(**{"w.npy": npy(header, bytes(4))}))

    @pytest.mark.parametrize("length", [0, 10, 100, -1, -30])
    def test_cut_off(self, length: int) -> None:
        with pytest.raises(WeightsError, match="not an npz file"):
            read_weights("weights.npz", npz(ARRAYS)[:length])

    def test_more_than_may_be_once_unpacked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(weights, "MAX_BYTES", 2**20)
        data = npz({"w": np.zeros(2**20, dtype=np.float32)}, pack=np.savez_compressed)
        assert len(data) < 10_000
        with pytest.raises(WeightsError, match="more than 1 MiB once unpacked"):
            read_weights("weights.npz", data)

    def test_a_file_larger_than_may_be_is_not_looked_into(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(weights, "MAX_BYTES", 2**20)
        with pytest.raises(WeightsError, match=r"weights\.npz is larger than 1 MiB"):
            read_weights("weights.npz", bytes(2**20 + 1))

    @pytest.mark.parametrize("name", ["../w.npy", "/etc/passwd.npy", "a/../../b.npy"])
    def test_a_name_that_leads_elsewhere_is_only_a_name(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        content = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}\n", bytes(4))
        assert list(read_weights("weights.npz", zipped(**{name: content}))) == [name.removesuffix(".npy")]
        assert list(tmp_path.rglob("*")) == []

    @pytest.mark.parametrize("name", ["a\nb.npy", "w" * 300 + ".npy", ".npy"])
    def test_a_name_that_no_parameter_has(self, name: str) -> None:
        content = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}\n", bytes(4))
        with pytest.raises(WeightsError, match="a name that no parameter has"):
            read_weights("weights.npz", zipped(**{name: content}))

    @pytest.mark.parametrize("pack", [np.savez, np.savez_compressed])
    @settings(max_examples=100)
    @given(data=st.data())
    def test_whatever_bytes_are_spoilt(self, pack: Any, data: Any) -> None:
        TestSafetensorsRefused.spoil("weights.npz", npz(ARRAYS, pack=pack), data)
