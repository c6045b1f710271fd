import { basename } from 'node:path'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import type { RepositoryReader } from '../apart/repositoryReader'
import type { Objective } from '../contracts/objective'
import { contractChange } from '../objectives/contractChange'
import type { Repository } from '../repository/repository'
import type { Found } from '../repository/repositoryChange'

/**
 * Objectives that were read once and are followed from then on. New ones are added, but known ones stay as they are,
 * because fields are compiled against them: a change or removal is reported as a problem.
 */
export class LiveObjectives {
  readonly byName: Map<string, Objective>
  /** Files of known objectives whose last look told of a difference or a problem. */
  private readonly differing = new Set<string>()
  /** The appearance of the files at the last look; at first, when they were read. */
  private files: ReadonlyMap<string, string>

  constructor(
    { objectives, appearances }: Repository,
    private readonly reader: RepositoryReader,
    /** A further check of a new objective. Returns problems. */
    private readonly check: (objective: Objective) => readonly string[],
  ) {
    this.byName = new Map(objectives)
    this.files = appearances.objectives
  }

  /** Reads the files that have changed since the last look. */
  async take(files: ReadonlyMap<string, string>, found: Found): Promise<void> {
    for (const [path, appearance] of files) {
      if (this.files.get(path) !== appearance) await this.read(path, found)
    }
    for (const path of this.files.keys()) {
      const file = shortPath(path)
      const objective = basename(path, '.yaml')
      // A file that was refused is not missed.
      if (files.has(path) || this.byName.get(objective)?.file !== file) continue
      const line = `${file}: must stay while this process runs, got no file; the loaded contract stays in effect`
      found({ is: 'contract', objective, lines: [line] })
      this.differing.add(path)
    }
    this.files = new Map(files)
  }

  private async read(path: string, found: Found): Promise<void> {
    const file = shortPath(path)
    const problems = (lines: readonly string[]) => {
      for (const line of lines) found({ is: 'problem', line })
    }
    const name = basename(path, '.yaml')
    const known = this.byName.get(name)
    const didDiffer = this.differing.delete(path)
    let objective: Objective
    try {
      objective = await this.reader.objective(path)
    } catch (error) {
      problems(error instanceof LoadError ? error.problems : [`${file}: ${(error as Error).message}`])
      if (known?.file !== file) return
      problems([stays(file)])
      this.differing.add(path)
      return
    }
    if (known === undefined) {
      const refusals = this.check(objective)
      problems(refusals)
      if (refusals.length > 0) return
      this.byName.set(name, objective)
      found({ is: 'objective', objective })
    } else if (known.file !== file) {
      problems([`${file}: objective: must be defined in one place only, got ${name} also in ${known.file}`])
    } else if (JSON.stringify(known) !== JSON.stringify(objective)) {
      found({ is: 'contract', objective: name, lines: changeLines(known, objective) })
      this.differing.add(path)
    } else if (didDiffer) {
      found({ is: 'contract restored', file })
    }
  }
}

function changeLines(before: Objective, after: Objective): readonly string[] {
  const { file } = after
  const broken = contractChange(before, after)
  if (broken.length === 0) {
    return [
      `${file}: has changed; fields are compiled against it, so the change takes effect at the next start`,
    ]
  }
  return [...broken.map((line) => `${file}: ${line}`), stays(file)]
}

function stays(file: string): string {
  return `${file}: the loaded contract stays in effect`
}
