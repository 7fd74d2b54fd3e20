"""The warm process, the layers of confinement, and the runner that lives inside them."""
