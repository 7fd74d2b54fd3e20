"""grading_config.yaml: values where it is right, and all complaints with line and key where it is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.config import CONFIG_NAME, Config, FeedbackPolicy, TrainingConfig, read_config
from autograder.errors import CourseError, GraderError
from autograder.sandbox.limits import Limits

GOOD = """\
title: A course
seed: 7
tests_dir: ../private
feedback: name
limits:
  memory_mb: 512
exercises:
  01_sizes:
    points: 100
  02_more:
    points: 50.5
    weight: 2
    warm: [torch]
    feedback: full
    limits:
      wall_seconds: 90
"""


def read(folder: Path, text: str) -> Config:
    path = folder / CONFIG_NAME
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def complaints(folder: Path, text: str) -> list[str]:
    """Each complaint without the folder: "line: key: problem" and its remedy."""
    with pytest.raises(CourseError) as error:
        read(folder, text)
    return [str(complaint).removeprefix(f"{folder / CONFIG_NAME}:") for complaint in error.value.complaints]


class TestValues:
    def test_a_course_is_read(self, tmp_path: Path) -> None:
        config = read(tmp_path, GOOD)
        assert (config.title, config.seed) == ("A course", 7)
        assert config.tests_dir == (tmp_path / "../private").resolve()
        assert [exercise.slug for exercise in config.exercises] == ["01_sizes", "02_more"]

    def test_an_exercise_inherits_what_it_does_not_say(self, tmp_path: Path) -> None:
        first, second = read(tmp_path, GOOD).exercises
        assert (first.points, first.weight, first.warm, first.feedback) == (100, 1, (), FeedbackPolicy.NAME)
        assert (second.points, second.weight, second.warm) == (50.5, 2, ("torch",))
        assert second.feedback is FeedbackPolicy.FULL
        assert first.limits == Limits(memory_mb=512)
        assert second.limits == Limits(memory_mb=512, wall_seconds=90)

    @pytest.mark.parametrize(
        "address",
        [
            "https://example.org/a%20b/cnn_autograder-1.0-py3-none-any.whl?raw=1",
            "git+https://example.org/course.git@v1",
            "cnn-autograder[torch] @ https://example.org/x.zip",
            "cnn_autograder-1.0-py3-none-any.whl",
        ],
    )
    def test_it_may_say_from_where_students_install_the_package(self, tmp_path: Path, address: str) -> None:
        assert read(tmp_path, GOOD).install == ""
        assert read(tmp_path, f"{GOOD}install: {json.dumps(address)}\n").install == address

    @pytest.mark.parametrize("address", ["cnn-autograder", "a/b'; ls", 'a/"', "a/{x}", "a/$HOME", "a/\nb", "-e ./x"])
    def test_what_is_no_address_for_pip_is_refused(self, tmp_path: Path, address: str) -> None:
        (said,) = complaints(tmp_path, f"{GOOD}install: {json.dumps(address)}\n")
        assert "no address or file that pip installs" in said
        assert "-> install: https://" in said

    def test_little_is_enough(self, tmp_path: Path) -> None:
        config = read(tmp_path, "title: T\nseed: 0\nexercises: {}\n")
        assert config.exercises == ()
        assert config.tests_dir == tmp_path.resolve() / "tests"

    def test_an_exercise_that_is_not_listed_is_named_with_what_to_add(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match="exercises has no 03_new\n    -> add '03_new:' with points: 100"):
            read(tmp_path, GOOD).exercise("03_new")


TRAINING = """\
title: A course
seed: 7
exercises:
  01_digits:
    points: 100
    training:
      dataset: sign_language_digits
      cpu: {images: 100, epochs: 2, seconds: 9, full: 0.7, none: 0.2, by_data: {rendered: {full: 0.8, none: 0.3}}}
      cuda: {images: 900, epochs: 5, seconds: 9, full: 0.9, none: 0.4}
