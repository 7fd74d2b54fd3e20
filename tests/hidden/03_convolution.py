"""Hidden cases of exercise 3: convolution, pooling, ReLU, an edge kernel and a test of shifts.

A case about refusals asks for an ordinary value first: who refuses everything has checked nothing.
"""

import numpy as np
import torch
from torch.nn import functional

from autograder import expect
from autograder.cases import case
from autograder.probes import images as operations

RTOL = 1e-4  # answers in float32 are welcome: some hundred terms, summed in any order
ATOL = 1e-5
NEAR_ZERO = 1e-4  # the same sums of numbers around 1, taken twice in float32


def correlated(images, kernels, bias=None, stride=1, padding=0):
    """What torch computes, in float64."""
    tensors = [torch.from_numpy(np.asarray(array, dtype=np.float64)) for array in (images, kernels)]
    bias = None if bias is None else torch.from_numpy(np.asarray(bias, dtype=np.float64))
    return functional.conv2d(*tensors, bias, stride=stride, padding=padding).numpy()


def max_pooled(images, kernel_size=2, stride=None):
    return functional.max_pool2d(torch.from_numpy(images.astype(np.float64)), kernel_size, stride).numpy()


def average_pooled(images, kernel_size=2, stride=None):
    return functional.avg_pool2d(torch.from_numpy(images.astype(np.float64)), kernel_size, stride).numpy()


def sizes(rng, count, low, high):
    """Some whole numbers, high included, as plain ints."""
    return [int(number) for number in rng.integers(low, high + 1, size=count)]


def oblong(rng, low, high):
    """A height and a width that differ, so that an exchange of the two shows."""
    height, width = (int(number) for number in rng.choice(np.arange(low, high + 1), size=2, replace=False))
    return height, width


def is_close(got, expected):
    expect.close(got, expected, rtol=RTOL, atol=ATOL)


def is_untouched(student, handle, array):
    expect.close(student.fetch(handle), array, rtol=0, atol=0)


# q1: conv2d


@case("q1", points=4, hint="Lay the kernel on the window as it is: entry (u, v) meets pixel (i + u, j + v).")
def the_kernel_is_not_turned_round(student, rng):
    """The kernel is laid on the image as it is, not turned round"""
    for _ in range(8):
        height, width = oblong(rng, 5, 9)
        kernel_height, kernel_width = sizes(rng, 2, 2, 4)
        image = rng.normal(size=(1, 1, height, width))
        kernel = rng.normal(size=(1, 1, kernel_height, kernel_width))
        is_close(student.conv2d(image, kernel), correlated(image, kernel))


@case("q1", points=7, hint="One kernel has a table for each channel; all their products go into one sum.")
def products_are_summed_over_the_channels(student, rng):
    """Each kernel sums over all channels and makes one map"""
    for _ in range(8):
        batch, outputs = sizes(rng, 2, 2, 3)
        channels = int(rng.integers(2, 5))
        height, width = oblong(rng, 4, 8)
        images = rng.normal(size=(batch, channels, height, width))
        kernels = rng.normal(size=(outputs, channels, 3, 3))
        is_close(student.conv2d(images, kernels), correlated(images, kernels))


@case("q1", points=4, hint="bias[o] is added once to every entry of map o, after the sum over channels.")
def each_map_has_one_bias(student, rng):
    """The bias is added once to each output channel"""
    for _ in range(8):
        channels, outputs = oblong(rng, 2, 5)
        images = rng.normal(size=(2, channels, 5, 4))
        kernels = rng.normal(size=(outputs, channels, 2, 3))
        bias = 5 * rng.normal(size=outputs)
        is_close(student.conv2d(images, kernels, bias), correlated(images, kernels, bias))


@case("q1", points=5, hint="Padding p adds p lines of zeros at the top, the bottom, the left and the right.")
def zeros_are_added_on_all_four_sides(student, rng):
    """Padding adds zeros on all four sides"""
    for _ in range(8):
        height, width = oblong(rng, 3, 7)
        padding = int(rng.integers(1, 4))
        images = rng.normal(size=(1, 2, height, width))
        kernels = rng.normal(size=(2, 2, 3, 3))
        is_close(student.conv2d(images, kernels, padding=padding), correlated(images, kernels, padding=padding))


