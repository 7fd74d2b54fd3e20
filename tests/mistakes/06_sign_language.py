"""Plausible wrong answers to exercise 6: sign-language digits, up to a Grad-CAM.

Those that build or train a network do it in PyTorch, as the reference does; those of question 8 know both frameworks.
"""

import numpy as np
import torch
from matplotlib import pyplot as plt
from PIL import Image
from torch import nn
from torch.nn import functional

from autograder.cases import mistake
from autograder.datasets import sign_language_digits

CLASSES = 10

# Question 1


def _loaded(mode="L", size=(32, 32)):
    """Pictures of a mode of Pillow's and of that size, bytes; and labels."""
    pictures, labels = sign_language_digits.load(quiet=True)
    resample = Image.Resampling.BOX
    small = [np.asarray(Image.fromarray(picture).convert(mode).resize(size, resample)) for picture in pictures]
    return np.stack(small), labels


def _digits(scale=255):
    pictures, labels = _loaded()
    return pictures[..., None].astype(np.float32) / np.float32(scale), labels


@mistake(
    "q1",
    caught_by="pictures_are_small_grey_and_between_0_and_1",
    hint="The pixels are still 0 to 255. Divide by 255, so that every image is in [0, 1].",
)
def leaves_pixels_as_they_are():
    return _digits(scale=1)


@mistake(
    "q1",
    caught_by="pictures_are_small_grey_and_between_0_and_1",
    hint="Something has divided by 255 already, and you divide once more: everything is nearly black.",
)
def divides_twice():
    return _digits(scale=255 * 255)


@mistake(
    "q1",
    caught_by="pictures_are_small_grey_and_between_0_and_1",
    hint="Centring belongs into the model (question 3): here images stay in [0, 1], so that nothing is below 0.",
)
def centres_the_images():
    images, labels = _digits()
    return 2 * images - 1, labels


@mistake(
    "q1",
    caught_by="pictures_are_small_grey_and_between_0_and_1",
    hint="The images are right, but the axis for the channel is missing: (N, 32, 32, 1), with [..., np.newaxis] say.",
)
def forgets_the_channel():
    images, labels = _digits()
    return images[..., 0], labels


@mistake(
    "q1",
    caught_by="pictures_are_small_grey_and_between_0_and_1",
    hint="These are three channels, red, green and blue. One grey channel is asked for.",
)
def keeps_the_colours():
    pictures, labels = _loaded("RGB")
    return pictures.astype(np.float32) / 255, labels


@mistake(
    "q1",
    caught_by="pictures_are_small_grey_and_between_0_and_1",
    hint="The channel stands first, as PyTorch has it. Between functions it stands last: (N, 32, 32, 1).",
)
def puts_the_channel_first():
    images, labels = _digits()
    return images.transpose(0, 3, 1, 2), labels


@mistake(
    "q1",
    caught_by="the_pictures_are_those_of_the_data_set",
    hint="The upper left corner was cut out instead of the whole picture made smaller: resize it.",
)
def crops_instead_of_resizing():
    pictures, labels = _loaded(size=(100, 100))
    return pictures[:, :32, :32, None].astype(np.float32) / 255, labels


@mistake(
    "q1",
    caught_by="the_pictures_are_those_of_the_data_set",
    hint="np.reshape does not resize: it reads the same numbers in another order, and no picture is left.",
)
def reshapes_instead_of_resizing():
    pictures, labels = _loaded(size=(64, 64))
    return pictures.reshape(-1, 4, 32, 32, 1)[:, 0].astype(np.float32) / 255, labels


@mistake(
    "q1",
    caught_by="labels_are_those_of_their_pictures",
    hint="The labels are sorted and the images are not. Keep both in the order in which they come.",
)
def sorts_the_labels():
    images, labels = _digits()
    return images, np.sort(labels)


@mistake(
    "q1",
    caught_by="labels_are_those_of_their_pictures",
    hint="Each label is one too large. The labels are the digits themselves, 0 to 9.",
)
def counts_labels_from_one():
    images, labels = _digits()
    return images, labels + 1


# Question 2


def _rotated(images, angles):
    turned = np.empty_like(images)
    for number, (image, angle) in enumerate(zip(images, angles, strict=True)):
        wide = Image.fromarray(np.pad(image[..., 0], 8, mode="edge"))
        turned[number, ..., 0] = np.asarray(wide.rotate(float(angle), Image.Resampling.BILINEAR))[8:-8, 8:-8]
    return turned


def _angles(images, seed, most=15.0):
    return np.random.default_rng(seed).uniform(-most, most, size=len(images))


