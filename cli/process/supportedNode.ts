/**
 * Import this before everything else, which may need what an older Node does not have. The lowest version is that of
 * `engines` in package.json.
 */
const lowest = [20, 10] as const

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < lowest[0] || (major === lowest[0] && minor < lowest[1])) {
  process.stderr.write(`Presage needs Node ${lowest.join('.')} or newer, got ${process.versions.node}\n`)
  process.exit(1)
}
