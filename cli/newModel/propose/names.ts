/** A valid GraphQL name for a column or tensor: `petal length (cm)` becomes `petal_length_cm`. */
export function fieldName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
  return /^[A-Za-z]/.test(name) ? name : `x${name}`
}

/** A likely model name for a file: `Churn_v2.onnx` becomes `churn-v2`. */
export function modelName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' ? 'model' : name
}

/** A likely objective name for a model: `churn-v2` becomes `CHURN_V2`. */
export function objectiveName(model: string): string {
  return fieldName(model).toUpperCase()
}

/** The names that stand in the list more than once: different columns or tensors may get the same name. */
export function repeatedNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))]
}

/** The longest key that YAML can have is little longer. */
const longestKey = 1000

/** Why a manifest cannot have the name of an input of the graph as a key, in one line; undefined if it can. */
export function inputNameProblem(name: string): string | undefined {
  if (name === '__proto__') return `input ${name} of the graph: ${anotherName}`
  if (name.length > longestKey)
    return `input ${name.slice(0, 20)}... of the graph: must have a name of at most ${longestKey} characters, got ${name.length}`
  return undefined
}

/** What is expected of an input or output that is called `__proto__`. */
export const anotherName = 'must have another name, got one that JavaScript reserves'