@mistake(
    "q2",
    caught_by="angles_are_within_fifteen_degrees",
    hint="Up to fifteen whole turns: RandomRotation takes shares of a turn, so 15 degrees are 15 / 360.",
)
def turns_fifteen_times(images, seed):
    return _rotated(images, 360 * _angles(images, seed))


@mistake(
    "q2",
    caught_by="angles_are_within_fifteen_degrees",
    hint="Your angles go up to 15 radians, or to something else far above 15 degrees. Look at the unit.",
)
def takes_degrees_for_radians(images, seed):
    return _rotated(images, np.degrees(_angles(images, seed)))


@mistake(
    "q2",
    caught_by="angles_are_within_fifteen_degrees",
    hint="One angle is drawn and used for all images. Draw one for each image.",
)
def turns_the_batch_at_once(images, seed):
    return _rotated(images, np.full(len(images), _angles(images[:1], seed)[0]))


@mistake(
    "q2",
    caught_by="angles_are_within_fifteen_degrees",
    hint="All images turn the same way. The angles go from -15 to 15, not from 0 to 15.",
)
def turns_one_way_only(images, seed):
    return _rotated(images, np.abs(_angles(images, seed)))


@mistake(
    "q2",
    caught_by="angles_are_within_fifteen_degrees",
    hint="The images come back as they were, or nearly so: 15 is in degrees, your angles are far smaller.",
)
def hardly_turns(images, seed):
    return _rotated(images, np.radians(_angles(images, seed)))


@mistake(
    "q2",
    caught_by="images_are_turned_and_nothing_else",
    hint="The turned images replace those that were given. Make a new array: the caller still needs the old one.",
)
def turns_in_place(images, seed):
    images[:] = _rotated(images, _angles(images, seed))
    return images


@mistake(
    "q2",
    caught_by="images_are_turned_and_nothing_else",
    hint="The images are turned and also made darker or brighter. Only the angle changes.",
)
def changes_the_brightness(images, seed):
    return _rotated(images, _angles(images, seed)) * np.float32(0.8)


@mistake(
    "q2",
    caught_by="the_seed_decides",
    hint="The seed has no influence: make a generator from it, np.random.default_rng(seed), and let that draw.",
)
def draws_from_elsewhere(images, seed):
    return _rotated(images, np.random.uniform(-15, 15, size=len(images)))


@mistake(
    "q2",
    caught_by="the_seed_decides",
    hint="The generator is always made from the same number, so every epoch sees the same angles. Use the seed.",
)
def ignores_the_seed(images, seed):
    return _rotated(images, _angles(images, 0))


# Question 3


def _model(*, filters=(32, 64), relu=True, pool=None, head=None):
    """The right network, or with one thing changed a wrong one."""
    layers, channels = [], 1
    for width in filters:
        layers += [nn.Conv2d(channels, width, 5, padding=2), nn.BatchNorm2d(width)]
        layers += [nn.ReLU()] if relu else []
        layers += [pool() if pool else nn.MaxPool2d(2)]
        channels = width
    average = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES)]
    return nn.Sequential(*layers, *(head(channels) if head else average))


@mistake(
    "q3",
    caught_by="two_convolutions_with_32_and_64_filters",
    hint="The second block has as many filters as the first. The lecture doubles them: 32, then 64.",
)
def keeps_32_filters():
    return _model(filters=(32, 32))


@mistake(
    "q3",
    caught_by="two_convolutions_with_32_and_64_filters",
    hint="There is a third block. It may well be better, but two are asked for.",
)
def adds_a_third_block():
    return _model(filters=(32, 64, 128))


@mistake(
    "q3",
    caught_by="each_block_has_a_relu_and_a_max_pooling",
    hint="Nothing stands between the convolutions that is not linear. A ReLU belongs behind each.",
)
def forgets_the_relu():
    return _model(relu=False)


@mistake(
    "q3",
    caught_by="each_block_has_a_relu_and_a_max_pooling",
    hint="Your blocks average where they should keep the largest value: max pooling is asked for.",
)
def pools_by_the_average():
    return _model(pool=lambda: nn.AvgPool2d(2))


@mistake(
    "q3",
    caught_by="each_block_has_a_relu_and_a_max_pooling",
    hint="Nothing halves the maps. Each block ends in a max pooling of 2 x 2.",
)
def does_not_pool():
    return _model(pool=nn.Identity)


@mistake(
    "q3",
    caught_by="averages_of_the_maps_go_into_one_dense_layer",
    hint="The maps are flattened: 4,096 numbers go into the dense layer. Average each map first, 64 remain.",
)
def flattens_the_maps():
    return _model(head=lambda channels: [nn.Flatten(), nn.Linear(channels * 64, CLASSES)])


