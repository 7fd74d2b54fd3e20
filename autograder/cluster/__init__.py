"""Grading on several machines over Dask: the same batch, with workers elsewhere.

What crosses to a worker are frozen values and a student's bytes, never a path. Both ends trust each other: Dask's
messages are pickles, so that its ports must be in a private network or behind TLS (docs/scaling.md).
"""
