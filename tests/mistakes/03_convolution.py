"""Plausible wrong answers to exercise 3. The helpers are right; each mistake gets one thing wrong."""

import numpy as np

from autograder.cases import mistake


def pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def insist(condition):
    if not condition:
        raise ValueError("bad arguments")


def check_windows(images, kernel_size, stride):
    insist(images.ndim == 4 and min(kernel_size) > 0 and min(stride) > 0)
    insist(kernel_size[0] <= images.shape[2] and kernel_size[1] <= images.shape[3])


def check_convolution(images, kernels, bias, stride, padding):
    insist(images.ndim == 4 and kernels.ndim == 4 and images.shape[1] == kernels.shape[1])
    insist(bias is None or np.shape(bias) == (len(kernels),))
    insist(min(pair(stride)) > 0 and min(pair(padding)) >= 0)
    padded = [size + 2 * lines for size, lines in zip(images.shape[2:], pair(padding), strict=True)]
    insist(kernels.shape[2] <= padded[0] and kernels.shape[3] <= padded[1])


def windows(images, kernel_size, stride):
    kernel_size, stride = pair(kernel_size), pair(kernel_size if stride is None else stride)
    check_windows(images, kernel_size, stride)
    views = np.lib.stride_tricks.sliding_window_view(images, kernel_size, axis=(2, 3))
    return views[:, :, :: stride[0], :: stride[1]]


def pad(images, top, left, bottom, right, **options):
    return np.pad(images, ((0, 0), (0, 0), (top, bottom), (left, right)), **options)


def correlate(images, kernels, bias=None, stride=1, padding=0):
    """The right answer."""
    check_convolution(images, kernels, bias, stride, padding)
    height, width = pair(padding)
    padded = pad(images.astype(np.float64), height, width, height, width)
    maps = np.einsum("ncyxuv,ocuv->noyx", windows(padded, kernels.shape[2:], stride), kernels)
    return maps if bias is None else maps + np.reshape(bias, (1, -1, 1, 1))


# q1: conv2d


@mistake(
    "q1",
    caught_by="the_kernel_is_not_turned_round",
    hint=(
        "You turn the kernel by 180 degrees, as a convolution in mathematics does. Frameworks lay it on "
        "the image as it is (cross-correlation), and so should you."
    ),
)
def turns_the_kernel_round(images, kernels, bias=None, stride=1, padding=0):
    return correlate(images, kernels[..., ::-1, ::-1], bias, stride, padding)


