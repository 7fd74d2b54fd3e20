"""Plausible wrong answers to exercise 4: the training pipeline on Fashion-MNIST."""

import copy

import numpy as np
import torch
from matplotlib import pyplot as plt
from torch import nn
from torch.nn import functional

from autograder.cases import mistake

CLASSES = 10

# Question 1


def _grey(images):
    """float32 (N, 1, 28, 28), values as they were."""
    return torch.tensor(images, dtype=torch.float32)[:, None]


@mistake(
    "q1",
    caught_by="black_is_minus_one_and_white_is_one",
    hint="Your numbers go from 0 to 1, which is a fine range but not around zero: stretch them to -1 to 1.",
)
def scales_to_zero_and_one(images):
    return _grey(images) / 255


@mistake(
    "q1",
    caught_by="black_is_minus_one_and_white_is_one",
    hint="The values are still pixels from 0 to 255. Weights are drawn for inputs of about unit size: scale "
    "them first.",
)
def leaves_pixels_as_they_are(images):
    return _grey(images)


@mistake(
    "q1",
    caught_by="black_is_minus_one_and_white_is_one",
    hint="Subtracting 0.5 centres the values, but they now go from -0.5 to 0.5. Divide by 0.5, too.",
)
def centres_without_scaling(images):
    return _grey(images) / 255 - 0.5


@mistake(
    "q1",
    caught_by="black_is_minus_one_and_white_is_one",
    hint="Mean 0.286 and deviation 0.353 are the data set's, and give mean 0 and variance 1. Asked for is -1 "
    "to 1 exactly.",
)
def standardises_by_the_data_set(images):
    return (_grey(images) / 255 - 0.2860) / 0.3530


@mistake(
    "q1",
    caught_by="black_is_minus_one_and_white_is_one",
    hint="Nearly: with 128 white becomes 0.992. Half way from 0 to 255 is 127.5.",
)
def divides_by_128(images):
    return (_grey(images) - 128) / 128


@mistake(
    "q1",
    caught_by="black_is_minus_one_and_white_is_one",
    hint="Black has become 1 and white -1. Which one is subtracted from which?",
)
def turns_black_into_white(images):
    return 1 - _grey(images) / 127.5


@mistake(
    "q1",
    caught_by="black_is_minus_one_and_white_is_one",
    hint="uint8 has no numbers above 255 or below 0, so 2 * 200 - 255 wraps around in it. Convert to float first.",
)
def computes_in_uint8(images):
    return _grey((2 * images - np.uint8(255)).astype(np.uint8)) / 255


@mistake(
    "q1",
    caught_by="an_image_becomes_the_same_in_every_batch",
    hint="You stretch between the darkest and the brightest pixel of the batch, so an image depends on its "
    "neighbours. Use 0 and 255.",
)
def stretches_each_batch(images):
    low, high = float(images.min()), float(images.max())
    return 2 * (_grey(images) - low) / (high - low) - 1


@mistake(
    "q1",
    caught_by="an_image_becomes_the_same_in_every_batch",
    hint="Each image is stretched by its own darkest and brightest pixel, so dark and bright ones look alike. "
    "Use 0 and 255.",
)
def stretches_each_image(images):
    pixels = _grey(images)
    low, high = pixels.amin(dim=(1, 2, 3), keepdim=True), pixels.amax(dim=(1, 2, 3), keepdim=True)
    return 2 * (pixels - low) / (high - low) - 1


@mistake(
    "q1",
    caught_by="a_float32_tensor_with_one_channel_comes_out",
    hint="The values are right, but the channel is missing: convolutions want (N, 1, 28, 28).",
)
def forgets_the_channel(images):
    return _grey(images)[:, 0] / 127.5 - 1


@mistake(
    "q1",
    caught_by="a_float32_tensor_with_one_channel_comes_out",
    hint="The channel stands last, as Keras has it. In PyTorch it comes right after the batch: (N, 1, 28, 28).",
)
def puts_the_channel_last(images):
    return (_grey(images) / 127.5 - 1).permute(0, 2, 3, 1)


@mistake(
    "q1",
    caught_by="a_float32_tensor_with_one_channel_comes_out",
    hint="These are float64, NumPy's default. The weights of a network are float32, and the two don't mix.",
)
def gives_float64(images):
    return torch.tensor(images, dtype=torch.float64)[:, None] / 127.5 - 1


@mistake(
    "q1",
    caught_by="a_float32_tensor_with_one_channel_comes_out",
    hint="The numbers are right, but it is still a NumPy array. A network takes tensors: torch.from_numpy, say.",
)
def gives_a_numpy_array(images):
    return images[:, np.newaxis].astype(np.float32) / np.float32(127.5) - 1


# Question 2


def _cut(images, labels, order, count):
    return images[order[count:]], labels[order[count:]], images[order[:count]], labels[order[:count]]


def _size(images, validation_fraction):
    return round(len(images) * validation_fraction)


@mistake(
    "q2",
    caught_by="each_image_is_in_exactly_one_part",
    hint="The two parts are drawn independently, so many images are in both. Draw one order, and cut it in two.",
)
def draws_the_parts_independently(images, labels, validation_fraction, seed):
    generator, count = np.random.default_rng(seed), _size(images, validation_fraction)
    train = generator.permutation(len(images))[count:]
    validation = generator.permutation(len(images))[:count]
    return images[train], labels[train], images[validation], labels[validation]


