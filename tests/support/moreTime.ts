import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'

/** Gives the requests of the project in a folder more time than a machine that is busy with tests may stall. */
export function giveMoreTime(folder: string): void {
  const file = join(folder, 'presage.yaml')
  const { server, ...sections } = parse(readFileSync(file, 'utf8'))
  writeFileSync(file, stringify({ server: { ...server, timeout: '20s' }, ...sections }))
}
