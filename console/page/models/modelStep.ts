/** A step of a manifest: the input of the graph, or the output, and how it is made. */
export interface ModelStep {
  readonly name: string
  readonly step: unknown
}