@case(
    "q1",
    points=4,
    hint="The window moves `stride` rows down and `stride` columns to the right at each step.",
)
def the_stride_counts_along_both_axes(student, rng):
    """The stride counts along both axes"""
    for _ in range(8):
        stride, kernel_size, *steps = sizes(rng, 4, 2, 3)
        height, width = kernel_size + stride * steps[0], kernel_size + stride * (steps[1] + 2)
        images = rng.normal(size=(2, 1, height, width))
        kernels = rng.normal(size=(2, 1, kernel_size, kernel_size))
        is_close(student.conv2d(images, kernels, stride=stride), correlated(images, kernels, stride=stride))


@case(
    "q1",
    points=2,
    hint="The number of windows is rounded down: what would stick out of the padded image is not visited.",
)
def windows_that_stick_out_are_left_out(student, rng):
    """A window that does not fit is left out"""
    for _ in range(8):
        stride = int(rng.integers(2, 4))
        height, width = (3 + stride * steps + int(rng.integers(1, stride)) for steps in (2, 3))
        images = rng.normal(size=(1, 2, height, width))
        kernels = rng.normal(size=(1, 2, 3, 3))
        is_close(student.conv2d(images, kernels, stride=stride), correlated(images, kernels, stride=stride))


@case("q1", points=2, hint="In a pair the height (rows) comes first, then the width (columns).")
def pairs_are_height_then_width(student, rng):
    """Pairs are (height, width)"""
    for _ in range(8):
        images = rng.normal(size=(1, 2, *oblong(rng, 6, 10)))
        kernels = rng.normal(size=(2, 2, *oblong(rng, 1, 4)))
        options = {"stride": oblong(rng, 1, 3), "padding": oblong(rng, 0, 2)}
        is_close(student.conv2d(images, kernels, **options), correlated(images, kernels, **options))


@case("q1", points=2, hint="Turn whole numbers into floats before you multiply: a byte ends at 255.")
def bytes_do_not_wrap_around(student, rng):
    """Images of uint8 give the right numbers"""
    for kernel_type in (np.uint8, np.int8, np.int64, np.float32) * 4:
        images = rng.integers(100, 256, size=(1, 2, 6, 5)).astype(np.uint8)
        lowest = 0 if kernel_type is np.uint8 else -9
        kernels = rng.integers(lowest, 10, size=(2, 2, 3, 3)).astype(kernel_type)
        is_close(student.conv2d(images, kernels, padding=1), correlated(images, kernels, padding=1))


@case(
    "q1",
    points=2,
    hint=("Write into new arrays only: not into views of the arguments, nor into one that is kept for later."),
)
def arguments_and_earlier_results_stay(student, rng):
    """Arguments and earlier results stay as they were"""
    images, others = rng.normal(size=(2, 1, 1, 6, 5))
    kernels, bias = rng.normal(size=(1, 1, 3, 3)), rng.normal(size=1)
    for padding in (0, 1):
        arguments = (images, kernels, bias)
        handles = [student.keep(argument) for argument in arguments]
        first = student.conv2d.keep(*handles, padding=padding)
        for handle, argument in zip(handles, arguments, strict=True):
            is_untouched(student, handle, argument)
        student.conv2d.keep(others, kernels, bias, padding=padding)
        is_close(student.fetch(first), correlated(images, kernels, bias, padding=padding))


@case(
    "q1",
    points=1,
    hint="Let NumPy handle the batch, the channels and the kernel; loop over output positions at most.",
)
def a_picture_of_64_by_64_is_done_in_time(student, rng):
    """A picture of 64 x 64 is done in time"""
    images = rng.normal(size=(1, 3, 64, 64)).astype(np.float32)
    kernels, bias = rng.normal(size=(8, 3, 3, 3)).astype(np.float32), rng.normal(size=8).astype(np.float32)
    is_close(student.conv2d(images, kernels, bias, padding=1), correlated(images, kernels, bias, padding=1))


