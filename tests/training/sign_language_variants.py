"""Right answers to exercise 6 as careful students write them: none may be failed. Each is the source of one cell."""

IMPORTS = """\
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image
from autograder.datasets import sign_language_digits
"""
TORCH = IMPORTS + "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
KERAS = IMPORTS + "import keras\nimport tensorflow as tf\nfrom keras import layers\n"

LOAD = {
    "a plain mean, nearest pixels": """\
def load_digits():
    pictures, labels = sign_language_digits.load(quiet=True)
    grey = pictures.mean(axis=3)
    places = (np.arange(32) + 0.5) * 100 // 32
    small = grey[:, places.astype(int)][:, :, places.astype(int)]
    return (small / 255).astype(np.float32)[..., None], labels.astype(np.int64)
""",
    "bicubic and clipped, shuffled": """\
def load_digits():
    pictures, labels = sign_language_digits.load(quiet=True)
    small = [np.asarray(Image.fromarray(p).resize((32, 32), Image.Resampling.BICUBIC).convert("L")) for p in pictures]
    order = np.random.permutation(len(labels))
    images = np.clip(np.array(small, dtype="float32") / 255.0, 0, 1)
    return images[order].reshape(-1, 32, 32, 1), labels[order]
""",
    "stretched to 0 to 1 over all, bilinear without smoothing": """\
def load_digits():
    pictures, labels = sign_language_digits.load(quiet=True)
    grey = pictures @ np.array([0.2126, 0.7152, 0.0722])
    low = ((np.arange(32) + 0.5) * 100 / 32 - 0.5)
    first = low.astype(int)
    share = (low - first)[:, None]
    rows = grey[:, first] * (1 - share) + grey[:, first + 1] * share
    small = rows[:, :, first] * (1 - share[:, 0]) + rows[:, :, first + 1] * share[:, 0]
    small = (small - small.min()) / (small.max() - small.min())
    return small[..., np.newaxis].astype("float32"), labels
""",
}

ROTATE = {
    "whole degrees, black corners, bicubic": """\
def rotate(images, seed):
    rng = np.random.RandomState(seed)
    turned = []
    for image in images:
        picture = Image.fromarray(image[..., 0])
        turned.append(np.asarray(picture.rotate(rng.randint(-15, 16), resample=Image.BICUBIC)))
    return np.clip(np.stack(turned)[..., None], 0, 1)
""",
    "affine grid": """\
import torch, torch.nn.functional as F
def rotate(images, seed):
    generator = torch.Generator().manual_seed(seed)
    angles = torch.deg2rad(30 * torch.rand(len(images), generator=generator) - 15)
    zero = torch.zeros_like(angles)
    theta = torch.stack([angles.cos(), -angles.sin(), zero, angles.sin(), angles.cos(), zero], 1).view(-1, 2, 3)
    x = torch.from_numpy(images).permute(0, 3, 1, 2)
    grid = F.affine_grid(theta, x.shape, align_corners=False)
    turned = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    return turned.permute(0, 2, 3, 1).numpy().clip(0, 1)
""",
    "scipy, reflected": """\
from scipy import ndimage
def rotate(images, seed):
    rng = np.random.default_rng(seed)
    out = np.empty_like(images)
    for i, image in enumerate(images):
        out[i] = ndimage.rotate(image, rng.uniform(-15, 15), axes=(0, 1), reshape=False, order=1, mode="reflect")
    return out
""",
    "nearest pixels by hand": """\
def rotate(images, seed):
    angles = np.deg2rad(np.random.default_rng(seed).uniform(-15, 15, len(images)))
    rows, columns = np.mgrid[:32, :32] - 15.5
    out = np.zeros_like(images)
    for i, a in enumerate(angles):
        r = np.rint(rows * np.cos(a) - columns * np.sin(a) + 15.5).astype(int).clip(0, 31)
        c = np.rint(rows * np.sin(a) + columns * np.cos(a) + 15.5).astype(int).clip(0, 31)
        out[i] = images[i, r, c]
    return out
""",
}
KERAS_ROTATE = {
    "a layer with the right unit": """\
def rotate(images, seed):
    layer = keras.layers.RandomRotation(15 / 360, fill_mode="nearest", seed=seed)
    return np.asarray(layer(images, training=True))
""",
}