@mistake(
    "q2",
    caught_by="each_image_is_in_exactly_one_part",
    hint="Drawn with replacement, some images come twice and others never. You need a permutation.",
)
def draws_with_replacement(images, labels, validation_fraction, seed):
    order = np.random.default_rng(seed).choice(len(images), size=len(images))
    return _cut(images, labels, order, _size(images, validation_fraction))


@mistake(
    "q2",
    caught_by="each_image_is_in_exactly_one_part",
    hint="The validation images are still among those that are trained on. Take them out of the training part.",
)
def trains_on_everything(images, labels, validation_fraction, seed):
    order = np.random.default_rng(seed).permutation(len(images))
    validation = order[: _size(images, validation_fraction)]
    return images[order], labels[order], images[validation], labels[validation]


@mistake(
    "q2",
    caught_by="labels_stay_with_their_images",
    hint="Images and labels are shuffled each in an order of its own, so labels come to other images. Use one "
    "order for both.",
)
def shuffles_labels_apart(images, labels, validation_fraction, seed):
    generator, count = np.random.default_rng(seed), _size(images, validation_fraction)
    order, other = generator.permutation(len(images)), generator.permutation(len(images))
    return images[order[count:]], labels[other[count:]], images[order[:count]], labels[other[:count]]


@mistake(
    "q2",
    caught_by="labels_stay_with_their_images",
    hint="shuffle works in place: the arrays of your caller come back in another order. Draw a permutation, "
    "and index with it.",
)
def shuffles_in_place(images, labels, validation_fraction, seed):
    for array in (images, labels):
        np.random.default_rng(seed).shuffle(array)
    return _cut(images, labels, np.arange(len(images)), _size(images, validation_fraction))


@mistake(
    "q2",
    caught_by="the_validation_part_has_the_size_asked",
    hint="validation_fraction is the share to check with. You train on that share, and check with the rest.",
)
def exchanges_the_sizes(images, labels, validation_fraction, seed):
    order = np.random.default_rng(seed).permutation(len(images))
    return _cut(images, labels, order, len(images) - _size(images, validation_fraction))


