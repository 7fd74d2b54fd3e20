"""Plausible wrong answers to exercise 2: parameters and computation."""

from torch import nn

from autograder.cases import mistake


def _require(minimum, *sizes):
    if min(sizes) < minimum:
        raise ValueError(f"a size is smaller than {minimum}")


def _pair(size):
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    _require(1, height, width)
    return height, width


# Question 1


@mistake(
    "q1",
    caught_by="square_kernels_agree_with_pytorch",
    hint="Each filter has a bias of its own: there are as many biases as output channels, not one for the whole layer.",
)
def counts_one_bias_for_the_layer(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, width = _pair(kernel_size)
    return out_channels * in_channels * height * width + int(bias)


@mistake(
    "q1",
    caught_by="square_kernels_agree_with_pytorch",
    hint="These are the weights. Unless bias=False is asked for, each filter also adds one bias, which "
    "is learned, too.",
)
def forgets_the_bias(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, width = _pair(kernel_size)
    return out_channels * in_channels * height * width


@mistake(
    "q1",
    caught_by="square_kernels_agree_with_pytorch",
    hint="Biases belong to what comes out: one for each output channel. You have one for each input channel.",
)
def counts_a_bias_per_input_channel(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, width = _pair(kernel_size)
    return in_channels * (out_channels * height * width + int(bias))


@mistake(
    "q1",
    caught_by="square_kernels_agree_with_pytorch",
    hint="A bias is one number that is added to a filter's whole sum, after all input channels. You "
    "count one per slice.",
)
def counts_a_bias_per_slice(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, width = _pair(kernel_size)
    return out_channels * in_channels * (height * width + int(bias))


@mistake(
    "q1",
    caught_by="square_kernels_agree_with_pytorch",
    hint="Every output channel looks at every input channel, so the channels multiply. You have added them.",
)
def adds_the_channels(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, width = _pair(kernel_size)
    return (in_channels + out_channels) * height * width + out_channels * int(bias)


@mistake(
    "q1",
    caught_by="square_kernels_agree_with_pytorch",
    hint="A kernel of size 3 covers 3 x 3 = 9 pixels of each channel. You have counted one side of it only.",
)
def counts_one_side_of_the_kernel(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, _ = _pair(kernel_size)
    return out_channels * (in_channels * height + int(bias))


@mistake(
    "q1",
    caught_by="square_kernels_agree_with_pytorch",
    hint="A filter is as deep as its input: it has a slice of weights for each input channel. You count "
    "a single slice.",
)
def forgets_the_input_channels(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, width = _pair(kernel_size)
    return out_channels * (height * width + int(bias))


@mistake(
    "q1",
    caught_by="kernels_may_be_wider_than_high",
    hint="Square kernels are right. A pair is (height, width), so multiply its two numbers instead of "
    "squaring the first.",
)
def squares_the_first_side(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, _ = _pair(kernel_size)
    return out_channels * (in_channels * height**2 + int(bias))


@mistake(
    "q1",
    caught_by="a_convolution_without_bias_has_weights_only",
    hint="With a bias this is right. But the argument bias is not looked at: with bias=False there are only weights.",
)
def always_adds_the_bias(in_channels, out_channels, kernel_size, bias=True):
    _require(1, in_channels, out_channels)
    height, width = _pair(kernel_size)
    return out_channels * (in_channels * height * width + 1)


@mistake(
    "q1",
    caught_by="negative_sizes_are_no_convolution",
    hint="The formula is right, but it also answers for layers that cannot exist, such as -3 input "
    "channels. Refuse those.",
)
def computes_with_negative_sizes(in_channels, out_channels, kernel_size, bias=True):
    height, width = kernel_size if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
    return out_channels * (in_channels * height * width + int(bias))


@mistake(
    "q1",
    caught_by="negative_sizes_are_no_convolution",
    hint="You look at the result, but two negative sizes make a positive product. Look at each size "
    "before you compute.",
)
def looks_at_the_sign_of_the_result_only(in_channels, out_channels, kernel_size, bias=True):
    count = computes_with_negative_sizes(in_channels, out_channels, kernel_size, bias)
    _require(1, count)
    return count


# Question 2


@mistake(
    "q2",
    replaces="linear_parameters",
    caught_by="linear_layers_agree_with_pytorch",
    hint="The bias vector has the length of the output, since it is added to it. You have one bias for each input.",
)
def counts_a_bias_per_input(in_features, out_features, bias=True):
    _require(1, in_features, out_features)
    return in_features * (out_features + int(bias))


@mistake(
    "q2",
    replaces="linear_parameters",
    caught_by="linear_layers_agree_with_pytorch",
    hint="That is the matrix. Unless bias=False is asked for, the layer also learns a bias for each output.",
)
def forgets_the_bias_of_a_linear_layer(in_features, out_features, bias=True):
    _require(1, in_features, out_features)
    return in_features * out_features


@mistake(
    "q2",
    replaces="linear_parameters",
    caught_by="linear_layers_agree_with_pytorch",
    hint="The bias is a vector with one number for each output, not a single number for the layer.",
)
def counts_one_bias_for_the_linear_layer(in_features, out_features, bias=True):
    _require(1, in_features, out_features)
    return in_features * out_features + int(bias)


@mistake(
    "q2",
    replaces="linear_parameters",
    caught_by="linear_layers_agree_with_pytorch",
    hint="Dense means that every input is connected with every output: features multiply. You have added them.",
)
def adds_the_features(in_features, out_features, bias=True):
    _require(1, in_features, out_features)
    return in_features + out_features + out_features * int(bias)


@mistake(
    "q2",
    replaces="linear_parameters",
    caught_by="a_linear_layer_without_bias_has_weights_only",
    hint="With a bias this is right. But the argument bias is not looked at: with bias=False only the matrix remains.",
)
def always_adds_the_bias_of_a_linear_layer(in_features, out_features, bias=True):
    _require(1, in_features, out_features)
    return out_features * (in_features + 1)


@mistake(
    "q2",
    replaces="linear_parameters",
    caught_by="negative_sizes_are_no_layer",
    hint="The formula is right, but it also answers for layers with a negative number of features. Refuse those.",
)
def computes_with_negative_features(in_features, out_features, bias=True):
    return out_features * (in_features + int(bias))


@mistake(
    "q2",
    replaces="batchnorm2d_parameters",
    caught_by="batch_norm_agrees_with_pytorch",
    hint="Running mean and variance are stored, but no gradient reaches them: they are buffers. Only two "
    "per channel learn.",
)
def counts_running_statistics(channels):
    _require(1, channels)
    return 4 * channels


@mistake(
    "q2",
    replaces="batchnorm2d_parameters",
    caught_by="batch_norm_agrees_with_pytorch",
    hint="Besides the scale (gamma) each channel has a shift (beta), and both are learned.",
)
def forgets_the_shift(channels):
    _require(1, channels)
    return channels


@mistake(
    "q2",
    replaces="batchnorm2d_parameters",
    caught_by="batch_norm_agrees_with_pytorch",
    hint="A scale and a shift, yes, but every channel has its own pair: the maps are normalised one channel at a time.",
)
def counts_one_scale_and_shift_for_all(channels):
    _require(1, channels)
    return 2


@mistake(
    "q2",
    replaces="batchnorm2d_parameters",
    caught_by="batch_norm_agrees_with_pytorch",
    hint="You have counted mean and variance as if nothing were learned about them. Scale and shift are "
    "the parameters.",
)
def counts_nothing_for_batch_norm(channels):
    _require(1, channels)
    return 0


@mistake(
    "q2",
    replaces="batchnorm2d_parameters",
    caught_by="negative_sizes_are_no_layer",
    hint="The number is right, but batchnorm2d_parameters also answers for a negative number of channels. Refuse that.",
)
def computes_with_negative_channels(channels):
    return 2 * channels


# Question 3


def _require_module(model):
    if not isinstance(model, nn.Module):
        raise ValueError("not a torch.nn.Module")


@mistake(
    "q3",
    caught_by="frozen_parameters_do_not_count",
    hint="You have counted frozen parameters, too. The optimiser leaves those alone whose requires_grad is False.",
)
def counts_frozen_parameters(model):
    _require_module(model)
    return sum(parameter.numel() for parameter in model.parameters())


@mistake(
    "q3",
    caught_by="frozen_parameters_do_not_count",
    hint="Frozen is a matter of each parameter. A layer may train its bias and keep its weight, so don't "
    "skip whole layers.",
)
def skips_layers_with_anything_frozen(model):
    _require_module(model)
    frozen = {name.rpartition(".")[0] for name, parameter in model.named_parameters() if not parameter.requires_grad}
    counted = (p for name, p in model.named_parameters() if name.rpartition(".")[0] not in frozen)
    return sum(parameter.numel() for parameter in counted)


@mistake(
    "q3",
    caught_by="shared_parameters_count_once",
    hint="You went from layer to layer, and met a shared tensor twice. It is stored and updated once, so "
    "it counts once.",
)
def counts_shared_parameters_twice(model):
    _require_module(model)
    found = model.named_parameters(remove_duplicate=False)
    return sum(parameter.numel() for _, parameter in found if parameter.requires_grad)


@mistake(
    "q3",
    caught_by="shared_parameters_count_once",
    hint="A layer that is used twice you count once, as you should. But two different layers can hold "
    "the same weight tensor.",
)
def notices_shared_layers_but_not_tied_weights(model):
    _require_module(model)
    own = (parameter for layer in model.modules() for parameter in layer.parameters(recurse=False))
    return sum(parameter.numel() for parameter in own if parameter.requires_grad)


@mistake(
    "q3",
    caught_by="buffers_are_no_parameters",
    hint="Running means and variances are buffers: they are measured, not learned. Parameters alone are asked for.",
)
def counts_buffers(model):
    _require_module(model)
    trainable = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    return trainable + sum(buffer.numel() for buffer in model.buffers())


@mistake(
    "q3",
    caught_by="buffers_are_no_parameters",
    hint="A state_dict is what a file has to store: it holds buffers and frozen tensors, and shared ones "
    "once for each place.",
)
def adds_up_the_state_dict(model):
    _require_module(model)
    return sum(tensor.numel() for tensor in model.state_dict().values())


@mistake(
    "q3",
    caught_by="layers_of_all_kinds_and_depths_count",
    hint="This is the number of tensors. A weight of shape (16, 3, 3, 3) holds 432 numbers, and those "
    "are to be counted.",
)
def counts_tensors(model):
    _require_module(model)
    return sum(1 for parameter in model.parameters() if parameter.requires_grad)


@mistake(
    "q3",
    caught_by="layers_of_all_kinds_and_depths_count",
    hint="You look at the outermost layers only. A layer may be a model itself, with layers inside that "
    "have parameters.",
)
def looks_at_the_outermost_layers_only(model):
    _require_module(model)
    own = {id(p): p for layer in model.children() for p in layer.parameters(recurse=False) if p.requires_grad}
    return sum(parameter.numel() for parameter in own.values())


@mistake(
    "q3",
    caught_by="layers_of_all_kinds_and_depths_count",
    hint="Convolutions and linear layers are not all: recurrent, normalising and other layers have "
    "parameters of any name.",
)
def counts_convolutions_and_linear_layers_only(model):
    _require_module(model)
    layers = [layer for layer in model.modules() if isinstance(layer, (nn.Conv2d, nn.Linear, nn.Embedding))]
    own = {id(p): p for layer in layers for p in layer.parameters() if p.requires_grad}
    return sum(parameter.numel() for parameter in own.values())


@mistake(
    "q3",
    caught_by="what_is_no_model_is_refused",
    hint="Models are counted right. For anything else an error of another kind escapes: check first, raise ValueError.",
)
def asks_anything_for_its_parameters(model):
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


# Question 4


def _features(channels, height, width, classes, head):
    """Inputs of the linear layer, all arguments looked at."""
    _require(1, channels, height, width, classes)
    return _features_of_any_size(channels, height, width, head)


def _features_of_any_size(channels, height, width, head):
    if head not in ("flatten", "global_average_pool"):
        raise ValueError("no such head")
    return channels * height * width if head == "flatten" else channels


@mistake(
    "q4",
    caught_by="a_flattening_head_agrees_with_pytorch",
    hint="Flattening reduces nothing: all height * width values of each map are inputs. One value per map is pooling.",
)
def forgets_the_pixels_when_flattening(channels, height, width, classes, head):
    _features(channels, height, width, classes, head)
    return classes * (channels + 1)


@mistake(
    "q4",
    caught_by="a_flattening_head_agrees_with_pytorch",
    hint="A map has height * width values. You have taken its height for all of them.",
)
def forgets_the_width(channels, height, width, classes, head):
    _features(channels, height, width, classes, head)
    return classes * (channels * (height if head == "flatten" else 1) + 1)


@mistake(
    "q4",
    caught_by="a_flattening_head_agrees_with_pytorch",
    hint="You have flattened the maps and lost the channels: there are height * width values in each of them.",
)
def flattens_one_map_only(channels, height, width, classes, head):
    _features(channels, height, width, classes, head)
    return classes * ((height * width if head == "flatten" else channels) + 1)


@mistake(
    "q4",
    caught_by="a_flattening_head_agrees_with_pytorch",
    hint="The weights are right; the linear layer also has one bias for each class.",
)
def forgets_the_bias_of_the_head(channels, height, width, classes, head):
    return classes * _features(channels, height, width, classes, head)


@mistake(
    "q4",
    caught_by="a_flattening_head_agrees_with_pytorch",
    hint="The bias has one number for each class. You have added a single one.",
)
def counts_one_bias_for_all_classes(channels, height, width, classes, head):
    return classes * _features(channels, height, width, classes, head) + 1


@mistake(
    "q4",
    caught_by="a_pooling_head_agrees_with_pytorch",
    hint="Global average pooling leaves one number per channel. You let the linear layer read the maps "
    "as they were before.",
)
def pools_nothing(channels, height, width, classes, head):
    _features(channels, height, width, classes, head)
    return classes * (channels * height * width + 1)


@mistake(
    "q4",
    caught_by="a_pooling_head_agrees_with_pytorch",
    hint="Global pooling averages over the pixels of each map, not over the channels: one number per channel remains.",
)
def pools_over_the_channels(channels, height, width, classes, head):
    _features(channels, height, width, classes, head)
    return classes * ((channels if head == "flatten" else 1) * height * width + 1)


@mistake(
    "q4",
    caught_by="a_pooling_head_agrees_with_pytorch",
    hint="Averaging all channels together would leave a single number. Each channel has an average of its own.",
)
def pools_everything_into_one_number(channels, height, width, classes, head):
    features = _features(channels, height, width, classes, head)
    return classes * ((features if head == "flatten" else 1) + 1)


@mistake(
    "q4",
    caught_by="other_heads_are_refused",
    hint="Whatever is not 'flatten' is taken for pooling. A caller who mistypes a name should hear of it: ValueError.",
)
def takes_any_other_head_for_pooling(channels, height, width, classes, head):
    _require(1, channels, height, width, classes)
    return classes * ((channels * height * width if head == "flatten" else channels) + 1)


@mistake(
    "q4",
    caught_by="negative_sizes_are_no_head",
    hint="The formulas are right, but they also answer for negative sizes, and two of those even look "
    "fine. Refuse them.",
)
def computes_heads_of_negative_size(channels, height, width, classes, head):
    return classes * (_features_of_any_size(channels, height, width, head) + 1)


# Question 5


def _plan(input_shape, out_channels, kernel_size, stride, padding):
    """All arguments looked at: channels, kernel side and the size of the output."""
    if len(input_shape) != 3:
        raise ValueError("not (channels, height, width)")
    channels, height, width = input_shape
    side, _ = _pair(kernel_size)
    _require(1, channels, height, width, out_channels, stride)
    _require(0, padding)
    _require(side, height + 2 * padding, width + 2 * padding)
    rows, columns = [(size + 2 * padding - side) // stride + 1 for size in (height, width)]
    return channels, side, rows, columns


@mistake(
    "q5",
    caught_by="strides_leave_places_out",
    hint="With stride 1 this is right. A larger stride lets the filter stand at fewer places: divide by "
    "it, rounding down.",
)
def ignores_the_stride(input_shape, out_channels, kernel_size, stride=1, padding=0):
    _plan(input_shape, out_channels, kernel_size, stride, padding)
    channels, side, rows, columns = _plan(input_shape, out_channels, kernel_size, 1, padding)
    return out_channels * rows * columns * channels * side**2


@mistake(
    "q5",
    caught_by="strides_leave_places_out",
    hint="The filter may not stand over the edge: places are counted rounding down. You have rounded up.",
)
def rounds_the_output_up(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, _, _ = _plan(input_shape, out_channels, kernel_size, stride, padding)
    rows, columns = [-((side - size - 2 * padding) // stride) + 1 for size in input_shape[1:]]
    return out_channels * rows * columns * channels * side**2


@mistake(
    "q5",
    caught_by="strides_leave_places_out",
    hint="The stride acts on rows and on columns: stride 2 leaves about a quarter of the places, not half of them.",
)
def applies_the_stride_to_one_axis(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, rows, _ = _plan(input_shape, out_channels, kernel_size, stride, padding)
    columns = input_shape[2] + 2 * padding - side + 1
    return out_channels * rows * columns * channels * side**2


@mistake(
    "q5",
    caught_by="padding_makes_more_work",
    hint="Padding enlarges the output, and each further value costs a filter: put 2p into the output size.",
)
def ignores_the_padding(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, _, _ = _plan(input_shape, out_channels, kernel_size, stride, padding)
    rows, columns = [(size - side) // stride + 1 for size in input_shape[1:]]
    return out_channels * rows * columns * channels * side**2


@mistake(
    "q5",
    caught_by="padding_makes_more_work",
    hint="The image is padded on both sides of each axis: it grows by 2p, you have added p.",
)
def pads_one_side_only(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, _, _ = _plan(input_shape, out_channels, kernel_size, stride, padding)
    rows, columns = [(size + padding - side) // stride + 1 for size in input_shape[1:]]
    return out_channels * rows * columns * channels * side**2


@mistake(
    "q5",
    caught_by="a_plain_convolution_costs_a_filter_per_output_value",
    hint="A filter sums over all input channels, so one output value costs in_channels * k * k, not k * k.",
)
def forgets_the_channels_of_the_image(input_shape, out_channels, kernel_size, stride=1, padding=0):
    _, side, rows, columns = _plan(input_shape, out_channels, kernel_size, stride, padding)
    return out_channels * rows * columns * side**2


@mistake(
    "q5",
    caught_by="a_plain_convolution_costs_a_filter_per_output_value",
    hint="That is the work of one filter. Each of the out_channels filters goes over the whole image.",
)
def counts_one_filter(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, rows, columns = _plan(input_shape, out_channels, kernel_size, stride, padding)
    return rows * columns * channels * side**2


@mistake(
    "q5",
    caught_by="a_plain_convolution_costs_a_filter_per_output_value",
    hint="You have twice the number: a multiplication and its addition are one multiply-accumulate together.",
)
def counts_multiplication_and_addition(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, rows, columns = _plan(input_shape, out_channels, kernel_size, stride, padding)
    return 2 * out_channels * rows * columns * channels * side**2


@mistake(
    "q5",
    caught_by="a_plain_convolution_costs_a_filter_per_output_value",
    hint="You have one more for each output value: the bias. It is added without a multiplication, and left out here.",
)
def counts_the_bias(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, rows, columns = _plan(input_shape, out_channels, kernel_size, stride, padding)
    return out_channels * rows * columns * (channels * side**2 + 1)


@mistake(
    "q5",
    caught_by="a_plain_convolution_costs_a_filter_per_output_value",
    hint="A filter of side k has k * k weights in each channel. You have counted one side.",
)
def counts_one_side_of_the_filter(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, rows, columns = _plan(input_shape, out_channels, kernel_size, stride, padding)
    return out_channels * rows * columns * channels * side


@mistake(
    "q5",
    caught_by="a_plain_convolution_costs_a_filter_per_output_value",
    hint="You multiply with the pixels of the input. Work is done for each value of the output, and "
    "there are fewer of those.",
)
def counts_at_every_input_pixel(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, _, _ = _plan(input_shape, out_channels, kernel_size, stride, padding)
    return out_channels * input_shape[1] * input_shape[2] * channels * side**2


@mistake(
    "q5",
    caught_by="a_plain_convolution_costs_a_filter_per_output_value",
    hint="The shape is (channels, height, width), PyTorch's order. You have read the channels from its end.",
)
def reads_the_channels_last(input_shape, out_channels, kernel_size, stride=1, padding=0):
    _plan(input_shape, out_channels, kernel_size, stride, padding)
    height, width, channels = input_shape
    side = kernel_size
    rows, columns = [(size + 2 * padding - side) // stride + 1 for size in (height, width)]
    return out_channels * rows * columns * channels * side**2


@mistake(
    "q5",
    caught_by="a_plain_convolution_costs_a_filter_per_output_value",
    hint="Images need not be square: compute the height and the width of the output each for itself.",
)
def takes_every_image_for_square(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, side, rows, _ = _plan(input_shape, out_channels, kernel_size, stride, padding)
    return out_channels * rows**2 * channels * side**2


@mistake(
    "q5",
    caught_by="work_that_cannot_be_done_is_refused",
    hint="What is possible is right. But a kernel larger than the padded image, say, has no place to stand: refuse it.",
)
def computes_impossible_convolutions(input_shape, out_channels, kernel_size, stride=1, padding=0):
    channels, height, width = input_shape[-3:] if len(input_shape) > 2 else (1, *input_shape)
    rows, columns = [(size + 2 * padding - kernel_size) // max(stride, 1) + 1 for size in (height, width)]
    return out_channels * rows * columns * channels * kernel_size**2


@mistake(
    "q5",
    caught_by="work_that_cannot_be_done_is_refused",
    hint="Negative numbers are refused, as they should be, but not a kernel that is larger than the padded image.",
)
def lets_the_kernel_be_larger_than_the_image(input_shape, out_channels, kernel_size, stride=1, padding=0):
    if len(input_shape) != 3:
        raise ValueError("not (channels, height, width)")
    _require(1, *input_shape, out_channels, kernel_size, stride)
    _require(0, padding)
    return computes_impossible_convolutions(input_shape, out_channels, kernel_size, stride, padding)


# Question 6


def _refuse_impossible(out_channels, max_parameters):
    if max_parameters < out_channels:
        raise ValueError("each output channel needs a weight of its own")


def _frugal(in_channels, out_channels, **pool):
    """A block that fits every budget that is asked for, once its pool is right."""
    settings = {"kernel_size": 6, "stride": 2, "padding": 2} | pool
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.ReLU(), nn.MaxPool2d(**settings))


@mistake(
    "q6",
    caught_by="height_and_width_are_halved_rounding_down",
    hint="The block keeps the size of its images. Something in it needs a stride of 2: a pooling layer "
    "or a convolution.",
)
def does_not_halve(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    first, second = [nn.Conv2d(channels, out_channels, 3, padding=1) for channels in (in_channels, out_channels)]
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU())


@mistake(
    "q6",
    caught_by="height_and_width_are_halved_rounding_down",
    hint="A 5x5 kernel with stride 2 and padding 2 rounds odd sizes up: (19 + 4 - 5) // 2 + 1 = 10, but "
    "9 is asked for.",
)
def rounds_odd_sizes_up(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 5, stride=2, padding=2), nn.ReLU())


@mistake(
    "q6",
    caught_by="height_and_width_are_halved_rounding_down",
    hint="ceil_mode=True lets the last window stand over the edge, so odd sizes are rounded up. Down is asked for.",
)
def pools_in_ceil_mode(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    return _frugal(in_channels, out_channels, ceil_mode=True)


@mistake(
    "q6",
    caught_by="height_and_width_are_halved_rounding_down",
    hint="Without padding each convolution takes a border away before the pooling halves the rest: pad by (k - 1) / 2.",
)
def forgets_to_pad(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 5), nn.ReLU(), nn.MaxPool2d(2))


@mistake(
    "q6",
    caught_by="one_output_sees_at_least_five_pixels",
    hint="A 3x3 convolution and a 2x2 pooling see 3 + 1 = 4 pixels, and 5 are asked for. What widens the "
    "view for little?",
)
def sees_four_pixels(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))


@mistake(
    "q6",
    caught_by="one_output_sees_at_least_five_pixels",
    hint="One strided 3x3 convolution sees 3 pixels: its stride widens the view of the layers after it, not its own.",
)
def sees_three_pixels(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1), nn.ReLU())


@mistake(
    "q6",
    caught_by="a_convolution_and_a_relu_give_the_channels_asked",
    hint="There is no nn.ReLU in the block. Without one, convolutions in a row are no more than a single "
    "linear filter.",
)
def forgets_the_relu(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    convolution, _, pool = _frugal(in_channels, out_channels)
    return nn.Sequential(convolution, pool)


@mistake(
    "q6",
    caught_by="a_convolution_and_a_relu_give_the_channels_asked",
    hint="Blocks often double the channels, but this one is told how many: out_channels have to come out.",
)
def doubles_the_channels(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    return _frugal(in_channels, 2 * in_channels)


@mistake(
    "q6",
    caught_by="a_convolution_and_a_relu_give_the_channels_asked",
    hint="A depthwise convolution treats each channel alone, in_channels come out. A 1x1 convolution has to mix them.",
)
def never_mixes_the_channels(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    depthwise = nn.Conv2d(in_channels, in_channels, 5, padding=2, groups=in_channels)
    return nn.Sequential(depthwise, nn.ReLU(), nn.MaxPool2d(2))


@mistake(
    "q6",
    caught_by="tight_budgets_are_kept",
    hint="One 5x5 convolution costs 25 weights for each pair of channels, whatever the budget. Look at max_parameters.",
)
def uses_5x5_whatever_the_budget(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2))


@mistake(
    "q6",
    caught_by="tight_budgets_are_kept",
    hint="Two 3x3 convolutions are a good block, but not for every budget. Look at max_parameters, keep "
    "a cheaper design.",
)
def uses_two_3x3_whatever_the_budget(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    first, second = [nn.Conv2d(channels, out_channels, 3, padding=1) for channels in (in_channels, out_channels)]
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.MaxPool2d(2))


@mistake(
    "q6",
    caught_by="tight_budgets_are_kept",
    hint="You give up where a 3x3 convolution is too dear. A pooling layer can see 5 pixels for nothing: "
    "1x1 is enough then.",
)
def gives_up_without_a_3x3(in_channels, out_channels, max_parameters):
    convolution = nn.Conv2d(in_channels, out_channels, 3, padding=1)
    if sum(parameter.numel() for parameter in convolution.parameters()) > max_parameters:
        raise ValueError("a 3x3 convolution does not fit")
    return nn.Sequential(convolution, nn.ReLU(), nn.MaxPool2d(4, stride=2, padding=1))


@mistake(
    "q6",
    caught_by="one_weight_for_each_pair_of_channels_is_enough",
    hint="Nearly: the biases of the 1x1 convolution are out_channels parameters too many for the tightest budget.",
)
def keeps_the_bias(in_channels, out_channels, max_parameters):
    _refuse_impossible(out_channels, max_parameters)
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1), nn.ReLU(), nn.MaxPool2d(6, stride=2, padding=2))


@mistake(
    "q6",
    caught_by="impossible_budgets_are_refused",
    hint="The blocks are fine. But with fewer parameters than output channels none can exist: raise a ValueError then.",
)
def promises_the_impossible(in_channels, out_channels, max_parameters):
    return _frugal(in_channels, out_channels)
