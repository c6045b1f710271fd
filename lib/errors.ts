/**
 * Every coded error of Presage, with its HTTP and gRPC status and whether the same request may succeed when it is
 * retried. `docs/errors.md` explains each row; a test compares the two. The codes that allow a fallback are in
 * `serving/requests/fallback.ts`.
 */
export const errorTable = {
  ANSWER_TOO_LARGE: { http: 400, grpc: 'INVALID_ARGUMENT', retryable: false },
  BAD_FEATURE: { http: 400, grpc: 'INVALID_ARGUMENT', retryable: false },
  BAD_OUTPUT: { http: 500, grpc: 'INTERNAL', retryable: false },
  BAD_REQUEST: { http: 400, grpc: 'INVALID_ARGUMENT', retryable: false },
  BAD_USER_INPUT: { http: 400, grpc: 'INVALID_ARGUMENT', retryable: false },
  BODY_TOO_LARGE: { http: 413, grpc: 'RESOURCE_EXHAUSTED', retryable: false },
  CANCELLED: { http: 499, grpc: 'CANCELLED', retryable: true },
  DEADLINE_EXCEEDED: { http: 504, grpc: 'DEADLINE_EXCEEDED', retryable: true },
  FORBIDDEN: { http: 403, grpc: 'PERMISSION_DENIED', retryable: false },
  INFERENCE_FAILED: { http: 500, grpc: 'INTERNAL', retryable: false },
  LIST_TOO_LONG: { http: 400, grpc: 'INVALID_ARGUMENT', retryable: false },
  MODEL_NOT_FOUND: { http: 404, grpc: 'NOT_FOUND', retryable: false },
  MODEL_NOT_READY: { http: 503, grpc: 'UNAVAILABLE', retryable: true },
  MODEL_OUTPUT_SHAPE: { http: 500, grpc: 'INTERNAL', retryable: false },
  NOT_SUPPORTED: { http: 400, grpc: 'UNIMPLEMENTED', retryable: false },
  OPERATION_TOO_LARGE: { http: 400, grpc: 'INVALID_ARGUMENT', retryable: false },
  OVERLOADED: { http: 503, grpc: 'UNAVAILABLE', retryable: true },
  SHUTTING_DOWN: { http: 503, grpc: 'UNAVAILABLE', retryable: true },
  STORE_UNREACHABLE: { http: 503, grpc: 'UNAVAILABLE', retryable: true },
  TOO_MANY_ALIASES: { http: 400, grpc: 'INVALID_ARGUMENT', retryable: false },
  TOO_MANY_NEW_OPERATIONS: { http: 429, grpc: 'RESOURCE_EXHAUSTED', retryable: true },
  TOO_MANY_REQUESTS: { http: 429, grpc: 'RESOURCE_EXHAUSTED', retryable: true },
  TOO_MANY_ROWS: { http: 400, grpc: 'INVALID_ARGUMENT', retryable: false },
  UNAUTHENTICATED: { http: 401, grpc: 'UNAUTHENTICATED', retryable: false },
  UPSTREAM_FAILED: { http: 502, grpc: 'UNAVAILABLE', retryable: true },
  WORKER_LOST: { http: 503, grpc: 'UNAVAILABLE', retryable: true },
} as const

export type ErrorCode = keyof typeof errorTable

/**
 * An error that clients may see: a code of the table, and a sentence that says what was wrong and what was expected.
 */
export class PresageError extends Error {
  override readonly name = 'PresageError'

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Further facts for `extensions`, such as the input's name; never secrets. */
    readonly details?: Readonly<Record<string, unknown>>,
  ) {
    super(message)
  }

  /** graphql-js puts these into the located error's `extensions`. */
  get extensions(): Readonly<Record<string, unknown>> {
    return { ...this.details, code: this.code }
  }
}

/** A file or value that was refused while loading. Each problem says where it is, what was expected and what came. */
export class LoadError extends Error {
  override readonly name = 'LoadError'

  readonly problems: readonly string[]

  /** A text is one problem. */
  constructor(problems: readonly string[] | string) {
    const list = typeof problems === 'string' ? [problems] : problems
    super(list.join('\n'))
    this.problems = list
  }
}

/** Logged as `line` alone, since its stack would only show our own code. `message` is what clients may see. */
export class PlainError extends Error {
  override readonly name = 'PlainError'

  constructor(
    readonly line: string,
    message = line,
  ) {
    super(message)
  }
}

/** A number of things in a message, such as `1 version` or `2 versions`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** A value of any kind for a message: as JSON, shortened, so that no message grows with its input. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number') return String(value)
  let text: string
  try {
    text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? typeof value)
  } catch {
    text = typeof value
  }
  text = withoutUser(text)
  // Half of a surrogate pair is no text: a message with one cannot be sent over gRPC.
  return text.length > 80 ? `${text.slice(0, 77).toWellFormed()}...` : text
}

/** User and password of a URL are no part of a message. A password that is not encoded may hold an @ itself. */
function withoutUser(text: string): string {
  const start = text.indexOf('://') + 3
  const end = text.lastIndexOf('@')
  return start < 3 || end < start ? text : `${text.slice(0, start)}...${text.slice(end)}`
}
