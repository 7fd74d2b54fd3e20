"""Hidden cases of exercise 1: output sizes.

Nothing here repeats the formulas: the windows of real arrays are laid out by NumPy and counted, which tests hold
against PyTorch; PyTorch itself would take two seconds to import, and then the exercise could not be graded without it.
What was found is remembered, since every student of a class is asked the same. A case about refusals asks for an
ordinary value first: who refuses everything has checked nothing.
"""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder import expect
from autograder.cases import case

DRAWS = 8
ROW = 256  # pixels: more than any network drawn here sees


# q1 · one axis


@case("q1", points=3, hint="Count positions of the kernel: floor((I - k + 2p) / s) + 1.")
def random_axes_agree_with_a_real_convolution(student, rng):
    for _ in range(2 * DRAWS):
        axis = draw_axis(rng)
        expect.equal(student.conv_output_size(**axis), axis_after_conv(**axis))


@case("q1", points=3, hint="Divide first, round down, and add one last: floor((I - k + 2p) / s) + 1.")
def a_stride_that_does_not_divide_rounds_down(student, rng):
    for _ in range(DRAWS):
        kernel_size, stride = draw(rng, 3, 8), draw(rng, 2, 6)
        left_over = draw(rng, 1, stride)
        input_size = kernel_size + stride * draw(rng, 1, 12) + left_over
        got = student.conv_output_size(input_size, kernel_size=kernel_size, stride=stride)
        expect.equal(got, axis_after_conv(input_size, kernel_size, stride))


@case("q1", points=3, hint="Padding is added at both ends, so the kernel walks over I + 2p pixels.")
def padding_counts_on_both_sides(student, rng):
    for _ in range(DRAWS):
        input_size, kernel_size, padding = draw(rng, 8, 64), draw(rng, 1, 8), draw(rng, 1, 5)
        got = student.conv_output_size(input_size, kernel_size=kernel_size, padding=padding)
        expect.equal(got, axis_after_conv(input_size, kernel_size, padding=padding))


@case("q1", points=2, hint="Left out, the stride is 1 and the padding 0: without padding, inputs shrink.")
def stride_is_1_and_padding_0_unless_given(student, rng):
    for _ in range(DRAWS):
        input_size, kernel_size, stride = draw(rng, 12, 64), draw(rng, 2, 8), draw(rng, 2, 5)
        got = student.conv_output_size(input_size, kernel_size)
        expect.equal(got, axis_after_conv(input_size, kernel_size))
        got = student.conv_output_size(input_size, kernel_size, stride)
        expect.equal(got, axis_after_conv(input_size, kernel_size, stride))


@case("q1", points=2, hint="Compare the kernel with I + 2p pixels: as large is fine, larger is not.")
def a_kernel_may_cover_the_whole_padded_axis_but_not_more(student, rng):
    for _ in range(DRAWS):
        input_size, stride, padding = draw(rng, 2, 12), draw(rng, 1, 4), draw(rng, 1, 4)
        padded_size = input_size + 2 * padding
        for kernel_size in (padded_size - 1, padded_size):
            got = student.conv_output_size(input_size, kernel_size, stride, padding)
            expect.equal(got, axis_after_conv(input_size, kernel_size, stride, padding))
        with expect.raises(ValueError):
            student.conv_output_size(input_size, padded_size + draw(rng, 1, 9), stride, padding)


@case("q1", points=2, hint="Check arguments first and raise ValueError: a stride of 0 never moves on.")
def negative_sizes_and_a_stride_of_0_are_refused(student, rng):
    size, kernel_size = draw(rng, 8, 32), draw(rng, 2, 6)
    expect.equal(student.conv_output_size(size, kernel_size), axis_after_conv(size, kernel_size))
    for arguments in [
        {"input_size": -size, "kernel_size": kernel_size},
        {"input_size": -size, "kernel_size": kernel_size, "padding": size},
        {"input_size": size, "kernel_size": -kernel_size},
        {"input_size": size, "kernel_size": kernel_size, "stride": 0},
        {"input_size": size, "kernel_size": kernel_size, "stride": -draw(rng, 1, 4)},
        {"input_size": size + kernel_size + 8, "kernel_size": kernel_size, "padding": -draw(rng, 1, 4)},
    ]:
        with expect.raises(ValueError):
            student.conv_output_size(**arguments)


# q2 · a whole layer