@mistake(
    "q2",
    caught_by="the_validation_part_has_the_size_asked",
    hint="You put a fifth aside whatever is asked. Look at validation_fraction.",
)
def always_takes_a_fifth(images, labels, validation_fraction, seed):
    order = np.random.default_rng(seed).permutation(len(images))
    return _cut(images, labels, order, len(images) // 5)


@mistake(
    "q2",
    caught_by="the_validation_part_has_the_size_asked",
    hint="The order of the four is another one here than scikit-learn's: train images, train labels, then the "
    "other two.",
)
def returns_them_as_scikit_learn_does(images, labels, validation_fraction, seed):
    order = np.random.default_rng(seed).permutation(len(images))
    train_images, train_labels, others, other_labels = _cut(images, labels, order, _size(images, validation_fraction))
    return train_images, others, train_labels, other_labels


@mistake(
    "q2",
    caught_by="the_seed_decides_which_images",
    hint="The first images are put aside as they come. Sorted data would leave you with one or two classes: "
    "shuffle first.",
)
def cuts_without_shuffling(images, labels, validation_fraction, seed):
    return _cut(images, labels, np.arange(len(images)), _size(images, validation_fraction))


@mistake(
    "q2",
    caught_by="the_seed_decides_which_images",
    hint="Every seed gives the same split: you seed with a constant of yours instead of with the argument.",
)
def seeds_with_a_constant(images, labels, validation_fraction, seed):
    order = np.random.default_rng(42).permutation(len(images))
    return _cut(images, labels, order, _size(images, validation_fraction))


@mistake(
    "q2",
    caught_by="the_seed_decides_which_images",
    hint="The order comes from NumPy's global generator, and the seed is not used: tomorrow's split is another one.",
)
def never_uses_the_seed(images, labels, validation_fraction, seed):
    order = np.random.permutation(len(images))
    return _cut(images, labels, order, _size(images, validation_fraction))


# Question 3


def _mirror(images, coins):
    out = images.clone()
    out[coins] = out[coins].flip(3)
    return out


def _coins(images, generator, share=0.5):
    return torch.rand(images.shape[0], generator=generator) < share


@mistake(
    "q3",
    caught_by="an_image_is_itself_or_its_mirror_image",
    hint="Axis 2 is the height, so your clothes stand on their heads. Left and right are along the last axis.",
)
def turns_them_upside_down(images, generator):
    out, coins = images.clone(), _coins(images, generator)
    out[coins] = out[coins].flip(2)
    return out


@mistake(
    "q3",
    caught_by="an_image_is_itself_or_its_mirror_image",
    hint="Exchanging both axes turns an image by 180 degrees. Mirror the width alone.",
)
def turns_them_half_round(images, generator):
    out, coins = images.clone(), _coins(images, generator)
    out[coins] = out[coins].flip(2, 3)
    return out


@mistake(
    "q3",
    caught_by="an_image_is_itself_or_its_mirror_image",
    hint="Images have left their places: image number 3 must be number 3 afterwards, or labels no longer fit. "
    "Axis 0 is the batch.",
)
def mirrors_the_batch(images, generator):
    return images.flip(0) if torch.rand(1, generator=generator) < 0.9 else images.flip(3)


@mistake(
    "q3",
    caught_by="an_image_is_itself_or_its_mirror_image",
    hint="You give back the originals and mirrored ones, twice as many. Each image comes back once, one way or "
    "the other.",
)
def adds_mirrored_copies(images, generator):
    return torch.cat([images, _mirror(images, _coins(images, generator))])


@mistake(
    "q3",
    caught_by="an_image_is_itself_or_its_mirror_image",
    hint="Mirrored is right, but the brightness changes, too. Nothing else was asked for.",
)
def changes_the_brightness_too(images, generator):
    return (_mirror(images, _coins(images, generator)) + 0.1).clamp(-1, 1)


@mistake(
    "q3",
    caught_by="about_half_of_the_images_are_mirrored",
    hint="All images are mirrored, every time: that is no more variety than before. Let a coin decide for each.",
)
def mirrors_all(images, generator):
    return images.flip(3)


@mistake(
    "q3",
    caught_by="about_half_of_the_images_are_mirrored",
    hint="One coin decides for the whole batch: it is mirrored or not. Each image has to throw its own.",
)
def throws_one_coin_for_the_batch(images, generator):
    return images.flip(3) if torch.rand(1, generator=generator) < 0.5 else images.clone()


@mistake(
    "q3",
    caught_by="about_half_of_the_images_are_mirrored",
    hint="About a quarter of the images are mirrored, half of them is asked for. Are two coins thrown where "
    "one is enough?",
)
def throws_two_coins_for_each(images, generator):
    return _mirror(images, _coins(images, generator) & _coins(images, generator))


@mistake(
    "q3",
    caught_by="the_generator_draws",
    hint="Every second image is mirrored, the same ones each time. The network never sees the others mirrored: draw.",
)
def mirrors_every_second_one(images, generator):
    return _mirror(images, torch.arange(len(images)) % 2 == 1)


@mistake(
    "q3",
    caught_by="the_generator_draws",
    hint="The coins come from PyTorch's global generator. Hand the one that you are given on: generator=generator.",
)
def draws_from_the_global_generator(images, generator):
    return _mirror(images, _coins(images, None))


@mistake(
    "q3",
    caught_by="the_generator_draws",
    hint="You seed the generator anew in each call, so every batch is mirrored in the same places. Let it go "
    "on drawing.",
)
def seeds_the_generator_anew(images, generator):
    return _mirror(images, _coins(images, generator.manual_seed(0)))


@mistake(
    "q3",
    caught_by="the_generator_draws",
    hint="The batch that you were given has been changed, and next epoch's images with it. Work on a copy.",
)
def mirrors_in_place(images, generator):
    coins = _coins(images, generator)
    images[coins] = images[coins].flip(3)
    return images


# Question 4


def _block(channels, filters, norm=nn.BatchNorm2d, activation=nn.ReLU, pool=nn.MaxPool2d):
    layers = [nn.Conv2d(channels, filters, 3, padding=1), norm(filters), activation(), pool(2)]
    return [layer for layer in layers if layer is not None]


def _nothing(*_):
    return None


def _network(blocks, features, dropout=0.3, classes=CLASSES, end=()):
    drop = [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*blocks, nn.Flatten(), *drop, nn.Linear(features, classes), *end)


def _two_blocks(first=8, second=16, **settings):
    return [*_block(1, first, **settings), *_block(first, second, **settings)]


@mistake(
    "q4",
    caught_by="scores_are_logits",
    hint="Your network ends in a softmax, and nn.CrossEntropyLoss applies another one: gradients fade. Give logits.",
)
def ends_in_a_softmax():
    return _network(_two_blocks(), 784, end=[nn.Softmax(dim=1)])


@mistake(
    "q4",
    caught_by="scores_are_logits",
    hint="A log-softmax at the end goes with nn.NLLLoss. Asked for are logits: the loss does the rest.",
)
def ends_in_a_log_softmax():
    return _network(_two_blocks(), 784, end=[nn.LogSoftmax(dim=1)])


@mistake(
    "q4",
    caught_by="scores_are_logits",
    hint="A ReLU behind the last layer forbids negative scores, and a class that stands at 0 gets no gradient. "
    "Take it away.",
)
def ends_in_a_relu():
    return _network(_two_blocks(), 784, end=[nn.ReLU()])


@mistake(
    "q4",
    caught_by="scores_are_logits",
    hint="Sigmoids answer ten separate yes-or-no questions. Classes that exclude each other take logits and "
    "cross-entropy.",
)
def ends_in_sigmoids():
    return _network(_two_blocks(), 784, end=[nn.Sigmoid()])


@mistake(
    "q4",
    caught_by="each_image_gets_ten_scores",
    hint="squeeze() drops every axis of length 1, the batch too where it is a single image. Flatten from axis 1 on.",
)
def squeezes_a_single_image():
    class Squeezed(nn.Sequential):
        def forward(self, images):
            return super().forward(images).squeeze()

    return Squeezed(*_network(_two_blocks(), 784))


@mistake(
    "q4",
    caught_by="each_image_gets_ten_scores",
    hint="Classes are numbered from 0 to 9, so there are ten scores. An eleventh would stand for no class at all.",
)
def gives_eleven_scores():
    return _network(_two_blocks(), 784, classes=11)


@mistake(
    "q4",
    caught_by="two_or_three_blocks_with_growing_filters",
    hint="There is no convolution: a linear model on pixels learns a template of each class, wherever it stands.",
)
def is_a_linear_model():
    return _network([nn.BatchNorm2d(1)], 784)


@mistake(
    "q4",
    caught_by="two_or_three_blocks_with_growing_filters",
    hint="Linear layers on flattened pixels don't know which pixels are neighbours. Build blocks of convolutions.",
)
def is_a_dense_network():
    dense = [nn.Flatten(), nn.Linear(784, 64), nn.BatchNorm1d(64), nn.ReLU()]
    return _network(dense, 64)


@mistake(
    "q4",
    caught_by="two_or_three_blocks_with_growing_filters",
    hint="One block sees edges and corners. What they make together, a sleeve say, takes a second block.",
)
def has_one_block():
    return _network(_block(1, 16), 16 * 14 * 14)


@mistake(
    "q4",
    caught_by="two_or_three_blocks_with_growing_filters",
    hint="Nothing halves the maps: every filter still looks at a few pixels only, and the head gets huge. Pool "
    "in each block.",
)
def never_pools():
    return _network(_two_blocks(pool=_nothing), 16 * 784)


@mistake(
    "q4",
    caught_by="two_or_three_blocks_with_growing_filters",
    hint="Your filters become fewer from block to block. Maps shrink, so what they describe may grow: double "
    "the filters.",
)
def has_fewer_and_fewer_filters():
    return _network(_two_blocks(16, 8), 8 * 49)


@mistake(
    "q4",
    caught_by="two_or_three_blocks_with_growing_filters",
    hint="All blocks have the same number of filters. Later blocks describe richer patterns on smaller maps: "
    "give them more.",
)
def has_the_same_filters_everywhere():
    return _network(_two_blocks(16, 16), 784)


@mistake(
    "q4",
    caught_by="every_block_has_a_relu",
    hint="There is no ReLU in the network: all its convolutions together are one linear filter. Add one in each block.",
)
def has_no_activation():
    return _network(_two_blocks(activation=_nothing), 784)


@mistake(
    "q4",
    caught_by="every_block_has_a_relu",
    hint="The first block has its ReLU, the second has none, and is linear.",
)
def forgets_the_second_activation():
    return _network([*_block(1, 8), *_block(8, 16, activation=_nothing)], 784)


@mistake(
    "q4",
    caught_by="every_block_has_a_relu",
    hint="Sigmoids squeeze all they get between 0 and 1, and hardly pass gradients on. A ReLU sets negative "
    "values to 0.",
)
def takes_sigmoids():
    return _network(_two_blocks(activation=nn.Sigmoid), 784)


@mistake(
    "q4",
    caught_by="batch_norm_looks_at_the_batch_in_training_only",
    hint="There is no batch normalisation. It keeps the size of activations in hand, and training gets faster with it.",
)
def has_no_batch_norm():
    return _network(_two_blocks(norm=_nothing), 784)


@mistake(
    "q4",
    caught_by="batch_norm_looks_at_the_batch_in_training_only",
    hint="nn.InstanceNorm2d normalises each map of each image for itself. Batch norm normalises over the batch.",
)
def normalises_each_image():
    return _network(_two_blocks(norm=nn.InstanceNorm2d), 784)


@mistake(
    "q4",
    caught_by="batch_norm_looks_at_the_batch_in_training_only",
    hint="Without running statistics batch norm has to use the batch in evaluation, too: an image's class "
    "depends on others.",
)
def keeps_no_running_statistics():
    return _network(_two_blocks(norm=lambda filters: nn.BatchNorm2d(filters, track_running_stats=False)), 784)


@mistake(
    "q4",
    caught_by="dropout_is_on_in_training_only",
    hint="There is no dropout. Put one of 0.2 to 0.5 before the head.",
)
def has_no_dropout():
    return _network(_two_blocks(), 784, dropout=0)


@mistake(
    "q4",
    caught_by="dropout_is_on_in_training_only",
    hint="F.dropout does not know the mode of your model, and drops in evaluation, too: hand over "
    "training=self.training, or use nn.Dropout.",
)
def never_stops_dropping():
    class Forgetful(nn.Sequential):
        def forward(self, images):
            return super().forward(functional.dropout(images, 0.3))

    return Forgetful(*_network(_two_blocks(), 784, dropout=0))


# Question 5: one step


@mistake(
    "q5",
    replaces="training_step",
    caught_by="three_steps_move_the_weights_exactly",
    hint="zero_grad is missing. backward adds to the gradients that are there, so every step also takes all "
    "earlier ones.",
)
def never_empties_the_gradients(model, optimizer, criterion, images, labels):
    loss = criterion(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="three_steps_move_the_weights_exactly",
    hint="backward computes gradients, but nobody uses them: optimizer.step() is missing, no weight moves.",
)
def never_steps(model, optimizer, criterion, images, labels):
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    loss.backward()
    return loss.item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="three_steps_move_the_weights_exactly",
    hint="The gradients are never computed: loss.backward() is missing, and the optimiser has nothing to apply.",
)
def never_goes_backward(model, optimizer, criterion, images, labels):
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    optimizer.step()
    return loss.item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="three_steps_move_the_weights_exactly",
    hint="The gradients are emptied after backward and before step, so the step uses none. Empty them first, or last.",
)
def empties_the_gradients_too_late(model, optimizer, criterion, images, labels):
    loss = criterion(model(images), labels)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="three_steps_move_the_weights_exactly",
    hint="step comes before backward, so each step uses the gradients of the batch before. First backward, then step.",
)
def steps_before_going_backward(model, optimizer, criterion, images, labels):
    loss = criterion(model(images), labels)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="three_steps_move_the_weights_exactly",
    hint="The criterion gets probabilities: cross-entropy applies the softmax itself. Give it the model's "
    "scores as they are.",
)
def applies_the_softmax_first(model, optimizer, criterion, images, labels):
    optimizer.zero_grad()
    loss = criterion(model(images).softmax(dim=1), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="the_given_criterion_and_optimiser_are_used",
    hint="The loss is always plain cross-entropy: the criterion that comes as an argument is not used.",
)
def uses_a_criterion_of_its_own(model, optimizer, criterion, images, labels):
    return training_step_with(model, optimizer, functional.cross_entropy, images, labels)


