"""The course's data. All that lies in this folder students' code may read; held-out images lie in `held_out/`."""