@case(
    "q1",
    points=2,
    hint=("Check ranks, channels, bias, stride, padding and size first, and raise ValueError with a sentence."),
)
def bad_arguments_raise_value_error(student, rng):
    """Bad arguments raise ValueError"""
    images, kernels = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, 3, 3))
    is_close(student.conv2d(images, kernels), correlated(images, kernels))
    bad_calls = [
        ((images[0], kernels), {}),
        ((images, kernels[0]), {}),
        ((images, kernels[:, :2]), {}),
        ((images, kernels[:, :1]), {}),
        ((images[:, :1], kernels), {}),
        ((images, kernels, rng.normal(size=3)), {}),
        ((images, kernels), {"stride": 0}),
        ((images, kernels), {"stride": -1}),
        ((images, kernels), {"padding": -1}),
        ((images, rng.normal(size=(4, 3, 3, 6))), {}),
        ((images, rng.normal(size=(4, 3, 9, 3))), {"padding": 1}),
    ]
    for arguments, options in bad_calls:
        with expect.raises(ValueError):
            student.conv2d(*arguments, **options)


# q2: pooling


@case("q2", points=4, hint="Start from the pixels of the window, not from 0: a map can be negative all over.")
def the_largest_value_of_a_window_is_kept(student, rng):
    """Max pooling keeps the largest value, also a negative one"""
    for offset in (-9, 0, 9) * 5:
        height, width = oblong(rng, 2, 5)
        images = rng.normal(size=(2, 3, 2 * height, 2 * width)) + offset
        is_close(student.max_pool2d(images), max_pooled(images))


@case("q2", points=4, hint="A k x k window has k * k pixels: their sum is divided by that number.")
def the_mean_is_taken_over_the_window(student, rng):
    """Average pooling divides by the number of pixels in a window"""
    for _ in range(8):
        kernel_size = int(rng.integers(2, 5))
        height, width = oblong(rng, 1, 4)
        images = rng.normal(size=(2, 3, kernel_size * height, kernel_size * width))
        expected = average_pooled(images, kernel_size)
        is_close(student.average_pool2d(images, kernel_size=kernel_size), expected)


@case("q2", points=4, hint="Without a stride the windows lie side by side: the step is the kernel size.")
def no_stride_means_the_kernel_size(student, rng):
    """stride=None means the kernel size"""
    for _ in range(8):
        kernel_size = int(rng.integers(3, 5))
        height, width = oblong(rng, 2, 3)
        images = rng.normal(size=(1, 2, kernel_size * height, kernel_size * width))
        is_close(student.max_pool2d(images, kernel_size=kernel_size), max_pooled(images, kernel_size))
        expected = average_pooled(images, kernel_size)
        is_close(student.average_pool2d(images, kernel_size=kernel_size, stride=None), expected)


@case("q2", points=3, hint="Window size and step are two things: windows may overlap, or leave gaps.")
def a_stride_of_its_own_is_used(student, rng):
    """A stride that differs from the kernel size is used"""
    for kernel_size, stride in [(3, 1), (3, 2), (2, 1), (2, 3), (4, 3)] * 2:
        images = rng.normal(size=(1, 2, kernel_size + 2 * stride, kernel_size + 3 * stride))
        options = {"kernel_size": kernel_size, "stride": stride}
        is_close(student.max_pool2d(images, **options), max_pooled(images, **options))
        is_close(student.average_pool2d(images, **options), average_pooled(images, **options))


@case("q2", points=2, hint="Round down: rows and columns that do not fill a window are not visited.")
def pixels_that_do_not_fill_a_window_are_left_out(student, rng):
    """A window that does not fit is left out"""
    for height, width in [(5, 8), (6, 7), (7, 5), (9, 3)] * 3:
        images = rng.normal(size=(1, 2, height, width))
        is_close(student.max_pool2d(images), max_pooled(images))
        is_close(student.average_pool2d(images), average_pooled(images))


