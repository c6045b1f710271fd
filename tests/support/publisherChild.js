/** Publishes into a folder as fast as it can until it is killed. Arguments: the folder, a number of its own. */
const { openFileStore } = require('../../dist/routing/store/fileStore')

async function main() {
  const [folder, own] = process.argv.slice(2)
  const store = await openFileStore({ folder })
  for (let n = 0; ; n++) {
    const outcome = await store.publish({ text: JSON.stringify([own, n]), author: own, message: '' })
    process.send({ number: outcome.version.number, text: outcome.version.text })
  }
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
