const newer =
  /Opset (\d+) is under development.*Current official support for domain (\S+) is till opset (\d+)/s
const newerFormat = /Unsupported model IR version: (\d+), max supported IR version: (\d+)/

const otherRealm = /tensor's data must be type of function \w+\(\) \{ \[native code\]/

const unsupported = /^Unsupported data type: (\d+)$/

/** By their numbers in ONNX, the types that the runtime's JavaScript cannot describe, so that it opens no session. */
const elementNames: Readonly<Record<string, string>> = {
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
}

/**
 * Rewrites an error message of the runtime: without source locations and C++ signatures, with a hint where we have one,
 * and in our own words for graphs that are too new.
 */
export function runtimeSentence(whole: string): string {
  const message = whole.slice(0, mostCharacters)
  const [, opset, domain, highest] = newer.exec(message) ?? []
  if (opset !== undefined) {
    const of = domain === 'ai.onnx' ? '' : ` of ${domain}`
    return `must have an opset${of} up to ${highest}, got opset ${opset}; export it again with a lower one`
  }
  const [, format, highestFormat] = newerFormat.exec(message) ?? []
  if (format !== undefined) return `must have an IR version up to ${highestFormat}, got ${format}`
  // The type always matches: only the realm of the runtime's own outputs does not.
  if (otherRealm.test(message))
    return 'ONNX Runtime cannot compute in a context of node:vm, as tests of Jest and Vitest have (vmThreads, vmForks); threads compute the same'
  const [, element] = unsupported.exec(message) ?? []
  if (element !== undefined)
    return `must have no input or output of type ${elementNames[element] ?? element}, even one that nothing reads; cast it, or leave the output out`
  const sentence = withoutPlaces(message).trim()
  const [, hint] = hints.find(([words]) => words.test(sentence)) ?? []
  return hint === undefined ? sentence : `${sentence.replace(/\.$/, '')}: ${hint}`
}

/** Names of a graph may be long, and looking for places takes time by the square of that. */
const mostCharacters = 4000

/** What to do about some of the runtime's messages. */
const hints: readonly (readonly [words: RegExp, hint: string])[] = [
  [
    /^Could not find an implementation|tensor\(float\) and tensor\(double\)/,
    'many operators are for float32 alone; export number columns as float32',
  ],
  [
    /Unknown Category/,
    'the graph fails for texts or numbers that it does not know; name the known ones in categories of the step',
  ],
  [/construct locale/, 'the machine must have this locale'],
]

/** `/path/file.cc:12 void space::function(int) const Sentence` and `file.cc:12 function Sentence` become `Sentence`. */
function withoutPlaces(text: string): string {
  const message = text.replaceAll('::<lambda()> ', '')
  const place = /(?<folder>\/\S*\/)?[\w.]+\.(?:cc|h|cpp|hpp):\d+ /.exec(message)
  if (place === null) return message
  const rest = message.slice(place.index + place[0].length)
  const behind = place.groups?.folder === undefined ? rest.replace(/^[\w:~]+ /, '') : withoutSignature(rest)
  return message.slice(0, place.index) + withoutPlaces(behind)
}

/** Removes a C++ signature, which ends with its parameters in parentheses, which may be nested. */
function withoutSignature(text: string): string {
  let depth = 0
  for (let at = text.indexOf('('); at >= 0 && at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0)
      return text
        .slice(at + 1)
        .replace(/^ const\b| \[with [^\]]*\]/g, '')
        .trimStart()
  }
  return text
}
