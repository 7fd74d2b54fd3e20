"""Correct submissions to exercise 4 in many styles: all of them have to get full marks, whatever the seed.

    python tests/training/variants.py --seeds 5

prints a table of scores and seconds, and ends with 1 where one of them lost a point. No sandbox: the variants are ours.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

SLUG = "04_fashion_mnist"
ROOT = Path(__file__).parents[2]

IMPORTS = """\
import random

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset
"""

PREPARE = {
    "mean and std": """\
def prepare(images):
    mean, std = 0.5, 0.5
    x = torch.from_numpy(images).float().div(255)
    return ((x - mean) / std).unsqueeze(1)
""",
    "numpy first": """\
def prepare(images):
    scaled = images.astype(np.float32) / 127.5 - 1.0
    return torch.from_numpy(scaled[:, None, :, :])
""",
    "view and lerp": """\
def prepare(images):
    pixels = torch.tensor(images, dtype=torch.float32).view(-1, 1, 28, 28)
    return torch.lerp(torch.tensor(-1.0), torch.tensor(1.0), pixels / 255.0)
""",
    "image by image": """\
def prepare(images):
    return torch.stack([2 * (torch.as_tensor(image)[None] / 255.0) - 1 for image in images])
""",
}

SPLIT = {
    "rounded down": """\
def split(images, labels, validation_fraction, seed):
    order = np.random.RandomState(seed).permutation(len(images))
    n_val = int(len(images) * validation_fraction)
    val, train = order[:n_val], order[n_val:]
    return images[train], labels[train], images[val], labels[val]
""",
    "stratified": """\
def split(images, labels, validation_fraction, seed):
    rng = np.random.default_rng(seed)
    val = np.zeros(len(labels), dtype=bool)
    for c in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == c))
        val[members[: int(round(len(members) * validation_fraction))]] = True
    return images[~val], labels[~val], images[val], labels[val]
""",
    "torch generator, rounded up": """\
def split(images, labels, validation_fraction, seed):
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed)).numpy()
    n_train = len(images) - int(np.ceil(len(images) * validation_fraction))
    return images[order[:n_train]], labels[order[:n_train]], images[order[n_train:]], labels[order[n_train:]]
""",
    "python's random, as tensors": """\
def split(images, labels, validation_fraction, seed):
    indices = list(range(len(images)))
    random.Random(seed).shuffle(indices)
    cut = round(len(indices) * (1 - validation_fraction))
    x, y = torch.as_tensor(images), torch.as_tensor(labels)
    return [x[indices[:cut]], y[indices[:cut]], x[indices[cut:]], y[indices[cut:]]]
""",
}

AUGMENT = {
    "where": """\
def augment(images, generator):
    flip = torch.rand(images.shape[0], 1, 1, 1, generator=generator) < 0.5
    return torch.where(flip, torch.flip(images, dims=[3]), images)
""",
    "masked copy": """\
def augment(images, generator):
    out = images.clone()
    mask = torch.randint(0, 2, (len(images),), generator=generator).bool()
    out[mask] = out[mask].flip(-1)
    return out
""",
    "loop": """\
def augment(images, generator):
    result = []
    for image in images:
        if torch.rand(1, generator=generator).item() > 0.5:
            image = torch.fliplr(image[0]).unsqueeze(0)
        result.append(image)
    return torch.stack(result)
""",
    "bernoulli": """\
def augment(images, generator):
    coin = torch.bernoulli(torch.full((len(images),), 0.5), generator=generator)
    coin = coin.view(-1, 1, 1, 1).to(images.dtype)
    index = torch.arange(images.shape[-1] - 1, -1, -1)
    return coin * images[..., index] + (1 - coin) * images
""",
}

MODEL = {
    "lecture": """\
def build_model():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10),
    )
