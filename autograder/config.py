"""grading_config.yaml, parsed once into frozen values; every complaint names file, line and key."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from autograder.datasets.supply import VERSIONS
from autograder.errors import Complaint, CourseError, GraderError
from autograder.exercise import SLUG
from autograder.late import LatePolicy, read_moment, read_zone
from autograder.sandbox.limits import Limits
from autograder.training import Training
from autograder.yaml_file import Location, YamlFile, did_you_mean

CONFIG_NAME = "grading_config.yaml"


class FeedbackPolicy(enum.Enum):
    """What students see of a hidden case that they fail; each level includes those before it."""

    NOTHING = "nothing"
    NAME = "name"
    HINT = "hint"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class OtherBand:
    """The band of accuracy on a device where the data is not that which the device's own band was measured on."""

    device: str
    version: str
    full: float
    none: float


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How an exercise trains: the data set, and per device the budget and the band of accuracy for credit."""

    dataset: str
    devices: tuple[Training, ...]
    takes_weights: bool = False
    audit: float = 0.0
    other_bands: tuple[OtherBand, ...] = ()

    def on(self, device: str, version: str = "") -> Training:
        """The budget of a device, with the band for that version of the data (`Supply.version`).

        It is the CPU's where the file says nothing about the device, and the device's own band where it says nothing
        about the version.
        """
        training = next((one for one in self.devices if one.device == device), self.devices[0])
        for band in self.other_bands:
            if (band.device, band.version) == (training.device, version):
                return replace(training, full=band.full, none=band.none)
        return training


@dataclass(frozen=True, slots=True)
class ExerciseConfig:
    """What the course says about one exercise."""

    slug: str
    points: float
    weight: float
    warm: tuple[str, ...]
    limits: Limits
    feedback: FeedbackPolicy
    training: TrainingConfig | None = None
    late: LatePolicy | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A course's settings. `tests_dir` is absolute."""

    path: Path
    title: str
    seed: int
    tests_dir: Path
    exercises: tuple[ExerciseConfig, ...]

    def exercise(self, slug: str) -> ExerciseConfig:
        """The settings of one exercise; raises GraderError where the file has none."""
        for exercise in self.exercises:
            if exercise.slug == slug:
                return exercise
        raise GraderError(
            f"{self.path}: exercises has no {slug}\n    -> add '{slug}:' with points: 100 under exercises:"
        )


_AnyBand = TypeVar("_AnyBand", bound="_Band")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class _Limits(_Strict):
    wall_seconds: float | None = Field(default=None, gt=0, le=86_400)
    cpu_seconds: float | None = Field(default=None, gt=0, le=86_400)
    call_seconds: float | None = Field(default=None, gt=0, le=86_400)
    memory_mb: int | None = Field(default=None, ge=64, le=1_048_576)
    output_kb: int | None = Field(default=None, ge=1, le=1_048_576)
    disk_mb: int | None = Field(default=None, ge=1, le=1_048_576)
    attempts: int | None = Field(default=None, ge=1, le=20)


class _Band(_Strict):
    full: float = Field(gt=0, le=1)
    none: float = Field(ge=0, lt=1)

    @model_validator(mode="after")
    def _credit_grows(self: _AnyBand) -> _AnyBand:
        if self.none >= self.full:
            raise ValueError("no credit at `none`, full credit at `full`: the first must be below the second")
        return self


class _Device(_Band):
    images: int = Field(ge=1)
    epochs: int = Field(ge=1)
    seconds: float = Field(gt=0, le=86_400)
    by_data: dict[str, _Band] = {}


class _Training(_Strict):
    dataset: str
    weights: Literal["trained", "submitted"] = "trained"
    audit: float = Field(default=0.05, ge=0, le=1)
    cpu: _Device
    cuda: _Device | None = None

    @field_validator("dataset")
    @classmethod
    def _is_there(cls, name: str) -> str:
        if name not in VERSIONS:
            raise ValueError(f"no data set {name!r}: one of {', '.join(VERSIONS)}")
        return name

    @model_validator(mode="after")
    def _versions_are_there(self) -> _Training:
        for version in (*self.cpu.by_data, *(self.cuda.by_data if self.cuda else ())):
            if version not in VERSIONS[self.dataset]:
                known = ", ".join(VERSIONS[self.dataset])
                raise ValueError(f"by_data: {self.dataset} has no version {version!r}: one of {known}")
        return self

    @property
    def devices(self) -> dict[str, _Device]:
        """What the file says about each device, the CPU first."""
        return {"cpu": self.cpu} | ({"cuda": self.cuda} if self.cuda else {})


