/** A name that GraphQL takes, made of whatever a column or tensor is called: `petal length (cm)` is `petal_length_cm`. */
export function fieldName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
  return /^[A-Za-z]/.test(name) ? name : `x${name}`
}

/** What a model in such a file is likely called: `Churn_v2.onnx` is `churn-v2`. */
export function modelName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' ? 'model' : name
}

/** What the objective of such a model is likely called: `churn-v2` is `CHURN_V2`. */
export function objectiveName(model: string): string {
  return fieldName(model).toUpperCase()
}
