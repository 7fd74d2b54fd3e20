"""What grading_config.yaml may say, key by key, and what would be right where it says something else."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from autograder.datasets.supply import VERSIONS
from autograder.errors import Complaint, CourseError
from autograder.exercise import SLUG
from autograder.late import read_moment, read_zone
from autograder.yaml_file import Location, YamlFile, did_you_mean

ADDRESS = re.compile(r"[\w./][\w .:/@#&=?%~,+<>\[\]-]*")  # it stands between quotes in the notebooks' set-up cell


class FeedbackPolicy(enum.Enum):
    """What students see of a hidden case that they fail; each level includes those before it."""

    NOTHING = "nothing"
    NAME = "name"
    HINT = "hint"
    FULL = "full"


_AnyBand = TypeVar("_AnyBand", bound="BandSection")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class LimitsSection(_Strict):
    """`limits:` of the course or of an exercise."""

    wall_seconds: float | None = Field(default=None, gt=0, le=86_400)
    cpu_seconds: float | None = Field(default=None, gt=0, le=86_400)
    call_seconds: float | None = Field(default=None, gt=0, le=86_400)
    memory_mb: int | None = Field(default=None, ge=64, le=1_048_576)
    output_kb: int | None = Field(default=None, ge=1, le=1_048_576)
    disk_mb: int | None = Field(default=None, ge=1, le=1_048_576)
    attempts: int | None = Field(default=None, ge=1, le=20)


class BandSection(_Strict):
    """Accuracies between which credit grows."""

    full: float = Field(gt=0, le=1)
    none: float = Field(ge=0, lt=1)

    @model_validator(mode="after")
    def _credit_grows(self: _AnyBand) -> _AnyBand:
        if self.none >= self.full:
            raise ValueError("no credit at `none`, full credit at `full`: the first must be below the second")
        return self


class DeviceSection(BandSection):
    """What may be spent on a device, and its band."""

    images: int = Field(ge=1)
    epochs: int = Field(ge=1)
    seconds: float = Field(gt=0, le=86_400)
    by_data: dict[str, BandSection] = {}


class TrainingSection(_Strict):
    """`training:` of an exercise."""

    dataset: str
    weights: Literal["trained", "submitted"] = "trained"
    audit: float = Field(default=0.05, ge=0, le=1)
    cpu: DeviceSection
    cuda: DeviceSection | None = None

    @field_validator("dataset")
    @classmethod
    def _is_there(cls, name: str) -> str:
        if name not in VERSIONS:
            raise ValueError(f"no data set {name!r}: one of {', '.join(VERSIONS)}")
        return name

    @model_validator(mode="after")
    def _versions_are_there(self) -> TrainingSection:
        for version in (*self.cpu.by_data, *(self.cuda.by_data if self.cuda else ())):
            if version not in VERSIONS[self.dataset]:
                known = ", ".join(VERSIONS[self.dataset])
                raise ValueError(f"by_data: {self.dataset} has no version {version!r}: one of {known}")
        return self

    @property
    def devices(self) -> dict[str, DeviceSection]:
        """What the file says about each device, the CPU first."""
        return {"cpu": self.cpu} | ({"cuda": self.cuda} if self.cuda else {})


class LateSection(_Strict):
    """`late:` of the course."""

    timezone: str = "UTC"
    grace_minutes: float = Field(default=0, ge=0, le=525_600)
    percent_per_day: float = Field(default=0, ge=0, le=100)
    at_most: float = Field(default=100, ge=0, le=100)

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        read_zone(name)
        return name


class ExerciseSection(_Strict):
    """An entry of `exercises:`."""

    points: float = Field(gt=0)
    due: datetime | str | None = None
    weight: float = Field(default=1.0, ge=0)
    warm: list[str] = []
    limits: LimitsSection = LimitsSection()
    feedback: FeedbackPolicy | None = Field(default=None, strict=False)
    training: TrainingSection | None = None

    @field_validator("due")
    @classmethod
    def _is_a_moment(cls, due: datetime | str | None) -> datetime | None:
        moment = read_moment(due) if isinstance(due, str) else due
        if moment is None and due is not None:
            raise ValueError("no day and time")
        return moment


class ConfigFile(_Strict):
    """The whole file."""

    title: str
    seed: int = Field(ge=0, lt=2**63)
    tests_dir: str = "tests"
    install: str = ""
    feedback: FeedbackPolicy = Field(default=FeedbackPolicy.HINT, strict=False)
    limits: LimitsSection = LimitsSection()
    late: LateSection = LateSection()
    exercises: dict[str, ExerciseSection]

    @field_validator("install")
    @classmethod
    def _is_an_address(cls, install: str) -> str:
        if install and not (ADDRESS.fullmatch(install) and ("/" in install or install.endswith(".whl"))):
            raise ValueError(
                "no address or file that pip installs: this package is on no index, so a name is not enough"
            )
        return install


def parse_config(path: Path) -> ConfigFile:
    """The file, checked.

    Raises:
        CourseError: everything that is wrong with it, at once, with line numbers.
    """
    file = YamlFile.read(path)
    complaints = list(file.duplicate_keys())
    try:
        parsed = ConfigFile.model_validate(file.raw)
    except ValidationError as error:
        complaints += (file.complaint(problem, _suggestion, _example) for problem in error.errors())
        raise CourseError(complaints) from None
    complaints += _bad_slugs(file, parsed)
    if complaints:
        raise CourseError(complaints)
    return parsed


def _suggestion(location: Location) -> str:
    if location[:1] == ("exercises",) and len(location) == 3:
        model: type[BaseModel] = ExerciseSection
    elif "limits" in location[:-1]:
        model = LimitsSection
    elif location[:1] == ("late",):
        model = LateSection
    elif "training" in location[:-1]:
        model = (
            BandSection if "by_data" in location else DeviceSection if location[-2] != "training" else TrainingSection
        )
    else:
        model = ConfigFile
    return did_you_mean(location, model)


def _example(key: str) -> str:
    """What would be right, for the keys of this file."""
    examples = {
        "title": "title: Convolutional neural networks",
        "seed": "seed: 20261125, a whole number from 0",
        "tests_dir": "tests_dir: tests",
        "install": "install: https://example.org/course/cnn_autograder-1.0-py3-none-any.whl",
        "feedback": "feedback: nothing, name, hint or full",
        "points": "points: 100",
        "weight": "weight: 1.0",
        "warm": "warm: [torch]",
        "memory_mb": "memory_mb: 2048, a whole number from 64",
        "attempts": "attempts: 8, a whole number from 1 to 20",
        "output_kb": "output_kb: 10240, a whole number",
        "disk_mb": "disk_mb: 64, a whole number",
        "due": "due: 2026-11-25 23:59",
        "timezone": "timezone: Europe/Berlin",
        "grace_minutes": "grace_minutes: 15",
        "percent_per_day": "percent_per_day: 10",
        "at_most": "at_most: 50, in percent",
    }
    seconds = f"{key}: 60, a positive number of seconds" if key.endswith("_seconds") else ""
    return examples.get(key, seconds)


def _bad_slugs(file: YamlFile, parsed: ConfigFile) -> Iterator[Complaint]:
    for slug in parsed.exercises:
        if not SLUG.match(slug):
            place = file.place(("exercises", slug))
            yield Complaint(place, "is not a slug", "two digits and words, as the files: 01_output_size")
