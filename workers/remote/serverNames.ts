import type { RemoteNames } from '../../models/contracts/manifest'

/** What a server calls a version and its tensors. */
export class ServerNames {
  private readonly inputs: ReadonlyMap<string, string>
  private readonly outputs: ReadonlyMap<string, string>
  private readonly ownInputs: ReadonlyMap<string, string>
  private readonly ownOutputs: ReadonlyMap<string, string>

  private constructor(
    readonly model: string,
    /** Empty: the server chooses. */
    readonly version: string,
    /** What it is asked to load, if it has to be asked. */
    readonly loadable: string,
    { inputs = {}, outputs = {} }: RemoteNames,
  ) {
    this.inputs = new Map(Object.entries(inputs))
    this.outputs = new Map(Object.entries(outputs))
    this.ownInputs = turned(this.inputs)
    this.ownOutputs = turned(this.outputs)
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
    return this.inputs.get(own) ?? own
  }

  output(own: string): string {
    return this.outputs.get(own) ?? own
  }

  ownInput(theirs: string): string {
    return this.ownInputs.get(theirs) ?? theirs
  }

  ownOutput(theirs: string): string {
    return this.ownOutputs.get(theirs) ?? theirs
  }

  /** For messages. */
  get text(): string {
    return this.version === '' ? this.model : `${this.model}@${this.version}`
  }
}

function turned(names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...names].map(([own, theirs]) => [theirs, own]))
}
