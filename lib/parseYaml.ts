import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { LoadError, show } from './errors'

/**
 * Parses YAML 1.2 text and checks its shape. Throws a LoadError that lists every problem at once, one line each:
 * `file: path.to.value: what was expected, got what came`.
 */
export function parseYaml<T>(text: string, file: string, shape: z.ZodType<T>): T {
  const value = readYaml(text, file)
  const parsed = shape.safeParse(value, { reportInput: true })
  if (!parsed.success) throw new LoadError(describeIssues(parsed.error.issues, value).map((line) => `${file}: ${line}`))
  return parsed.data
}

function readYaml(text: string, file: string): unknown {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  if (document.errors.length > 0) {
    throw new LoadError(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0])
        return `${file}:${line}:${col}: must be YAML, got ${firstLine(error.message)}`
      }),
    )
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    refusePrototypeKeys(value, '')
    return value
  } catch (error) {
    throw new LoadError([`${file}: ${error instanceof Error ? error.message : String(error)}`])
  }
}

/** One line per issue, `path: expectation, got what came`; alternatives of a union are folded into one line. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], root: unknown): string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${path === '' ? key : `${path}.${key}`}: is not a key that is known here`)
    }
    const expectation =
      issue.code === 'invalid_type'
        ? `must be ${issue.expected === 'int' ? 'a whole number' : article(issue.expected)}`
        : issue.code === 'invalid_value'
          ? `must be ${issue.values.map((value) => String(value)).join(' or ')}`
          : issue.code === 'invalid_key'
            ? (issue.issues[0]?.message ?? 'must be another key')
            : issue.code === 'invalid_union'
              ? (unionExpectation(issue) ?? issue.message)
              : issue.message
    return `${path === '' ? 'the file' : path}: ${expectation}, got ${show(valueAt(root, issue.path))}`
  })
}

function unionExpectation(issue: z.core.$ZodIssueInvalidUnion): string | undefined {
  if (issue.message !== 'Invalid input') return issue.message
  const texts = issue.errors.flatMap((alternative) => alternative.filter((inner) => inner.path.length === 0))
  const words = texts.map((inner) => (inner.code === 'invalid_type' ? article(inner.expected) : inner.message))
  return words.length > 0 ? `must be ${[...new Set(words)].join(' or ')}` : undefined
}

function article(type: string): string {
  const word = type === 'record' ? 'object' : type
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key]
  return value
}

function refusePrototypeKeys(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
      throw new Error(`${at}: is not a key that is allowed anywhere`)
    }
    refusePrototypeKeys(inner, at)
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]
}
