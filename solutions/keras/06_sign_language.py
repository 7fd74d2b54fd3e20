# %% [markdown]
# # Exercise 6 in Keras
#
# The answers of `solutions/06_sign_language.py` once more, in the other framework: code only, the lesson is there.
# Tests grade it whole, as a student's notebook.

# %%
import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from matplotlib import pyplot as plt
from PIL import Image

import autograder
import autograder.datasets  # from here on tfds knows the sign-language digits


# %%
def load_digits():
    pictures, labels = tfds.load("sign_language_digits", split="train", as_supervised=True, batch_size=-1)
    grey = tf.image.rgb_to_grayscale(tf.cast(pictures, tf.float32) / 255)
    small = tf.image.resize(grey, (32, 32), antialias=True)
    return small.numpy().clip(0, 1), labels.numpy().astype(np.int64)


# %%
def rotate(images, seed):
    angles = np.random.default_rng(seed).uniform(-15, 15, size=len(images))
    turned = np.empty_like(images)
    for number, (image, angle) in enumerate(zip(images, angles, strict=True)):
        wide = Image.fromarray(np.pad(image[..., 0], 8, mode="edge"))
        turned[number, ..., 0] = np.asarray(wide.rotate(angle, Image.Resampling.BILINEAR))[8:-8, 8:-8]
    return turned


# %%
def build_model():
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Rescaling(5, offset=-3.25),  # grey .65 becomes 0: hands are bright
            keras.layers.Conv2D(32, 5, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 5, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


# %%
def train(model, train_set, validation_set, epochs):
    (images, labels), batch_size, epochs = train_set, 16, min(epochs, 10)
    steps = epochs * -(-len(images) // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(
        4e-4, steps - steps // 4, alpha=0.0, warmup_target=1e-2, warmup_steps=steps // 4
    )
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(epochs):
        run = model.fit(
            rotate(images, seed=epoch), labels, batch_size, epochs=1, validation_data=validation_set, verbose=0
        )
        for key, values in history.items():
            values.append(float(run.history[key][0]))
    return history


# %%
def predict(model, images):
    return np.concatenate([model(images[start : start + 500], training=False) for start in range(0, len(images), 500)])


# %%
def plot_history(history):
    figure, (above, below) = plt.subplots(2, 1, sharex=True, layout="constrained")
    epochs = np.arange(len(history["loss"])) + 1
    for axes, key in ((above, "accuracy"), (below, "loss")):
        axes.plot(epochs, history[key], label="training")
        axes.plot(epochs, history["val_" + key], label="validation")
        axes.set_ylabel(key)
        axes.legend()
    below.set_xlabel("epoch")
    return figure


# %%
def per_class_report(labels, predictions):
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    report = {}
    for digit in range(10):
        hits = int(np.sum((labels == digit) & (predictions == digit)))
        support, called = int(np.sum(labels == digit)), int(np.sum(predictions == digit))
        report[digit] = {
            "precision": hits / called if called else 0.0,
            "recall": hits / support if support else 0.0,
            "support": support,
        }
    return report


# %%
def grad_cam(model, image, class_index):
    last = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)][-1]
    inner = keras.Model(model.inputs, [last.output, scores_of(model)])
    pixels = tf.convert_to_tensor(image[np.newaxis], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)  # weights may be frozen
        maps, scores = inner([pixels], training=False)
        score = scores[0, class_index]
    alpha = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(alpha * maps, axis=-1, keepdims=True))
    heat = tf.image.resize(heat, image.shape[:2])[0, ..., 0].numpy()
    return heat / heat.max() if heat.max() > 0 else heat


def scores_of(model):
    head = model.layers[-1]
    if getattr(head, "activation", None) is keras.activations.softmax:
        return keras.ops.matmul(head.input, head.kernel) + head.bias
    return head.output


# %%
def explanation(model, images, labels):
    right = predict(model, images).argmax(axis=1) == labels
    found = ((image, digit, grad_cam(model, image, int(digit))) for image, digit in zip(images[right], labels[right]))
    image, digit, heat = next((one for one in found if one[2].max() > 0), (None, None, None))
    if image is None:
        raise ValueError("the model gets none of these images right")
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.5))
    left.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
    right.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
    right.imshow(heat, cmap="jet", alpha=0.5)
    figure.suptitle(f"Predicted {digit}, and it is a {digit}")
    return figure


# %% tags=["run"]
budget = autograder.budget("sign_language_digits")
images, labels = load_digits()
order = np.random.default_rng(0).permutation(len(images))
validation, training = order[:200], order[200:][: budget.images]
trained = build_model()
history = train(trained, (images[training], labels[training]), (images[validation], labels[validation]), budget.epochs)
plot_history(history)
plt.show()
explanation(trained, images[validation], labels[validation])
plt.show()
