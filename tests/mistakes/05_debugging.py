"""Plausible wrong answers to exercise 5: repairs that are none, or only half of one."""

import copy
import math

import torch
from torch import nn
from torch.nn import functional

from autograder.cases import mistake

CLASSES = 4


def _descend(model, optimizer, images, labels, steps):
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _descend_with(learning_rate, model, images, labels, steps=100):
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    return _descend(model, optimizer, images, labels, steps)


# Question 1


@mistake(
    "q1",
    caught_by="the_loss_leaves_chance",
    hint="This is the patient as it came: with a learning rate of 0.00001 a hundred steps lead nowhere. "
    "Multiply it by ten, and again, and watch the curve.",
)
def is_handed_back_unrepaired(model, images, labels):
    return _descend_with(1e-5, model, images, labels)


@mistake(
    "q1",
    caught_by="the_loss_leaves_chance",
    hint="The right direction, but one factor of ten is not enough: the loss still hardly moves. Go on until it falls.",
)
def raises_the_learning_rate_too_little(model, images, labels):
    return _descend_with(1e-4, model, images, labels)


@mistake(
    "q1",
    caught_by="the_loss_leaves_chance",
    hint="Now the steps are too long: each jumps across the valley, and the loss grows instead of falling. "
    "The learning rate lies between the patient's and yours.",
)
def overshoots(model, images, labels):
    return _descend_with(30.0, model, images, labels)


@mistake(
    "q1",
    caught_by="a_hundred_steps_are_enough",
    hint="More steps hide a small learning rate and cost a multiple of the time. Keep the 100 steps, make each longer.",
)
def waits_longer_instead(model, images, labels):
    return _descend_with(0.03, model, images, labels, steps=300)


@mistake(
    "q1",
    caught_by="the_loss_leaves_chance",
    hint="The learning rate is good, but a copy is trained. The model that came in stays as it was: train that one.",
)
def trains_a_copy(model, images, labels):
    return _descend_with(0.1, copy.deepcopy(model), images, labels)


# Question 2


