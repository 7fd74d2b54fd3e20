"""The commonest mistakes do not get past the checks that students see."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, Suite, open_course
from autograder.diagnosis import mistaken
from autograder.exercise import Cell, CellKind, Exercise
from autograder.namespace import reference_namespace

COURSE: Course = open_course(Path(__file__).parent.parent.parent)
COMMON = {
    "01_output_size": """
        pads_one_end_only rounds_up keeps_the_fraction forgets_where_the_kernel_began adds_one_before_dividing
        ignores_the_stride compares_the_kernel_with_the_bare_input reads_pairs_as_width_height drops_the_batch_axis
        reads_channels_last_as_first pads_two_of_four_sides gives_back_everything_at_each_end
        pools_with_stride_1_by_default pools_with_stride_2_by_default pads_a_pool_at_one_end repeats_the_input
        flattens_the_batch_too keeps_axes_of_one_after_global_pooling forgets_the_padding_of_layers
        forgets_the_stride_of_convolutions adds_whole_kernels forgets_that_strides_spread
        spreads_a_layer_by_its_own_stride uses_the_last_stride_alone adds_strides_up
        walks_backwards_with_the_forward_rule takes_padding_away refuses_batch_normalisation
    """,
    "02_parameters": """
        forgets_the_bias counts_a_bias_per_slice always_adds_the_bias forgets_the_input_channels
        counts_running_statistics forgets_the_shift counts_frozen_parameters counts_shared_parameters_twice
        looks_at_the_outermost_layers_only forgets_the_pixels_when_flattening takes_any_other_head_for_pooling
        ignores_the_stride ignores_the_padding pads_one_side_only counts_multiplication_and_addition
        takes_every_image_for_square rounds_odd_sizes_up sees_four_pixels forgets_the_relu
        uses_5x5_whatever_the_budget promises_the_impossible
    """,
    "03_convolution": """
        turns_the_kernel_round looks_at_the_first_channel_only uses_the_first_kernel_for_all_maps
        exchanges_height_and_width forgets_the_bias pads_one_side_of_each_axis ignores_the_stride
        rounds_the_number_of_windows_up reads_pairs_as_width_then_height starts_the_maximum_from_zero divides_by_four
        moves_by_one_without_a_stride moves_by_two_without_a_stride ignores_the_stride_of_a_pool
        fills_the_last_window_with_zeros leaves_two_axes_of_one leaks writes_zeros_into_the_argument
        sees_horizontal_edges answers_brightness_too moves_the_result_the_other_way compares_the_borders_too
        forgets_absolute_values reads_a_shift_as_columns_then_rows
    """,
}


@functools.cache
def opened(slug: str) -> tuple[Exercise, Suite, Mapping[str, Any]]:
    exercise = COURSE.exercise(slug)
    return exercise, COURSE.suite(slug), reference_namespace(exercise)


def fails(cell: Cell, handed_in: Mapping[str, Any]) -> bool:
    """Whether a public check stops with these functions."""
    names = dict(handed_in)
    exec(cell.source, names)
    (check,) = (value for key, value in names.items() if key not in handed_in and callable(value))
    try:
        check(*(handed_in[one] for one in inspect.signature(check).parameters))
    except Exception:
        return True
    return False


@pytest.mark.parametrize(("slug", "name"), [(slug, name) for slug, names in COMMON.items() for name in names.split()])
def test_a_common_mistake_does_not_pass_its_public_check(slug: str, name: str) -> None:
    exercise, suite, reference = opened(slug)
    (mistake,) = (one for one in suite.mistakes if one.name == name)
    handed_in = mistaken(exercise, reference, mistake)
    checks = [cell for cell in exercise.cells if cell.kind is CellKind.CHECK and cell.question == mistake.question]
    assert any(fails(check, handed_in) for check in checks)


@pytest.mark.parametrize("slug", COMMON)
def test_the_reference_passes_them(slug: str) -> None:
    exercise, _, reference = opened(slug)
    assert not any(fails(cell, reference) for cell in exercise.cells if cell.kind is CellKind.CHECK)
