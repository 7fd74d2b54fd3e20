from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_flat_image_gives_no_answer(vertical_edge_kernel):
    assert vertical_edge_kernel is not None, 'vertical_edge_kernel is not defined yet: run the cell with your answer first'
    import numpy as np
    kernel = np.asarray(vertical_edge_kernel())
    assert kernel.shape == (3, 3), f'a 3x3 kernel is asked for, you returned the shape {kernel.shape}'
    assert abs(kernel.sum()) < 1e-06, f'weights must cancel on a flat image, yours add up to {kernel.sum()}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def an_edge_from_top_to_bottom_is_seen(vertical_edge_kernel):
    assert vertical_edge_kernel is not None, 'vertical_edge_kernel is not defined yet: run the cell with your answer first'
    import numpy as np
    kernel = np.asarray(vertical_edge_kernel())
    bright_right = np.array([[0, 0, 1], [0, 0, 1], [0, 0, 1]])
    across, down = (abs((kernel * bright_right).sum()), abs((kernel * bright_right.T).sum()))
    assert across > down, f'a window that is bright on the right gives {across}, one bright below {down}'
