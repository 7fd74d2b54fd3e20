"""What to install where a module is missing. This package itself is on no index, so none of its extras is named."""

from __future__ import annotations

PACKAGES = {
    "IPython": "ipython",
    "PIL": "pillow",
    "dask": "distributed",
    "keras": "tensorflow",
    "markdown_it": "markdown-it-py",
    "otter": "otter-grader==7.0.0",
    "sklearn": "scikit-learn",
    "tensorflow_datasets": "tensorflow-datasets",
    "yaml": "pyyaml",
}
"""The package that brings a module, where it has another name."""
FRAMEWORKS = frozenset({"torch", "torchvision", "tensorflow", "tensorflow_datasets", "keras"})


def package(module: str) -> str:
    """What pip knows a module by."""
    top = module.partition(".")[0]
    return PACKAGES.get(top, top)


def install(*modules: str) -> str:
    """The command that brings modules."""
    return f"pip install {' '.join(dict.fromkeys(map(package, modules)))}"


def for_missing(error: BaseException) -> str:
    """A remark for the message of an exception: a framework that is missing is missing on the grader's machine."""
    name = str(error.name).partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return f" (it is not installed where this was graded: {install(name)})" if name in FRAMEWORKS else ""
