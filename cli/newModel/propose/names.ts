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
