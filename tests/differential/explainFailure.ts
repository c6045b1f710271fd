import type { Answer } from './answer'
import type { Failure } from './check'

/** A failure as text that somebody can work from. */
export function explainFailure(
  where: string,
  { operations, difference, expected, got, faultSeed, step }: Failure,
): string {
  const asked = operations.map(
    ({ text, variables, operationName }) =>
      `    ${text.replaceAll('\n', '\n    ')}${Object.keys(variables).length > 0 ? `\n    variables ${JSON.stringify(variables)}` : ''}${operationName ? `\n    operationName ${operationName}` : ''}`,
  )
  return [
    `${where}: ${difference.kind}, ${step}${faultSeed === 0 ? '' : `, fault seed ${faultSeed}`}: ${difference.detail}`,
    asked.join('\n    and then\n'),
    `  expected ${answerText(expected)}`,
    `  got      ${answerText(got)}`,
  ].join('\n')
}

function answerText({ dataText, errors, log }: Answer): string {
  const said = errors.map(({ path, message, extensions, locations = [] }) => {
    const at = locations.map(({ line, column }) => `${line}:${column}`).join(' ')
    return `[${path?.join('.') ?? ''} ${extensions?.['code'] ?? ''} ${message} at ${at}]`
  })
  const effects = log.length > 0 ? ` log ${log.join(', ')}` : ''
  return `${(dataText ?? 'no data').slice(0, 1500)} ${said.slice(0, 6).join(' ')}${said.length > 6 ? ` and ${said.length - 6} more` : ''}${effects}`
}
