"""Plausible wrong answers to question 8 of exercise 6: Grad-CAM, for models of either framework.

A fragment: goes into tests/mistakes/06_sign_language.py.
"""

import numpy as np

from autograder.cases import mistake

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
        import torch

        with torch.no_grad():
            return model(torch.tensor(image).permute(2, 0, 1)[None])[0].numpy()
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