@case(
    "q2",
    points=3,
    hint="Average over height and width only: pictures and channels stay apart, so (N, C) remains.",
)
def pictures_and_channels_stay_apart(student, rng):
    """Global average pooling leaves (N, C)"""
    for _ in range(8):
        images = rng.normal(size=(*oblong(rng, 2, 5), *oblong(rng, 2, 7)))
        tensor = torch.from_numpy(images)
        expected = functional.adaptive_avg_pool2d(tensor, 1).flatten(1).numpy()
        is_close(student.global_average_pool(images), expected)


@case("q2", points=2, hint="Turn whole numbers into floats before adding, and do not round the mean.")
def means_of_bytes_are_right(student, rng):
    """Images of uint8 give the right numbers"""
    for _ in range(8):
        images = rng.integers(120, 256, size=(2, 2, 4, 6)).astype(np.uint8)
        is_close(student.max_pool2d(images), max_pooled(images))
        is_close(student.average_pool2d(images), average_pooled(images))
        is_close(student.global_average_pool(images), images.astype(np.float64).mean(axis=(2, 3)))


@case(
    "q2",
    points=1,
    hint="Write into new arrays only: not into views of the argument, nor into one that is kept for later.",
)
def pooled_images_and_earlier_results_stay(student, rng):
    """The images and earlier results stay as they were"""
    images, others = rng.normal(size=(2, 2, 2, 4, 6))
    expected = {
        "max_pool2d": max_pooled(images),
        "average_pool2d": average_pooled(images),
        "global_average_pool": images.mean(axis=(2, 3)),
    }
    for name, right in expected.items():
        function = getattr(student, name)
        handle = student.keep(images)
        first = function.keep(handle)
        is_untouched(student, handle, images)
        function.keep(others)
        is_close(student.fetch(first), right)


@case(
    "q2",
    points=2,
    hint="Check the rank, the kernel size and the stride first, and raise ValueError with a sentence.",
)
def bad_pooling_arguments_raise_value_error(student, rng):
    """Bad arguments raise ValueError"""
    images = rng.normal(size=(2, 3, 6, 5))
    is_close(student.global_average_pool(images), images.mean(axis=(2, 3)))
    is_close(student.max_pool2d(images), max_pooled(images))
    is_close(student.average_pool2d(images), average_pooled(images))
    with expect.raises(ValueError):
        student.global_average_pool(images[0])
    for pool in (student.max_pool2d, student.average_pool2d):
        with expect.raises(ValueError):
            pool(images[0])
        for options in ({"kernel_size": 6}, {"kernel_size": -1}, {"stride": 0}, {"stride": -1}):
            with expect.raises(ValueError):
                pool(images, **options)


# q3: relu


@case("q3", points=4, hint="Below zero the answer is 0, from zero on it is x itself.")
def numbers_below_zero_become_zero(student, rng):
    """Numbers below zero become 0, all others stay"""
    for _ in range(8):
        shape = sizes(rng, int(rng.integers(1, 5)), 1, 5)
        x = 3 * rng.normal(size=(4, *shape))
        is_close(student.relu(x), np.where(x < 0, 0.0, x))


@case("q3", points=2, hint="inf * 0 is nan: choose between 0 and x instead of multiplying by 0.")
def infinities_survive(student, rng):
    """-inf gives 0 and inf stays inf"""
    for extreme in (-np.inf, np.inf) * 4:
        x = rng.normal(size=(3, 4))
        x[int(rng.integers(3)), int(rng.integers(4))] = extreme
        got = student.relu(x)
        expect.shape(got, x.shape)
        got = np.asarray(got, dtype=np.float64)
        expect.true(not np.isnan(got).any(), f"the result holds nan where x held {extreme}")
        infinite = np.isinf(x) & (x > 0)
        expect.true((np.isposinf(got) == infinite).all(), f"{extreme} should give {max(0.0, extreme)}")
        is_close(np.where(infinite, 0.0, got), np.where((x < 0) | infinite, 0.0, x))