@mistake(
    "q3",
    caught_by="averages_of_the_maps_go_into_one_dense_layer",
    hint="Of each map you take the largest value. Global average pooling takes the mean.",
)
def takes_the_largest_of_each_map():
    return _model(head=lambda channels: [nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES)])


@mistake(
    "q3",
    caught_by="averages_of_the_maps_go_into_one_dense_layer",
    hint="Two dense layers stand at the end. One is asked for, from 64 averages to ten numbers.",
)
def adds_a_dense_layer():
    def head(channels):
        return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 64), nn.ReLU(), nn.Linear(64, CLASSES)]

    return _model(head=head)


@mistake(
    "q3",
    caught_by="each_call_gives_a_network_for_ten_digits",
    hint="Two calls give networks with equal weights: do not seed inside, and make the layers anew in each call.",
)
def seeds_inside():
    torch.manual_seed(0)
    return _model()


# Question 4


def _tensor(images):
    return torch.as_tensor(np.asarray(images, dtype=np.float32)).permute(0, 3, 1, 2).contiguous()


def _measured(model, images, labels, training=False):
    model.train(training)
    with torch.no_grad():
        logits = model(_tensor(images))
    targets = torch.as_tensor(labels)
    return functional.cross_entropy(logits, targets).item(), (logits.argmax(1) == targets).float().mean().item()


