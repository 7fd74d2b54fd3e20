"""Accuracy for credit, measured so that neither luck nor a promise decides: for hidden cases that train.

A score must not hang on a seed: a result that is below `full`, but within the noise of the held-out sample, is trained
once more with another seed, and the better one counts. Submitted weights are measured instead of trained; of a share of
them the code is trained too, to see that it could have made them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograder import expect
from autograder.expect import NeedsReview
from autograder.training import Training

MAX_TRAININGS = 2
# Trained again, a network lands elsewhere: measured spreads over seeds are within .04 (docs/training.md), and the
# held-out sample adds its own noise.
AUDIT_SLACK = 0.05
SEED_SPREAD = 0.05  # of one submission's accuracy over seeds, at small budgets


@dataclass(frozen=True, slots=True)
class Measured:
    """An accuracy, and of how many trainings it is the best."""

    accuracy: float
    trainings: int


def measure(
    training: Training,
    train_and_test: Callable[[int], float],
    test_submitted: Callable[[], float],
    *,
    images: int,
) -> Measured:
    """Measure by training, or on the submitted weights where there are some.

    `train_and_test(seed)` trains with a seed and gives the accuracy on `images` held-out images; `test_submitted()`
    loads `training.weights` into a fresh model and gives its accuracy.

    Raises:
        NeedsReview: the code could not have made the submitted weights; both accuracies are in the message.
    """
    if training.weights is not None:
        return _submitted(training, train_and_test, test_submitted, images)
    best = 0.0
    for number in range(MAX_TRAININGS):
        best = max(best, train_and_test(training.seed + number))
        if best >= training.full or not _may_be_bad_luck(best, training.full, images):
            break
    return Measured(best, number + 1)


def _may_be_bad_luck(accuracy: float, full: float, images: int) -> bool:
    """Whether another seed may reach `full`: the spread over seeds and the noise of the sample add up."""
    return expect.interval(min(1.0, accuracy + SEED_SPREAD), images)[1] >= full


def _submitted(
    training: Training, train_and_test: Callable[[int], float], test_submitted: Callable[[], float], images: int
) -> Measured:
    accuracy = test_submitted()
    if not training.audit:
        return Measured(accuracy, 0)
    again = train_and_test(training.seed)
    noise = AUDIT_SLACK + (expect.interval(accuracy, images)[1] - accuracy)
    if accuracy > again + noise and again < training.full:
        raise NeedsReview(
            f"audit: the submitted weights reach {accuracy:.3f} on {images:,} held-out images, the notebook's own code"
            f" trains to {again:.3f} within the same budget",
            credit=expect.credit_in_band(accuracy, full=training.full, none=training.none),
        )
    return Measured(accuracy, 1)