def training_step_with(model, optimizer, criterion, images, labels):
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="the_given_criterion_and_optimiser_are_used",
    hint="Weights are moved by hand, or by an optimiser made inside. The one that is given may have momentum: "
    "let it step.",
)
def moves_the_weights_by_hand(model, optimizer, criterion, images, labels):
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= optimizer.param_groups[0]["lr"] * parameter.grad
    return loss.item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="the_loss_of_the_batch_comes_back",
    hint="You return the loss after the step, computed once more. Asked for is the one that backward was called on.",
)
def returns_the_loss_after_the_step(model, optimizer, criterion, images, labels):
    training_step_with(model, optimizer, criterion, images, labels)
    with torch.no_grad():
        return criterion(model.eval()(images), labels).item()


@mistake(
    "q5",
    replaces="training_step",
    caught_by="the_loss_of_the_batch_comes_back",
    hint="The loss is multiplied by the batch's size. Return what the criterion gave, its mean over the batch.",
)
def returns_the_sum_of_losses(model, optimizer, criterion, images, labels):
    return training_step_with(model, optimizer, criterion, images, labels) * len(images)


@mistake(
    "q5",
    replaces="training_step",
    caught_by="the_loss_of_the_batch_comes_back",
    hint="Nothing is returned. train needs the loss of each batch: return loss.item().",
)
def returns_nothing(model, optimizer, criterion, images, labels):
    training_step_with(model, optimizer, criterion, images, labels)