def _trained(model, train_set, validation_set, epochs, *, training=False):
    """A plain and right training, without rotations."""
    images, labels = _tensor(train_set[0]), torch.as_tensor(train_set[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        for batch in torch.randperm(len(images)).split(16):
            optimizer.zero_grad()
            functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
        numbers = (*_measured(model, *train_set), *_measured(model, *validation_set, training))
        for key, value in zip(history, numbers, strict=True):
            history[key].append(value)
    return history


@mistake(
    "q4",
    caught_by="at_most_ten_epochs_are_trained",
    hint="You train as many epochs as are asked for, also twelve. Ten are the most.",
)
def trains_as_long_as_asked(model, train_set, validation_set, epochs):
    return _trained(model, train_set, validation_set, epochs)


@mistake(
    "q4",
    caught_by="at_most_ten_epochs_are_trained",
    hint="The history is cut to ten entries, but more epochs were trained. Cap the training itself.",
)
def cuts_the_history_only(model, train_set, validation_set, epochs):
    return {key: values[:10] for key, values in _trained(model, train_set, validation_set, epochs).items()}


@mistake(
    "q4",
    caught_by="the_history_has_one_number_an_epoch",
    hint="The history has only the last epoch's numbers. Append to each list once an epoch.",
)
def keeps_the_last_epoch_only(model, train_set, validation_set, epochs):
    return {key: values[-1:] for key, values in _trained(model, train_set, validation_set, min(epochs, 10)).items()}


@mistake(
    "q4",
    caught_by="the_history_has_one_number_an_epoch",
    hint="Accuracies go up to 100: they are percentages. Shares from 0 to 1 are asked for.",
)
def measures_in_percent(model, train_set, validation_set, epochs):
    history = _trained(model, train_set, validation_set, min(epochs, 10))
    return {key: [100 * one if "accuracy" in key else one for one in values] for key, values in history.items()}


@mistake(
    "q4",
    caught_by="the_history_has_one_number_an_epoch",
    hint="A copy is trained: the model that was given has its old weights. Train that one.",
)
def trains_a_copy(model, train_set, validation_set, epochs):
    import copy

    return _trained(copy.deepcopy(model), train_set, validation_set, min(epochs, 10))


@mistake(
    "q4",
    caught_by="validation_numbers_are_those_of_the_model",
    hint="The validation numbers are those of the training set. Measure on the second set.",
)
def measures_on_the_training_set(model, train_set, validation_set, epochs):
    history = _trained(model, train_set, validation_set, min(epochs, 10))
    return {**history, "val_loss": history["loss"], "val_accuracy": history["accuracy"]}


@mistake(
    "q4",
    caught_by="validation_numbers_are_those_of_the_model",
    hint="The validation set is measured in training mode, where batch norm looks at the batch. model.eval() first.",
)
def measures_in_training_mode(model, train_set, validation_set, epochs):
    return _trained(model, train_set, validation_set, min(epochs, 10), training=True)


# Question 5


def _logits(model, images, training=False):
    model.train(training)
    with torch.no_grad():
        return model(_tensor(images))


@mistake(
    "q5",
    caught_by="each_image_gets_ten_probabilities",
    hint="These are logits: they go below 0 and above 1. Apply the softmax along the ten digits.",
)
def gives_logits(model, images):
    return _logits(model, images).numpy()


@mistake(
    "q5",
    caught_by="each_image_gets_ten_probabilities",
    hint="The softmax runs along the images, so that columns add up to 1. Rows have to: dim=1.",
)
def normalises_the_columns(model, images):
    return _logits(model, images).softmax(dim=0).numpy()


@mistake(
    "q5",
    caught_by="each_image_gets_ten_probabilities",
    hint="You return the predicted digit. Asked for are all ten probabilities of each image.",
)
def gives_digits(model, images):
    return _logits(model, images).argmax(dim=1).numpy()


@mistake(
    "q5",
    caught_by="predictions_are_those_of_the_given_model",
    hint="The model predicts in the mode in which it comes, in which batch norm may look at the batch. eval() first.",
)
def predicts_in_the_mode_it_finds(model, images):
    return _logits(model, images, training=model.training).softmax(dim=1).numpy()


@mistake(
    "q5",
    caught_by="predictions_are_those_of_the_given_model",
    hint="The softmax is applied twice, which makes all digits nearly equally likely. Once is enough.",
)
def applies_the_softmax_twice(model, images):
    return _logits(model, images).softmax(dim=1).softmax(dim=1).numpy()


@mistake(
    "q5",
    caught_by="held_out_digits_are_recognised",
    hint="All digits are equally likely for every image: what the model says is not looked at.",
)
def predicts_chance(model, images):
    return np.full((len(images), CLASSES), 0.1)


# Question 6


def _plot(axes, history, key, label, **settings):
    axes.plot(range(1, len(history[key]) + 1), history[key], label=label, **settings)


def _curves(history, keys=("accuracy", "loss"), labels=("training", "validation"), names=("epoch", "accuracy", "loss")):
    figure, columns = plt.subplots(1, 2)
    for axes, key, name in zip(columns, keys, names[1:], strict=False):
        _plot(axes, history, key, labels[0])
        _plot(axes, history, f"val_{key}", labels[1])
        axes.set(xlabel=names[0], ylabel=name)
        axes.legend()
    return figure


@mistake(
    "q6",
    caught_by="the_four_curves_show_the_history",
    hint="Only the accuracy is drawn. The loss belongs beside it: it tells earlier what goes wrong.",
)
def draws_the_accuracy_only(history):
    figure, axes = plt.subplots()
    _plot(axes, history, "accuracy", "training")
    _plot(axes, history, "val_accuracy", "validation")
    axes.set(xlabel="epoch", ylabel="accuracy")
    axes.legend()
    return figure


@mistake(
    "q6",
    caught_by="the_four_curves_show_the_history",
    hint="plot_history returns nothing. Return the figure that you drew.",
)
def returns_no_figure(history):
    _curves(history)


@mistake(
    "q6",
    caught_by="curves_and_axes_are_labelled",
    hint="Neither axes nor curves have names: set_xlabel, set_ylabel, and a label for each curve with a legend.",
)
def names_nothing(history):
    figure, columns = plt.subplots(1, 2)
    for axes, key in zip(columns, ("accuracy", "loss"), strict=True):
        axes.plot(range(1, len(history[key]) + 1), history[key])
        axes.plot(range(1, len(history[key]) + 1), history[f"val_{key}"])
    return figure


@mistake(
    "q6",
    caught_by="curves_and_axes_are_labelled",
    hint="The labels of the two curves are exchanged: the training curve is called validation.",
)
def exchanges_the_labels(history):
    return _curves(history, labels=("validation", "training"))


@mistake(
    "q6",
    caught_by="each_call_makes_a_figure_of_its_own",
    hint="The curves of an earlier call are still there: make a new figure in each call, with plt.subplots().",
)
def draws_into_the_current_figure(history):
    figure = plt.gcf()
    columns = figure.axes if len(figure.axes) == 2 else figure.subplots(1, 2)
    for axes, key in zip(columns, ("accuracy", "loss"), strict=True):
        _plot(axes, history, key, "training")
        _plot(axes, history, f"val_{key}", "validation")
        axes.set(xlabel="epoch", ylabel=key)
        axes.legend()
    return figure


# Question 7


def _counts(labels, predictions):
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (np.asarray(labels), np.asarray(predictions)), 1)
    return counts


def _rows(precision, recall, support):
    columns = zip(precision, recall, support, strict=True)
    return {
        digit: {"precision": float(p), "recall": float(r), "support": int(n)} for digit, (p, r, n) in enumerate(columns)
    }


@mistake(
    "q7",
    caught_by="precision_and_recall_are_right",
    hint="Precision and recall are exchanged. Precision divides by how often the digit was predicted.",
)
def exchanges_precision_and_recall(labels, predictions):
    counts = _counts(labels, predictions)
    hits, there, called = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    return _rows(hits / there.clip(1), hits / called.clip(1), there)


@mistake(
    "q7",
    caught_by="precision_and_recall_are_right",
    hint="You divide by all images, so that ten digits share 1 among them. Divide by those of the digit.",
)
def divides_by_all_images(labels, predictions):
    counts = _counts(labels, predictions)
    shares = counts.diagonal() / counts.sum()
    return _rows(shares, shares, counts.sum(axis=1))


@mistake(
    "q7",
    caught_by="support_counts_the_true_images",
    hint="Support counts how many images truly are of the digit, not how many are called so.",
)
def counts_the_predictions(labels, predictions):
    counts = _counts(labels, predictions)
    hits, there, called = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    return _rows(hits / called.clip(1), hits / there.clip(1), called)


@mistake(
    "q7",
    caught_by="digits_without_images_have_zeros",
    hint="Where nothing is there to divide by you divide by zero all the same. The entry is 0.0 then.",
)
def divides_by_zero_support(labels, predictions):
    counts = _counts(labels, predictions)
    with np.errstate(all="ignore"):
        return _rows(counts.diagonal() / counts.sum(axis=0), counts.diagonal() / counts.sum(axis=1), counts.sum(axis=1))


@mistake(
    "q7",
    caught_by="digits_without_images_have_zeros",
    hint="Absent digits are left out. All of 0 to 9 have an entry.",
)
def leaves_absent_digits_out(labels, predictions):
    counts = _counts(labels, predictions)
    hits, there, called = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    table = _rows(hits / called.clip(1), hits / there.clip(1), there)
    return {digit: row for digit, row in table.items() if row["support"]}


# Question 8


def _looked_at(model, image, class_index, *, place=-1, scores="logits"):
    """Maps (H, W, K) of a convolution, the gradients of a score with respect to them and to the image."""
    looked_at = _with_torch if hasattr(model, "parameters") else _with_keras
    return looked_at(model, image, class_index, place, scores)


def _with_torch(model, image, class_index, place, scores):
    import torch

    maps = []
    convolutions = [layer for layer in model.modules() if isinstance(layer, torch.nn.Conv2d)]
    hook = convolutions[place].register_forward_hook(lambda _layer, _inputs, output: maps.append(output))
    modes = [(layer, layer.training) for layer in model.modules()]
    pixels = torch.tensor(image).permute(2, 0, 1)[None].requires_grad_()
    logits = model.eval()(pixels)
    hook.remove()
    for layer, mode in modes:
        layer.training = mode
    given = {"logits": logits, "softmax": logits.softmax(dim=1), "log": logits.log_softmax(dim=1)}[scores]
    found = torch.autograd.grad(given[0, class_index], [maps[0], pixels])
    return [value.detach()[0].permute(1, 2, 0).numpy() for value in (maps[0], *found)]


def _with_keras(model, image, class_index, place, scores):
    import keras
    import tensorflow as tf

    convolution = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)][place]
    inner = keras.Model(model.inputs, [convolution.output, model.layers[-1].output])
    pixels = tf.convert_to_tensor(image[None])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        maps, logits = inner([pixels], training=False)
        given = {"logits": logits, "softmax": tf.nn.softmax(logits), "log": tf.nn.log_softmax(logits)}[scores]
        score = given[0, class_index]
    return [value[0].numpy() for value in (maps, *tape.gradient(score, [maps, pixels]))]


