"""The subject itself, for hidden cases: what a convolutional network's answers should be. No student code reads it."""