@case("q2", points=4, hint="Apply the formula of question 1 to the height and to the width, each on its own.")
def square_kernels_agree_with_a_real_layer(student, rng):
    for _ in range(DRAWS):
        shape, out_channels = draw_maps(rng), draw(rng, 1, 64)
        window = {"kernel_size": draw(rng, 1, 7), "stride": draw(rng, 1, 4), "padding": draw(rng, 0, 4)}
        got = student.conv2d_output_shape(shape, out_channels=out_channels, **window)
        expect.equal(got, maps_after_conv(shape, out_channels, **window))


@case(
    "q2",
    points=4,
    hint="A pair is (height, width): its first number belongs to the height, its second to the width.",
)
def pairs_are_height_then_width(student, rng):
    for _ in range(DRAWS):
        shape, out_channels = draw_maps(rng), draw(rng, 1, 64)
        window = {
            "kernel_size": draw_pair(rng, 1, 8),
            "stride": draw_pair(rng, 1, 4),
            "padding": draw_pair(rng, 0, 4),
        }
        single = str(rng.choice(["kernel_size", "stride", "padding", "none of them"]))
        if single in window:
            window[single] = window[single][0]
        got = student.conv2d_output_shape(shape, out_channels, **window)
        expect.equal(got, maps_after_conv(shape, out_channels, **window))


@case("q2", points=4, hint="In NHWC the channels are last, in the argument and in the answer.")
def channels_last_stays_channels_last(student, rng):
    for _ in range(DRAWS):
        batch, channels, height, width = shape = draw_maps(rng)
        channels_last = (batch, height, width, channels)
        out_channels = draw(rng, 1, 64)
        window = {"kernel_size": draw_pair(rng, 1, 6), "stride": draw(rng, 1, 4), "padding": draw(rng, 0, 3)}
        got = student.conv2d_output_shape(channels_last, out_channels, **window, layout="NHWC")
        batch, channels, height, width = maps_after_conv(shape, out_channels, **window)
        expect.equal(got, (batch, height, width, channels))


@case("q2", points=2, hint="The batch axis stays; the filters' number takes the place of the channels.")
def a_1x1_kernel_changes_nothing_but_the_channels(student, rng):
    for _ in range(DRAWS):
        batch, channels, height, width = draw_maps(rng)
        out_channels = channels + draw(rng, 1, 32)
        got = student.conv2d_output_shape((batch, channels, height, width), out_channels, 1)
        expect.equal(got, (batch, out_channels, height, width))


