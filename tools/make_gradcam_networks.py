"""Train the small network on which a student's Grad-CAM is graded, and write its weights.

    python tools/make_gradcam_networks.py sign-language-digits.zip

The archive is GitHub's of the Sign Language Digits Dataset (Mavi and Dikle, arXiv:2011.08927, Apache License 2.0). Four
of five photographs train the network, the others say how good it became. The planted network needs no weights file:
`autograder.cnn.planted` draws it.
"""

from __future__ import annotations

import argparse
import io
import math
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from autograder.cnn import network

SEED = 20201108  # the data set's paper is arXiv:2011.08927
SIDE, CLASSES, FILTERS = 32, 10, (32, 64)
EPOCHS, BATCH, RATE = 40, 32, 4e-3
DEGREES = 15
EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's own beginning of time: no date in the file


def photographs(archive: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """All photographs as float32 (N, 1, 32, 32) in [0, 1], grey by luma, and their digits (N,)."""
    images, labels = [], []
    with zipfile.ZipFile(archive) as members:
        for name in sorted(members.namelist()):
            path = PurePosixPath(name)
            if path.suffix.lower() != ".jpg" or path.parent.parent.name != "Dataset":
                continue
            picture = Image.open(io.BytesIO(members.read(name))).convert("L")
            images.append(np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32) / 255)
            labels.append(int(path.parent.name))
    return torch.from_numpy(np.stack(images))[:, None], torch.tensor(labels)


def train(images: torch.Tensor, labels: torch.Tensor) -> nn.Sequential:
    """Train the exercise's own architecture with batch norm: two blocks, global average pooling, ten logits."""
    model = nn.Sequential(
        *(nn.Conv2d(1, FILTERS[0], 3, padding=1), nn.BatchNorm2d(FILTERS[0]), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(*FILTERS, 3, padding=1), nn.BatchNorm2d(FILTERS[1]), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(FILTERS[1], CLASSES)),
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    for epoch in range(EPOCHS):
        losses = []
        for batch in torch.randperm(len(images)).split(BATCH):
            optimiser.zero_grad()
            loss = functional.cross_entropy(model(turned(images[batch])), labels[batch])
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        schedule.step()
        print(f"epoch {epoch + 1:2}: loss {sum(losses) / len(losses):.3f}", flush=True)
    return model.eval()


def turned(images: torch.Tensor) -> torch.Tensor:
    """Each image turned by an angle of its own."""
    angle = (torch.rand(len(images)) * 2 - 1) * math.radians(DEGREES)
    zero = torch.zeros_like(angle)
    turn = torch.stack([angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos(), zero], dim=1).view(-1, 2, 3)
    grid = functional.affine_grid(turn, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def plain_weights(model: nn.Sequential) -> dict[str, np.ndarray]:
    """The arrays of the weights file, as `autograder.cnn.network` reads them, batch norms taken into convolutions."""
    layers = [layer for layer in model if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]
    folded = [fuse_conv_bn_eval(*pair) for pair in zip(layers[::2], layers[1::2], strict=True)]
    names = ("kernel_0", "bias_0", "kernel_1", "bias_1", "dense_weight", "dense_bias")
    tensors = [tensor for layer in (*folded, model[-1]) for tensor in (layer.weight, layer.bias)]
    return {name: tensor.detach().numpy() for name, tensor in zip(names, tensors, strict=True)}


def write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """As np.savez, but with no date."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            body = io.BytesIO()
            np.lib.format.write_array(body, array, version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), body.getvalue())


def main() -> None:
    """Train, report the accuracy on held-out photographs, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="the data set's zip from GitHub")
    parser.add_argument("--output", type=Path, default=network.WEIGHTS)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # sums in one order
    images, labels = photographs(arguments.archive)
    order = torch.randperm(len(images))
    held_out, rest = order[: len(order) // 5], order[len(order) // 5 :]
    model = train(images[rest], labels[rest])
    with torch.no_grad():
        right = (model(images[held_out]).argmax(dim=1) == labels[held_out]).float().mean().item()
    write(arguments.output, plain_weights(model))
    print(f"{arguments.output}: {right:.3f} of {len(held_out)} held-out photographs are right")


if __name__ == "__main__":
    main()