class _Late(_Strict):
    timezone: str = "UTC"
    grace_minutes: float = Field(default=0, ge=0, le=525_600)
    percent_per_day: float = Field(default=0, ge=0, le=100)
    at_most: float = Field(default=100, ge=0, le=100)

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        read_zone(name)
        return name


class _Exercise(_Strict):
    points: float = Field(gt=0)
    due: datetime | str | None = None
    weight: float = Field(default=1.0, ge=0)
    warm: list[str] = []
    limits: _Limits = _Limits()
    feedback: FeedbackPolicy | None = Field(default=None, strict=False)
    training: _Training | None = None

    @field_validator("due")
    @classmethod
    def _is_a_moment(cls, due: datetime | str | None) -> datetime | None:
        moment = read_moment(due) if isinstance(due, str) else due
        if moment is None and due is not None:
            raise ValueError("no day and time")
        return moment


class _File(_Strict):
    title: str
    seed: int = Field(ge=0, lt=2**63)
    tests_dir: str = "tests"
    feedback: FeedbackPolicy = Field(default=FeedbackPolicy.HINT, strict=False)
    limits: _Limits = _Limits()
    late: _Late = _Late()
    exercises: dict[str, _Exercise]


def read_config(path: Path) -> Config:
    """Read a course's grading_config.yaml.

    Raises:
        CourseError: everything that is wrong with it, at once, with line numbers.
    """
    file = YamlFile.read(path)
    complaints = list(file.duplicate_keys())
    try:
        parsed = _File.model_validate(file.raw)
    except ValidationError as error:
        complaints += (file.complaint(problem, _suggestion, _example) for problem in error.errors())
        raise CourseError(complaints) from None
    complaints += _bad_slugs(file, parsed)
    if complaints:
        raise CourseError(complaints)
    return _freeze(path, parsed)


def _freeze(path: Path, parsed: _File) -> Config:
    exercises = (
        ExerciseConfig(
            slug,
            exercise.points,
            exercise.weight,
            tuple(exercise.warm),
            _limits(parsed.limits, exercise.limits),
            exercise.feedback or parsed.feedback,
            _training(exercise.training, parsed.seed),
            _late(parsed.late, exercise.due),
        )
        for slug, exercise in parsed.exercises.items()
    )
    tests_dir = (path.parent / Path(parsed.tests_dir).expanduser()).resolve()
    return Config(path, parsed.title, parsed.seed, tests_dir, tuple(exercises))


def _training(training: _Training | None, seed: int) -> TrainingConfig | None:
    if training is None:
        return None
    return TrainingConfig(
        training.dataset,
        tuple(
            Training(training.dataset, device=device, seed=seed, **said.model_dump(exclude={"by_data"}))
            for device, said in training.devices.items()
        ),
        training.weights == "submitted",
        training.audit,
        tuple(
            OtherBand(device, version, band.full, band.none)
            for device, said in training.devices.items()
            for version, band in said.by_data.items()
        ),
    )


def _late(late: _Late, due: datetime | str | None) -> LatePolicy | None:
    if not isinstance(due, datetime):
        return None
    zoned = due if due.tzinfo else due.replace(tzinfo=read_zone(late.timezone))
    return LatePolicy(zoned, timedelta(minutes=late.grace_minutes), late.percent_per_day, late.at_most)


def _limits(*layers: _Limits) -> Limits:
    values = asdict(Limits())
    for layer in layers:
        values |= {key: value for key, value in layer.model_dump().items() if value is not None}
    return Limits(**values)


def _suggestion(location: Location) -> str:
    if location[:1] == ("exercises",) and len(location) == 3:
        model: type[BaseModel] = _Exercise
    elif "limits" in location[:-1]:
        model = _Limits
    elif location[:1] == ("late",):
        model = _Late
    elif "training" in location[:-1]:
        model = _Band if "by_data" in location else _Device if location[-2] != "training" else _Training
    else:
        model = _File
    return did_you_mean(location, model)


def _example(key: str) -> str:
    """What would be right, for the keys of this file."""
    examples = {
        "title": "title: Convolutional neural networks",
        "seed": "seed: 20261125, a whole number from 0",
        "tests_dir": "tests_dir: tests",
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


def _bad_slugs(file: YamlFile, parsed: _File) -> Iterator[Complaint]:
    for slug in parsed.exercises:
        if not SLUG.match(slug):
            place = file.place(("exercises", slug))
            yield Complaint(place, "is not a slug", "two digits and words, as the files: 01_output_size")
