"""Results as other tools import them: an LMS's gradebook, Gradescope's results.json, nbgrader's grades.csv."""
