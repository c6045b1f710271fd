import type { RemoteNames } from '../../models/contracts/manifest'

/** What a server calls a version and its tensors. */
export class ServerNames {
  /** The server's names for ours. */
  readonly input: Renaming
  readonly output: Renaming
  /** Ours for the server's. */
  readonly ownInput: Renaming
  readonly ownOutput: Renaming

  private constructor(
    readonly model: string,
    /** Empty: the server chooses. */
    readonly version: string,
    /** What it is asked to load, if it has to be asked. */
    readonly loadable: string,
    { inputs = {}, outputs = {} }: RemoteNames,
  ) {
    this.input = renaming(Object.entries(inputs))
    this.output = renaming(Object.entries(outputs))
    this.ownInput = renaming(Object.entries(inputs).map(turned))
    this.ownOutput = renaming(Object.entries(outputs).map(turned))
  }

  /**
   * The names that a server may have for a version, in the order to try: those of the manifest, then our own, which a
   * Presage worker with the same repository has.
   */
  static of(key: string, remote: RemoteNames | undefined): readonly ServerNames[] {
    const [model, version] = key.split('@')
    const own = new ServerNames(model, version, key, {})
    if (remote === undefined) return [own]
    const { model: theirModel = model, version: theirVersion = version } = remote
    return [new ServerNames(theirModel, theirVersion, theirModel, remote), own]
  }

  /** For messages. */
  get text(): string {
    return this.version === '' ? this.model : `${this.model}@${this.version}`
  }
}

type Renaming = (name: string) => string

/** Names that are not among the pairs stay. */
function renaming(pairs: readonly (readonly [string, string])[]): Renaming {
  const names = new Map(pairs)
  return (name) => names.get(name) ?? name
}

function turned([own, theirs]: readonly [string, string]): readonly [string, string] {
  return [theirs, own]
}