"""


class TestBandsByData:
    def training(self, folder: Path, text: str = TRAINING) -> TrainingConfig:
        (exercise,) = read(folder, text).exercises
        assert exercise.training is not None
        return exercise.training

    def test_a_version_of_the_data_may_have_a_band_of_its_own(self, tmp_path: Path) -> None:
        rendered = self.training(tmp_path).on("cpu", "rendered")
        assert (rendered.full, rendered.none) == (0.8, 0.3)
        assert (rendered.images, rendered.epochs, rendered.device, rendered.seed) == (100, 2, "cpu", 7)

    def test_the_others_have_the_devices(self, tmp_path: Path) -> None:
        training = self.training(tmp_path)
        assert [training.on("cpu", version).full for version in ("photographs", "")] == [0.7, 0.7]
        assert training.on("cuda", "rendered").full == 0.9

    def test_a_device_that_is_not_there_has_the_cpus_bands(self, tmp_path: Path) -> None:
        text = TRAINING[: TRAINING.index("      cuda:")]
        assert self.training(tmp_path, text).on("cuda", "rendered").full == 0.8


BAND_EDITS = {
    "a version that is none": (
        "rendered:",
        "drawn:",
        "6: exercises.01_digits.training: by_data: sign_language_digits has no version 'drawn': one of"
        " photographs, rendered",
    ),
    "a band that falls": (
        "full: 0.8",
        "full: 0.1",
        "8: exercises.01_digits.training.cpu.by_data.rendered: no credit at `none`",
    ),
    "a band without an end": (
        "{full: 0.8, none: 0.3}",
        "{full: 0.8}",
        "8: exercises.01_digits.training.cpu.by_data.rendered.none: is missing",
    ),
    "a misspelt key of a band": (
        "none: 0.3",
        "nono: 0.3",
        "8: exercises.01_digits.training.cpu.by_data.rendered.nono: is not a key that is known here\n"
        "    -> did you mean 'none'?",
    ),
    "a misspelt key of a device": (
        "by_data",
        "bydata",
        "8: exercises.01_digits.training.cpu.bydata: is not a key that is known here\n    -> did you mean 'by_data'?",
    ),
    "a misspelt key of training": (
        "dataset: sign",
        "data_set: sign",
        "7: exercises.01_digits.training.data_set: is not a key that is known here\n    -> did you mean 'dataset'?",
    ),
}


@pytest.mark.parametrize("name", BAND_EDITS)
def test_what_is_wrong_with_a_band_is_said_with_its_line(tmp_path: Path, name: str) -> None:
    before, after, sentence = BAND_EDITS[name]
    assert before in TRAINING
    said = complaints(tmp_path, TRAINING.replace(before, after))
    assert any(one.startswith(sentence) for one in said), said


EDITS = {
    "a text for a number": (
        "points: 50.5",
        "points: many",
        "11: exercises.02_more.points: should be a valid number (it says 'many')\n    -> points: 100",
    ),
    "a quoted number": (
        "seed: 7",
        'seed: "7"',
        "2: seed: should be a valid integer (it says '7')\n    -> seed: 20261125, a whole",
    ),
    "true for a number": ("seed: 7", "seed: true", "2: seed: should be a valid integer (it says True)"),
    "a fraction for a whole number": (
        "memory_mb: 512",
        "memory_mb: 512.5",
        "6: limits.memory_mb: should be a valid integer",
    ),
    "a negative seed": ("seed: 7", "seed: -1", "2: seed: should be greater than or equal to 0 (it says -1)"),
    "no points": ("points: 100", "weight: 1", "8: exercises.01_sizes.points: is missing\n    -> add 'points:'"),
    "zero points": ("points: 100", "points: 0", "9: exercises.01_sizes.points: should be greater than 0 (it says 0"),
    "endless points": ("points: 100", "points: .inf", "9: exercises.01_sizes.points: should be a finite number"),
    "a weight that is no number": ("weight: 2", "weight: .nan", "12: exercises.02_more.weight: should be"),
    "a negative weight": (
        "weight: 2",
        "weight: -2",
        "12: exercises.02_more.weight: should be greater than or equal to 0",
    ),
    "too little memory": (
        "memory_mb: 512",
        "memory_mb: 8",
        "6: limits.memory_mb: should be greater than or equal to 64 (it says 8)\n    -> memory_mb: 2048",
    ),
    "no time": (
        "wall_seconds: 90",
        "wall_seconds: 0",
        "16: exercises.02_more.limits.wall_seconds: should be greater than 0 (it says 0)\n    -> wall_seconds: 60",
    ),
    "an unknown policy": (
        "feedback: name",
        "feedback: all",
        "4: feedback: should be 'nothing', 'name', 'hint' or 'full' (it says 'all')",
    ),
    "a text for a list": (
        "warm: [torch]",
        "warm: torch",
        "13: exercises.02_more.warm: should be a valid list (it says 'torch')\n    -> warm: [torch]",
    ),
    "a number in a list": (
        "warm: [torch]",
        "warm:\n      - torch\n      - 3",
        "15: exercises.02_more.warm.1: should be a valid string (it says 3)",
    ),
    "an exercise that says nothing": (
        "    points: 100\n",
        "",
        "8: exercises.01_sizes: is not a mapping of keys to values\n    -> write 'key: value'",
    ),
    "a misspelt key": (
        "weight: 2",
        "wieght: 2",
        "12: exercises.02_more.wieght: is not a key that is known here\n    -> did you mean 'weight'?",
    ),
    "a misspelt limit": (
        "memory_mb: 512",
        "memory: 512",
        "6: limits.memory: is not a key that is known here\n    -> did you mean 'memory_mb'?",
    ),
    "a misspelt limit of an exercise": (
        "wall_seconds: 90",
        "wal_seconds: 90",
        "16: exercises.02_more.limits.wal_seconds: is not a key that is known here\n    -> did you mean 'wall",
    ),
    "a misspelt top key": (
        "title: A",
        "titel: A",
        "1: titel: is not a key that is known here\n    -> did you mean 'title'?",
    ),
    "a key like no other": (
        "seed: 7",
        "seed: 7\nxyzzy: 1",
        "3: xyzzy: is not a key that is known here\n    -> known keys: title, seed,",
    ),
    "a key twice": ("seed: 7", "seed: 7\nseed: 8", "3: seed: is there already, in line 2\n    -> keep one"),
    "an exercise twice": ("02_more", "01_sizes", "10: 01_sizes: is there already, in line 8"),
    "a bad slug": ("02_more", "2-more", "10: exercises.2-more: is not a slug\n    -> two digits and words"),
    "a slug that YAML takes for a number": (
        "02_more",
        "02_1",
        "7: exercises.17: is a number or a date to YAML, not a text\n    -> write the key in quotes",
    ),
}


class TestComplaints:
    @pytest.mark.parametrize("name", EDITS)
    def test_it_names_line_key_and_remedy(self, tmp_path: Path, name: str) -> None:
        before, after, sentence = EDITS[name]
        assert before in GOOD
        said = complaints(tmp_path, GOOD.replace(before, after))
        assert any(one.startswith(sentence) for one in said), said

    def test_everything_is_said_at_once(self, tmp_path: Path) -> None:
        text = GOOD.replace("seed: 7", "seed: x\nseed: y").replace("points: 100", "point: 100").replace("name", "all")
        assert [one.split("\n")[0] for one in complaints(tmp_path, text)] == [
            "3: seed: is there already, in line 2",
            "2: seed: should be a valid integer (it says 'y')",
            "5: feedback: should be 'nothing', 'name', 'hint' or 'full' (it says 'all')",
            "9: exercises.01_sizes.points: is missing",
            "10: exercises.01_sizes.point: is not a key that is known here",
        ]

    @pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n- list\n", "just a text\n", "42\n"])
    def test_a_file_that_is_no_mapping_is_named(self, tmp_path: Path, text: str) -> None:
        (said,) = complaints(tmp_path, text)
        assert ": the file: is not a mapping of keys to values\n    -> write 'key: value' lines" in said

    @pytest.mark.parametrize(
        ("text", "line"),
        [("title: [\n", 2), ("title: a: b\n", 1), ("title: A\n\tseed: 1\n", 2), ("title: 'A\n\n", 3), ("a: *b\n", 1)],
    )
    def test_what_is_not_yaml_is_named_with_its_line(self, tmp_path: Path, text: str, line: int) -> None:
        (said,) = complaints(tmp_path, text)
        assert said.startswith(f"{line}: not YAML: ")

    @pytest.mark.parametrize("text", ["title: \x00\n", "title: 2026-13-01\n", "title: {[1]: 2}\n"])
    def test_what_yaml_cannot_turn_into_a_value_is_named(self, tmp_path: Path, text: str) -> None:
        (said,) = complaints(tmp_path, text)
        assert "not YAML: " in said

    def test_a_file_that_is_not_utf8_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / CONFIG_NAME
        path.write_bytes("title: Übung\n".encode("latin-1"))
        with pytest.raises(GraderError, match="byte 7 is not UTF-8"):
            read_config(path)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(
        st.dictionaries(
            st.sampled_from(["title", "seed", "exercises", "limits", "feedback", "tests_dir", "other"]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab:#'\n -[]{}&*!", max_size=6),
                lambda inner: (
                    st.lists(inner, max_size=2)
                    | st.dictionaries(
                        st.sampled_from(["01_a", "x", "points", "warm", "memory_mb", 1]), inner, max_size=2
                    )
                ),
                max_leaves=6,
            ),
        )
    )
    def test_any_yaml_is_a_config_or_complaints(self, tmp_path: Path, raw: dict[str, Any]) -> None:
        import yaml

        self.config_or_complaints(tmp_path, yaml.safe_dump(raw))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(st.text("abseed:#'\n -[]{}&*!01.", max_size=30))
    def test_any_text_is_a_config_or_complaints(self, tmp_path: Path, text: str) -> None:
        self.config_or_complaints(tmp_path, text)

    def config_or_complaints(self, folder: Path, text: str) -> None:
        try:
            read(folder, text)
        except CourseError as error:
            for complaint in error.complaints:
                complaint.where.index(str(folder))