@case("q3", points=2, hint="Make a new array: x[x < 0] = 0 writes into the array of whoever called you.")
def the_argument_and_earlier_results_stay(student, rng):
    """The argument and earlier results stay as they were"""
    x, other = rng.normal(size=(2, 4, 5))
    handle = student.keep(x)
    first = student.relu.keep(handle)
    is_close(student.fetch(first), np.where(x < 0, 0.0, x))
    is_untouched(student, handle, x)
    student.relu.keep(other)
    is_close(student.fetch(first), np.where(x < 0, 0.0, x))
    student.probe("images.overwrite", first, -7.0)
    is_untouched(student, handle, x)
    positive = student.keep(np.abs(x))
    student.probe("images.overwrite", student.relu.keep(positive), -7.0)
    is_untouched(student, positive, np.abs(x))


@case("q3", points=1, hint="Small whole numbers wrap as soon as you add or double them: compare, and choose.")
def whole_numbers_stay_right(student, rng):
    """Whole numbers of every size stay right"""
    for kind in (np.uint8, np.int8, np.int32) * 4:
        bounds = np.iinfo(kind)
        x = rng.integers(bounds.min, bounds.max, size=(3, 5), endpoint=True).astype(kind)
        x[0, :2] = bounds.min, bounds.max
        is_close(student.relu(x), np.maximum(x.astype(np.int64), 0))


@case(
    "q3",
    points=1,
    hint="Look at the dtype of np.asarray(x) and raise ValueError unless it is a kind of number.",
)
def text_raises_value_error(student, rng):
    """What is not a number raises ValueError"""
    x = rng.normal(size=(3, 4))
    is_close(student.relu(x), np.where(x < 0, 0.0, x))
    for text in ("bright", ["-1", "2"], None):
        with expect.raises(ValueError):
            student.relu(text)


# q4: vertical_edge_kernel


def kernel_of(student):
    """The student's kernel as float64, once it is known to be 3 x 3 finite numbers, not all of them the same."""
    kernel = student.vertical_edge_kernel()
    expect.shape(kernel, (3, 3))
    expect.true(np.isfinite(kernel).all(), "the kernel should hold finite numbers only")
    kernel = np.asarray(kernel, dtype=np.float64)
    expect.true(bool((kernel != kernel[0, 0]).any()), "nine equal numbers cannot tell left from right")
    return kernel


def response(kernel, image):
    """The largest absolute value of the activation map."""
    return float(np.abs(correlated(image[None, None], kernel[None, None])).max())


def step_edge(rng, size):
    """A square image: dark and bright beside each other, either one on the left."""
    left, right = (float(level) for level in rng.choice([0.0, 0.2, 0.5, 1.0], size=2, replace=False))
    return np.where(np.arange(size) < int(rng.integers(3, size - 3)), left, right) * np.ones((size, 1))


def sees_vertical_edges(kernel, rng):
    """Vertical edges get a clearly larger response than the same edges turned to lie flat."""
    for _ in range(8):
        image = step_edge(rng, size=int(rng.integers(8, 13)))
        vertical, horizontal = response(kernel, image), response(kernel, image.T)
        message = f"a vertical edge gives {vertical:.4g}, the same edge lying flat {horizontal:.4g}"
        expect.true(vertical > 1.001 * horizontal and vertical > 0, message)


@case("q4", points=2, hint="Three rows and three columns of numbers.")
def the_kernel_is_three_by_three(student, rng):
    """The kernel is a 3 x 3 array of finite numbers"""
    kernel_of(student)


@case("q4", points=3, hint="The weights must add up to zero, so that equal pixels cancel.")
def a_flat_image_is_answered_with_zero(student, rng):
    """A flat image is answered with 0, however bright it is"""
    kernel = kernel_of(student)
    kernel = kernel / np.abs(kernel).max()  # small weights are no excuse for not cancelling
    edge = step_edge(rng, size=9)
    answer = max(response(kernel, edge), response(kernel, edge.T))
    expect.true(answer > 1e-3, "the kernel is silent on an edge, so its silence on a flat image says nothing")
    for brightness in rng.uniform(0.1, 1.0, size=15):
        flat = np.full((6, 7), brightness)
        expect.close(response(kernel, flat), 0.0, rtol=0, atol=1e-6)


@case(
    "q4",
    points=4,
    hint="Compare columns: weights of one sign on the left, of the other sign on the right.",
)
def vertical_edges_get_the_larger_response(student, rng):
    """Vertical edges get a larger response than horizontal ones"""
    sees_vertical_edges(kernel_of(student), rng)