@mistake(
    "q1",
    caught_by="products_are_summed_over_the_channels",
    hint=(
        "You average over the channels. The formula sums over them: three channels that agree answer "
        "three times as loud."
    ),
)
def averages_the_channels(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    return correlate(images, kernels / kernels.shape[1], bias, stride, padding)


@mistake(
    "q1",
    caught_by="products_are_summed_over_the_channels",
    hint=(
        "Only the first channel of the images reaches your result. A kernel has one table for each "
        "channel, and all of their products are added up."
    ),
)
def looks_at_the_first_channel_only(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    return correlate(images[:, :1], kernels[:, :1], bias, stride, padding)


@mistake(
    "q1",
    caught_by="products_are_summed_over_the_channels",
    hint=("All of your maps come from the first kernel. Map o belongs to kernel o, the first axis of `kernels`."),
)
def uses_the_first_kernel_for_all_maps(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    return correlate(images, np.repeat(kernels[:1], len(kernels), axis=0), bias, stride, padding)


@mistake(
    "q1",
    caught_by="products_are_summed_over_the_channels",
    hint=("Your maps lie on their side: rows and columns are exchanged. Height comes before width in (N, O, OH, OW)."),
)
def exchanges_height_and_width(images, kernels, bias=None, stride=1, padding=0):
    return correlate(images, kernels, bias, stride, padding).swapaxes(2, 3)


@mistake(
    "q1",
    caught_by="each_map_has_one_bias",
    hint=("Your maps are right but for the bias, which is never added. Give each map o the number bias[o] at the end."),
)
def forgets_the_bias(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    return correlate(images, kernels, None, stride, padding)


@mistake(
    "q1",
    caught_by="each_map_has_one_bias",
    hint=(
        "You add the bias once for each input channel, probably inside the loop over channels. It belongs "
        "after that sum: once for each output channel."
    ),
)
def adds_the_bias_for_each_channel(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    bias = None if bias is None else np.asarray(bias) * images.shape[1]
    return correlate(images, kernels, bias, stride, padding)


@mistake(
    "q1",
    caught_by="zeros_are_added_on_all_four_sides",
    hint=(
        "You pad at the top and on the left only. Padding p adds p lines on both sides of each axis, "
        "hence 2p in the formula for the output size."
    ),
)
def pads_one_side_of_each_axis(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    return correlate(pad(images, *pair(padding), 0, 0), kernels, bias, stride)


@mistake(
    "q1",
    caught_by="zeros_are_added_on_all_four_sides",
    hint=("Your border repeats the pixels next to it. Padding adds zeros, as if it were dark around the image."),
)
def pads_with_copies_of_the_border(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    return correlate(pad(images, *pair(padding), *pair(padding), mode="edge"), kernels, bias, stride)


@mistake(
    "q1",
    caught_by="the_stride_counts_along_both_axes",
    hint=(
        "Your window moves by one pixel, whatever the stride is. The window of output (i, j) starts at (i "
        "* stride, j * stride)."
    ),
)
def ignores_the_stride(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    return correlate(images, kernels, bias, 1, padding)


@mistake(
    "q1",
    caught_by="the_stride_counts_along_both_axes",
    hint="You apply the stride to the rows alone. It counts along both axes: skip columns in the same way.",
)
def strides_over_rows_only(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    return correlate(images, kernels, bias, (pair(stride)[0], 1), padding)


@mistake(
    "q1",
    caught_by="windows_that_stick_out_are_left_out",
    hint=(
        "You round the number of windows up and fill what is missing with zeros. Frameworks round down: a "
        "window that sticks out is left out."
    ),
)
def rounds_the_number_of_windows_up(images, kernels, bias=None, stride=1, padding=0):
    check_convolution(images, kernels, bias, stride, padding)
    padded = pad(images, *pair(padding), *pair(padding))
    sizes = zip(padded.shape[2:], kernels.shape[2:], pair(stride), strict=True)
    missing = [-(size - kernel_size) % step for size, kernel_size, step in sizes]
    return correlate(pad(padded, 0, 0, *missing), kernels, bias, stride)


@mistake(
    "q1",
    caught_by="pairs_are_height_then_width",
    hint=("You read pairs as (width, height). In shapes and pairs alike the height, counted in rows, comes first."),
)
def reads_pairs_as_width_then_height(images, kernels, bias=None, stride=1, padding=0):
    return correlate(images, kernels, bias, pair(stride)[::-1], pair(padding)[::-1])


@mistake(
    "q1",
    caught_by="bytes_do_not_wrap_around",
    hint=(
        "Your sums are kept in the type of the images. A byte ends at 255 and starts again at 0, so 200 + "
        "100 became 44: compute in floats."
    ),
)
def computes_in_bytes(images, kernels, bias=None, stride=1, padding=0):
    maps = correlate(images, kernels, bias, stride, padding)
    return maps.astype(np.int64).astype(images.dtype) if images.dtype.kind in "iu" else maps


@mistake(
    "q1",
    caught_by="arguments_and_earlier_results_stay",
    hint=(
        "The kernels come back to their owner changed. `kernels[...] = ...`, `*=` and `+=` write into the "
        "array that you were given, also through a slice: make a new one."
    ),
)
def scales_the_kernels_in_place(images, kernels, bias=None, stride=1, padding=0):
    maps = correlate(images, kernels, bias, stride, padding)
    kernels *= 2
    return maps


@mistake(
    "q1",
    caught_by="arguments_and_earlier_results_stay",
    hint=(
        "`window *= kernel` writes into the image: a slice of an array is a view of it, not a copy. Write "
        "the product into an array of its own."
    ),
)
def multiplies_in_the_window(images, kernels, bias=None, stride=1, padding=0):
    maps = correlate(images, kernels, bias, stride, padding)
    (height, width), (rows, columns) = kernels.shape[2:], pair(stride)
    if np.any(padding) or kernels.dtype != images.dtype:
        return maps  # np.pad and astype make copies
    for kernel, (y, x) in ((kernel, place) for kernel in kernels for place in np.ndindex(maps.shape[2:])):
        window = images[:, :, y * rows : y * rows + height, x * columns : x * columns + width]
        window *= kernel
    return maps


CONVOLVED = {}


@mistake(
    "q1",
    caught_by="arguments_and_earlier_results_stay",
    hint=(
        "Two calls share one array for their results, so that the second call overwrites the first "
        "answer. Make a new array in each call."
    ),
)
def writes_into_one_kept_array(images, kernels, bias=None, stride=1, padding=0):
    maps = correlate(images, kernels, bias, stride, padding)
    kept = CONVOLVED.setdefault(maps.shape, np.zeros(maps.shape))
    kept[...] = maps
    return kept


@mistake(
    "q1",
    caught_by="bad_arguments_raise_value_error",
    hint=(
        "Your sums are right, but where images and kernels differ in their channels you drop the surplus "
        "silently. That hides a mistake of the caller's: raise ValueError."
    ),
)
def drops_surplus_channels(images, kernels, bias=None, stride=1, padding=0):
    insist(images.ndim == 4 and kernels.ndim == 4)
    channels = min(images.shape[1], kernels.shape[1])
    return correlate(images[:, :channels], kernels[:, :channels], bias, stride, padding)


@mistake(
    "q1",
    caught_by="bad_arguments_raise_value_error",
    hint=(
        "A negative stride or padding passes your checks. Refuse both with a ValueError: a window moves "
        "by at least one pixel, and padding adds pixels."
    ),
)
def takes_negative_numbers(images, kernels, bias=None, stride=1, padding=0):
    rows, columns = np.abs(pair(stride))
    height, width = np.maximum(pair(padding), 0)
    return correlate(images, kernels, bias, (rows, columns), (height, width))


# q2: pooling


@mistake(
    "q2",
    replaces="max_pool2d",
    caught_by="the_largest_value_of_a_window_is_kept",
    hint=(
        "Your maximum starts from 0, so a window of negative numbers gives 0. Start from the pixels "
        "themselves, or from minus infinity."
    ),
)
def starts_the_maximum_from_zero(images, kernel_size=2, stride=None):
    return np.maximum(windows(images, kernel_size, stride).max(axis=(4, 5)), 0)


@mistake(
    "q2",
    replaces="max_pool2d",
    caught_by="the_largest_value_of_a_window_is_kept",
    hint="You keep the value with the largest magnitude. The maximum knows signs: of -5 and 2 it is 2.",
)
def keeps_the_largest_magnitude(images, kernel_size=2, stride=None):
    views = windows(images, kernel_size, stride)
    largest, smallest = views.max(axis=(4, 5)), views.min(axis=(4, 5))
    return np.where(np.abs(smallest) > np.abs(largest), smallest, largest)


@mistake(
    "q2",
    replaces="max_pool2d",
    caught_by="the_largest_value_of_a_window_is_kept",
    hint=(
        "Your maximum runs over the channels too. Pooling treats each channel on its own and leaves their "
        "number as it is."
    ),
)
def pools_over_the_channels(images, kernel_size=2, stride=None):
    return windows(images, kernel_size, stride).max(axis=(1, 4, 5))


@mistake(
    "q2",
    replaces="average_pool2d",
    caught_by="the_mean_is_taken_over_the_window",
    hint="You add the pixels of a window up, but do not divide the sum by how many there are.",
)
def sums_instead_of_averaging(images, kernel_size=2, stride=None):
    return windows(images, kernel_size, stride).sum(axis=(4, 5), dtype=np.float64)


@mistake(
    "q2",
    replaces="average_pool2d",
    caught_by="the_mean_is_taken_over_the_window",
    hint="You divide by the side of the window. A k x k window holds k * k pixels.",
)
def divides_by_the_side(images, kernel_size=2, stride=None):
    views = windows(images, kernel_size, stride)
    return views.sum(axis=(4, 5), dtype=np.float64) / views.shape[4]


@mistake(
    "q2",
    replaces="average_pool2d",
    caught_by="the_mean_is_taken_over_the_window",
    hint=("You divide by 4 always. That is right for 2 x 2 windows only: a window has height times width pixels."),
)
def divides_by_four(images, kernel_size=2, stride=None):
    return windows(images, kernel_size, stride).sum(axis=(4, 5), dtype=np.float64) / 4


@mistake(
    "q2",
    replaces="max_pool2d",
    caught_by="no_stride_means_the_kernel_size",
    hint=(
        "Without a stride your windows move by 1, as in a convolution. For pooling the usual step is the "
        "kernel size: windows lie side by side."
    ),
)
def moves_by_one_without_a_stride(images, kernel_size=2, stride=None):
    return windows(images, kernel_size, 1 if stride is None else stride).max(axis=(4, 5))


@mistake(
    "q2",
    replaces="average_pool2d",
    caught_by="no_stride_means_the_kernel_size",
    hint="Without a stride your windows move by 2. None means the kernel size, whichever it is.",
)
def moves_by_two_without_a_stride(images, kernel_size=2, stride=None):
    return windows(images, kernel_size, 2 if stride is None else stride).mean(axis=(4, 5))


@mistake(
    "q2",
    replaces="max_pool2d",
    caught_by="a_stride_of_its_own_is_used",
    hint=(
        "Your windows always lie side by side. Where a stride is given it is the step, so that windows "
        "overlap or leave gaps."
    ),
)
def ignores_the_stride_of_a_pool(images, kernel_size=2, stride=None):
    insist(stride is None or min(pair(stride)) > 0)
    return windows(images, kernel_size, None).max(axis=(4, 5))


@mistake(
    "q2",
    replaces="average_pool2d",
    caught_by="pixels_that_do_not_fill_a_window_are_left_out",
    hint=(
        "You fill the last row and column up with zeros to get one more window. Round down: what does not "
        "fill a window is left out."
    ),
)
def fills_the_last_window_with_zeros(images, kernel_size=2, stride=None):
    windows(images, kernel_size, stride)
    step = kernel_size if stride is None else stride
    missing = [-(size - kernel_size) % step for size in images.shape[2:]]
    return windows(pad(images, 0, 0, *missing), kernel_size, stride).mean(axis=(4, 5))


@mistake(
    "q2",
    replaces="global_average_pool",
    caught_by="pictures_and_channels_stay_apart",
    hint=(
        "Your mean runs over the pictures of the batch too, so that strangers are mixed. Average over the "
        "last two axes only."
    ),
)
def averages_over_the_batch(images):
    insist(images.ndim == 4)
    return images.mean(axis=(0, 2, 3))


@mistake(
    "q2",
    replaces="global_average_pool",
    caught_by="pictures_and_channels_stay_apart",
    hint=(
        "You average over axes 1 and 2, as if images were (N, H, W, C). Here they are (N, C, H, W): axes "
        "2 and 3 are the map."
    ),
)
def averages_as_if_channels_came_last(images):
    insist(images.ndim == 4)
    return images.mean(axis=(1, 2))


@mistake(
    "q2",
    replaces="global_average_pool",
    caught_by="pictures_and_channels_stay_apart",
    hint=("Your means are right, but two axes of size 1 are left behind them: (N, C, 1, 1). Asked for is (N, C)."),
)
def leaves_two_axes_of_one(images):
    insist(images.ndim == 4)
    return images.mean(axis=(2, 3), keepdims=True)


@mistake(
    "q2",
    replaces="average_pool2d",
    caught_by="means_of_bytes_are_right",
    hint=("You add bytes to bytes: 200 + 100 became 44 before you divided. Turn the images into floats first."),
)
def adds_bytes_to_bytes(images, kernel_size=2, stride=None):
    views = windows(images, kernel_size, stride)
    return views.sum(axis=(4, 5), dtype=images.dtype) / (views.shape[4] * views.shape[5])


@mistake(
    "q2",
    replaces="global_average_pool",
    caught_by="means_of_bytes_are_right",
    hint=(
        "Your means of whole numbers are cut off after the point. A mean of 1 and 2 is 1.5: let the "
        "result be of floats."
    ),
)
def keeps_whole_numbers_whole(images):
    insist(images.ndim == 4)
    return images.mean(axis=(2, 3)).astype(images.dtype)


@mistake(
    "q2",
    replaces="max_pool2d",
    caught_by="pooled_images_and_earlier_results_stay",
    hint=(
        "The images come back in another order. array.sort() sorts in place, also through a slice: "
        "np.sort makes a copy, and max needs no order at all."
    ),
)
def sorts_the_images(images, kernel_size=2, stride=None):
    pooled = windows(images, kernel_size, stride).max(axis=(4, 5))
    images.sort(axis=3)
    return pooled


AVERAGED = {}


@mistake(
    "q2",
    replaces="average_pool2d",
    caught_by="pooled_images_and_earlier_results_stay",
    hint=(
        "Two calls share one array for their results, so that the second call overwrites the first "
        "answer. Make a new array in each call."
    ),
)
def averages_into_one_kept_array(images, kernel_size=2, stride=None):
    pooled = windows(images, kernel_size, stride).mean(axis=(4, 5))
    kept = AVERAGED.setdefault(pooled.shape, np.zeros(pooled.shape))
    kept[...] = pooled
    return kept


@mistake(
    "q2",
    replaces="max_pool2d",
    caught_by="bad_pooling_arguments_raise_value_error",
    hint=(
        "A single image without a batch axis is taken as if it had one. The shape (N, C, H, W) was agreed "
        "on: refuse any other with a ValueError."
    ),
)
def takes_images_without_a_batch(images, kernel_size=2, stride=None):
    return windows(images.reshape(-1, *images.shape[-3:]), kernel_size, stride).max(axis=(4, 5))


@mistake(
    "q2",
    replaces="average_pool2d",
    caught_by="bad_pooling_arguments_raise_value_error",
    hint=(
        "Where the window is larger than the image you use a smaller window without a word. Raise "
        "ValueError: the caller asked for something that does not exist."
    ),
)
def shrinks_the_window_to_the_image(images, kernel_size=2, stride=None):
    height, width = (min(sides) for sides in zip(pair(kernel_size), images.shape[2:], strict=False))
    return windows(images, (height, width), kernel_size if stride is None else stride).mean(axis=(4, 5))


# q3: relu


def real(x):
    x = np.asarray(x)
    insist(x.dtype.kind in "biuf")
    return x


@mistake(
    "q3",
    caught_by="numbers_below_zero_become_zero",
    hint="You drop the sign: -3 became 3. ReLU silences what is below zero: -3 becomes 0.",
)
def takes_the_absolute_value(x):
    return np.abs(real(x).astype(np.float64))


@mistake(
    "q3",
    caught_by="numbers_below_zero_become_zero",
    hint=(
        "A little of the negative numbers comes through: that is the leaky relative of ReLU. Here they "
        "become exactly 0."
    ),
)
def leaks(x):
    x = real(x)
    return np.where(x > 0, x, np.where(np.isinf(x), 0.0, 0.01 * x))


@mistake(
    "q3",
    caught_by="numbers_below_zero_become_zero",
    hint="You cut off above 1 as well. ReLU has no upper limit: 3 stays 3.",
)
def stops_at_one(x):
    return np.clip(real(x), 0, 1)


@mistake(
    "q3",
    caught_by="numbers_below_zero_become_zero",
    hint=("You kept the wrong half: negative numbers pass and positive ones are silenced. It is max(0, x), not min."),
)
def keeps_the_negative_half(x):
    return np.minimum(real(x), 0)


@mistake(
    "q3",
    caught_by="infinities_survive",
    hint=(
        "x * (x > 0) turns -inf into nan, because infinity times zero is no number. Choose between 0 and "
        "x instead of multiplying."
    ),
)
def multiplies_by_true_and_false(x):
    x = real(x)
    with np.errstate(invalid="ignore"):
        return x * (x > 0)


@mistake(
    "q3",
    caught_by="infinities_survive",
    hint=(
        "(x + |x|) / 2 is right for ordinary numbers; but -inf + inf is nan, and small whole numbers wrap "
        "when they are doubled. Compare with 0 instead."
    ),
)
def halves_a_sum(x):
    x = real(x)
    with np.errstate(invalid="ignore"):
        return (x + np.abs(x)) / 2


@mistake(
    "q3",
    caught_by="infinities_survive",
    hint="You clean infinities out of the result. Plus infinity is larger than 0, so it stays.",
)
def removes_infinities(x):
    return np.where(np.isposinf(real(x)), 0, np.maximum(x, 0))


@mistake(
    "q3",
    caught_by="the_argument_and_earlier_results_stay",
    hint=(
        "Your numbers are right, but x[x < 0] = 0 writes into the array of whoever called you, and the "
        "values before the bend are lost. Make a new array."
    ),
)
def writes_zeros_into_the_argument(x):
    x = real(x)
    x[x < 0] = 0
    return x


@mistake(
    "q3",
    caught_by="the_argument_and_earlier_results_stay",
    hint=(
        "Where nothing is negative you hand the argument itself back. Whoever writes into the result then "
        "changes the original: return a new array always."
    ),
)
def hands_the_argument_back(x):
    x = real(x)
    return np.maximum(x, 0) if (x < 0).any() else x


BENT = {}


@mistake(
    "q3",
    caught_by="the_argument_and_earlier_results_stay",
    hint=(
        "Two calls share one array for their results, so that the second call overwrites the first "
        "answer. Make a new array in each call."
    ),
)
def bends_into_one_kept_array(x):
    bent = np.maximum(real(x), 0)
    kept = BENT.setdefault((bent.shape, bent.dtype), bent)
    kept[...] = bent
    return kept


@mistake(
    "q3",
    caught_by="whole_numbers_stay_right",
    hint=(
        "You read bytes as if they had a sign, so that 200 counts as -56 and comes out as 0. Keep the "
        "type of x, or use floats."
    ),
)
def reads_bytes_as_signed(x):
    x = real(x)
    return np.maximum(x.view(np.int8), 0) if x.dtype == np.uint8 else np.maximum(x, 0)


@mistake(
    "q3",
    caught_by="text_raises_value_error",
    hint=(
        "Text that looks like a number is converted silently, and other text or None ends in an odd "
        "place. Check the dtype, and raise ValueError with a sentence."
    ),
)
def takes_text_for_numbers(x):
    x = np.asarray(x)
    return np.maximum(x.astype(np.float64) if x.dtype.kind not in "biuf" else x, 0)


# q4: vertical_edge_kernel


@mistake(
    "q4",
    caught_by="the_kernel_is_three_by_three",
    hint=(
        "One row of weights sees the edge, but a 3 x 3 kernel is asked for: repeat the row, so that noise averages out."
    ),
)
def gives_one_row():
    return np.array([[-1.0, 0.0, 1.0]])


@mistake(
    "q4",
    caught_by="the_kernel_is_three_by_three",
    hint="Your kernel has the four axes that conv2d takes. Asked for is the (3, 3) table alone.",
)
def adds_the_axes_of_conv2d():
    return np.tile([-1.0, 0.0, 1.0], (3, 1))[np.newaxis, np.newaxis]


@mistake(
    "q4",
    caught_by="vertical_edges_get_the_larger_response",
    hint=(
        "Your kernel compares above with below, so it sees horizontal edges. At a vertical edge left and "
        "right differ: lay the weights on their side."
    ),
)
def sees_horizontal_edges():
    return np.array([[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])


@mistake(
    "q4",
    caught_by="vertical_edges_get_the_larger_response",
    hint=("A kernel of zeros is silent on a flat image, but everywhere else as well. It needs weights of both signs."),
)
def is_silent_always():
    return np.zeros((3, 3))


@mistake(
    "q4",
    caught_by="vertical_edges_get_the_larger_response",
    hint=(
        "This kernel compares the middle with all of its neighbours, so it answers edges of every "
        "direction alike. Let only left and right disagree."
    ),
)
def sees_edges_of_every_direction():
    return np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])


@mistake(
    "q4",
    caught_by="vertical_edges_get_the_larger_response",
    hint=(
        "Your weights change along the diagonal: vertical and horizontal edges are the same to it. Every "
        "row should tell left from right in the same sense."
    ),
)
def sees_diagonal_edges():
    return np.array([[0.0, 1.0, 2.0], [-1.0, 0.0, 1.0], [-2.0, -1.0, 0.0]])


@mistake(
    "q4",
    caught_by="a_flat_image_is_answered_with_zero",
    hint=(
        "Your weights do not cancel, so a flat image gets an answer that grows with its brightness. Left "
        "and right must weigh the same, with opposite signs."
    ),
)
def answers_brightness_too():
    return np.array([[-1.0, 0.0, 2.0], [-1.0, 0.0, 2.0], [-1.0, 0.0, 2.0]])


@mistake(
    "q4",
    caught_by="a_flat_image_is_answered_with_zero",
    hint="In uint8 there are no negative numbers: your -1 became 255. Use floats or a signed type.",
)
def has_no_negative_weights():
    return np.tile(np.array([-1, 0, 1]).astype(np.uint8), (3, 1))


SHARED = np.tile([-1.0, 0.0, 1.0], (3, 1))


@mistake(
    "q4",
    caught_by="every_call_makes_a_new_kernel",
    hint=(
        "All callers get the same array, so that one who writes into theirs spoils it for the next. Make "
        "the array inside the function."
    ),
)
def lends_one_kernel_to_all():
    return SHARED


# q5: shift_test


def move(image, shift, *, roll=False):
    """The image moved down and to the right, with zeros coming in unless it is rolled round."""
    moved = np.roll(image, shift, axis=(0, 1))
    if roll:
        return moved
    rows, columns = shift
    moved[slice(0, rows) if rows >= 0 else slice(rows, None)] = 0
    moved[:, slice(0, columns) if columns >= 0 else slice(columns, None)] = 0
    return moved


def check_shift(image, shift):
    insist(np.ndim(image) == 2 and np.shape(shift) == (2,))
    insist(min(image.shape) > 2 * border_of(shift))


def border_of(shift):
    return max(abs(shift[0]), abs(shift[1])) + 8


def inside(picture, shift):
    border = border_of(shift)
    return np.asarray(picture)[border:-border, border:-border].astype(np.float64)


def differences(operation, image, shift, **options):
    """The right differences, with their signs."""
    check_shift(image, shift)
    moved_last = move(operation(image), shift, **options)
    return inside(operation(move(image, shift, **options)), shift) - inside(moved_last, shift)


@mistake(
    "q5",
    caught_by="blurs_and_edges_move_along",
    hint=(
        "You compare with the operated image where it was. Move that one too: the question is whether "
        "moving first and moving last give the same."
    ),
)
def forgets_to_move_the_result(operation, image, shift):
    check_shift(image, shift)
    unmoved = inside(operation(image), shift)
    return float(np.abs(inside(operation(move(image, shift)), shift) - unmoved).max())


@mistake(
    "q5",
    caught_by="blurs_and_edges_move_along",
    hint=("You move the picture one way and the result the other way. Both go the same way if they are to meet again."),
)
def moves_the_result_the_other_way(operation, image, shift):
    check_shift(image, shift)
    back = move(operation(image), (-shift[0], -shift[1]))
    return float(np.abs(inside(operation(move(image, shift)), shift) - inside(back, shift)).max())


@mistake(
    "q5",
    caught_by="blurs_and_edges_move_along",
    hint=(
        "You compare up to the borders, where windows reach into padding and zeros came in. Leave "
        "max(|r|, |c|) + 8 pixels out on every side."
    ),
)
def compares_the_borders_too(operation, image, shift):
    check_shift(image, shift)
    moved_last = np.asarray(move(operation(image), shift), dtype=np.float64)
    return float(np.abs(operation(move(image, shift)) - moved_last).max())


@mistake(
    "q5",
    caught_by="blurs_and_edges_move_along",
    hint=(
        "You leave only as many pixels out as the picture moves. The windows of a convolution reach "
        "further than that: 8 more pixels on every side."
    ),
)
def leaves_out_the_shift_only(operation, image, shift):
    check_shift(image, shift)
    border = border_of(shift) - 8
    moved_last = np.asarray(move(operation(image), shift), dtype=np.float64)
    difference = np.abs(operation(move(image, shift)) - moved_last)
    return float(difference[border:-border, border:-border].max()) if border else float(difference.max())


@mistake(
    "q5",
    caught_by="a_mask_stays_behind",
    hint=(
        "You report that everything moves along. A mask or a gain that depends on the place does not: "
        "measure both ways and compare."
    ),
)
def finds_no_difference_ever(operation, image, shift):
    check_shift(image, shift)
    return 0.0


@mistake(
    "q5",
    caught_by="a_mask_stays_behind",
    hint=(
        "You average the differences. One place where the two ways disagree is enough to break the "
        "property, so the largest difference is asked for."
    ),
)
def averages_the_differences(operation, image, shift):
    return float(np.abs(differences(operation, image, shift)).mean())


@mistake(
    "q5",
    caught_by="a_mask_stays_behind",
    hint=("You take the largest difference with its sign, so that -3 counts less than 1. Take absolute values first."),
)
def forgets_absolute_values(operation, image, shift):
    return float(differences(operation, image, shift).max())


@mistake(
    "q5",
    caught_by="a_mask_stays_behind",
    hint=(
        "You move up and to the left. A positive shift goes down and to the right: pixel (i, j) goes to (i + r, j + c)."
    ),
)
def moves_up_and_to_the_left(operation, image, shift):
    insist(np.shape(shift) == (2,))
    return float(np.abs(differences(operation, image, (-shift[0], -shift[1]))).max())


@mistake(
    "q5",
    caught_by="rows_come_first_in_a_shift",
    hint="You read the shift as (columns, rows). As in every shape here, rows come first.",
)
def reads_a_shift_as_columns_then_rows(operation, image, shift):
    insist(np.shape(shift) == (2,))
    return float(np.abs(differences(operation, image, (shift[1], shift[0]))).max())


@mistake(
    "q5",
    caught_by="rows_come_first_in_a_shift",
    hint=(
        "Only your columns move. The shift has two numbers: roll axis 0 by the first one and axis 1 by the second one."
    ),
)
def moves_columns_only(operation, image, shift):
    insist(np.shape(shift) == (2,))
    check_shift(image, shift)
    return float(np.abs(differences(operation, image, (0, shift[1]))).max())


@mistake(
    "q5",
    caught_by="pooling_moves_along_in_even_steps_only",
    hint=(
        "You move by one pixel only, whatever the shift is. Some operations mind single steps and not "
        "double ones: move by the shift that you were given."
    ),
)
def moves_by_one_pixel(operation, image, shift):
    check_shift(image, shift)
    return float(np.abs(differences(operation, image, (int(np.sign(shift[0])), int(np.sign(shift[1]))))).max())


@mistake(
    "q5",
    caught_by="what_leaves_the_picture_is_gone",
    hint=(
        "np.roll lets what leaves on one side come in on the other. An operation that looks at the whole "
        "picture notices that: write zeros there."
    ),
)
def rolls_the_picture_round(operation, image, shift):
    return float(np.abs(differences(operation, image, shift, roll=True)).max())


@mistake(
    "q5",
    caught_by="differences_of_bytes_do_not_wrap",
    hint=(
        "You subtract bytes from bytes, and 3 - 5 became 254. Turn both pictures into floats before you compare them."
    ),
)
def subtracts_bytes(operation, image, shift):
    check_shift(image, shift)
    border = border_of(shift)
    difference = np.asarray(operation(move(image, shift))) - move(operation(image), shift)
    return float(np.abs(difference[border:-border, border:-border]).max())


@mistake(
    "q5",
    caught_by="the_shifted_image_stays",
    hint=(
        "The image comes back moved. You write the zeros, or the moved picture, into the array that you "
        "were given: work on a copy."
    ),
)
def moves_the_image_itself(operation, image, shift):
    largest = float(np.abs(differences(operation, image, shift)).max())
    image[...] = move(image, shift)
    return largest


@mistake(
    "q5",
    caught_by="bad_shift_arguments_raise_value_error",
    hint=(
        "Where nothing is left to compare you answer 0.0, which says that all is well. Nothing was "
        "measured: raise ValueError."
    ),
)
def calls_nothing_no_difference(operation, image, shift):
    insist(np.ndim(image) == 2 and np.shape(shift) == (2,))
    return float(np.abs(differences(operation, image, shift)).max()) if min(image.shape) > 2 * border_of(shift) else 0.0
