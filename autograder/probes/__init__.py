"""Functions that run beside a student's object, in the student's process, and return plain data.

Probes are public and hold no answers: whatever decides points is computed by the judge from what they return.
"""
