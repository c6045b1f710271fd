/**
 * How a peer is asked a question whose servers do not speak GraphQL: each in the form that its own clients send. The question is the
 * same, by the same variables, and so is what must be done to answer it.
 */
export interface Protocol {
  body(variables: Readonly<Record<string, unknown>>): string
  /** What the answer says, as a GraphQL server would put it. */
  read(answer: unknown): unknown
}
