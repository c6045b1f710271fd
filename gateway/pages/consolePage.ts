import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { compiledFile } from '../../lib/packagePaths'
import { type KeptPage, keptPage, policyOf } from './page'
import { packPage } from './pageContent'

/**
 * The console at /console: one page that a build made of `console/page`, without any data. It loads nothing from other
 * hosts, and its content security policy allows no script and no style but its own. Read and compressed on first request.
 * `hasIde` says whether its links to the IDE lead somewhere.
 */
export function createConsolePage(hasIde: boolean): KeptPage {
  return keptPage(async () => {
    const html = await readFile(compiledFile('console/page/index.html'), 'utf8')
    const policy = policyOf(
      `script-src ${digest(html, 'script')}`,
      `style-src ${digest(html, 'style')}`,
      "connect-src 'self'",
      'img-src data:',
    )
    return { ...(await packPage(hasIde ? html.replace('<html ', '<html data-ide ') : html)), policy }
  })
}

/** The source of a policy that allows what is between the tags of an element, and nothing else. */
function digest(html: string, element: string): string {
  const text = html.slice(html.indexOf(`<${element}>`) + element.length + 2, html.indexOf(`</${element}>`))
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
