const { TestEnvironment } = require('jest-environment-node')

/**
 * Jest gives each test file a realm of its own, with typed arrays that native code and messages from other threads do
 * not recognise as such. Here the tests share the constructors of the outer realm.
 */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup()
    for (const name of [
      'ArrayBuffer',
      'SharedArrayBuffer',
      'Uint8Array',
      'Int8Array',
      'Uint16Array',
      'Int16Array',
      'Uint32Array',
      'Int32Array',
      'Float32Array',
      'Float64Array',
      'BigInt64Array',
      'BigUint64Array',
    ]) {
      this.global[name] = globalThis[name]
    }
  }
}