def _deep_layers(depth=10, normalised=False):
    layers = []
    for place in range(depth):
        convolution = nn.Conv2d(8 if place else 1, 8, 3, padding=1)
        nn.init.normal_(convolution.weight, std=0.33)
        layers += [convolution, nn.BatchNorm2d(8), nn.ReLU()] if normalised else [convolution, nn.ReLU()]
        if place in (0, depth // 2):
            layers.append(nn.MaxPool2d(2))
    return [*layers, nn.Flatten(), nn.Linear(72, CLASSES)]


def _train_deep(images, labels, *, learning_rate, layers=None, max_norm=None, steps=30):
    model = nn.Sequential(*(layers or _deep_layers()))
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        functional.cross_entropy(model(images), labels).backward()
        if max_norm is not None:
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
    return model


@mistake(
    "q2",
    caught_by="the_deep_network_learns",
    hint="The gradient still explodes, as if nothing had been repaired. If you clip: does it stand between backward() "
    "and step()? Before it there is nothing to clip yet, after it the harm is done. And is the threshold near 1?",
)
def is_handed_back_exploding(images, labels):
    return _train_deep(images, labels, learning_rate=0.1, steps=60)


@mistake(
    "q2",
    caught_by="badly_scaled_images_leave_every_weight_finite",
    hint="A smaller learning rate helps with well-behaved images only: no bound stands between a bad batch and the "
    "weights. Normalise the layers, clip the gradient, or both.",
)
def only_lowers_the_learning_rate(images, labels):
    return _train_deep(images, labels, learning_rate=0.003)


@mistake(
    "q2",
    caught_by="the_deep_network_learns",
    hint="Nothing explodes, since nothing moves: the threshold or the learning rate is so small that the network stays "
    "where it began. The direction of the gradient is to be kept, and a length that gets somewhere.",
)
def clips_everything_away(images, labels):
    return _train_deep(images, labels, learning_rate=0.1, max_norm=1e-5)


@mistake(
    "q2",
    caught_by="the_network_stays_deep",
    hint="Three convolutions have no ten factors to multiply, so this one is stable. But the depth is what the patient "
    "wants to keep: normalise or clip instead of cutting layers out.",
)
def makes_the_network_shallow(images, labels):
    layers = _deep_layers(depth=3, normalised=True)
    return _train_deep(images, labels, learning_rate=0.1, layers=layers, max_norm=1.0)


@mistake(
    "q2",
    caught_by="the_deep_network_learns",
    hint="Replacing nan by 0 takes the message away and leaves the disease: the weights are huge by then, and "
    "there is no gradient left to bring them back. Bound the step before it happens.",
)
def replaces_nan_by_zero(images, labels):
    model = nn.Sequential(*_deep_layers())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(30):
        optimizer.zero_grad()
        functional.cross_entropy(model(images), labels).backward()
        for weight in model.parameters():
            weight.grad = torch.nan_to_num(weight.grad, nan=0.0, posinf=0.0, neginf=0.0)
        optimizer.step()
    return model


# Question 3


def _share_right(model, images, labels):
    with torch.no_grad():
        return (model(images).argmax(dim=1) == labels).float().mean().item()


def _switching(kind, model, images, labels):
    """The share with the layers of one kind in evaluation mode, and given back afterwards."""
    layers = [layer for layer in model.modules() if isinstance(layer, kind) and layer.training]
    for layer in layers:
        layer.eval()
    share = _share_right(model, images, labels)
    for layer in layers:
        layer.train()
    return share


@mistake(
    "q3",
    caught_by="dropout_rests",
    hint="The model is still evaluated in the mode it comes in. torch.no_grad() saves memory and switches no dropout "
    "off, and model.eval without parentheses does nothing at all.",
)
def stays_in_training_mode(model, images, labels):
    return _share_right(model, images, labels)


@mistake(
    "q3",
    caught_by="dropout_rests",
    hint="With a fixed seed dropout throws the same values away at each call: the number repeats, but is that of "
    "a network with holes. Switch dropout off instead.",
)
def fixes_the_seed(model, images, labels):
    torch.manual_seed(0)
    return _share_right(model, images, labels)


@mistake(
    "q3",
    caught_by="dropout_rests",
    hint="A mean over many shaky calls shakes less, but it is the mean of networks with holes, not the whole network's "
    "accuracy.",
)
def averages_over_many_calls(model, images, labels):
    return sum(_share_right(model, images, labels) for _ in range(10)) / 10


@mistake(
    "q3",
    caught_by="running_statistics_are_used",
    hint="Dropout rests, well. But batch normalisation has two modes as well, and still computes with the batch "
    "that it is given. The whole model has to change its mode.",
)
def switches_only_the_dropout_off(model, images, labels):
    return _switching(nn.Dropout, model, images, labels)


@mistake(
    "q3",
    caught_by="dropout_rests",
    hint="Batch normalisation is in its evaluation mode now, and dropout goes on throwing values away. The whole model "
    "has to change its mode, not one kind of layer.",
)
def switches_only_the_normalisation(model, images, labels):
    return _switching(nn.BatchNorm2d, model, images, labels)


@mistake(
    "q3",
    caught_by="the_mode_found_is_the_mode_left",
    hint="The accuracy is right. But the model stays in evaluation mode: if its training goes on, it goes on "
    "without dropout and with frozen statistics. Give the mode back that you found.",
)
def never_goes_back_to_training(model, images, labels):
    model.eval()
    return _share_right(model, images, labels)


@mistake(
    "q3",
    caught_by="the_mode_found_is_the_mode_left",
    hint="The accuracy is right. But a model that came in evaluation mode is in training mode afterwards. "
    "Remember the mode that you found, model.training, and go back to that one.",
)
def always_ends_in_training_mode(model, images, labels):
    model.eval()
    share = _share_right(model, images, labels)
    model.train()
    return share


# Question 4


@mistake(
    "q4",
    caught_by="the_first_step_is_exact",
    hint="Both defects are still there: cross-entropy is given probabilities where it wants logits, and the gradients "
    "of earlier steps are never emptied.",
)
def is_handed_back_confused(model, optimizer, images, labels):
    loss = functional.cross_entropy(torch.softmax(model(images), dim=1), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "q4",
    caught_by="later_steps_are_exact",
    hint="The loss is right now, half of the repair. But backward() adds to the gradients of earlier steps: "
    "empty them once in each step.",
)
def never_empties_the_gradients(model, optimizer, images, labels):
    loss = functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "q4",
    caught_by="the_first_step_is_exact",
    hint="The gradients are emptied now, half of the repair. But cross-entropy does a softmax itself: with yours "
    "before it there are two. Give it the logits.",
)
def keeps_the_softmax(model, optimizer, images, labels):
    optimizer.zero_grad()
    loss = functional.cross_entropy(torch.softmax(model(images), dim=1), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "q4",
    caught_by="the_first_step_is_exact",
    hint="The weights do not move: the gradients are emptied between backward() and step(), so the step has nothing "
    "to go along. Empty them before backward() or after the step.",
)
def empties_the_gradients_too_late(model, optimizer, images, labels):
    loss = functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@mistake(
    "q4",
    caught_by="the_first_step_is_exact",
    hint="nll_loss wants the logarithms of probabilities, and you give it logits: the loss has no bound below, it can "
    "be made smaller for ever. Cross-entropy is the one that takes logits.",
)
def gives_logits_to_nll_loss(model, optimizer, images, labels):
    optimizer.zero_grad()
    loss = functional.nll_loss(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "q4",
    caught_by="logits_in_the_hundreds_do_no_harm",
    hint="Right on paper. But a softmax far behind the largest is 0 in float32, and its logarithm -inf. Cross-entropy "
    "(or log_softmax) takes the logits and subtracts the largest first.",
)
def takes_the_logarithm_of_a_softmax(model, optimizer, images, labels):
    optimizer.zero_grad()
    loss = functional.nll_loss(torch.log(torch.softmax(model(images), dim=1)), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "q4",
    caught_by="the_loss_before_the_step_comes_back",
    hint="The step is right. What comes back is the loss after it: asked is the one that the step went down from.",
)
def returns_the_loss_after_the_step(model, optimizer, images, labels):
    optimizer.zero_grad()
    functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
    with torch.no_grad():
        return functional.cross_entropy(model(images), labels).item()