def _scores(model, image):
    """The logits (classes,) of one image."""
    if hasattr(model, "parameters"):
        training = model.training
        with torch.no_grad():
            scores = model.eval()(torch.tensor(image).permute(2, 0, 1)[None])[0].numpy()
        model.train(training)
        return scores
    return model(image[None], training=False)[0].numpy()


def _stretch(heat, size):
    """A map (h, w) as one of that size (H, W), bilinear."""
    import torch

    stretched = torch.nn.functional.interpolate(torch.tensor(heat)[None, None], size, mode="bilinear")
    return stretched[0, 0].numpy()


def _normalise(heat):
    largest = heat.max()
    return heat / largest if largest > 0 else heat * 0


def _grad_cam(model, image, class_index, **choice):
    """The right map; with other choices of layer or score, a wrong one."""
    maps, gradients, _ = _looked_at(model, image, class_index, **choice)
    heat = np.maximum((gradients.mean(axis=(0, 1)) * maps).sum(axis=-1), 0)
    return _normalise(_stretch(heat, image.shape[:2]))


def _weighted(model, image, class_index):
    """The weighted sum before the ReLU, stretched."""
    maps, gradients, _ = _looked_at(model, image, class_index)
    return _stretch((gradients.mean(axis=(0, 1)) * maps).sum(axis=-1), image.shape[:2])


