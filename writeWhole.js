/** Writes a file at once, since another process may be starting from the same folder. Makes its folder. */
const { mkdirSync, renameSync, writeFileSync } = require('node:fs')
const { dirname } = require('node:path')

module.exports = function writeWhole(path, content, options) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.${process.pid}`, content, options)
  renameSync(`${path}.${process.pid}`, path)
}