@case("q4", points=1, hint="Make the array inside the function, so that each caller gets one of their own.")
def every_call_makes_a_new_kernel(student, rng):
    """Writing into one kernel does not change the next one"""
    right = kernel_of(student)
    first = student.vertical_edge_kernel.keep()
    student.probe("images.negate", first)
    second = student.vertical_edge_kernel()
    student.probe("images.negate", first)  # back again, so that one shared array costs this case only
    expect.close(second, right)


# q5: shift_test


def moved(image, shift):
    """The image shifted down and to the right, with zeros coming in."""
    result = np.roll(image, shift, axis=(0, 1))
    for axis, step in enumerate(shift):
        lines = slice(0, step) if step >= 0 else slice(step, None)
        result[(slice(None),) * axis + (lines,)] = 0
    return result


def largest_difference(operation, image, shift):
    """The judge's own measurement; the images of the exact cases are dark near the borders."""
    difference = np.asarray(operation(moved(image, shift)), dtype=np.float64) - moved(operation(image), shift)
    border = max(abs(step) for step in shift) + 8
    return float(np.abs(difference[border:-border, border:-border]).max())


def any_shift(rng):
    """Up to three pixels along both axes, never 0, and never as far down as to the right."""
    rows, columns = oblong(rng, 1, 3)
    return rows * int(rng.choice([-1, 1])), columns * int(rng.choice([-1, 1]))


def spot(rng, sign=None):
    """A dark 48 x 48 image with 4 x 4 bright pixels in the middle: how wide the border is does not matter."""
    image = np.zeros((48, 48))
    image[22:26, 22:26] = rng.uniform(1.0, 3.0, size=(4, 4)) * (rng.choice([-1, 1]) if sign is None else sign)
    return image


def moves_along(student, operation, image, shift):
    expect.between(student.shift_test(operation, image, shift), 0.0, NEAR_ZERO)


def stays_behind(student, rng):
    """A mask of random numbers is told apart from what moves along: who measures nothing cannot know."""
    image = rng.normal(size=oblong(rng, 40, 48))
    mask = student.probe("images.position_mask", rng.uniform(0.0, 1.0, size=image.shape), keep=True)
    expect.at_least(student.shift_test(mask, image, any_shift(rng)), 100 * NEAR_ZERO)  # on average it is 0.2


def measures(student, operation, local, image, shift):
    """The student's number is that of the judge, who has the same operation at hand."""
    expected = largest_difference(local, image, shift)
    assert expected > 0.01, "the operation of this case should not move along"
    is_close(student.shift_test(operation, image, shift), expected)


@case(
    "q5",
    points=5,
    hint="Shift the operated image as well, then compare, and leave a border of shift + 8 out.",
)
def blurs_and_edges_move_along(student, rng):
    """Blurring and finding edges move along with the picture: about 0"""
    filters = [student.probe("images.blur", radius, keep=True) for radius in (1, 5)]
    filters.append(student.probe("images.edges", keep=True))
    stays_behind(student, rng)
    for operation in filters * 4:
        moves_along(student, operation, rng.normal(size=oblong(rng, 40, 48)), any_shift(rng))


@case(
    "q5",
    points=2,
    hint="Your own convolution moves along as well: what is left over comes from the borders.",
)
def your_own_convolution_moves_along(student, rng):
    """Your own convolution moves along with the picture: about 0"""
    stays_behind(student, rng)
    for size in (3, 5):
        kernel = rng.normal(size=(size, size))
        operation = student.probe("images.convolution", student.conv2d.ref, kernel, keep=True)
        moves_along(student, operation, rng.normal(size=(34, 36)), any_shift(rng))


@case(
    "q5",
    points=4,
    hint="Take the largest absolute difference, with the shift in the direction that the text names.",
)
def a_mask_stays_behind(student, rng):
    """A mask that depends on the place gives the largest difference"""
    for _ in range(8):
        mask = rng.uniform(0.0, 1.0, size=(48, 48))
        operation = student.probe("images.position_mask", mask, keep=True)
        measures(student, operation, operations.position_mask(mask), spot(rng), any_shift(rng))