@mistake(
    "q8",
    caught_by="evidence_against_the_class_stays_cold",
    hint="Without the ReLU, stretching the map from its lowest value to its highest lifts what is neutral to a warm "
    "grey, and only evidence against the class is 0. Set negative values to zero first.",
)
def leaves_out_the_relu(model, image, class_index):
    heat = _weighted(model, image, class_index)
    return (heat - heat.min()) / (heat.max() - heat.min() + 1e-9)


@mistake(
    "q8",
    caught_by="a_map_has_the_images_size_and_range",
    hint="Dividing by the largest value leaves evidence against the class below 0. The ReLU comes before that.",
)
def leaves_out_the_relu_and_keeps_negative_values(model, image, class_index):
    heat = _weighted(model, image, class_index)
    return heat / max(np.abs(heat).max(), 1e-9)


@mistake(
    "q8",
    caught_by="evidence_against_the_class_stays_cold",
    hint="The absolute value makes evidence against the class as hot as evidence for it. A ReLU drops it.",
)
def takes_the_absolute_value(model, image, class_index):
    return _normalise(np.abs(_weighted(model, image, class_index)))


@mistake(
    "q8",
    caught_by="evidence_against_the_class_stays_cold",
    hint="The mean of all maps shows what the layer sees, whatever the class. Weight each map by its mean gradient.",
)
def averages_the_activations(model, image, class_index):
    maps, _, _ = _looked_at(model, image, class_index)
    return _normalise(_stretch(np.maximum(maps.mean(axis=-1), 0), image.shape[:2]))


@mistake(
    "q8",
    caught_by="evidence_against_the_class_stays_cold",
    hint="A channel whose mean gradient is negative speaks against the class: its weight has to keep its sign.",
)
def makes_the_weights_positive(model, image, class_index):
    maps, gradients, _ = _looked_at(model, image, class_index)
    heat = (np.abs(gradients.mean(axis=(0, 1))) * maps).sum(axis=-1)
    return _normalise(_stretch(np.maximum(heat, 0), image.shape[:2]))


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="Take the mean of the gradients with their signs. The ReLU belongs behind the sum, not into the weights.",
)
def rectifies_the_gradients(model, image, class_index):
    maps, gradients, _ = _looked_at(model, image, class_index)
    heat = (np.maximum(gradients, 0).mean(axis=(0, 1)) * maps).sum(axis=-1)
    return _normalise(_stretch(np.maximum(heat, 0), image.shape[:2]))


@mistake(
    "q8",
    caught_by="the_class_that_is_asked_for_decides",
    hint="You explain the class that the model predicts. Take the score of class_index, whichever that is.",
)
def explains_the_predicted_class(model, image, class_index):
    return _grad_cam(model, image, int(_scores(model, image).argmax()))


@mistake(
    "q8",
    caught_by="the_class_that_is_asked_for_decides",
    hint="This is the map of a neighbouring class. Classes count from 0: the score is the one at index class_index.",
)
def counts_classes_from_one(model, image, class_index):
    return _grad_cam(model, image, class_index - 1)


@mistake(
    "q8",
    caught_by="the_class_that_is_asked_for_decides",
    hint="You differentiate the sum of all scores, so the class makes no difference. Take one score.",
)
def sums_all_scores(model, image, class_index):
    classes = range(len(_scores(model, image)))
    parts = [_looked_at(model, image, index) for index in classes]
    alpha = sum(gradients for _, gradients, _ in parts).mean(axis=(0, 1))
    return _normalise(_stretch(np.maximum((alpha * parts[0][0]).sum(axis=-1), 0), image.shape[:2]))


@mistake(
    "q8",
    caught_by="the_score_is_taken_before_the_softmax",
    hint="Where the model is sure a softmax is flat, its gradient is zero, and so is the map. Take the scores.",
)
def differentiates_the_softmax(model, image, class_index):
    return _grad_cam(model, image, class_index, scores="softmax")


