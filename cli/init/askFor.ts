import { openAsking } from '../terminal/asking'
import { type TemplateName, templates } from './templates'

/** Asks at a terminal for what the command line leaves open. Rejects with a LoadError if the questions are left. */
export async function askFor(
  name: string | undefined,
  template: TemplateName | undefined,
): Promise<{ readonly name: string; readonly template: TemplateName }> {
  const terminal = openAsking()
  try {
    const named = name ?? ((await terminal.ask('Name of the project (shop): ')).trim() || 'shop')
    return { name: named, template: template ?? (await askForTemplate(terminal.ask)) }
  } finally {
    terminal.close()
  }
}

async function askForTemplate(question: (text: string) => Promise<string>): Promise<TemplateName> {
  const names = Object.keys(templates) as TemplateName[]
  const lines = names.map((name, place) => `  ${place + 1}  ${name}: ${templates[name]}\n`)
  for (;;) {
    const answer = (await question(`${lines.join('')}Template (1): `)).trim() || '1'
    const chosen = names.find((name, place) => answer === name || answer === String(place + 1))
    if (chosen !== undefined) return chosen
  }
}