@case(
    "q5",
    points=2,
    hint="The first number of the shift moves rows (down), the second one columns (to the right).",
)
def rows_come_first_in_a_shift(student, rng):
    """A gain of its own for each row minds only a shift of the rows, a mirror only one of the columns"""
    gains = np.geomspace(1.0, 50.0, num=48)
    amplify, mirror = (
        student.probe("images.row_gain", gains, keep=True),
        student.probe("images.mirror", keep=True),
    )
    for _ in range(5):
        rows, columns = any_shift(rng)
        moves_along(student, amplify, spot(rng), (0, columns))
        measures(student, amplify, operations.row_gain(gains), spot(rng), (rows, 0))
        moves_along(student, mirror, spot(rng), (rows, 0))
        measures(student, mirror, operations.mirror(), spot(rng), (0, columns))


@case(
    "q5",
    points=2,
    hint="Compare for the shift that was asked for: steps of two may be fine where single steps are not.",
)
def pooling_moves_along_in_even_steps_only(student, rng):
    """Pooling with stride 2 moves along in even steps only"""
    operation = student.probe("images.mosaic", 2, keep=True)
    for _ in range(5):
        rows, columns = any_shift(rng)
        moves_along(student, operation, rng.normal(size=(48, 52)), (2 * rows, 2 * columns))
        odd = (2 * rows, 1) if rows > 0 else (1, 2 * columns)
        measures(student, operation, operations.mosaic(2), spot(rng), odd)


@case(
    "q5",
    points=2,
    hint="np.roll brings back on one side what leaves on the other: set those rows and columns to 0.",
)
def what_leaves_the_picture_is_gone(student, rng):
    """What leaves the picture is gone, zeros come in"""
    operation = student.probe("images.scale_to_one", keep=True)
    for _ in range(4):
        rows, columns = any_shift(rng)
        image = spot(rng, sign=1)
        image[-1 if rows > 0 else 0, 5:40] = 9.0
        measures(student, operation, operations.scale_to_one(), image, (rows, columns))
        image = spot(rng, sign=1)
        image[5:40, -1 if columns > 0 else 0] = 9.0
        measures(student, operation, operations.scale_to_one(), image, (rows, columns))


@case("q5", points=1, hint="Turn both pictures into floats before you subtract: 3 - 5 is 254 in uint8.")
def differences_of_bytes_do_not_wrap(student, rng):
    """Images of uint8 give the right numbers"""
    operation = student.probe("images.mirror", keep=True)
    for _ in range(8):
        image = (40 * spot(rng, sign=1)).astype(np.uint8)
        measures(student, operation, operations.mirror(), image, any_shift(rng))


@case("q5", points=1, hint="Shift a copy: the image belongs to whoever called your function.")
def the_shifted_image_stays(student, rng):
    """The image stays as it was"""
    image, gains = spot(rng), np.geomspace(1.0, 50.0, num=48)
    handle = student.keep(image)
    operation = student.probe("images.row_gain", gains, keep=True)
    shift = any_shift(rng)
    got = student.shift_test(operation, handle, shift)
    is_untouched(student, handle, image)
    is_close(got, largest_difference(operations.row_gain(gains), image, shift))


@case(
    "q5",
    points=1,
    hint="Check the axes, the shift and whether any pixel is left to compare; raise ValueError otherwise.",
)
def bad_shift_arguments_raise_value_error(student, rng):
    """Bad arguments raise ValueError"""
    stays_behind(student, rng)
    operation = student.probe("images.edges", keep=True)
    image = rng.normal(size=(40, 40))
    moves_along(student, operation, image, (1, 2))
    bad_calls = [(image[np.newaxis], (1, 2)), (image[0], (1, 2)), (image, (1, 2, 3)), (image, 2)]
    bad_calls += [(image[:12, :12], (1, 2)), (image[:, :16], (0, 1)), (image[:16], (2, 0)), (image, (0, 21))]
    for bad_image, bad_shift in bad_calls:
        with expect.raises(ValueError):
            student.shift_test(operation, bad_image, bad_shift)