@mistake(
    "q8",
    caught_by="the_score_is_taken_before_the_softmax",
    hint="The logarithm of the softmax pulls all other classes into the map. Take the score before the softmax.",
)
def differentiates_the_log_softmax(model, image, class_index):
    return _grad_cam(model, image, class_index, scores="log")


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="This is how the score changes with each pixel (a saliency map), not a weighted sum of feature maps.",
)
def differentiates_the_image(model, image, class_index):
    _, _, pixels = _looked_at(model, image, class_index)
    return _normalise(np.abs(pixels).max(axis=-1))


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="You took the first convolution, which sees edges. The last one sees what classes are made of.",
)
def takes_the_first_convolution(model, image, class_index):
    return _grad_cam(model, image, class_index, place=0)


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="Average the gradients over all places first: one weight for each channel. You multiplied place by place.",
)
def multiplies_place_by_place(model, image, class_index):
    maps, gradients, _ = _looked_at(model, image, class_index)
    return _normalise(_stretch(np.maximum((gradients * maps).sum(axis=-1), 0), image.shape[:2]))


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="The gradients are averaged over the channels: each place has a weight. Average over height and width, "
    "so that each channel has one.",
)
def averages_over_the_channels(model, image, class_index):
    maps, gradients, _ = _looked_at(model, image, class_index)
    heat = (gradients.mean(axis=-1, keepdims=True) * maps).sum(axis=-1)
    return _normalise(_stretch(np.maximum(heat, 0), image.shape[:2]))


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="These are the gradients alone. Multiply each feature map by its weight, the mean of its gradients.",
)
def shows_the_gradients_alone(model, image, class_index):
    _, gradients, _ = _looked_at(model, image, class_index)
    return _normalise(_stretch(np.maximum(gradients.mean(axis=-1), 0), image.shape[:2]))


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="The one channel with the largest weight is shown. The map is the sum of all channels, each with its weight.",
)
def shows_the_strongest_channel(model, image, class_index):
    maps, gradients, _ = _looked_at(model, image, class_index)
    alpha = gradients.mean(axis=(0, 1))
    return _normalise(_stretch(np.maximum(maps[..., alpha.argmax()] * alpha.max(), 0), image.shape[:2]))


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="The map is as small as the convolution's output. Stretch it to the image's height and width.",
)
def leaves_the_map_small(model, image, class_index):
    maps, gradients, _ = _looked_at(model, image, class_index)
    return _normalise(np.maximum((gradients.mean(axis=(0, 1)) * maps).sum(axis=-1), 0))


@mistake(
    "q8",
    caught_by="a_map_has_the_images_size_and_range",
    hint="Images need not be 32 x 32: take height and width from image.shape.",
)
def always_stretches_to_32(model, image, class_index):
    maps, gradients, _ = _looked_at(model, image, class_index)
    return _normalise(_stretch(np.maximum((gradients.mean(axis=(0, 1)) * maps).sum(axis=-1), 0), (32, 32)))


@mistake(
    "q8",
    caught_by="a_map_has_the_images_size_and_range",
    hint="The map is right but for its scale: divide by its largest value, so that the hottest place is 1.",
)
def does_not_normalise(model, image, class_index):
    return np.maximum(_weighted(model, image, class_index), 0)


@mistake(
    "q8",
    caught_by="a_map_has_the_images_size_and_range",
    hint="Numbers from 0 to 255 are fine for a picture. Asked for is a map from 0 to 1.",
)
def makes_bytes(model, image, class_index):
    return (255 * _grad_cam(model, image, class_index)).round()


@mistake(
    "q8",
    caught_by="a_class_without_evidence_gets_a_blank_map",
    hint="Where nothing speaks for the class the map is all zero, and 0 / 0 is not a number. Divide only by what is "
    "larger than 0.",
)
def divides_by_zero(model, image, class_index):
    maps, gradients, _ = _looked_at(model, image, class_index)
    heat = _stretch(np.maximum((gradients.mean(axis=(0, 1)) * maps).sum(axis=-1), 0), image.shape[:2])
    with np.errstate(invalid="ignore"):
        return heat / heat.max()


@mistake(
    "q8",
    caught_by="the_model_stays_as_it_was",
    hint="Something of the model has changed: its mode, or whether it can be trained. Put back what you found.",
)
def leaves_the_model_in_another_mode(model, image, class_index):
    heat = _grad_cam(model, image, class_index)
    if hasattr(model, "parameters"):
        model.eval()
    else:
        model.trainable = False
    return heat


@mistake(
    "q8",
    caught_by="the_model_stays_as_it_was",
    hint="Your hooks are still in the model and run with each later call. Remove them: hook.remove(), in a finally.",
)
def leaves_its_hooks(model, image, class_index):
    if hasattr(model, "parameters"):
        model[0].register_forward_hook(lambda _layer, _inputs, output: None)
    return _grad_cam(model, image, class_index)