@mistake(
    "q5",
    replaces="training_step",
    caught_by="a_step_is_one_forward_pass_in_training_mode",
    hint="The model runs twice in each step, and batch norm counts both runs. Keep the scores of the first.",
)
def runs_the_model_twice(model, optimizer, criterion, images, labels):
    model(images)
    return training_step_with(model, optimizer, criterion, images, labels)


@mistake(
    "q5",
    replaces="training_step",
    caught_by="a_step_is_one_forward_pass_in_training_mode",
    hint="The step switches to evaluation mode: dropout is off, and batch norm learns no statistics. Train in "
    "training mode.",
)
def steps_in_evaluation_mode(model, optimizer, criterion, images, labels):
    model.eval()
    return training_step_with(model, optimizer, criterion, images, labels)


# Question 5: all steps


def _measure(model, images, labels):
    with torch.no_grad():
        scores = model(images)
    return functional.cross_entropy(scores, labels).item(), (scores.argmax(1) == labels).float().mean().item()


def _epoch(model, optimizer, images, labels, size=64):
    """One epoch, in the mode that the model is in; its mean loss and accuracy."""
    losses, right = [], 0
    for start in torch.randperm(len(images)).split(size):
        optimizer.zero_grad()
        scores = model(images[start])
        loss = functional.cross_entropy(scores, labels[start])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        right += (scores.argmax(1) == labels[start]).sum().item()
    return sum(losses) / len(losses), right / len(images)


def _fit(model, train_set, validation_set, epochs, device, rate=1e-3, prepare_epoch=nn.Module.train):
    """Right training for wrong variations: `prepare_epoch(model)` puts the model into its mode."""
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        prepare_epoch(model)
        numbers = _epoch(model, optimizer, *train_set)
        model.eval()
        numbers += _measure(model, *validation_set)
        for values, number in zip(history.values(), numbers, strict=True):
            values.append(number)
    return history


@mistake(
    "q5",
    replaces="train",
    caught_by="the_history_has_one_number_an_epoch",
    hint="Accuracies are shares from 0 to 1 here, yours are percent.",
)
def records_percent(model, train_set, validation_set, epochs, device):
    history = _fit(model, train_set, validation_set, epochs, device)
    for key in ("accuracy", "val_accuracy"):
        history[key] = [100 * value for value in history[key]]
    return history


