"""Reports from values: one document a submission, CSV for the class, feedback for the student."""