@mistake(
    "q8",
    caught_by="a_model_in_training_mode_gets_the_same_map",
    hint="In training mode dropout draws anew with each call, and the map with it. Switch to evaluation mode inside.",
)
def keeps_dropout_on(model, image, class_index):
    if not hasattr(model, "parameters"):
        return _with_dropout(model, image, class_index)
    import torch

    maps = []
    convolutions = [layer for layer in model.modules() if isinstance(layer, torch.nn.Conv2d)]
    hook = convolutions[-1].register_forward_hook(lambda _layer, _inputs, output: maps.append(output))
    score = model(torch.tensor(image).permute(2, 0, 1)[None])[0, class_index]
    hook.remove()
    (gradients,) = torch.autograd.grad(score, maps[0])
    heat = (gradients.mean(dim=(2, 3), keepdim=True) * maps[0]).sum(dim=1).relu().detach()[0].numpy()
    return _normalise(_stretch(heat, image.shape[:2]))


def _with_dropout(model, image, class_index):
    import keras
    import tensorflow as tf

    convolution = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)][-1]
    inner = keras.Model(model.inputs, [convolution.output, model.layers[-1].output])
    with tf.GradientTape() as tape:
        maps, logits = inner([tf.convert_to_tensor(image[None])], training=True)
        score = logits[0, class_index]
    alpha = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(alpha * maps, axis=-1))[0].numpy()
    return _normalise(_stretch(heat, image.shape[:2]))


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="A spot in the middle whatever the image and the model: nothing is computed from either.",
)
def draws_a_spot_in_the_middle(model, image, class_index):
    height, width = image.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    away = ((rows - height / 2) / height) ** 2 + ((columns - width / 2) / width) ** 2
    return _normalise(np.exp(-8 * away))


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="The image's own brightness is no explanation: a map has to depend on the model and on the class.",
)
def shows_the_image(model, image, class_index):
    return _normalise(image[..., 0])


@mistake(
    "q8",
    caught_by="maps_agree_with_the_formula",
    hint="These are random numbers: nothing is computed from the model or from the image.",
)
def draws_random_numbers(model, image, class_index):
    return _normalise(np.random.default_rng(class_index).random(image.shape[:2]))


# Question 9


def _explained(model, images, labels, *, place=None, digit=None, heat=None, title="Predicted {}"):
    """The right figure, or with one thing changed a wrong one."""
    guesses = _logits(model, images).argmax(dim=1).numpy()
    right = np.flatnonzero(guesses == labels)
    if not len(right):
        raise ValueError("no image is predicted right")
    place = int(right[0]) if place is None else place
    image, shown = images[place], int(guesses[place])
    figure, (left, middle) = plt.subplots(1, 2)
    left.imshow(image[..., 0], cmap="gray")
    middle.imshow(_grad_cam(model, image, shown) if heat is None else heat(model, image, shown), cmap="magma")
    figure.suptitle(title.format(shown if digit is None else digit(shown)))
    return figure


@mistake(
    "q9",
    caught_by="a_right_prediction_is_chosen",
    hint="You explain the first image whatever is predicted for it. Choose one where the prediction is the label.",
)
def explains_the_first_image(model, images, labels):
    wrong = np.flatnonzero(_logits(model, images).argmax(dim=1).numpy() != labels)
    return _explained(model, images, labels, place=int(wrong[0]))


@mistake(
    "q9",
    caught_by="a_right_prediction_is_chosen",
    hint="Where no image is predicted right you show a wrong one. Say so with a ValueError.",
)
def never_refuses(model, images, labels):
    guesses = _logits(model, images).argmax(dim=1).numpy()
    right = np.flatnonzero(guesses == labels)
    return _explained(model, images, guesses if not len(right) else labels)


@mistake(
    "q9",
    caught_by="the_figure_shows_the_map",
    hint="The second picture is the hand once more: the heat map is missing.",
)
def shows_no_map(model, images, labels):
    return _explained(model, images, labels, heat=lambda model, image, digit: image[..., 0])


@mistake(
    "q9",
    caught_by="the_figure_shows_the_map",
    hint="The map is that of another digit. Ask grad_cam for the digit that is predicted.",
)
def shows_another_digits_map(model, images, labels):
    return _explained(
        model, images, labels, heat=lambda model, image, digit: _grad_cam(model, image, (digit + 1) % CLASSES)
    )


@mistake(
    "q9",
    caught_by="the_figure_says_the_digit",
    hint="Nothing in the figure says which digit was predicted. Write it into the title.",
)
def says_nothing(model, images, labels):
    return _explained(model, images, labels, title="A right prediction")


@mistake(
    "q9",
    caught_by="the_figure_says_the_digit",
    hint="The title counts digits from 1. The class with index 0 is the digit 0.",
)
def says_the_next_digit(model, images, labels):
    return _explained(model, images, labels, digit=lambda digit: (digit + 1) % CLASSES)
