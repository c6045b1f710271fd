/** The SDL of one of its subgraphs. */
export function sdlOf(name: string): string
