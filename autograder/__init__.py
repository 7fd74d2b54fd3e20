"""Assessment of deep-learning coursework: build, validate and grade notebooks safely."""

__version__ = "0.1.0"
