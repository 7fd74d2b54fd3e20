"""What runs where Gradescope runs the packaged grader: one submission, in Gradescope's folders, to its results.json."""
