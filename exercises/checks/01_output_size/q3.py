from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_3_pixel_kernel_needs_one_pixel_at_each_end(same_padding):
    assert same_padding is not None, 'same_padding is not defined yet: run the cell with your answer first'
    answer = same_padding(3)
    assert answer == 1, f'A kernel of 3 costs 2 pixels, 1 at each end: you say {answer!r}.'
    assert same_padding((3, 5)) in [(1, 2), [1, 2]], 'A pair gives a pair: (3, 5) needs the paddings (1, 2).'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def an_even_kernel_is_refused(same_padding):
    assert same_padding is not None, 'same_padding is not defined yet: run the cell with your answer first'
    try:
        answer = same_padding(4)
    except ValueError:
        return
    raise AssertionError(f'A kernel of 4 costs 3 pixels, an odd number: raise ValueError, not {answer!r}.')