# Question 5


def _network(first, channels, features):
    return nn.Sequential(
        first,
        nn.Conv2d(1, channels, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Linear(features, CLASSES),
    )


@mistake(
    "q5",
    caught_by="fine_textures_are_recognised",
    hint="The patient as it came: the first layer keeps one number of 4x4 pixels, before anything has looked at them. "
    "Let a convolution read the full image.",
)
def is_handed_back_blind():
    return _network(nn.MaxPool2d(4), 16, 16)


@mistake(
    "q5",
    caught_by="each_texture_gives_an_output_of_its_own",
    hint="Pooling less is the right idea, but 2x2 pixels of a line texture have a white one among them as well. "
    "The first convolution has to come before the first pooling.",
)
def pools_by_two_before_the_convolution():
    return _network(nn.MaxPool2d(2), 16, 64)


@mistake(
    "q5",
    caught_by="each_texture_gives_an_output_of_its_own",
    hint="The mean of 4x4 pixels is grey for every texture, as the maximum is white: the kind of pooling does not "
    "matter. It comes before anything has read the detail.",
)
def pools_by_the_mean_instead():
    return _network(nn.AvgPool2d(4), 16, 16)


@mistake(
    "q5",
    caught_by="each_texture_gives_an_output_of_its_own",
    hint="More filters see no more: they all get the same 4x4 white pixels. What the first pooling has thrown away, no "
    "capacity behind it brings back.",
)
def adds_filters_behind_the_pooling():
    return _network(nn.MaxPool2d(4), 64, 64)


@mistake(
    "q5",
    caught_by="the_network_stays_small",
    hint="All detail is there now, and a head with a weight for each pixel of each of 64 maps, 65,540 parameters. "
    "Pool after the convolution has read the detail, or take fewer filters.",
)
def pools_nowhere():
    return nn.Sequential(nn.Conv2d(1, 64, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(64 * 16 * 16, CLASSES))


# Question 6


def _diagnose(history, *, exploded, stuck=0.2, gap=0.1, healthy=0.7):
    accuracy, val_accuracy = history["accuracy"][-1], history["val_accuracy"][-1]
    if exploded:
        return "exploding"
    if accuracy < stuck:
        return "stuck"
    if accuracy - val_accuracy > gap:
        return "overfitting"
    return "healthy" if accuracy > healthy else "underfitting"


def _exploded(history):
    losses = history["loss"] + history["val_loss"]
    return not all(map(math.isfinite, losses)) or max(losses) > 10 * losses[0]


@mistake(
    "q6",
    caught_by="overfitting_is_not_healthy",
    hint="This is the hasty colleague: it looks at the training loss alone. Where validation stays behind, where both "
    "level off, where a loss is nan, it has no idea.",
)
def looks_at_the_training_loss_only(history):
    return "healthy" if history["loss"][-1] < 0.8 * history["loss"][0] else "stuck"


@mistake(
    "q6",
    caught_by="explosions_are_found",
    hint="nan slips through: every comparison with nan is false, so `loss > limit` does not see it. Ask math.isfinite.",
)
def compares_nan_with_a_limit(history):
    huge = any(loss > 10 * history["loss"][0] for loss in history["loss"] + history["val_loss"])
    return _diagnose(history, exploded=huge)


@mistake(
    "q6",
    caught_by="explosions_are_found",
    hint="nan and inf are found, but a loss can explode and still be a number: look also for one that is far above the "
    "first.",
)
def takes_every_number_for_harmless(history):
    finite = all(map(math.isfinite, history["loss"] + history["val_loss"]))
    return _diagnose(history, exploded=not finite)


@mistake(
    "q6",
    caught_by="stuck_is_less_than_underfitting",
    hint="An accuracy of 0.45 with ten classes is poor, but it is not chance: something has been learned. Stuck is who "
    "never leaves 0.10.",
)
def calls_everything_poor_stuck(history):
    return _diagnose(history, exploded=_exploded(history), stuck=0.7)


@mistake(
    "q6",
    caught_by="overfitting_is_not_healthy",
    hint="A validation loss a little above the training loss is normal: the network has seen the images of one "
    "and not of the other. Overfitting is a wide gap that stays.",
)
def calls_every_gap_overfitting(history):
    kind = _diagnose(history, exploded=_exploded(history))
    behind = history["val_loss"][-1] > history["loss"][-1]
    return "overfitting" if kind == "healthy" and behind else kind


@mistake(
    "q6",
    caught_by="overfitting_is_not_healthy",
    hint="You look at validation alone. That it is poor says nothing about why: compare it with training. Poor on "
    "both is underfitting, poor on validation alone is overfitting.",
)
def looks_at_validation_only(history):
    validation = history | {"accuracy": history["val_accuracy"]}
    return _diagnose(validation, exploded=_exploded(history), healthy=0.75)


@mistake(
    "q6",
    caught_by="a_narrow_gap_alone_is_not_health",
    hint="No gap is not health by itself: who learns little on the training images has no gap either. Look also at how "
    "far training gets.",
)
def takes_a_narrow_gap_for_health(history):
    return _diagnose(history, exploded=_exploded(history), healthy=0.0)
