import { readQuestion } from '../../console/metrics/question'
import { PresageError } from '../../lib/errors'

const known = 'names=presage_queued_rows'

it.each([
  ['', 'names: must be names of metrics, separated by commas, got nothing'],
  [
    'names=presage_queued_row',
    'names: must be metrics that the console keeps, got "presage_queued_row"; did you mean "presage_queued_rows"?',
  ],
  [`${known}&by=modle`, 'by: must be a label, got "modle"; did you mean "model"?'],
  [`${known}&tpo=3`, 'tpo: must be one of names, by, top, since or a label, got "tpo"; did you mean "to"?'],
  [`${known}&top=0`, 'top: must be a number from 1 on, got "0"'],
  [`${known}&top=`, 'top: must be a number from 1 on, got ""'],
  [`${known}&since=yesterday`, 'since: must be a number from 0 on, got "yesterday"'],
])('%s is refused', (search, message) => {
  const read = () => readQuestion(new URLSearchParams(search))
  expect(read).toThrow(new PresageError('BAD_REQUEST', message))
})
