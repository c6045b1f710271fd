import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** The relative links of all Markdown pages in a folder that lead to no file, or to no heading of a page. */
export function deadLinks(folder: string): readonly string[] {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.md') && !path.includes('node_modules'),
  )
  return pages.flatMap((path) => {
    const page = join(folder, path)
    return linksOf(readFileSync(page, 'utf8'))
      .filter((link) => !leads(page, link))
      .map((link) => `${relative(folder, page)}: ${link}`)
  })
}

function linksOf(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
}

function leads(page: string, link: string): boolean {
  const [path, anchor] = link.split('#')
  const file = path === '' ? page : resolve(dirname(page), path)
  if (!existsSync(file)) return false
  if (anchor === undefined || !statSync(file).isFile() || !file.endsWith('.md')) return true
  const headings = withoutCode(readFileSync(file, 'utf8')).matchAll(/^#+ (.+)$/gm)
  return [...headings].some(([, heading]) => anchorOf(heading) === anchor)
}

function withoutCode(text: string): string {
  return text.replace(/^ *```.*?^ *```/gms, '')
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}