@mistake(
    "q5",
    replaces="train",
    caught_by="the_history_has_one_number_an_epoch",
    hint="One epoch is trained whatever is asked: `epochs` says how often each image comes up.",
)
def trains_one_epoch_only(model, train_set, validation_set, epochs, device):
    return _fit(model, train_set, validation_set, 1, device)


@mistake(
    "q5",
    replaces="train",
    caught_by="the_history_has_one_number_an_epoch",
    hint="The history has a number for every batch. Average over the epoch, and append once.",
)
def records_every_batch(model, train_set, validation_set, epochs, device):
    history = _fit(model, train_set, validation_set, epochs, device)
    batches = -(-len(train_set[0]) // 64)
    return history | {key: [value for value in history[key] for _ in range(batches)] for key in ("loss", "accuracy")}


@mistake(
    "q5",
    replaces="train",
    caught_by="the_history_has_one_number_an_epoch",
    hint="The history holds the last epoch's numbers only. Each of the four is a list, with one number an epoch.",
)
def returns_the_last_numbers_only(model, train_set, validation_set, epochs, device):
    return {key: values[-1] for key, values in _fit(model, train_set, validation_set, epochs, device).items()}


@mistake(
    "q5",
    replaces="train",
    caught_by="the_history_has_one_number_an_epoch",
    hint="The model is trained, but no history comes back: return the dict with the four lists.",
)
def returns_no_history(model, train_set, validation_set, epochs, device):
    _fit(model, train_set, validation_set, epochs, device)


@mistake(
    "q5",
    replaces="train",
    caught_by="validation_numbers_are_those_of_the_model",
    hint="Validation runs in training mode: dropout makes the network worse than it is. Call model.eval() before it.",
)
def validates_in_training_mode(model, train_set, validation_set, epochs, device):
    optimizer = torch.optim.Adam(model.to(device).parameters(), lr=1e-3)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        numbers = _epoch(model, optimizer, *train_set) + _measure(model, *validation_set)
        for values, number in zip(history.values(), numbers, strict=True):
            values.append(number)
    return history


@mistake(
    "q5",
    replaces="train",
    caught_by="validation_numbers_are_those_of_the_model",
    hint="What is called validation is measured on the training images. The network knows those.",
)
def validates_on_the_training_images(model, train_set, validation_set, epochs, device):
    return _fit(model, train_set, train_set, epochs, device)


@mistake(
    "q5",
    replaces="train",
    caught_by="validation_numbers_are_those_of_the_model",
    hint="Validation comes before the epoch, so the last numbers are those of the network of one epoch ago. "
    "Train first.",
)
def validates_before_the_epoch(model, train_set, validation_set, epochs, device):
    optimizer = torch.optim.Adam(model.to(device).parameters(), lr=1e-3)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        numbers = _measure(model.eval(), *validation_set)
        numbers = _epoch(model.train(), optimizer, *train_set) + numbers
        for values, number in zip(history.values(), numbers, strict=True):
            values.append(number)
    return history


@mistake(
    "q5",
    replaces="train",
    caught_by="validation_numbers_are_those_of_the_model",
    hint="val_loss is a sum over the validation images. Divide by their number: the mean compares with the "
    "training loss.",
)
def sums_the_validation_loss(model, train_set, validation_set, epochs, device):
    history = _fit(model, train_set, validation_set, epochs, device)
    return history | {"val_loss": [value * len(validation_set[1]) for value in history["val_loss"]]}


@mistake(
    "q5",
    replaces="train",
    caught_by="the_given_model_is_trained_in_training_mode",
    hint="A copy is trained, and the model that you were given knows nothing of it. Train in place.",
)
def trains_a_copy(model, train_set, validation_set, epochs, device):
    return _fit(copy.deepcopy(model), train_set, validation_set, epochs, device)


@mistake(
    "q5",
    replaces="train",
    caught_by="the_given_model_is_trained_in_training_mode",
    hint="After the first validation the model stays in evaluation mode. Call model.train() at the start of "
    "each epoch.",
)
def never_returns_to_training_mode(model, train_set, validation_set, epochs, device):
    return _fit(model, train_set, validation_set, epochs, device, prepare_epoch=nn.Module.parameters)


@mistake(
    "q5",
    replaces="train",
    caught_by="the_given_model_is_trained_in_training_mode",
    hint="The model is in evaluation mode all along: no dropout, and batch norm never learns its statistics.",
)
def trains_in_evaluation_mode(model, train_set, validation_set, epochs, device):
    return _fit(model, train_set, validation_set, epochs, device, prepare_epoch=nn.Module.eval)


# Question 6


def _predictions(model, images):
    with torch.no_grad():
        return model(images).argmax(dim=1)


def _counts(labels, predicted):
    matrix = torch.zeros(CLASSES, CLASSES)
    for truth, guess in zip(labels.tolist(), predicted.tolist(), strict=True):
        matrix[truth, guess] += 1
    return matrix


def _in_evaluation_mode(model, images):
    """Predictions in evaluation mode; the mode is restored."""
    before = model.training
    predicted = _predictions(model.eval(), images)
    model.train(before)
    return predicted


def _report(matrix, **changes):
    """What is asked for, out of a matrix of counts."""
    shares = matrix.diagonal() / matrix.sum(dim=1).clamp(min=1)
    accuracy = (matrix.trace() / matrix.sum()).item()
    report = {"accuracy": accuracy, "per_class_accuracy": shares.tolist(), "confusion_matrix": matrix.tolist()}
    return report | changes


@mistake(
    "q6",
    caught_by="the_confusion_matrix_counts_true_classes_in_rows",
    hint="Rows and columns are exchanged: your rows are what the model said. Row i is for images that truly "
    "are of class i.",
)
def puts_predictions_in_rows(model, images, labels):
    matrix = _counts(labels, _in_evaluation_mode(model, images))
    return _report(matrix, confusion_matrix=matrix.T.tolist())


@mistake(
    "q6",
    caught_by="the_confusion_matrix_counts_true_classes_in_rows",
    hint="The matrix holds shares of each row. Counts are asked for: they also tell how many images there were.",
)
def divides_the_rows(model, images, labels):
    matrix = _counts(labels, _in_evaluation_mode(model, images))
    return _report(matrix, confusion_matrix=(matrix / matrix.sum(dim=1, keepdim=True).clamp(min=1)).tolist())


@mistake(
    "q6",
    caught_by="accuracies_are_shares_of_right_images",
    hint="You divide by how often a class was predicted, which is precision. A class's accuracy is over its "
    "true images.",
)
def computes_precision(model, images, labels):
    matrix = _counts(labels, _in_evaluation_mode(model, images))
    return _report(matrix, per_class_accuracy=(matrix.diagonal() / matrix.sum(dim=0).clamp(min=1)).tolist())


@mistake(
    "q6",
    caught_by="accuracies_are_shares_of_right_images",
    hint="Right answers of a class are divided by all images. Divide by the number of images of that class.",
)
def divides_by_all_images(model, images, labels):
    matrix = _counts(labels, _in_evaluation_mode(model, images))
    return _report(matrix, per_class_accuracy=(matrix.diagonal() / matrix.sum()).tolist())


@mistake(
    "q6",
    caught_by="accuracies_are_shares_of_right_images",
    hint="The mean of the ten classes' accuracies counts small classes as much as large ones. Accuracy is "
    "right over all.",
)
def averages_the_classes(model, images, labels):
    matrix = _counts(labels, _in_evaluation_mode(model, images))
    return _report(matrix, accuracy=(matrix.diagonal() / matrix.sum(dim=1).clamp(min=1)).mean().item())


@mistake(
    "q6",
    caught_by="accuracies_are_shares_of_right_images",
    hint="You average the accuracies of batches, and the last batch is smaller than the others. Count right "
    "answers instead.",
)
def averages_the_batches(model, images, labels):
    predicted = _in_evaluation_mode(model, images)
    shares = [one.float().mean() for one in (predicted == labels).split(128)]
    return _report(_counts(labels, predicted), accuracy=torch.stack(shares).mean().item())


@mistake(
    "q6",
    caught_by="accuracies_are_shares_of_right_images",
    hint="Accuracies are shares from 0 to 1 here, yours are percent.",
)
def measures_in_percent(model, images, labels):
    report = _report(_counts(labels, _in_evaluation_mode(model, images)))
    return report | {
        "accuracy": 100 * report["accuracy"],
        "per_class_accuracy": [100 * share for share in report["per_class_accuracy"]],
    }


@mistake(
    "q6",
    caught_by="dropout_and_batch_norm_are_in_evaluation_mode",
    hint="The model is measured in training mode: dropout drops, and batch norm changes with what you measure. "
    "model.eval() first.",
)
def measures_in_the_mode_it_finds(model, images, labels):
    return _report(_counts(labels, _predictions(model, images)))


@mistake(
    "q6",
    caught_by="the_mode_of_the_model_is_restored",
    hint="The model stays in evaluation mode, so the next epoch trains without dropout. Restore the mode that "
    "you found.",
)
def leaves_the_model_in_evaluation_mode(model, images, labels):
    return _report(_counts(labels, _predictions(model.eval(), images)))


@mistake(
    "q6",
    caught_by="the_mode_of_the_model_is_restored",
    hint="model.train() at the end is right for a model that was training. One in evaluation mode has to stay in it.",
)
def always_returns_to_training_mode(model, images, labels):
    report = _report(_counts(labels, _predictions(model.eval(), images)))
    model.train()
    return report


@mistake(
    "q6",
    caught_by="absent_classes_do_no_harm",
    hint="A class without images makes you divide by zero. Leave it at 0, or at nan, and go on with the others.",
)
def divides_by_absent_classes(model, images, labels):
    matrix = _counts(labels, _in_evaluation_mode(model, images))
    counts = matrix.int().tolist()
    return _report(matrix, per_class_accuracy=[counts[i][i] / sum(counts[i]) for i in range(CLASSES)])


@mistake(
    "q6",
    caught_by="absent_classes_do_no_harm",
    hint="There is an entry only for classes that occur, so the others move up. Ten classes are ten entries, always.",
)
def leaves_absent_classes_out(model, images, labels):
    matrix = _counts(labels, _in_evaluation_mode(model, images))
    there = [row for row in range(CLASSES) if matrix[row].sum() > 0]
    return _report(matrix, per_class_accuracy=[(matrix[row, row] / matrix[row].sum()).item() for row in there])


# Question 7: variations that take little time


@mistake(
    "q7",
    replaces="train",
    caught_by="held_out_images_are_recognised",
    hint="Each epoch ends after its first batch. Is the return, or a break, inside of the loop over batches?",
)
def trains_one_batch_an_epoch(model, train_set, validation_set, epochs, device):
    images, labels = train_set
    return _fit(model, (images[:64], labels[:64]), validation_set, epochs, device)


@mistake(
    "q7",
    replaces="train",
    caught_by="held_out_images_are_recognised",
    hint="The network is trained on the few validation images: the two sets are exchanged.",
)
def trains_on_the_validation_images(model, train_set, validation_set, epochs, device):
    return _fit(model, validation_set, validation_set, epochs, device)


# Question 8


def _plot(axes, history, key, label, **settings):
    axes.plot(range(1, len(history[key]) + 1), history[key], label=label, **settings)


def _curves(history, labels=("training", "validation"), names=("epoch", "loss", "accuracy"), legend=True):
    figure, columns = plt.subplots(1, 2)
    for axes, key, name in zip(columns, ("loss", "accuracy"), names[1:], strict=True):
        _plot(axes, history, key, labels[0])
        _plot(axes, history, f"val_{key}", labels[1])
        axes.set_xlabel(names[0])
        axes.set_ylabel(name)
        if legend:
            axes.legend()
    return figure


@mistake(
    "q8",
    caught_by="the_four_curves_show_the_history",
    hint="Only the losses are drawn. Accuracy is asked for, too, on training and on validation images.",
)
def draws_the_losses_only(history):
    figure, axes = plt.subplots()
    _plot(axes, history, "loss", "training loss")
    _plot(axes, history, "val_loss", "validation loss")
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend()
    return figure


@mistake(
    "q8",
    caught_by="the_four_curves_show_the_history",
    hint="The training curves are there. Without those of the validation images nobody sees overfitting.",
)
def draws_training_only(history):
    figure, columns = plt.subplots(1, 2)
    for axes, key in zip(columns, ("loss", "accuracy"), strict=True):
        _plot(axes, history, key, f"training {key}")
        axes.set(xlabel="epoch", ylabel=key)
        axes.legend()
    return figure


@mistake(
    "q8",
    caught_by="the_four_curves_show_the_history",
    hint="The figure is drawn and shown, but not returned: what comes back is None.",
)
def returns_no_figure(history):
    plt.close(_curves(history))


@mistake(
    "q8",
    caught_by="the_four_curves_show_the_history",
    hint="You return the axes. The Figure is the first of the two that plt.subplots gives.",
)
def returns_the_axes(history):
    figure = _curves(history)
    plt.close(figure)
    return figure.axes


@mistake(
    "q8",
    caught_by="the_four_curves_show_the_history",
    hint="The curves are smoothed, and show numbers that were never measured. Draw the history's own numbers.",
)
def smooths_the_curves(history):
    smooth = {}
    for key, values in history.items():
        kernel = np.array([0.25, 0.5, 0.25])
        smooth[key] = np.convolve(np.pad(values, 1, mode="edge"), kernel, mode="valid").tolist()
    return _curves(smooth)


@mistake(
    "q8",
    caught_by="the_four_curves_show_the_history",
    hint="The first epoch is missing from your curves.",
)
def leaves_the_first_epoch_out(history):
    return _curves({key: values[1:] for key, values in history.items()})


@mistake(
    "q8",
    caught_by="curves_and_axes_are_labelled",
    hint="There is no legend: nobody can tell the training curve from the validation curve.",
)
def forgets_the_legend(history):
    return _curves(history, legend=False)


@mistake(
    "q8",
    caught_by="curves_and_axes_are_labelled",
    hint="The legend has the names exchanged: what it calls training are the validation numbers.",
)
def exchanges_the_labels(history):
    return _curves(history, labels=("validation", "training"))


@mistake(
    "q8",
    caught_by="curves_and_axes_are_labelled",
    hint="Nothing says which picture is the loss and which the accuracy. Name the vertical axes, or give titles.",
)
def names_no_vertical_axis(history):
    return _curves(history, names=("epoch", "", ""))


@mistake(
    "q8",
    caught_by="curves_and_axes_are_labelled",
    hint="The horizontal axis has no name. Are these batches, epochs, minutes?",
)
def names_no_horizontal_axis(history):
    return _curves(history, names=("", "loss", "accuracy"))


@mistake(
    "q8",
    caught_by="each_call_makes_a_figure_of_its_own",
    hint="You draw into the figure that happens to be open, so a second call adds its curves to the first. "
    "Make a new one.",
)
def draws_into_the_current_figure(history):
    for place, key in enumerate(("loss", "accuracy"), start=1):
        axes = plt.subplot(1, 2, place)
        _plot(axes, history, key, "training")
        _plot(axes, history, f"val_{key}", "validation")
        axes.set(xlabel="epoch", ylabel=key)
        axes.legend()
    return plt.gcf()


@mistake(
    "q8",
    caught_by="each_call_makes_a_figure_of_its_own",
    hint="The history that you are given is changed, so whoever draws it again sees something else. Work on a copy.",
)
def changes_the_history(history):
    figure = _curves(history)
    for values in history.values():
        values.clear()
    return figure