""",
    "class with functions": """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(32)
        self.fc = nn.Linear(32 * 7 * 7, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        x = F.dropout(x.flatten(1), 0.25, training=self.training)
        return self.fc(x)


def build_model():
    return Net()
""",
    "three blocks of two, global pooling": """\
def block(i, o):
    return nn.Sequential(
        nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True),
        nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
    )


def build_model():
    return nn.Sequential(
        block(1, 8), block(8, 16), block(16, 32), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(32, 10),
    )
""",
    "strided": """\
class Strided(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        )
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(32 * 49, 10)

    def forward(self, x):
        return self.head(self.dropout(torch.flatten(self.features(x), 1)))


def build_model():
    return Strided()
""",
    "average pool, norm after relu": """\
def build_model():
    layers = []
    for i, o in ((1, 16), (16, 32)):
        layers += [nn.Conv2d(i, o, 5, padding=2), nn.ReLU(), nn.BatchNorm2d(o), nn.AvgPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.4), nn.Linear(32 * 7 * 7, 10))
""",
    "spatial dropout, lazy": """\
def build_model():
    model = nn.Sequential(
        nn.LazyConv2d(16, 3, padding="same"), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2),
        nn.LazyConv2d(32, 3, padding="same"), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout2d(0.2), nn.Flatten(), nn.LazyLinear(10),
    )
    model(torch.zeros(2, 1, 28, 28))
    return model
""",
    "no padding": """\
def build_model():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.BatchNorm2d(20), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(20, 40, 5), nn.BatchNorm2d(40), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Dropout(0.25), nn.Linear(40 * 4 * 4, 10),
    )
""",
    "residual": """\
class Block(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 3, padding=1)
        self.norm = nn.BatchNorm2d(o)
        self.skip = nn.Conv2d(i, o, 1)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)) + self.skip(x))
        return F.avg_pool2d(x, 2)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(1, 16), Block(16, 32)])
        self.drop = nn.Dropout(0.3)
        self.fc1, self.fc2 = nn.Linear(32 * 49, 64), nn.Linear(64, 10)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.fc2(self.drop(self.fc1(x.view(x.size(0), -1)).clamp(min=0)))


def build_model():
    return Residual()
""",
    "convolution as head": """\
