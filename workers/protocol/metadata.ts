/** A model's tensors as the protocol tells them. */
export interface ModelTensors {
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
}

export interface TensorMetadata {
  readonly name: string
  readonly datatype: string
  /** -1: any size. */
  readonly shape: readonly number[]
}

/** A version that a Presage worker has loaded and found right by its golden cases. */
export interface VerifiedContent extends ModelTensors {
  /** Of all its files, by `contentHash`. */
  readonly sha256: string
}
