"""Tests of the grading half: what is found, what is said about it, and what is kept."""
