"""Makes the zip that Gradescope runs: scripts, this package as a wheel, and one exercise of a course."""
