"""Builds PyTorch models from plain descriptions, and describes the models that students build."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

MAX_LAYERS = 1_000  # more are not described: no answer that is asked for has that many
MAX_ITEMS = 16  # of a setting: longer tables are no arguments of a layer


def build(spec: list[dict[str, Any]]) -> nn.Sequential:
    """Build the `nn.Sequential` that a list of entries describes.

    An entry is one of

    - `{"type": "Conv2d", "settings": {"in_channels": 3, ...}}`: a layer of `torch.nn` and its arguments,
    - `{"type": "Sequential", "layers": [...]}`: a model inside the model, described the same way,
    - `{"same_as": 0}`: the very layer of place 0 of the same list, once more.

    The first two may add `"weight_of": 0` (use the weight tensor of the layer at place 0) and
    `"frozen": True` or `"frozen": ["weight"]` (all parameters, or those, need no gradient).
    """
    from torch import nn

    layers: list[nn.Module] = []
    for entry in spec:
        layers.append(layers[entry["same_as"]] if "same_as" in entry else _build_layer(entry, layers))
    return nn.Sequential(*layers)


def _build_layer(entry: dict[str, Any], earlier: list[nn.Module]) -> nn.Module:
    from torch import nn

    layer: nn.Module
    if entry["type"] == "Sequential":
        layer = build(entry["layers"])
    else:
        layer = getattr(nn, entry["type"])(**entry.get("settings", {}))
    if "weight_of" in entry:
        layer.register_parameter("weight", earlier[entry["weight_of"]].get_parameter("weight"))
    frozen = entry.get("frozen", [])
    for name, parameter in layer.named_parameters():
        if frozen is True or name in frozen:
            parameter.requires_grad_(False)
    return layer


def requires_grad(model: nn.Module) -> dict[str, bool]:
    """Which parameters of a model the optimiser would change, by their names."""
    named = model.named_parameters(remove_duplicate=False)
    return {name: parameter.requires_grad for name, parameter in named}


def describe(block: object) -> dict[str, Any]:
    """Describe the layers of an `nn.Sequential` as plain data, sequences inside it unfolded.

    Returns `{"type": "Sequential", "layers": [...]}`; anything but an `nn.Sequential` has no layers. A layer
    is `{"type": ..., "settings": {...}, "parameters": [...]}`: its class (a bare name for classes of
    `torch.nn`, a dotted one for others), its public plain attributes, which are its constructor's arguments,
    and the names of the parameters of its own. A layer that has stood before is `{"same_as": place}`.
    """
    if not _is_sequence(block):
        return {"type": _class_name(block), "layers": []}
    first_places: dict[int, int] = {}
    layers: list[dict[str, Any]] = []
    for place, layer in enumerate(itertools.islice(_unfold(block), MAX_LAYERS)):
        first = first_places.setdefault(id(layer), place)
        layers.append(_describe_layer(layer) if first == place else {"same_as": first})
    return {"type": "Sequential", "layers": layers}


def _unfold(layer: Any) -> Iterator[object]:
    """Yield the layers of nested sequences, one after another, as they run."""
    if not _is_sequence(layer):
        yield layer
        return
    for inner in layer:
        yield from _unfold(inner)


def _is_sequence(layer: object) -> bool:
    """Whether `layer` runs its parts one after another: an `nn.Sequential` that keeps its `forward`."""
    from torch import nn

    return isinstance(layer, nn.Sequential) and type(layer).forward is nn.Sequential.forward


def _describe_layer(layer: object) -> dict[str, Any]:
    public = {name: _plain(value) for name, value in vars(layer).items() if not name.startswith("_")}
    public.pop("training", None)
    own = [name for name, parameter in getattr(layer, "_parameters", {}).items() if parameter is not None]
    settings = {name: value for name, value in public.items() if value is not ...}
    return {"type": _class_name(layer), "settings": settings, "parameters": own}


def _class_name(value: object) -> str:
    """`Conv2d` for the class of `torch.nn`, `module.Conv2d` for another class that bears the name."""
    from torch import nn

    kind = type(value)
    bare = getattr(nn, kind.__name__, None) is kind or kind.__module__ == "builtins"
    return kind.__name__ if bare else f"{kind.__module__}.{kind.__qualname__}"


def _plain(value: object) -> Any:
    """`value` as plain data, and `...` where it is none (`None` is a value)."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, list | tuple) and len(value) <= MAX_ITEMS:
        items = tuple(_plain(item) for item in value)
        return ... if ... in items else items
    return ...
