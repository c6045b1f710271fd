import type { RemoteNames } from '../../models/contracts/manifest'

/** What a server calls a version and its tensors. */
export class ServerNames {
  private readonly inputs: Names
  private readonly outputs: Names

  private constructor(
    readonly model: string,
    /** Empty: the server chooses. */
    readonly version: string,
    /** What it is asked to load, if it has to be asked. */
    readonly loadable: string,
    { inputs = {}, outputs = {} }: RemoteNames,
  ) {
    this.inputs = new Names(inputs)
    this.outputs = new Names(outputs)
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

  input(own: string): string {
    return this.inputs.theirs.get(own) ?? own
  }

  output(own: string): string {
    return this.outputs.theirs.get(own) ?? own
  }

  ownInput(theirs: string): string {
    return this.inputs.ours.get(theirs) ?? theirs
  }

  ownOutput(theirs: string): string {
    return this.outputs.ours.get(theirs) ?? theirs
  }

  /** For messages. */
  get text(): string {
    return this.version === '' ? this.model : `${this.model}@${this.version}`
  }
}

class Names {
  readonly theirs: ReadonlyMap<string, string>
  readonly ours: ReadonlyMap<string, string>

  constructor(names: Readonly<Record<string, string>>) {
    const entries = Object.entries(names)
    this.theirs = new Map(entries)
    this.ours = new Map(entries.map(([ours, theirs]) => [theirs, ours]))
  }
}
