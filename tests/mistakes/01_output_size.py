"""Plausible wrong answers to exercise 1, each with the case that must catch it and a hint that teaches."""

import math

from autograder.cases import mistake

# q1 · one axis


@mistake(
    "q1",
    caught_by="padding_counts_on_both_sides",
    hint="You count the padding once. Both ends are padded, so the kernel walks over I + 2p pixels.",
)
def pads_one_end_only(input_size, kernel_size, stride=1, padding=0):
    check_axis(input_size, kernel_size, stride, padding)
    return (input_size - kernel_size + padding) // stride + 1


@mistake(
    "q1",
    caught_by="a_stride_that_does_not_divide_rounds_down",
    hint="You round up. A last step that would carry the kernel over the edge is not taken, so round down.",
)
def rounds_up(input_size, kernel_size, stride=1, padding=0):
    return math.ceil(steps(input_size, kernel_size, stride, padding)) + 1


@mistake(
    "q1",
    caught_by="a_stride_that_does_not_divide_rounds_down",
    hint="Your answer is a float, or has a fraction. Half a position does not exist: divide whole numbers.",
)
def keeps_the_fraction(input_size, kernel_size, stride=1, padding=0):
    return steps(input_size, kernel_size, stride, padding) + 1


@mistake(
    "q1",
    caught_by="random_axes_agree_with_a_real_convolution",
    hint="You count steps, not positions. Between n positions lie n - 1 steps: the first place counts too.",
)
def forgets_where_the_kernel_began(input_size, kernel_size, stride=1, padding=0):
    return math.floor(steps(input_size, kernel_size, stride, padding))


@mistake(
    "q1",
    caught_by="random_axes_agree_with_a_real_convolution",
    hint="You add 1 before dividing. With stride 1 nobody notices; the 1 belongs after the division.",
)
def adds_one_before_dividing(input_size, kernel_size, stride=1, padding=0):
    check_axis(input_size, kernel_size, stride, padding)
    return (input_size - kernel_size + 2 * padding + 1) // stride


@mistake(
    "q1",
    caught_by="a_stride_that_does_not_divide_rounds_down",
    hint="Your answer does not depend on the stride. With stride s only every s-th position is used.",
)
def ignores_the_stride(input_size, kernel_size, stride=1, padding=0):
    check_axis(input_size, kernel_size, stride, padding)
    return input_size - kernel_size + 2 * padding + 1


@mistake(
    "q1",
    caught_by="stride_is_1_and_padding_0_unless_given",
    hint="You pad when nobody asked for it. Only 'same' padding keeps the size; the default padding is 0.",
)
def pads_by_default(input_size, kernel_size, stride=1, padding=None):
    padding = kernel_size // 2 if padding is None else padding
    return axis_after(input_size, kernel_size, stride, padding)


@mistake(
    "q1",
    caught_by="a_kernel_may_cover_the_whole_padded_axis_but_not_more",
    hint="A kernel exactly as large as the padded input has one position. Only a larger one has none.",
)
def refuses_a_kernel_that_just_fits(input_size, kernel_size, stride=1, padding=0):
    if kernel_size >= input_size + 2 * padding:
        raise ValueError("the kernel is too large")
    return axis_after(input_size, kernel_size, stride, padding)


@mistake(
    "q1",
    caught_by="a_kernel_may_cover_the_whole_padded_axis_but_not_more",
    hint="You compare the kernel with the bare input. It lies on the padded one, which has I + 2p pixels.",
)
def compares_the_kernel_with_the_bare_input(input_size, kernel_size, stride=1, padding=0):
    if kernel_size > input_size:
        raise ValueError("the kernel is too large")
    return axis_after(input_size, kernel_size, stride, padding)


@mistake(
    "q1",
    caught_by="a_kernel_may_cover_the_whole_padded_axis_but_not_more",
    hint="A kernel larger than the padded input has no position at all: raise ValueError, return no number.",
)
def answers_for_a_kernel_that_does_not_fit(input_size, kernel_size, stride=1, padding=0):
    if min(input_size, kernel_size, stride) < 1 or padding < 0:
        raise ValueError("sizes start at 1")
    return (input_size - kernel_size + 2 * padding) // stride + 1


@mistake(
    "q1",
    caught_by="negative_sizes_and_a_stride_of_0_are_refused",
    hint="Negative sizes and paddings or strides below 1 slip through: check each argument first.",
)
def checks_the_fit_alone(input_size, kernel_size, stride=1, padding=0):
    if kernel_size > input_size + 2 * padding:
        raise ValueError("the kernel is too large")
    return (input_size - kernel_size + 2 * padding) // stride + 1


