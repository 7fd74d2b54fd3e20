from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_table_that_you_can_check_by_hand(per_class_report):
    assert per_class_report is not None, 'per_class_report is not defined yet: run the cell with your answer first'
    import numpy as np
    table = per_class_report(np.array([1, 1, 1, 2]), np.array([1, 1, 2, 2]))
    assert sorted(table) == list(range(10)), f'one entry for each digit is asked for, not {sorted(table)}'
    assert abs(table[1]['recall'] - 2 / 3) < 1e-06, 'two of three ones are recognised: a recall of 2/3'
    assert abs(table[2]['precision'] - 1 / 2) < 1e-06, 'one of two that are called 2 is a 2: a precision of 1/2'
    assert table[1]['support'] == 3, 'there are three ones'
    zeros = (table[5]['precision'], table[5]['recall'])
    assert zeros == (0, 0), f'where there is no 5 both are 0.0, not {zeros}'