TORCH_MODELS = {
    "functions, no padding, centred": """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5)
        self.conv2 = nn.Conv2d(32, 64, 5)
        self.fc = nn.Linear(64, 10)
    def forward(self, x):
        x = (x - 0.65) / 0.2
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.mean(dim=(2, 3)))
def build_model():
    return Net()
""",
    "pool before ReLU, softmax at the end, dropout": """\
def build_model():
    return nn.Sequential(
        nn.BatchNorm2d(1), nn.Conv2d(1, 32, 7, padding="same"), nn.MaxPool2d(2), nn.ReLU(inplace=True),
        nn.Conv2d(32, 64, 7, padding="same"), nn.MaxPool2d(2), nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 10), nn.Softmax(dim=1))
""",
    "overlapping pooling, norm behind ReLU, average pool over all": """\
def build_model():
    block = lambda i, o: [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.ReLU(), nn.BatchNorm2d(o),
                          nn.MaxPool2d(3, stride=2, padding=1)]
    return nn.Sequential(nn.Sequential(*block(1, 32)), nn.Sequential(*block(32, 64)), nn.AvgPool2d(8), nn.Flatten(1),
                         nn.Linear(64, 10))
""",
    "lazy layers, flattened and averaged": """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 32, 5, padding=2), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
                                      nn.Conv2d(32, 64, 5, padding=2), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Linear(64, 10)
    def forward(self, x):
        maps = self.features(x)
        return self.head(torch.flatten(maps, 2).mean(-1))
def build_model():
    return Net()
""",
}
KERAS_MODELS = {
    "functional, batch norm, layers of their own": """\
def build_model():
    x = inputs = keras.Input((32, 32, 1))
    for width in (32, 64):
        x = layers.Conv2D(width, 7, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPool2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(10)(x))
    model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
""",
    "sequential, built late, softmax layer": """\
def build_model():
    return keras.Sequential([
        layers.Rescaling(2.0, offset=-1.0), layers.Conv2D(32, 5, activation="relu"), layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, 5, activation="relu"), layers.MaxPooling2D((2, 2)),
        layers.GlobalAveragePooling2D(), layers.Dropout(0.1), layers.Dense(10), layers.Softmax()])
""",
    "subclassed, with functions": """\
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = layers.Conv2D(32, 5), layers.Conv2D(64, 5), layers.Dense(10)
    def call(self, x, training=False):
        x = (x - 0.65) * 5
        x = tf.nn.max_pool2d(tf.nn.relu(self.first(x)), 2, 2, "VALID")
        x = tf.nn.max_pool2d(tf.nn.relu(self.second(x)), 2, 2, "VALID")
        return self.head(tf.reduce_mean(x, axis=[1, 2]))
def build_model():
    return Net()
""",
    "augmentation inside, operations in a functional model": """\
def build_model():
    inputs = keras.Input((32, 32, 1))
    x = layers.RandomRotation(15 / 360)(inputs)
    x = layers.Normalization(mean=0.65, variance=0.04)(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(keras.ops.relu(layers.Conv2D(32, 3, padding="same")(x)))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(keras.ops.relu(layers.Conv2D(64, 3, padding="same")(x)))
    x = keras.ops.mean(x, axis=(1, 2))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
""",
}

