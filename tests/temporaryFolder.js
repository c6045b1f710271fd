const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

/** What tests and the processes that they start write for the time being is gone when Jest ends. */
module.exports = () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-tests-'))
  process.env.TMPDIR = folder
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
}
