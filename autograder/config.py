"""grading_config.yaml as frozen values, made once; `config_file` says what stands in the file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from autograder.config_file import ConfigFile, FeedbackPolicy, LateSection, LimitsSection, TrainingSection, parse_config
from autograder.errors import GraderError
from autograder.late import LatePolicy, read_zone
from autograder.sandbox.limits import Limits
from autograder.training import Training

__all__ = ["CONFIG_NAME", "Config", "ExerciseConfig", "FeedbackPolicy", "OtherBand", "TrainingConfig", "read_config"]

CONFIG_NAME = "grading_config.yaml"


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
    install: str = ""  # from where pip gets this package on students' machines

    def exercise(self, slug: str) -> ExerciseConfig:
        """The settings of one exercise; raises GraderError where the file has none."""
        for exercise in self.exercises:
            if exercise.slug == slug:
                return exercise
        raise GraderError(
            f"{self.path}: exercises has no {slug}\n    -> add '{slug}:' with points: 100 under exercises:"
        )


def read_config(path: Path) -> Config:
    """Read a course's grading_config.yaml.

    Raises:
        CourseError: everything that is wrong with it, at once, with line numbers.
    """
    return _freeze(path, parse_config(path))


def _freeze(path: Path, parsed: ConfigFile) -> Config:
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
    return Config(path, parsed.title, parsed.seed, tests_dir, tuple(exercises), parsed.install)


def _training(training: TrainingSection | None, seed: int) -> TrainingConfig | None:
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


def _late(late: LateSection, due: datetime | str | None) -> LatePolicy | None:
    if not isinstance(due, datetime):
        return None
    zoned = due if due.tzinfo else due.replace(tzinfo=read_zone(late.timezone))
    return LatePolicy(zoned, timedelta(minutes=late.grace_minutes), late.percent_per_day, late.at_most)


def _limits(*layers: LimitsSection) -> Limits:
    values = asdict(Limits())
    for layer in layers:
        values |= {key: value for key, value in layer.model_dump().items() if value is not None}
    return Limits(**values)