# q2 · a whole layer


@mistake(
    "q2",
    caught_by="pairs_are_height_then_width",
    hint="You read pairs as (width, height), as picture files do. In tensor shapes the height comes first.",
)
def reads_pairs_as_width_height(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    turned = [pair(setting)[::-1] for setting in (kernel_size, stride, padding)]
    return layer_after(input_shape, out_channels, *turned, layout)


@mistake(
    "q2",
    caught_by="pairs_are_height_then_width",
    hint="You use the first number of a pair for both axes. The second one belongs to the width.",
)
def uses_one_of_a_pair_for_both(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    firsts = [pair(setting)[0] for setting in (kernel_size, stride, padding)]
    return layer_after(input_shape, out_channels, *firsts, layout)


@mistake(
    "q2",
    caught_by="square_kernels_agree_with_a_real_layer",
    hint="Height and width have changed places in your answer. Photographs are seldom square: (N, C, H, W).",
)
def swaps_height_and_width(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    sizes = dict(zip(layout, layer_after(input_shape, out_channels, kernel_size, stride, padding, layout)))
    sizes["H"], sizes["W"] = sizes["W"], sizes["H"]
    return tuple(sizes[axis] for axis in layout)


@mistake(
    "q2",
    caught_by="channels_last_stays_channels_last",
    hint="You read an NHWC shape as if it were NCHW, so the kernel slid over the width and the channels.",
)
def reads_channels_last_as_first(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    check_layout(layout)
    return layer_after(input_shape, out_channels, kernel_size, stride, padding)


@mistake(
    "q2",
    caught_by="channels_last_stays_channels_last",
    hint="You read NHWC rightly but answer in NCHW. A shape leaves in the layout in which it came.",
)
def answers_channels_first_always(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    sizes = dict(zip(layout, layer_after(input_shape, out_channels, kernel_size, stride, padding, layout)))
    return tuple(sizes[axis] for axis in "NCHW")


@mistake(
    "q2",
    caught_by="a_1x1_kernel_changes_nothing_but_the_channels",
    hint="The batch axis is missing in your answer. As many images come out of a layer as went in.",
)
def drops_the_batch_axis(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    return layer_after(input_shape, out_channels, kernel_size, stride, padding, layout)[1:]


@mistake(
    "q2",
    caught_by="a_1x1_kernel_changes_nothing_but_the_channels",
    hint="Your channels stay as they were. Each filter makes one map, so out_channels takes their place.",
)
def keeps_the_input_channels(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    layer_after(input_shape, out_channels, kernel_size, stride, padding, layout)
    channels = input_shape[layout.index("C")]
    return layer_after(input_shape, channels, kernel_size, stride, padding, layout)


@mistake(
    "q2",
    caught_by="a_1x1_kernel_changes_nothing_but_the_channels",
    hint="You multiply the channels. A filter sums over all input channels and makes one map of them.",
)
def multiplies_the_channels(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    layer_after(input_shape, out_channels, kernel_size, stride, padding, layout)
    channels = input_shape[layout.index("C")] * out_channels
    return layer_after(input_shape, channels, kernel_size, stride, padding, layout)


@mistake(
    "q2",
    caught_by="square_kernels_agree_with_a_real_layer",
    hint="You count the padding once. Top and bottom are padded, and so are left and right: 2p an axis.",
)
def pads_two_of_four_sides(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    sizes = dict(zip(layout, layer_after(input_shape, out_channels, kernel_size, stride, padding, layout)))
    original = dict(zip(layout, input_shape))
    for axis, window, step, pad in zip("HW", pair(kernel_size), pair(stride), pair(padding)):
        sizes[axis] = (original[axis] - window + pad) // step + 1
    return tuple(sizes[axis] for axis in layout)


@mistake(
    "q2",
    caught_by="a_kernel_that_overhangs_in_one_direction_is_refused",
    hint="You check that the kernel fits the height, not that it fits the width. Both must hold.",
)
def checks_the_height_alone(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    check_layer(input_shape, out_channels, layout)
    sizes = dict(zip(layout, input_shape))
    down, across = zip(pair(kernel_size), pair(stride), pair(padding))
    sizes |= {"C": out_channels, "H": axis_after(sizes["H"], *down), "W": positions(sizes["W"], *across)}
    return tuple(sizes.values())


@mistake(
    "q2",
    caught_by="layers_that_cannot_exist_are_refused",
    hint="You never look how many axes there are. Three mean a forgotten batch: that is a ValueError.",
)
def takes_any_number_of_axes(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    if len(input_shape) != 4:
        return (input_shape[0], out_channels, *input_shape[2:])
    return layer_after(input_shape, out_channels, kernel_size, stride, padding, layout)


@mistake(
    "q2",
    caught_by="layers_that_cannot_exist_are_refused",
    hint="You treat every layout that is not NHWC as NCHW. A layout that you do not know is a ValueError.",
)
def takes_any_layout_for_nchw(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    layout = "NHWC" if layout == "NHWC" else "NCHW"
    return layer_after(input_shape, out_channels, kernel_size, stride, padding, layout)


# q3 · padding that keeps the size


@mistake(
    "q3",
    caught_by="everyday_kernels_keep_their_size",
    hint="k - 1 is what the kernel costs in all. Both ends are padded, so each gives half of it.",
)
def gives_back_everything_at_each_end(kernel_size):
    return 2 * same_padding_of(kernel_size)


@mistake(
    "q3",
    caught_by="everyday_kernels_keep_their_size",
    hint="Your padding is one pixel too large. Solve I = I - k + 2p + 1 for p: a 1x1 kernel needs none.",
)
def rounds_half_the_kernel_up(kernel_size):
    return same_padding_of(kernel_size) + 1


@mistake(
    "q3",
    caught_by="everyday_kernels_keep_their_size",
    hint="You always pad by 1. That suits a 3x3 kernel; a larger one costs more pixels.",
)
def always_pads_by_one(kernel_size):
    return min(1, same_padding_of(kernel_size) + 1)


@mistake(
    "q3",
    caught_by="large_kernels_keep_their_size_too",
    hint="You list the kernels that you know. The rule holds for all odd ones, so compute it.",
)
def knows_a_table_by_heart(kernel_size):
    return min(same_padding_of(kernel_size), 5)


@mistake(
    "q3",
    caught_by="even_kernels_are_refused",
    hint="k // 2 gives an even kernel one pixel too much: its output grows. Even kernels are a ValueError.",
)
def takes_even_kernels_and_rounds_up(kernel_size):
    if kernel_size < 1:
        raise ValueError("a kernel has at least one pixel")
    return kernel_size // 2


@mistake(
    "q3",
    caught_by="even_kernels_are_refused",
    hint="(k - 1) // 2 rounds in silence: an even kernel's output is a pixel short. Raise ValueError.",
)
def takes_even_kernels_and_rounds_down(kernel_size):
    if kernel_size < 1:
        raise ValueError("a kernel has at least one pixel")
    return (kernel_size - 1) // 2


@mistake(
    "q3",
    caught_by="negative_kernels_are_refused",
    hint="You test that the kernel is odd, and so is -3. A size below 1 is a ValueError as well.",
)
def takes_negative_kernels(kernel_size):
    if kernel_size % 2 == 0:
        raise ValueError("an even kernel has no middle")
    return (kernel_size - 1) // 2


# q4 · pooling


@mistake(
    "q4",
    replaces="pool2d_output_shape",
    caught_by="windows_are_tiles_unless_a_stride_is_given",
    hint="You let pools move by one pixel. Unlike a convolution's, their default stride is the kernel size.",
)
def pools_with_stride_1_by_default(input_shape, kernel_size=2, stride=None, padding=0):
    return pool_after(input_shape, kernel_size, 1 if stride is None else stride, padding)


@mistake(
    "q4",
    replaces="pool2d_output_shape",
    caught_by="windows_are_tiles_unless_a_stride_is_given",
    hint="Your default stride is 2 for every window. It is the kernel size: a 3x3 pool moves by 3.",
)
def pools_with_stride_2_by_default(input_shape, kernel_size=2, stride=None, padding=0):
    return pool_after(input_shape, kernel_size, 2 if stride is None else stride, padding)


@mistake(
    "q4",
    replaces="pool2d_output_shape",
    caught_by="two_by_two_tiles_leave_an_odd_row_or_column_out",
    hint="You count a window that hangs over the edge. Without ceil_mode it is left out: round down.",
)
def pools_windows_over_the_edge(input_shape, kernel_size=2, stride=None, padding=0):
    pool_after(input_shape, kernel_size, stride, padding)
    stride = kernel_size if stride is None else stride
    maps = [math.ceil(steps(size, kernel_size, stride, padding)) + 1 for size in input_shape[2:]]
    return (*input_shape[:2], *maps)


@mistake(
    "q4",
    replaces="pool2d_output_shape",
    caught_by="random_pools_agree_with_max_pool2d",
    hint="You count the padding of the pool once. It is added at both ends, as in a convolution: 2p.",
)
def pads_a_pool_at_one_end(input_shape, kernel_size=2, stride=None, padding=0):
    batch, channels, *_ = pool_after(input_shape, kernel_size, stride, padding)
    stride = kernel_size if stride is None else stride
    height, width = ((size - kernel_size + padding) // stride + 1 for size in input_shape[2:])
    return (batch, channels, height, width)


@mistake(
    "q4",
    replaces="pool2d_output_shape",
    caught_by="random_pools_agree_with_max_pool2d",
    hint="You pool over the channels as well. Each feature map is pooled by itself, so their number stays.",
)
def pools_the_channels_too(input_shape, kernel_size=2, stride=None, padding=0):
    batch, channels, height, width = pool_after(input_shape, kernel_size, stride, padding)
    return (batch, max(1, channels // kernel_size), height, width)


@mistake(
    "q4",
    replaces="pool2d_output_shape",
    caught_by="half_the_kernel_is_the_most_that_a_pool_pads",
    hint="You let a pool pad more than half its window, so a window may be mainly padding: raise ValueError.",
)
def pads_a_pool_without_limit(input_shape, kernel_size=2, stride=None, padding=0):
    if padding < 1 or len(input_shape) != 4:
        return pool_after(input_shape, kernel_size, stride, padding)
    stride = kernel_size if stride is None else stride
    return layer_after(input_shape, input_shape[1], kernel_size, stride, padding)


@mistake(
    "q4",
    replaces="pool2d_output_shape",
    caught_by="half_the_kernel_is_the_most_that_a_pool_pads",
    hint="You refuse a padding of exactly half the window. At most half means that half is allowed.",
)
def refuses_a_padding_of_exactly_half(input_shape, kernel_size=2, stride=None, padding=0):
    if padding and 2 * padding >= kernel_size:
        raise ValueError("too much padding")
    return pool_after(input_shape, kernel_size, stride, padding)


@mistake(
    "q4",
    replaces="pool2d_output_shape",
    caught_by="pools_that_cannot_exist_are_refused",
    hint="You pool shapes of three or five axes. Shapes here carry the batch axis: exactly four are needed.",
)
def pools_any_number_of_axes(input_shape, kernel_size=2, stride=None, padding=0):
    *others, height, width = input_shape
    maps = pool_after((1, 1, height, width), kernel_size, stride, padding)
    return (*others, *maps[2:])


@mistake(
    "q4",
    replaces="global_average_pool_shape",
    caught_by="global_pooling_leaves_batch_and_channels",
    hint="You keep two axes of length 1, as AdaptiveAvgPool2d(1) does. Here they are gone: (N, C).",
)
def keeps_two_axes_of_one(input_shape):
    check_maps(input_shape)
    return (*input_shape[:2], 1, 1)


@mistake(
    "q4",
    replaces="global_average_pool_shape",
    caught_by="global_pooling_leaves_batch_and_channels",
    hint="You average over the batch, too. Each image keeps averages of its own, one a channel: (N, C).",
)
def averages_over_the_batch(input_shape):
    check_maps(input_shape)
    return (input_shape[1],)


@mistake(
    "q4",
    replaces="global_average_pool_shape",
    caught_by="global_pooling_leaves_batch_and_channels",
    hint="You take the last axis for the channels, as in Keras. In (N, C, H, W) the channels are second.",
)
def averages_channels_last(input_shape):
    check_maps(input_shape)
    return (input_shape[0], input_shape[3])


@mistake(
    "q4",
    replaces="global_average_pool_shape",
    caught_by="pools_that_cannot_exist_are_refused",
    hint="You take the first two axes of whatever comes. Global pooling needs four: refuse other ranks.",
)
def averages_any_number_of_axes(input_shape):
    if min(input_shape) < 1:
        raise ValueError("sizes start at 1")
    return tuple(input_shape[:2])


# q5 · shapes through a network


@mistake(
    "q5",
    caught_by="every_layer_gives_one_shape_and_the_input_none",
    hint="Your list begins with the input. One shape a layer is asked, each taken after its layer.",
)
def repeats_the_input(input_shape, layers):
    return [tuple(input_shape), *network_after(input_shape, layers)]


@mistake(
    "q5",
    caught_by="every_layer_gives_one_shape_and_the_input_none",
    hint="You give the shapes before the layers. Each entry is the shape that comes out, the last one too.",
)
def gives_shapes_before_the_layers(input_shape, layers):
    return [tuple(input_shape), *network_after(input_shape, layers)][: len(layers)]


@mistake(
    "q5",
    caught_by="every_layer_gives_one_shape_and_the_input_none",
    hint="You skip ReLU. It changes no shape, but it is a layer and has an entry in the list.",
)
def skips_layers_that_change_nothing(input_shape, layers):
    shapes = network_after(input_shape, layers)
    return [shape for shape, layer in zip(shapes, layers) if layer["type"] != "relu"]


@mistake(
    "q5",
    caught_by="every_layer_gives_one_shape_and_the_input_none",
    hint="Every layer gets the network's input in your loop. Hand on the shape of the layer before.",
)
def gives_every_layer_the_input(input_shape, layers):
    network_after(input_shape, layers)
    shapes = []
    for layer in layers:
        flat = (input_shape[0], math.prod(input_shape[1:]))
        shapes += network_after(flat if layer["type"] == "linear" else input_shape, [layer])
    return shapes


@mistake(
    "q5",
    caught_by="flatten_keeps_the_batch_axis",
    hint="You flatten the batch axis as well, so all images become one. Join channels, height and width.",
)
def flattens_the_batch_too(input_shape, layers):
    return network_after(input_shape, layers, flatten=lambda shape, layer: (math.prod(shape),))


@mistake(
    "q5",
    caught_by="flatten_keeps_the_batch_axis",
    hint="You join height and width without the channels. All numbers of an image end up in its row.",
)
def flattens_without_the_channels(input_shape, layers):
    return network_after(input_shape, layers, flatten=lambda shape, layer: (shape[0], math.prod(shape[2:])))


@mistake(
    "q5",
    caught_by="global_average_pooling_feeds_a_linear_layer",
    hint="You keep two axes of length 1 after global pooling. (N, C) is left, ready for a linear layer.",
)
def keeps_axes_of_one_after_global_pooling(input_shape, layers):
    def pool(shape, layer):
        check_maps(shape)
        return (*shape[:2], 1, 1)

    return network_after(input_shape, layers, global_average_pool=pool)


@mistake(
    "q5",
    caught_by="random_networks_agree_with_torch",
    hint="Your pools move by one pixel when no stride is given. A pool's stride is then its kernel size.",
)
def traces_pools_with_stride_1(input_shape, layers):
    def pool(shape, layer):
        return pool_after(shape, layer["kernel_size"], layer.get("stride", 1), layer.get("padding", 0))

    return network_after(input_shape, layers, maxpool2d=pool)


@mistake(
    "q5",
    caught_by="random_networks_agree_with_torch",
    hint="You read kernel_size and stride of a layer but not its padding. Look for layer.get('padding', 0).",
)
def forgets_the_padding_of_layers(input_shape, layers):
    return network_after(input_shape, [{**layer, "padding": 0} for layer in layers])


@mistake(
    "q5",
    caught_by="random_networks_agree_with_torch",
    hint="You pass over the stride of convolutions. It is 1 only where the dictionary says nothing.",
)
def forgets_the_stride_of_convolutions(input_shape, layers):
    return network_after(
        input_shape, [{**layer, "stride": 1} if layer["type"] == "conv2d" else layer for layer in layers]
    )


@mistake(
    "q5",
    caught_by="unknown_types_and_missing_keys_are_refused",
    hint="You let unknown layers pass, as if they changed nothing. A misspelt type should be a ValueError.",
)
def lets_unknown_layers_pass(input_shape, layers):
    known = [layer if layer["type"] in STEPS else {"type": "relu"} for layer in layers]
    return network_after(input_shape, known)


@mistake(
    "q5",
    caught_by="unknown_types_and_missing_keys_are_refused",
    hint="A missing key ends in a KeyError, which says little. Raise ValueError with a sentence.",
)
def lets_missing_keys_be_a_key_error(input_shape, layers):
    needed = {"conv2d": ("out_channels", "kernel_size"), "linear": ("out_features",)}
    for layer in layers:
        for key in needed.get(layer["type"], ()):
            layer[key]
    return network_after(input_shape, layers)


@mistake(
    "q5",
    caught_by="layers_that_meet_the_wrong_number_of_axes_are_refused",
    hint="You run a linear layer along the width of feature maps. torch would, too: a flatten is missing.",
)
def runs_linear_layers_along_the_width(input_shape, layers):
    def linear(shape, layer):
        return (*shape[:-1], layer["out_features"])

    return network_after(input_shape, layers, linear=linear)


@mistake(
    "q5",
    caught_by="layers_that_meet_the_wrong_number_of_axes_are_refused",
    hint="You flatten in silence before a linear layer, as if a flatten were there. Say that it is missing.",
)
def flattens_in_silence(input_shape, layers):
    def linear(shape, layer):
        return (shape[0], layer["out_features"])

    return network_after(input_shape, layers, linear=linear)


@mistake(
    "q5",
    caught_by="networks_that_shrink_their_maps_away_are_refused",
    hint="Your maps shrink to nothing and the network goes on. A window that does not fit is a ValueError.",
)
def shrinks_maps_to_nothing(input_shape, layers):
    def conv(shape, layer):
        check_maps(shape)
        window = layer["kernel_size"], layer.get("stride", 1), layer.get("padding", 0)
        return (shape[0], layer["out_channels"], *(max(1, positions(size, *window)) for size in shape[2:]))

    def pool(shape, layer):
        check_maps(shape)
        stride = layer.get("stride", layer["kernel_size"])
        window = layer["kernel_size"], stride, layer.get("padding", 0)
        return (*shape[:2], *(max(1, positions(size, *window)) for size in shape[2:]))

    return network_after(input_shape, layers, conv2d=conv, maxpool2d=pool)


@mistake(
    "q5",
    caught_by="the_layers_are_left_as_they_were",
    hint="You empty the list, and whoever handed it to you still needs it. Use a for loop.",
)
def empties_the_list_of_layers(input_shape, layers):
    shapes = network_after(input_shape, layers)
    layers.clear()
    return shapes


@mistake(
    "q5",
    caught_by="the_layers_are_left_as_they_were",
    hint="You pop the type out of each dictionary, and the next caller misses it. Read it and leave it.",
)
def pops_the_types(input_shape, layers):
    shapes = network_after(input_shape, layers)
    for layer in layers:
        layer.pop("type")
    return shapes


# q6 · what one output sees


@mistake(
    "q6",
    caught_by="convolutions_of_stride_1_add_up",
    hint="You add k for each layer. One of the k cells is there already, so a layer adds k - 1 of them.",
)
def adds_whole_kernels(layers):
    side, spacing = 1, 1
    for kernel_size, stride in windows(layers):
        side += kernel_size * spacing if kernel_size > 1 else 0
        spacing *= stride
    return side


@mistake(
    "q6",
    caught_by="convolutions_of_stride_1_add_up",
    hint="You multiply kernel sizes. Neighbouring windows overlap, so a layer adds k - 1 neighbours.",
)
def multiplies_kernels(layers):
    return math.prod(kernel_size for kernel_size, _ in windows(layers))


@mistake(
    "q6",
    caught_by="random_stacks_see_the_pixels_that_reach_the_output",
    hint="You leave the strides out. After a stride of 2 neighbours stand 2 pixels apart and reach further.",
)
def forgets_that_strides_spread(layers):
    return 1 + sum(kernel_size - 1 for kernel_size, _ in windows(layers))


@mistake(
    "q6",
    caught_by="a_stride_spreads_only_the_layers_after_it",
    hint="You spread a layer by its own stride. Its window lies on the map before: earlier strides count.",
)
def spreads_a_layer_by_its_own_stride(layers):
    side, spacing = 1, 1
    for kernel_size, stride in windows(layers):
        spacing *= stride
        side += (kernel_size - 1) * spacing
    return side


@mistake(
    "q6",
    caught_by="random_stacks_see_the_pixels_that_reach_the_output",
    hint="You use the stride of the layer just before, not of all. Strides multiply: 2 and 2 spread by 4.",
)
def uses_the_last_stride_alone(layers):
    side, spacing = 1, 1
    for kernel_size, stride in windows(layers):
        side += (kernel_size - 1) * spacing
        spacing = stride
    return side


@mistake(
    "q6",
    caught_by="random_stacks_see_the_pixels_that_reach_the_output",
    hint="You add strides up. They multiply: cells 2 apart, of which every third is kept, stand 6 apart.",
)
def adds_strides_up(layers):
    side, spacing = 1, 1
    for kernel_size, stride in windows(layers):
        side += (kernel_size - 1) * spacing
        spacing += stride - 1 if spacing == 1 else stride if stride > 1 else 0
    return side


@mistake(
    "q6",
    caught_by="random_stacks_see_the_pixels_that_reach_the_output",
    hint="You walk from the last layer to the first with the rule for the other way: earlier strides spread.",
)
def walks_backwards_with_the_forward_rule(layers):
    side, spacing = 1, 1
    for kernel_size, stride in reversed(windows(layers)):
        side += (kernel_size - 1) * spacing
        spacing *= stride
    return side


@mistake(
    "q6",
    caught_by="pools_see_and_spread_like_convolutions",
    hint="Your pools move by one pixel when no stride is given. A pool's stride is then its kernel size.",
)
def spreads_pools_by_1(layers):
    return field([{"stride": 1, **layer} for layer in layers])


@mistake(
    "q6",
    caught_by="pools_see_and_spread_like_convolutions",
    hint="You pass over pooling layers. A pool has a window and a stride, and both count.",
)
def passes_over_pools(layers):
    return field([layer for layer in layers if layer["type"] != "maxpool2d"])


@mistake(
    "q6",
    caught_by="pools_see_and_spread_like_convolutions",
    hint="You let a pool spread what follows, but forget its own window: it adds k - 1 steps, too.",
)
def forgets_the_window_of_pools(layers):
    side, spacing = 1, 1
    for layer, (kernel_size, stride) in zip(layers, windows(layers)):
        side += (kernel_size - 1) * spacing if layer["type"] == "conv2d" else 0
        spacing *= stride
    return side


@mistake(
    "q6",
    caught_by="padding_and_layers_without_a_window_change_nothing",
    hint="You add the padding to the field, or take it away. Padding moves the field; its side stays.",
)
def takes_padding_away(layers):
    return field(layers) - sum(2 * layer.get("padding", 0) for layer in layers)


@mistake(
    "q6",
    caught_by="padding_and_layers_without_a_window_change_nothing",
    hint="You refuse batch normalisation. Like ReLU it works on each place by itself: k = 1, s = 1.",
)
def refuses_batch_normalisation(layers):
    if any(layer["type"] == "batchnorm2d" for layer in layers):
        raise ValueError("unknown layer batchnorm2d")
    return field(layers)


@mistake(
    "q6",
    caught_by="no_layers_see_one_pixel",
    hint="You begin at 0. Before any layer an output is a pixel and sees itself: begin at 1.",
)
def begins_at_zero(layers):
    return field(layers) - 1


@mistake(
    "q6",
    caught_by="layers_without_a_grid_and_impossible_windows_are_refused",
    hint="You pass over flatten, linear and global pooling. After those there is no grid: raise ValueError.",
)
def passes_over_layers_without_a_grid(layers):
    without_grid = ("flatten", "linear", "global_average_pool")
    return field([layer for layer in layers if layer["type"] not in without_grid])


@mistake(
    "q6",
    caught_by="layers_without_a_grid_and_impossible_windows_are_refused",
    hint="You compute with negative kernels and strides below 1. No such windows exist: raise ValueError.",
)
def computes_with_impossible_windows(layers):
    side, spacing = 1, 1
    for layer in layers:
        if layer["type"] not in ("conv2d", "maxpool2d"):
            field([layer])
            continue
        kernel_size = layer["kernel_size"]
        side += (kernel_size - 1) * spacing
        spacing *= layer.get("stride", kernel_size if layer["type"] == "maxpool2d" else 1)
    return side


@mistake(
    "q6",
    caught_by="the_list_is_left_as_it_was",
    hint="You empty the list, and whoever handed it to you still needs it. Use a for loop.",
)
def empties_the_list(layers):
    side = field(layers)
    layers.clear()
    return side


# What is right about the mistakes


def check_axis(input_size, kernel_size, stride, padding):
    """Refuse an axis on which no window exists."""
    if min(input_size, kernel_size, stride) < 1 or padding < 0:
        raise ValueError("sizes and strides start at 1, padding at 0")
    if kernel_size > input_size + 2 * padding:
        raise ValueError("the kernel is larger than the padded input")


def steps(input_size, kernel_size, stride, padding):
    """How many steps the kernel could move, fractions included."""
    check_axis(input_size, kernel_size, stride, padding)
    return (input_size - kernel_size + 2 * padding) / stride


def positions(input_size, kernel_size, stride, padding):
    """The formula of question 1 without its checks, but for sizes and strides."""
    if min(input_size, kernel_size, stride) < 1 or padding < 0:
        raise ValueError("sizes and strides start at 1, padding at 0")
    return (input_size - kernel_size + 2 * padding) // stride + 1


def axis_after(input_size, kernel_size, stride, padding):
    """Question 1, right."""
    check_axis(input_size, kernel_size, stride, padding)
    return positions(input_size, kernel_size, stride, padding)


def pair(setting):
    """(height, width) of a setting; a single number counts for both."""
    return tuple(setting) if isinstance(setting, (tuple, list)) else (setting, setting)


def check_maps(shape):
    """Refuse what is no batch of feature maps."""
    if len(shape) != 4 or min(shape) < 1:
        raise ValueError("four axes of at least one entry are needed")


def check_layout(layout):
    """Refuse an unknown layout."""
    if layout not in ("NCHW", "NHWC"):
        raise ValueError("the layout is NCHW or NHWC")


def check_layer(shape, out_channels, layout):
    """Refuse what question 2 refuses before it looks at windows."""
    check_layout(layout)
    check_maps(shape)
    if out_channels < 1:
        raise ValueError("at least one filter is needed")


def layer_after(shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    """Question 2, right."""
    check_layer(shape, out_channels, layout)
    sizes = dict(zip(layout, shape))
    for axis, *window in zip("HW", pair(kernel_size), pair(stride), pair(padding)):
        sizes[axis] = axis_after(sizes[axis], *window)
    sizes["C"] = out_channels
    return tuple(sizes.values())


def same_padding_of(kernel_size):
    """Question 3, right for numbers."""
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError("the kernel must be odd")
    return kernel_size // 2


def pool_after(shape, kernel_size, stride=None, padding=0):
    """Question 4, right."""
    check_maps(shape)
    if any(2 * pad > size for pad, size in zip(pair(padding), pair(kernel_size))):
        raise ValueError("the padding is more than half the kernel")
    return layer_after(shape, shape[1], kernel_size, kernel_size if stride is None else stride, padding)


def global_pool(shape, layer):
    """Global average pooling, right."""
    check_maps(shape)
    return tuple(shape[:2])


def linear_step(shape, layer):
    """A linear layer, right."""
    if len(shape) != 2:
        raise ValueError("a linear layer takes two axes")
    return (shape[0], layer["out_features"])


STEPS = {
    "conv2d": lambda shape, layer: layer_after(
        shape, layer["out_channels"], layer["kernel_size"], layer.get("stride", 1), layer.get("padding", 0)
    ),
    "maxpool2d": lambda shape, layer: pool_after(
        shape, layer["kernel_size"], layer.get("stride"), layer.get("padding", 0)
    ),
    "relu": lambda shape, layer: shape,
    "batchnorm2d": lambda shape, layer: shape,
    "global_average_pool": global_pool,
    "flatten": lambda shape, layer: (shape[0], math.prod(shape[1:])),
    "linear": linear_step,
}


def network_after(input_shape, layers, **changed_steps):
    """Question 5, right but for the steps that are changed."""
    all_steps = STEPS | changed_steps
    shape, shapes = tuple(input_shape), []
    for layer in layers:
        try:
            shape = all_steps[layer["type"]](shape, layer)
        except KeyError as missing:
            raise ValueError(f"unknown type or missing key {missing}") from None
        shapes.append(shape)
    return shapes


def windows(layers):
    """(kernel size, stride) of each layer; refuses layers without a grid and impossible windows."""
    found = []
    for layer in layers:
        if layer["type"] in ("relu", "batchnorm2d"):
            found.append((1, 1))
        elif layer["type"] in ("conv2d", "maxpool2d"):
            default_stride = layer["kernel_size"] if layer["type"] == "maxpool2d" else 1
            found.append((layer["kernel_size"], layer.get("stride", default_stride)))
        else:
            raise ValueError("no grid after this layer")
    if any(min(window) < 1 for window in found):
        raise ValueError("windows and strides start at 1")
    return found


def field(layers):
    """Question 6, right."""
    side, spacing = 1, 1
    for kernel_size, stride in windows(layers):
        side += (kernel_size - 1) * spacing
        spacing *= stride
    return side
