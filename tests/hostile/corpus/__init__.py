"""Hostile and malformed submissions as data: what each does, what stays credited, what a person reads."""

from .files import FILES
from .forging import FORGING
from .hostile import Hostile, Places, distinct
from .leaks import LEAKS
from .resources import RESOURCES

CORPUS = distinct((*RESOURCES, *LEAKS, *FORGING, *FILES))

__all__ = ["CORPUS", "Hostile", "Places"]
