import { LoadError, show } from '../../../lib/errors'

/** How every CSV file is read: with a header of names that differ, since only one column of a name would be kept. */
export function csvOptions(where: string) {
  const columns = (header: string[]): string[] => {
    const twice = header.find((name, at) => header.indexOf(name) !== at)
    if (twice === undefined) return header
    throw new LoadError([`${where}: columns must have different names, got ${show(twice)} twice`])
  }
  return { columns, bom: true, skip_empty_lines: true }
}
