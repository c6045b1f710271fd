/** Worker threads and processes run the compiled code of dist/, so `npm test` builds first; the tests import the sources. */
module.exports = {
  rootDir: '.',
  globalSetup: '<rootDir>/tests/temporaryFolder.js',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: '<rootDir>/tests/environment.js',
  testSequencer: '<rootDir>/tests/sequencer.js',
  // Jest runs each file in a context of its own, where a global costs a call. These are handed to each module instead. Not among
  // them is what tests replace (clocks and timers) and what packages declare again (process, Buffer).
  sandboxInjectedGlobals: [
    'Array',
    'BigInt',
    'Boolean',
    'Error',
    'Float32Array',
    'JSON',
    'Map',
    'Math',
    'Number',
    'Object',
    'Promise',
    'Reflect',
    'RegExp',
    'Set',
    'String',
    'Symbol',
    'TypeError',
    'Uint8Array',
    'WeakMap',
    'WeakSet',
  ],
  transform: {
    '^.+\\.[tj]s$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  // What takes one second takes many where tests share few cores.
  testTimeout: 120_000,
  maxWorkers: 2,
}
