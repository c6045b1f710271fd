import {
  body,
  boolType,
  column,
  constant,
  field,
  int,
  int64Type,
  ints,
  message,
  model,
  node,
  scalar,
} from './onnxMessages'

/** An ONNX graph that answers each row of `x` with itself, after as many billion turns of a loop as the largest of them says. */
export function loopingGraph(): Buffer {
  const turn = message(
    field(1, node('Identity', ['goesOn'], 'stillGoesOn')),
    field(1, node('Identity', ['before'], 'after')),
    field(2, 'turn'),
    field(11, scalar('number', int64Type)),
    field(11, scalar('goesOn', boolType)),
    field(11, column('before')),
    field(12, scalar('stillGoesOn', boolType)),
    field(12, column('after')),
  )
  const graph = message(
    field(1, node('ReduceMax', ['x'], 'most', [ints('axes', [0]), int('keepdims', 0)])),
    field(1, node('Mul', ['most', 'billion'], 'count')),
    field(1, node('Cast', ['count'], 'turns', [int('to', int64Type)])),
    field(1, node('Loop', ['turns', '', 'x'], 'y', [body('body', turn)])),
    field(2, 'looping'),
    field(5, constant('billion', 1e9)),
    field(11, column('x')),
    field(12, column('y')),
  )
  return model(graph)
}