def build_model():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU6(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU6(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU6(),
        nn.Dropout2d(0.1), nn.Conv2d(64, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )
""",
}

STEP = {
    "zero first": """\
def training_step(model, optimizer, criterion, images, labels):
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
    "zero last, train inside": """\
def training_step(model, optimizer, criterion, images, labels):
    model.train()
    logits = model(images)
    loss = criterion(logits, labels)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return loss.item()
""",
    "detached tensor": """\
def training_step(model, optimizer, criterion, images, labels):
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None
    with torch.enable_grad():
        loss = criterion(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.detach()
""",
}

TRAIN = {
    "loader, Adam": """\
@torch.no_grad()
def check(model, loader, device):
    model.eval()
    loss, right, n = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out = model(x)
        loss += F.cross_entropy(out, y).item() * len(y)
        right += (out.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, right / n


def train(model, train_set, validation_set, epochs, device):
    model.to(device)
    loader = DataLoader(TensorDataset(*train_set), batch_size=128, shuffle=True)
    val_loader = DataLoader(TensorDataset(*validation_set), batch_size=256)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(epochs):
        model.train()
        total, correct = 0.0, 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            out = model(x)
            loss = criterion(out, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            correct += (out.argmax(1) == y).sum().item()
        history["loss"].append(total / len(loader.dataset))
        history["accuracy"].append(correct / len(loader.dataset))
        val_loss, val_acc = check(model, val_loader, device)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_acc)
    return history
""",
    "slices, SGD with momentum": """\
def train(model, train_set, validation_set, epochs, device):
    model = model.to(device)
    (x, y), (vx, vy) = train_set, validation_set
    x, y, vx, vy = x.to(device), y.to(device), vx.to(device), vy.to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    history = {k: [] for k in ("loss", "accuracy", "val_loss", "val_accuracy")}
    for _ in range(epochs):
        model.train()
        order = torch.randperm(len(x))
        losses = []
        for start in range(0, len(x), 64):
            batch = order[start : start + 64]
            losses.append(training_step(model, optimizer, criterion, x[batch], y[batch]))
        history["loss"].append(sum(float(l) for l in losses) / len(losses))
        model.eval()
        with torch.no_grad():
            out = model(x[:1000])
            history["accuracy"].append((out.argmax(1) == y[:1000]).float().mean())
            out = model(vx)
            history["val_loss"].append(criterion(out, vy))
            history["val_accuracy"].append((out.argmax(1) == vy).float().mean())
    return history
""",
    "AdamW, one cycle, augmented": """\
def train(model, train_set, validation_set, epochs, device):
    images, labels = train_set
    model.to(device)
    optimizer = optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    steps = max(1, -(-len(images) // 100))
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=epochs * steps + 1)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    generator = torch.Generator().manual_seed(torch.initial_seed() % 2**31)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": [], "lr": []}
    for _ in range(epochs):
        model.train()
        losses = []
        for batch in torch.randperm(len(images), generator=generator).chunk(steps):
            x = augment(images[batch], generator).to(device)
            losses.append(float(training_step(model, optimizer, criterion, x, labels[batch].to(device))))
            schedule.step()
        history["loss"].append(np.mean(losses))
        history["lr"].append(schedule.get_last_lr()[0])
        for prefix, (a, b) in (("", (images[:500], labels[:500])), ("val_", validation_set)):
            report = measure(model, a, b, device)
            if prefix:
                history["val_loss"].append(report[0])
            history[prefix + "accuracy"].append(report[1])
    model.eval()
    return history


def measure(model, images, labels, device):
    model.eval()
    with torch.inference_mode():
        logits = torch.cat([model(part.to(device)).cpu() for part in images.split(100)])
    return F.cross_entropy(logits, labels).item(), (logits.argmax(1) == labels).double().mean().item()
""",
    "Nesterov, cosine, best weights": """\
import copy


def train(model, train_set, validation_set, epochs, device):
    model.to(device)
    loader = DataLoader(TensorDataset(*train_set), batch_size=32, shuffle=True, drop_last=len(train_set[0]) > 64)
    optimizer = optim.SGD(model.parameters(), lr=0.03, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    history = dict(loss=[], accuracy=[], val_loss=[], val_accuracy=[])
    best, best_state = -1.0, None
    for epoch in range(epochs):
        model.train()
        seen = right = 0
        total = 0.0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = F.cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            seen += len(y)
            right += (logits.argmax(1) == y).sum().item()
            total += loss.item() * len(y)
        schedule.step()
        model.eval()
        val = []
        with torch.no_grad():
            for a, b in zip(validation_set[0].split(100), validation_set[1].split(100)):
                out = model(a.to(device)).cpu()
                val.append((F.cross_entropy(out, b).item(), (out.argmax(1) == b).float().mean().item()))
        history["loss"].append(total / seen)
        history["accuracy"].append(right / seen)
        history["val_loss"].append(sum(v[0] for v in val) / len(val))
        history["val_accuracy"].append(sum(v[1] for v in val) / len(val))
        if history["val_accuracy"][-1] >= best:
            best, best_state = history["val_accuracy"][-1], copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    return history
""",
    "RMSprop, mode restored": """\
def train(model, train_set, validation_set, epochs, device):
    images, labels = (t.to(device) for t in train_set)
    model.to(device)
    optimizer = optim.RMSprop(model.parameters(), lr=5e-4)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        order = np.random.permutation(len(images))
        losses, right = [], 0.0
        for index in np.array_split(order, max(1, len(order) // 50)):
            index = torch.as_tensor(index)
            loss = training_step(model, optimizer, F.cross_entropy, images[index], labels[index])
            losses.append(float(loss))
        history["loss"].append(float(np.mean(losses)))
        history["accuracy"].append(evaluate(model, images.cpu(), labels.cpu())["accuracy"])
        was = model.training
        model.eval()
        with torch.no_grad():
            out = model(validation_set[0].to(device)).cpu()
        model.train(was)
        history["val_loss"].append(F.nll_loss(F.log_softmax(out, 1), validation_set[1]).item())
        history["val_accuracy"].append(evaluate(model, *validation_set)["accuracy"])
    return history
""",
}

EVALUATE = {
    "lists": """\
def evaluate(model, images, labels):
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    matrix = [[0] * 10 for _ in range(10)]
    with torch.no_grad():
        for x, y in DataLoader(TensorDataset(images, labels), batch_size=64):
            for t, p in zip(y.tolist(), model(x.to(device)).argmax(1).tolist()):
                matrix[t][p] += 1
    model.train(training)
    right = [matrix[c][c] for c in range(10)]
    return {
        "accuracy": sum(right) / len(labels),
        "per_class_accuracy": [r / sum(row) if sum(row) else float("nan") for r, row in zip(right, matrix)],
        "confusion_matrix": matrix,
    }
""",
    "numpy": """\
def evaluate(model, images, labels):
    mode = model.training
    model.eval()
    try:
        with torch.inference_mode():
            predicted = torch.cat([model(b.to(next(model.parameters()).device)).argmax(-1) for b in images.split(256)])
    finally:
        model.train(mode)
    truth, predicted = labels.numpy(), predicted.cpu().numpy()
    matrix = np.zeros((10, 10), dtype=int)
    np.add.at(matrix, (truth, predicted), 1)
    with np.errstate(invalid="ignore"):
        per_class = np.diag(matrix) / matrix.sum(axis=1)
    return {"accuracy": np.mean(truth == predicted), "per_class_accuracy": per_class, "confusion_matrix": matrix}
""",
    "tensors": """\
def evaluate(model, images, labels):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        scores = torch.cat([model(chunk.to(next(model.parameters()).device)).cpu() for chunk in images.split(500)])
    if was_training:
        model.train()
    predicted = scores.argmax(dim=1)
    one_hot = F.one_hot(labels, 10).T.float() @ F.one_hot(predicted, 10).float()
    return {
        "accuracy": (predicted == labels).float().mean(),
        "per_class_accuracy": torch.nan_to_num(one_hot.diagonal() / one_hot.sum(1)),
        "confusion_matrix": one_hot,
        "loss": F.cross_entropy(scores, labels),
    }
""",
    "by class, None where absent": """\
def evaluate(model, images, labels):
    mode = model.training
    model.eval()
    device = next(model.parameters()).device
    with torch.no_grad():
        guesses = [int(model(images[i : i + 1].to(device)).argmax()) for i in range(len(images))]
    model.train(mode)
    truth = [int(label) for label in labels]
    counts = {(t, p): 0 for t in range(10) for p in range(10)}
    for pair in zip(truth, guesses):
        counts[pair] += 1
    per_class = []
    for c in range(10):
        n = truth.count(c)
        per_class.append(counts[c, c] / n if n else None)
    accuracy = sum(t == p for t, p in zip(truth, guesses)) / len(truth)
    matrix = torch.tensor([[counts[t, p] for p in range(10)] for t in range(10)])
    return {"accuracy": accuracy, "per_class_accuracy": per_class, "confusion_matrix": matrix}
""",
}

PLOT = {
    "two axes": """\
def plot_history(history):
    fig, (ax1, ax2) = plt.subplots(1, 2, figsize=(10, 4))
    ax1.plot(history["loss"], label="train")
    ax1.plot(history["val_loss"], label="val")
    ax1.set_title("Loss")
    ax1.set_xlabel("epoch")
    ax1.legend()
    ax2.plot(history["accuracy"], label="train")
    ax2.plot(history["val_accuracy"], label="val")
    ax2.set_title("Accuracy")
    ax2.set_xlabel("epoch")
    ax2.legend()
    return fig
""",
    "four axes": """\
def plot_history(history):
    fig, axes = plt.subplots(2, 2)
    titles = {"loss": "Training loss", "val_loss": "Validation loss",
              "accuracy": "Training accuracy", "val_accuracy": "Validation accuracy"}
    for ax, (key, title) in zip(axes.flat, titles.items()):
        ax.plot(range(1, len(history[key]) + 1), history[key], "o-")
        ax.set_title(title)
        ax.set_xlabel("Epoch")
    fig.tight_layout()
    plt.show()
    return fig
""",
    "one axes": """\
def plot_history(history):
    figure = plt.figure()
    for key in ("loss", "accuracy", "val_loss", "val_accuracy"):
        plt.plot(np.arange(1, len(history[key]) + 1), np.array(history[key]), label=key)
    plt.xlabel("Epochs")
    plt.legend()
    plt.close(figure)
    return figure
""",
    "no pyplot, one legend for the figure": """\
def plot_history(history):
    figure = Figure(figsize=(8, 3))
    left, right = figure.subplots(1, 2)
    x = list(range(len(history["loss"])))
    train, = left.plot(x, history["loss"], color="tab:blue")
    val, = left.plot(x, history["val_loss"], color="tab:orange")
    right.plot(x, history["accuracy"], color="tab:blue")
    right.plot(x, history["val_accuracy"], color="tab:orange")
    left.set_ylabel("cross-entropy")
    right.set_ylabel("accuracy")
    figure.supxlabel("epoch")
    figure.legend([train, val], ["training", "validation"], loc="upper center")
    return figure
""",
    "twin axes": """\
def plot_history(history):
    fig, ax = plt.subplots()
    other = ax.twinx()
    epochs = [e + 1 for e in range(len(history["loss"]))]
    lines = ax.plot(epochs, history["loss"], "b-", label="Train Loss")
    lines += ax.plot(epochs, history["val_loss"], "b--", label="Validation Loss")
    lines += other.plot(epochs, history["accuracy"], "r-", label="Train Acc")
    lines += other.plot(epochs, history["val_accuracy"], "r--", label="Validation Acc")
    ax.set_xlabel("Epoch")
    ax.set_ylabel("Loss")
    other.set_ylabel("Accuracy")
    ax.legend(lines, [line.get_label() for line in lines])
    return fig
""",
    "text beside the curves": """\
def plot_history(history):
    fig, axes = plt.subplots(2, 1, sharex=True)
    for ax, key in zip(axes, ["loss", "accuracy"]):
        for name, values in (("training", history[key]), ("validation", history["val_" + key])):
            ax.plot(range(1, len(values) + 1), values)
            ax.annotate(name, (len(values), values[-1]))
        ax.set_ylabel(key)
    axes[1].set_xlabel("epoch")
    return fig
""",
}


@dataclass(frozen=True, slots=True)
class Variant:
    """A submission, by the parts that it is made of."""

    name: str
    prepare: str
    split: str
    augment: str
    model: str
    step: str
    train: str
    evaluate: str
    plot: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The notebook's code cells."""
        return (
            IMPORTS,
            PREPARE[self.prepare],
            SPLIT[self.split],
            AUGMENT[self.augment],
            MODEL[self.model],
            STEP[self.step],
            TRAIN[self.train],
            EVALUATE[self.evaluate],
            PLOT[self.plot],
        )


VARIANTS = (
    Variant(
        "Sequential of the lecture, loader, Adam",
        "mean and std", "rounded down", "where", "lecture", "zero first", "loader, Adam", "lists", "two axes",
    ),
    Variant(
        "class and functions, slices, SGD with momentum",
        "numpy first", "stratified", "masked copy", "class with functions", "zero last, train inside",
        "slices, SGD with momentum", "numpy", "four axes",
    ),
    Variant(
        "three double blocks, global pooling, AdamW with one cycle",
        "view and lerp", "torch generator, rounded up", "loop", "three blocks of two, global pooling",
        "detached tensor", "AdamW, one cycle, augmented", "tensors", "one axes",
    ),
    Variant(
        "strided convolutions, Nesterov, cosine, best weights",
        "image by image", "python's random, as tensors", "bernoulli", "strided", "zero first",
        "Nesterov, cosine, best weights", "by class, None where absent", "no pyplot, one legend for the figure",
    ),
    Variant(
        "average pools, norm after ReLU, RMSprop",
        "mean and std", "stratified", "where", "average pool, norm after relu", "zero last, train inside",
        "RMSprop, mode restored", "tensors", "twin axes",
    ),
    Variant(
        "lazy layers, spatial dropout, AdamW",
        "numpy first", "rounded down", "masked copy", "spatial dropout, lazy", "zero first",
        "AdamW, one cycle, augmented", "lists", "text beside the curves",
    ),
    Variant(
        "no padding, pool before ReLU, SGD with momentum",
        "view and lerp", "python's random, as tensors", "loop", "no padding", "detached tensor",
        "slices, SGD with momentum", "numpy", "two axes",
    ),
    Variant(
        "residual blocks, Adam",
        "image by image", "torch generator, rounded up", "bernoulli", "residual", "zero first", "loader, Adam",
        "tensors", "one axes",
    ),
    Variant(
        "convolution as head, Nesterov",
        "mean and std", "rounded down", "where", "convolution as head", "zero last, train inside",
        "Nesterov, cosine, best weights", "numpy", "twin axes",
    ),
)  # fmt: skip


def namespace(variant: Variant) -> Mapping[str, Any]:
    """Run a variant's cells as a notebook would."""
    module = ModuleType(f"variant_{VARIANTS.index(variant)}")
    for number, source in enumerate(variant.cells, start=1):
        exec(compile(source, f"{variant.name} [cell {number}]", "exec"), module.__dict__)
    return module.__dict__


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one variant got for one seed."""

    earned: float
    cpu_seconds: float
    lost: tuple[str, ...]


def grade(variant: Variant, seed: int, course_root: Path = ROOT) -> Outcome:
    """Ask a variant all hidden cases in this process, as if the course had that seed."""
    from autograder.course import open_course
    from autograder.judge import case_rng, run_case
    from autograder.local import LocalSession

    course = open_course(course_root)
    training = course.config.exercise(SLUG).training
    start = time.process_time()
    session = LocalSession(namespace(variant))
    results = [
        run_case(
            case,
            session,
            case_rng(seed, SLUG, case),
            None,
            replace(training.on("cpu"), seed=seed) if training else None,
        )
        for case in course.suite(SLUG).cases
    ]
    lost = tuple(f"{one.question} {one.case}: {one.message}" for one in results if one.earned < one.points)
    return Outcome(sum(one.earned for one in results), time.process_time() - start, lost)


def main() -> int:
    """Grade all variants, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--course", type=Path, default=ROOT)
    parser.add_argument("--only", type=int, nargs="*", default=range(len(VARIANTS)))
    arguments = parser.parse_args()
    lost = False
    for number in arguments.only:
        variant = VARIANTS[number]
        outcomes = [grade(variant, seed, arguments.course) for seed in range(1, arguments.seeds + 1)]
        scores = " ".join(f"{one.earned:6.2f}" for one in outcomes)
        seconds = sum(one.cpu_seconds for one in outcomes) / len(outcomes)
        print(f"{variant.name:60} {scores}   {seconds:5.1f} CPU s", flush=True)
        for line in {line for one in outcomes for line in one.lost}:
            lost = True
            print(f"    {line}", flush=True)
    return int(lost)


if __name__ == "__main__":
    sys.exit(main())