TORCH_TRAIN = {
    "loaders, a ValueError, averages over batches": """\
from torch.utils.data import DataLoader, TensorDataset
def train(model, train_set, validation_set, epochs):
    if epochs > 10:
        raise ValueError("ten epochs at most")
    def loader(pair, shuffle):
        x, y = pair
        return DataLoader(TensorDataset(torch.from_numpy(x).permute(0, 3, 1, 2), torch.from_numpy(y)), 32, shuffle)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(epochs):
        sets = ("", loader(train_set, True), True), ("val_", loader(validation_set, False), False)
        for name, data, training in sets:
            model.train(training)
            losses, right, seen = [], 0, 0
            for x, y in data:
                with torch.set_grad_enabled(training):
                    scores = model(x)
                    loss = F.cross_entropy(scores, y)
                if training:
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                losses.append(loss.item())
                right += (scores.argmax(1) == y).sum().item()
                seen += len(y)
            history[name + "loss"].append(np.mean(losses))
            history[name + "accuracy"].append(right / seen)
    return history
""",
}
KERAS_TRAIN = {
    "one fit, its history": """\
def train(model, train_set, validation_set, epochs):
    model.compile(optimizer=keras.optimizers.Adam(1e-3), metrics=["accuracy"],
                  loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model.fit(*train_set, epochs=min(epochs, 10), validation_data=validation_set, verbose=0).history
""",
    "a tape": """\
def train(model, train_set, validation_set, epochs):
    optimizer = keras.optimizers.Adam(1e-3)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(min(epochs, 10)):
        for x, y in tf.data.Dataset.from_tensor_slices(train_set).shuffle(1000).batch(32):
            with tf.GradientTape() as tape:
                loss = cross_entropy(y, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        for name, (x, y) in (("", train_set), ("val_", validation_set)):
            scores = model(x, training=False)
            history[name + "loss"].append(float(cross_entropy(y, scores)))
            history[name + "accuracy"].append(float(np.mean(np.argmax(scores, 1) == y)))
    return history
""",
}

REPORT = {
    "scikit-learn": """\
from sklearn.metrics import precision_recall_fscore_support
def per_class_report(labels, predictions):
    p, r, f, n = precision_recall_fscore_support(labels, predictions, labels=range(10), zero_division=0)
    return {d: {"precision": p[d], "recall": r[d], "f1": f[d], "support": n[d]} for d in np.arange(10)}
""",
    "rounded": """\
def per_class_report(labels, predictions):
    out = {}
    for d in range(10):
        tp = sum(1 for t, g in zip(labels, predictions) if t == g == d)
        n, called = list(labels).count(d), list(predictions).count(d)
        out[d] = dict(precision=round(tp / called, 2) if called else 0, recall=round(tp / n, 2) if n else 0, support=n)
    return out
""",
}

EXPLANATION = {
    "overlay in one pair of axes, the digit in a text": """\
def explanation(model, images, labels):
    for image, label in zip(images, labels):
        if predict(model, image[None])[0].argmax() == label and grad_cam(model, image, int(label)).max() > 0:
            fig, ax = plt.subplots()
            ax.imshow(image.squeeze(), cmap="gray")
            ax.imshow(grad_cam(model, image, int(label)), cmap="jet", alpha=0.4)
            ax.axis("off")
            ax.text(1, 2, f"pred={label} true={label}", color="white")
            return fig
    raise ValueError("none")
""",
    "colours blended by hand, the picture in RGB": """\
def explanation(model, images, labels):
    hits = [i for i, row in enumerate(predict(model, images)) if row.argmax() == labels[i]]
    if not hits:
        raise ValueError("no hit")
    image, digit = images[hits[-1]], int(labels[hits[-1]])
    heat = grad_cam(model, image, digit)
    rgb = np.repeat(image, 3, axis=2)
    blend = 0.5 * rgb + 0.5 * plt.cm.viridis(heat)[..., :3]
    figure = plt.figure()
    for number, (picture, title) in enumerate([(rgb, f"digit {digit}"), (blend, "Grad-CAM")], 1):
        axes = figure.add_subplot(1, 2, number)
        axes.imshow(picture)
        axes.set_title(title)
    return figure
""",
    "enlarged bytes, three pictures": """\
def explanation(model, images, labels):
    hits = np.flatnonzero(predict(model, images).argmax(-1) == labels)
    if hits.size == 0:
        raise ValueError("no hit")
    image, digit = images[hits[0]], int(labels[hits[0]])
    heat = grad_cam(model, image, digit)
    big = Image.fromarray((255 * image[..., 0]).astype(np.uint8)).resize((128, 128))
    hot = np.asarray(Image.fromarray((255 * heat).astype(np.uint8)).resize((128, 128), Image.Resampling.BILINEAR))
    fig, axs = plt.subplots(1, 3)
    axs[0].imshow(big, cmap="gray")
    axs[1].imshow(hot, cmap="inferno")
    axs[2].imshow(big, cmap="gray")
    axs[2].imshow(hot, cmap="inferno", alpha=0.5)
    fig.suptitle(f"true: {digit}, predicted: {digit} (p = {predict(model, image[None])[0, digit]:.2f})")
    return fig
""",
}