@case("q2", points=3, hint="A kernel must fit in both directions: check the height and the width.")
def a_kernel_that_overhangs_in_one_direction_is_refused(student, rng):
    for _ in range(DRAWS // 4):
        short, long, padding = draw(rng, 3, 8), draw(rng, 24, 48), draw(rng, 0, 3)
        kernel_size = short + 2 * padding + draw(rng, 1, 4)
        for height, width in [(short, long), (long, short)]:
            got = student.conv2d_output_shape((2, 3, height, width), 8, 2, padding=padding)
            expect.equal(got, maps_after_conv((2, 3, height, width), 8, 2, padding=padding))
            with expect.raises(ValueError):
                student.conv2d_output_shape((2, 3, height, width), 8, kernel_size, padding=padding)
            with expect.raises(ValueError):
                student.conv2d_output_shape((2, height, width, 3), 8, kernel_size, 2, padding, layout="NHWC")


@case("q2", points=3, hint="Refuse any other number of axes than four, an unknown layout and negative sizes.")
def layers_that_cannot_exist_are_refused(student, rng):
    shape, kernel_size = draw_maps(rng), draw(rng, 2, 6)
    expect.equal(student.conv2d_output_shape(shape, 8, kernel_size), maps_after_conv(shape, 8, kernel_size))
    for wrong_rank in (shape[1:], shape[2:], (1, *shape)):
        with expect.raises(ValueError):
            student.conv2d_output_shape(wrong_rank, 8, kernel_size)
    for layout in ("NCWH", "HWC"):
        with expect.raises(ValueError):
            student.conv2d_output_shape(shape, 8, kernel_size, layout=layout)
    for arguments in [
        (shape, -draw(rng, 1, 32), kernel_size),
        ((*shape[:2], -shape[2], shape[3]), 8, kernel_size),
        (shape, 8, kernel_size, 0),
        (shape, 8, kernel_size, (1, 0)),
        (shape, 8, kernel_size, 1, -1),
        (shape, 8, -kernel_size),
    ]:
        with expect.raises(ValueError):
            student.conv2d_output_shape(*arguments)


# q3 · padding that keeps the size


@case("q3", points=3, hint="A kernel of k costs k - 1 pixels. Each end gives back half of them.")
def everyday_kernels_keep_their_size(student, rng):
    for kernel_size in rng.permutation([1, 3, 5, 7, 9, 11]):
        expect.equal(student.same_padding(int(kernel_size)), padding_that_keeps_the_size(int(kernel_size)))


@case(
    "q3",
    points=3,
    hint="The rule p = (k - 1) / 2 holds for every odd kernel, not just for those in the textbook.",
)
def large_kernels_keep_their_size_too(student, rng):
    for _ in range(DRAWS):
        kernel_size = 2 * draw(rng, 6, 50) + 1
        expect.equal(student.same_padding(kernel_size), padding_that_keeps_the_size(kernel_size))


@case("q3", points=2, hint="An even kernel costs an odd number of pixels, which two ends cannot share.")
def even_kernels_are_refused(student, rng):
    for _ in range(DRAWS // 2):
        odd = 2 * draw(rng, 1, 6) + 1
        expect.equal(student.same_padding(odd), padding_that_keeps_the_size(odd))
        with expect.raises(ValueError):
            student.same_padding(2 * draw(rng, 1, 33))


@case("q3", points=2, hint="No kernel has a negative size. Mind that -3 is odd, too.")
def negative_kernels_are_refused(student, rng):
    for _ in range(DRAWS // 4):
        odd = 2 * draw(rng, 1, 6) + 1
        expect.equal(student.same_padding(odd), padding_that_keeps_the_size(odd))
        with expect.raises(ValueError):
            student.same_padding(1 - 2 * draw(rng, 1, 20))


# q4 · pooling


@case(
    "q4",
    points=3,
    hint="A pooling window is counted like a kernel: floor((I - k + 2p) / s) + 1 on each axis.",
)
def random_pools_agree_with_max_pool2d(student, rng):
    for _ in range(DRAWS):
        shape, kernel_size = draw_maps(rng), draw(rng, 2, 7)
        window = {
            "kernel_size": kernel_size,
            "stride": draw(rng, 1, 4),
            "padding": draw(rng, 0, kernel_size // 2 + 1),
        }
        expect.equal(student.pool2d_output_shape(shape, **window), maps_after_pool(shape, **window))


@case("q4", points=3, hint="Left out, the stride of a pool is its kernel size: the windows are tiles.")
def windows_are_tiles_unless_a_stride_is_given(student, rng):
    for _ in range(DRAWS):
        shape, kernel_size = draw_maps(rng), draw(rng, 3, 7)
        expect.equal(student.pool2d_output_shape(shape, kernel_size), maps_after_pool(shape, kernel_size))
        got = student.pool2d_output_shape(shape, kernel_size=kernel_size, stride=None, padding=1)
        expect.equal(got, maps_after_pool(shape, kernel_size, padding=1))


@case("q4", points=2, hint="2x2 is the default, and a tile that hangs over the edge is left out: 15 gives 7.")
def two_by_two_tiles_leave_an_odd_row_or_column_out(student, rng):
    for _ in range(DRAWS):
        batch, channels = draw(rng, 1, 64), draw(rng, 1, 64)
        shape = (batch, channels, 2 * draw(rng, 4, 32) + 1, 2 * draw(rng, 4, 32) + draw(rng, 0, 2))
        expect.equal(student.pool2d_output_shape(shape), maps_after_pool(shape, 2))


@case("q4", points=2, hint="A pool pads at most half its kernel: 2p = k is allowed, 2p > k is not.")
def half_the_kernel_is_the_most_that_a_pool_pads(student, rng):
    for _ in range(DRAWS // 2):
        shape, half = draw_maps(rng), draw(rng, 1, 4)
        for kernel_size in (2 * half, 2 * half + 1):
            got = student.pool2d_output_shape(shape, kernel_size, padding=half)
            expect.equal(got, maps_after_pool(shape, kernel_size, padding=half))
            with expect.raises(ValueError):
                student.pool2d_output_shape(shape, kernel_size, padding=half + 1)


@case("q4", points=2, hint="Global pooling averages over height and width only; both axes are gone after it.")
def global_pooling_leaves_batch_and_channels(student, rng):
    for _ in range(DRAWS):
        shape = draw_maps(rng)
        (averages,) = shapes_after_each(shape, [{"type": "global_average_pool"}])
        expect.equal(student.global_average_pool_shape(shape), averages)


@case(
    "q4",
    points=3,
    hint="Four axes, positive sizes, a stride of at least 1, and a window that fits: check them all.",
)
def pools_that_cannot_exist_are_refused(student, rng):
    batch, channels, height, width = shape = draw_maps(rng)
    expect.equal(student.pool2d_output_shape(shape), maps_after_pool(shape, 2))
    expect.equal(student.global_average_pool_shape(shape), (batch, channels))
    for wrong_rank in (shape[1:], (1, *shape)):
        with expect.raises(ValueError):
            student.pool2d_output_shape(wrong_rank)
        with expect.raises(ValueError):
            student.global_average_pool_shape(wrong_rank)
    for arguments in [
        (shape, 2, 0),
        (shape, 2, -draw(rng, 1, 4)),
        (shape, 2, 2, -1),
        (shape, -2, 2),
        (shape, min(height, width) + draw(rng, 1, 4), 1),
        ((batch, channels, -height, width), 2),
    ]:
        with expect.raises(ValueError):
            student.pool2d_output_shape(*arguments)
    with expect.raises(ValueError):
        student.global_average_pool_shape((batch, channels, -height, width))


# q5 · shapes through a network


@case("q5", points=5, hint="Hand each layer the shape that the layer before it gave, and mind the defaults.")
def random_networks_agree_with_torch(student, rng):
    for _ in range(2 * DRAWS):
        shape = draw_maps(rng)
        layers = [*draw_body(rng), *draw_head(rng)]
        expect.equal(student.trace_shapes(shape, layers), shapes_after_each(shape, layers))


@case("q5", points=3, hint="One shape a layer, taken after it. The input is no layer, and a ReLU is one.")
def every_layer_gives_one_shape_and_the_input_none(student, rng):
    for depth in range(5):
        shape = draw_maps(rng)
        conv = {"type": "conv2d", "out_channels": draw(rng, 1, 64), "kernel_size": 3}
        layers = [{"type": "relu"}, conv, {"type": "relu"}, {"type": "maxpool2d", "kernel_size": 2}][:depth]
        expect.equal(student.trace_shapes(shape, layers), shapes_after_each(shape, layers))


@case("q5", points=3, hint="Flattening joins channels, height and width. The images of a batch stay apart.")
def flatten_keeps_the_batch_axis(student, rng):
    for _ in range(DRAWS):
        shape = draw_maps(rng)
        layers = [{"type": "flatten"}, {"type": "linear", "out_features": draw(rng, 2, 99)}]
        expect.equal(student.trace_shapes(shape, layers[:1]), shapes_after_each(shape, layers[:1]))
        expect.equal(student.trace_shapes(shape, layers), shapes_after_each(shape, layers))


@case(
    "q5",
    points=2,
    hint="After global average pooling two axes are left, and a linear layer can follow at once.",
)
def global_average_pooling_feeds_a_linear_layer(student, rng):
    for _ in range(DRAWS):
        shape = draw_maps(rng)
        layers = [{"type": "global_average_pool"}, {"type": "linear", "out_features": draw(rng, 2, 99)}]
        expect.equal(student.trace_shapes(shape, layers), shapes_after_each(shape, layers))


@case(
    "q5",
    points=2,
    hint="A type that you do not know and a key that is missing are both a ValueError, not a KeyError.",
)
def unknown_types_and_missing_keys_are_refused(student, rng):
    shape = draw_maps(rng)
    layers = [{"type": "relu"}, conv_layer(3, out_channels=8)]
    expect.equal(student.trace_shapes(shape, layers), shapes_after_each(shape, layers))
    for layer in [
        {"type": "hologram"},
        {"type": "conv7d", "out_channels": 8, "kernel_size": 3},
        {"type": "conv2d", "kernel_size": 3},
        {"type": "conv2d", "out_channels": 8},
    ]:
        with expect.raises(ValueError):
            student.trace_shapes(shape, [{"type": "relu"}, layer])
    with expect.raises(ValueError):
        student.trace_shapes(shape, [{"type": "flatten"}, {"type": "linear"}])


@case(
    "q5",
    points=2,
    hint="Linear layers take two axes, convolutions and pools take four: look before you compute.",
)
def layers_that_meet_the_wrong_number_of_axes_are_refused(student, rng):
    shape = draw_maps(rng)
    conv = {"type": "conv2d", "out_channels": 8, "kernel_size": 1}
    pool, linear = {"type": "maxpool2d", "kernel_size": 2}, {"type": "linear", "out_features": 10}
    for layers in [[conv, conv], [{"type": "flatten"}, linear]]:
        expect.equal(student.trace_shapes(shape, layers), shapes_after_each(shape, layers))
    for layers in [[linear], [conv, linear]]:
        with expect.raises(ValueError):
            student.trace_shapes(shape, layers)
    for layer in [conv, pool, {"type": "global_average_pool"}]:
        with expect.raises(ValueError):
            student.trace_shapes(shape, [{"type": "flatten"}, layer])
    with expect.raises(ValueError):
        student.trace_shapes(shape[1:], [conv])


@case(
    "q5",
    points=2,
    hint="Somewhere inside the network a window no longer fits on its map: that is a ValueError.",
)
def networks_that_shrink_their_maps_away_are_refused(student, rng):
    for _ in range(DRAWS // 4):
        size = draw(rng, 8, 16)
        pool = {"type": "maxpool2d", "kernel_size": 2}
        conv = {"type": "conv2d", "out_channels": 8, "kernel_size": draw(rng, 4, 8)}
        expect.equal(student.trace_shapes((2, 3, size, size), [conv]), shapes_after_each((2, 3, size, size), [conv]))
        with expect.raises(ValueError):
            student.trace_shapes((2, 3, size, size), [pool, pool, conv])
        with expect.raises(ValueError):
            student.trace_shapes((2, 3, size, size), [pool, pool, pool, pool])


@case("q5", points=1, hint="Walk over the list with a for loop: whoever handed it to you still needs it.")
def the_layers_are_left_as_they_were(student, rng):
    shape = draw_maps(rng)
    layers = [*draw_body(rng), *draw_head(rng)]
    kept = student.keep(layers)
    for _ in range(2):
        expect.equal(student.trace_shapes(shape, kept), shapes_after_each(shape, layers))
    expect.equal(student.fetch(kept), layers)


# q6 · what one output sees


@case(
    "q6",
    points=4,
    hint="A kernel of k reaches over k - 1 further neighbours; only the first pixel is there before.",
)
def convolutions_of_stride_1_add_up(student, rng):
    for _ in range(DRAWS):
        layers = [conv_layer(draw(rng, 1, 8)) for _ in range(draw(rng, 1, 6))]
        expect.equal(student.receptive_field(layers), pixels_seen(layers))


@case("q6", points=4, hint="A step on a later map is worth the product of all strides before it, in pixels.")
def random_stacks_see_the_pixels_that_reach_the_output(student, rng):
    for _ in range(DRAWS):
        layers = draw_stack(rng)
        expect.equal(student.receptive_field(layers), pixels_seen(layers))


@case(
    "q6",
    points=3,
    hint="A layer's own stride spreads the layers after it; its own window is not spread by it.",
)
def a_stride_spreads_only_the_layers_after_it(student, rng):
    for _ in range(DRAWS):
        layers = [conv_layer(draw(rng, 1, 6)) for _ in range(draw(rng, 1, 4))]
        kernel_size = draw(rng, 3, 7)
        strided = conv_layer(kernel_size, stride=draw(rng, 2, kernel_size + 1))
        for network in ([*layers, strided], [*layers, strided, conv_layer(draw(rng, 2, 6))]):
            expect.equal(student.receptive_field(network), pixels_seen(network))


@case("q6", points=3, hint="A pool sees like a convolution; left out, its stride is its kernel size.")
def pools_see_and_spread_like_convolutions(student, rng):
    for _ in range(DRAWS):
        kernel_size = draw(rng, 2, 5)
        pool = {"type": "maxpool2d", "kernel_size": kernel_size}
        overlapping = {"type": "maxpool2d", "kernel_size": kernel_size + 1, "stride": kernel_size}
        layers = [conv_layer(draw(rng, 1, 6)), pool, conv_layer(draw(rng, 2, 6)), overlapping, conv_layer(3)]
        expect.equal(student.receptive_field(layers), pixels_seen(layers))


@case("q6", points=2, hint="Padding, ReLU and batch normalisation leave the side of the field as it is.")
def padding_and_layers_without_a_window_change_nothing(student, rng):
    for _ in range(DRAWS):
        plain = [conv_layer(2 * draw(rng, 1, 4) + 1) for _ in range(draw(rng, 1, 4))]
        padded = [{**layer, "padding": layer["kernel_size"] // 2} for layer in plain]
        dressed = [part for layer in padded for part in (layer, {"type": "batchnorm2d"}, {"type": "relu"})]
        expect.equal(student.receptive_field(dressed), pixels_seen(plain))


@case("q6", points=1, hint="Without any layer the output is the pixel itself.")
def no_layers_see_one_pixel(student, rng):
    expect.equal(student.receptive_field([]), 1)
    expect.equal(student.receptive_field([{"type": "relu"}]), 1)
    expect.equal(student.receptive_field([conv_layer(3)]), 3)  # or a 1 for everything would do


@case("q6", points=2, hint="Refuse layers after which there is no grid, and windows that cannot exist.")
def layers_without_a_grid_and_impossible_windows_are_refused(student, rng):
    conv = conv_layer(draw(rng, 2, 6))
    expect.equal(student.receptive_field([conv]), pixels_seen([conv]))
    for layer in [
        {"type": "flatten"},
        {"type": "linear", "out_features": 10},
        {"type": "global_average_pool"},
    ]:
        with expect.raises(ValueError):
            student.receptive_field([conv, layer])
    for layer in [
        conv_layer(-draw(rng, 1, 6)),
        conv_layer(3, stride=0),
        conv_layer(3, stride=-draw(rng, 1, 4)),
    ]:
        with expect.raises(ValueError):
            student.receptive_field([conv, layer])


@case("q6", points=1, hint="Walk over the list with a for loop: whoever handed it to you still needs it.")
def the_list_is_left_as_it_was(student, rng):
    layers = draw_stack(rng)
    kept = student.keep(layers)
    for _ in range(2):
        expect.equal(student.receptive_field(kept), pixels_seen(layers))
    expect.equal(student.fetch(kept), layers)


# What NumPy counts


@cache
def axis_after_conv(input_size, kernel_size, stride=1, padding=0):
    """The length that a convolution leaves."""
    return maps_after_conv((1, 1, input_size, 1), 1, (kernel_size, 1), (stride, 1), (padding, 0))[2]


@cache
def maps_after_conv(shape, out_channels, kernel_size, stride=1, padding=0):
    """The shape that a convolution leaves: a map for each filter, a pixel for each window."""
    return (shape[0], out_channels, *windows(shape, kernel_size, stride, padding).shape[2:4])


@cache
def maps_after_pool(shape, kernel_size, stride=None, padding=0):
    """The shape that max pooling leaves."""
    placed = windows(shape, kernel_size, kernel_size if stride is None else stride, padding)
    return (shape[0], *placed.shape[1:4])


def windows(shape, kernel_size, stride, padding):
    """All that a kernel sees as it walks over one image of zeros: (1, C, rows, columns, kH, kW)."""
    (rows, columns), (down, right), (above, beside) = map(both_axes, (kernel_size, stride, padding))
    image = np.pad(np.zeros((1, *shape[1:]), np.int8), ((0, 0), (0, 0), (above, above), (beside, beside)))
    return sliding_window_view(image, (rows, columns), axis=(2, 3))[:, :, ::down, ::right]


def both_axes(size):
    """One number stands for both."""
    return size if isinstance(size, tuple) else (size, size)


@cache
def padding_that_keeps_the_size(kernel_size):
    """Found by trying: the padding with which a convolution keeps 128 pixels."""
    return next(p for p in range(kernel_size) if axis_after_conv(128, kernel_size, padding=p) == 128)


def shapes_after_each(shape, layers):
    """The shapes that a network hands from layer to layer."""
    shapes = []
    for layer in layers:
        shape = shape_after(shape, tuple(layer.items()))
        shapes.append(shape)
    return shapes


@cache
def shape_after(shape, items):
    """The shape that one layer, given as the items of its dictionary, hands on."""
    settings = dict(items)
    match settings.pop("type"):
        case "conv2d":
            return maps_after_conv(shape, **settings)
        case "maxpool2d":
            return maps_after_pool(shape, **settings)
        case "global_average_pool":
            return np.zeros(shape, np.int8).mean(axis=(2, 3)).shape
        case "flatten":
            return np.zeros(shape, np.int8).reshape(shape[0], -1).shape
        case "linear":
            weights = np.zeros((shape[-1], settings["out_features"]), np.float32)
            return (shape[0], *(np.zeros(shape[-1], np.float32) @ weights).shape)
        case "relu":
            return shape


def pixels_seen(layers):
    """The side of what one output sees; padding does not matter to it."""
    windows = []
    for layer in layers:
        kernel_size = layer.get("kernel_size", 1)
        stride = layer.get("stride", kernel_size if layer["type"] == "maxpool2d" else 1)
        windows.append((kernel_size, stride))
    return pixels_seen_through(tuple(windows))


@cache
def pixels_seen_through(windows):
    """The same for (kernel size, stride) pairs, by following each pixel of a row.

    `seen[pixel, cell]` says whether a cell depends on a pixel. Nothing is padded, so the whole field of the
    first output lies on the row.
    """
    seen = np.eye(ROW, dtype=bool)
    for kernel_size, stride in windows:
        seen = sliding_window_view(seen, kernel_size, axis=1)[:, ::stride].any(axis=-1)
    pixels = np.flatnonzero(seen[:, 0])
    return int(pixels[-1] - pixels[0]) + 1


# Draws


def draw(rng, low, high):
    """A plain int from low to high - 1."""
    return int(rng.integers(low, high))


def draw_pair(rng, low, high):
    """Two different ints, so that a swapped pair shows."""
    first, second = rng.choice(range(low, high), size=2, replace=False)
    return (int(first), int(second))


def draw_axis(rng):
    """Arguments of conv_output_size with which at least one window fits."""
    kernel_size, stride, padding = draw(rng, 1, 8), draw(rng, 1, 5), draw(rng, 0, 4)
    smallest = max(1, kernel_size - 2 * padding)
    return {
        "input_size": smallest + draw(rng, 0, 60),
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
    }


def draw_maps(rng):
    """A shape (N, C, H, W) whose four sizes differ, so that swapped axes show."""
    batch, channels = draw(rng, 2, 12), draw(rng, 12, 24)
    height, width = draw_pair(rng, 36, 64)
    return (batch, channels, height, width)


def draw_body(rng):
    """Two blocks of convolution, ReLU and pooling that leave something of 36 pixels."""
    layers = []
    for largest_stride in (2, 1):
        conv = conv_layer(draw(rng, 1, 4), out_channels=draw(rng, 24, 64))
        if rng.random() < 0.5:
            conv |= {"stride": draw(rng, 1, largest_stride + 1)}
        if rng.random() < 0.5:
            conv |= {"padding": draw(rng, 1, 3)}
        pool = {"type": "maxpool2d", "kernel_size": draw(rng, 2, 4)}
        if rng.random() < 0.5:
            pool |= {"stride": draw(rng, 1, 3), "padding": draw(rng, 0, 2)}
        layers += [conv, {"type": "relu"}, pool]
    return layers


def draw_head(rng):
    """Flattening or global pooling, and two linear layers."""
    bridge = {"type": str(rng.choice(["flatten", "global_average_pool"]))}
    hidden, classes = draw(rng, 64, 129), draw(rng, 2, 20)
    return [
        bridge,
        {"type": "linear", "out_features": hidden},
        {"type": "relu"},
        {"type": "linear", "out_features": classes},
    ]


def draw_stack(rng):
    """Convolutions and pools, at least two of them with a stride of 2 or 3 and something after it."""
    layers = []
    for _ in range(draw(rng, 2, 4)):
        layers.append(conv_layer(draw(rng, 2, 6)))
        kernel_size = draw(rng, 2, 4)
        if rng.random() < 0.5:
            layers.append(conv_layer(kernel_size + 1, stride=kernel_size))
        else:
            layers.append({"type": "maxpool2d", "kernel_size": kernel_size})
    return [*layers, conv_layer(draw(rng, 2, 6))]


def conv_layer(kernel_size, out_channels=16, **settings):
    """The dictionary of a convolution."""
    return {"type": "conv2d", "out_channels": out_channels, "kernel_size": kernel_size, **settings}
