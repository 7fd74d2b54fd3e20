from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_5_pixel_kernel_has_24_places_on_28_pixels(conv_output_size):
    assert conv_output_size is not None, 'conv_output_size is not defined yet: run the cell with your answer first'
    answer = conv_output_size(28, kernel_size=5)
    assert answer == 24, f'Its left end can lie on pixel 0, 1, ... 23: 24 places, you say {answer!r}.'
    answer = conv_output_size(6, kernel_size=3, stride=2, padding=1)
    assert answer == 3, f'This is the row in the picture, with three places: you say {answer!r}.'
    answer = conv_output_size(8, kernel_size=5, stride=3, padding=2)
    assert answer == 3, f'8 pixels and 2 zeros at each end: it begins on 0, 3 and 6 of 12, you say {answer!r}.'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_kernel_larger_than_its_input_is_refused(conv_output_size):
    assert conv_output_size is not None, 'conv_output_size is not defined yet: run the cell with your answer first'
    answer = conv_output_size(4, kernel_size=5, padding=1)
    assert answer == 2, f'With a zero at each end a kernel of 5 has 2 places, on 0 and 1 of 6: you say {answer!r}.'
    try:
        answer = conv_output_size(4, kernel_size=5)
    except ValueError:
        return
    raise AssertionError(f'A kernel of 5 does not fit on 4 pixels: raise ValueError, not {answer!r}.')
