from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def every_layer_of_a_small_network_gets_its_shape(trace_shapes):
    assert trace_shapes is not None, 'trace_shapes is not defined yet: run the cell with your answer first'
    layers = [{'type': 'conv2d', 'out_channels': 8, 'kernel_size': 5, 'stride': 2, 'padding': 2}, {'type': 'relu'}, {'type': 'maxpool2d', 'kernel_size': 2}, {'type': 'flatten'}, {'type': 'linear', 'out_features': 10}]
    expected = [(32, 8, 14, 14), (32, 8, 14, 14), (32, 8, 7, 7), (32, 392), (32, 10)]
    shapes = [tuple(shape) for shape in trace_shapes((32, 1, 28, 28), layers)]
    assert len(shapes) == len(layers), f'Five layers give five shapes, and the input is not one: you give {len(shapes)}.'
    for layer, shape, right in zip(layers, shapes, expected):
        assert shape == right, f'after {layer} the shape is {right}, you say {shape}.'
    pooled = [tuple(shape) for shape in trace_shapes((32, 8, 7, 7), [{'type': 'global_average_pool'}])]
    assert pooled == [(32, 8)], f'global pooling leaves (32, 8) of (32, 8, 7, 7), you say {pooled}.'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_linear_layer_does_not_take_feature_maps(trace_shapes):
    assert trace_shapes is not None, 'trace_shapes is not defined yet: run the cell with your answer first'
    try:
        answer = trace_shapes((32, 8, 6, 6), [{'type': 'linear', 'out_features': 10}])
    except ValueError:
        return
    raise AssertionError(f'Four axes, and nothing flattened them: raise ValueError, not {answer!r}.')
