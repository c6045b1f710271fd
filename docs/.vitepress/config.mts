import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { defineConfig } from 'vitepress'
import { headingAnchor } from './headingAnchor'

/** The repository. Its Markdown is the site: pages keep their places, so links between them are the same in both. */
const root = resolve(import.meta.dirname, '../..')

/** What the sidebar begins with, in this order. Other pages of `docs/` follow the guides. */
const tutorials = ['ui-backend', 'existing-graph', 'from-python']
const guides = [
  'install',
  'develop',
  'rules',
  'python',
  'federation',
  'resolvers',
  'clients',
  'operations',
  'deploy',
  'console',
  'remote',
  'scale',
  'workers',
  'cache',
  'trust',
]
const reference = [
  'schema',
  'manifest',
  'commands',
  'configuration',
  'limits',
  'metrics',
  'errors',
  'reliability',
  'architecture',
  'lifecycle',
  'performance',
]
const files = ['grafana/presage.json']

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="#3b5bdb" stroke-width="2"/><circle cx="8" cy="8" r="2" fill="#3b5bdb"/></svg>'

export default defineConfig({
  title: 'Presage',
  description: 'Machine-learned predictions as typed fields of a federated GraphQL graph',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  srcDir: '..',
  srcExclude: ['.presage/**', '.transpiled/**', 'templates/**', 'tests/fixtures/**'],
  rewrites: { 'README.md': 'index.md' },
  outDir: './.vitepress/dist',
  ignoreDeadLinks: 'localhostLinks',
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        _render: (source, env, markdown) =>
          isSearched(env.relativePath) ? markdown.render(source, env) : '',
        miniSearch: { options: { tokenize: wordsOf }, searchOptions: { boostDocument: weightOf } },
      },
    },
    outline: [2, 3],
    sidebar: [
      { text: 'Presage', link: '/' },
      { text: 'Tutorials', items: pages('docs/tutorials', tutorials) },
      { text: 'Guides', items: pages('docs', [...guides, ...others()]) },
      { text: 'Reference', items: pages('docs', reference) },
      { text: 'Decisions', collapsed: true, items: pages('docs/decisions', decisions()) },
      {
        text: 'The project',
        items: [...pages('.', ['CONTRIBUTING', 'CHANGELOG']), ...pages('examples', examples())],
      },
    ],
  },
  markdown: {
    anchor: { slugify: headingAnchor },
    config: (markdown) => markdown.core.ruler.push('links', rewriteLinks),
  },
  // This esbuild does not translate for older browsers, which are the default.
  vite: { build: { target: 'es2022' }, optimizeDeps: { esbuildOptions: { target: 'es2022' } } },
  buildEnd({ outDir }) {
    for (const file of files) {
      const target = join(outDir, 'docs', file)
      mkdirSync(dirname(target), { recursive: true })
      copyFileSync(join(root, 'docs', file), target)
    }
  },
})

/** What is for those who change Presage itself is left out of the search. */
function isSearched(path: string): boolean {
  return path === 'README.md' || path.startsWith('docs/') || path.startsWith('examples/')
}

/** Names such as `BAD_FEATURE` whole, beside their parts. Runs in the browser too, so it uses nothing from outside. */
function wordsOf(text: string): string[] {
  return text
    .split(/(?:(?!_)[\s\p{Z}\p{P}])+/u)
    .flatMap((word) => (word.includes('_') ? [word, ...word.split('_')] : [word]))
    .filter((word) => word !== '')
}

/** Tutorials come first and decisions last; error codes are explained by their own page. Runs in the browser. */
function weightOf(id: string, term: string): number {
  if (id.includes('/docs/decisions/')) return 0.1
  if (id.includes('/docs/errors.html') && term.includes('_')) return 10
  return id.includes('/docs/tutorials/') ? 3 : 1
}

function pages(folder: string, names: readonly string[]) {
  return names.map((name) => {
    const path = join(folder, name)
    return { text: titleOf(path), link: `/${path}` }
  })
}

function decisions(): readonly string[] {
  return namesIn('docs/decisions')
}

function others(): readonly string[] {
  return namesIn('docs').filter((name) => !guides.includes(name) && !reference.includes(name))
}

function namesIn(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'))
  return names.map((name) => name.replace(/\.md$/, '')).sort()
}

function examples(): readonly string[] {
  const folders = readdirSync(join(root, 'examples'))
  return folders
    .filter((name) => existsSync(join(root, 'examples', name, 'README.md')))
    .map((name) => `${name}/README`)
}

function titleOf(path: string): string {
  const [, title] = /^# (.*)$/m.exec(readFileSync(join(root, `${path}.md`), 'utf8'))!
  return title.replaceAll('`', '')
}

/** What is used of markdown-it's tokens. */
interface Token {
  readonly type: string
  children: Token[] | null
  attrGet(name: string): string | null
  attrSet(name: string, value: string): void
}

/**
 * The start page is the README. What is no page, such as source code, is not part of the site, so a link to it becomes
 * plain text.
 */
function rewriteLinks({ tokens, env }: { tokens: Token[]; env: { path?: string } }): void {
  const { path: page } = env
  if (page === undefined) return
  for (const token of tokens) {
    let isDropped = false
    token.children =
      token.children?.filter((child) => {
        if (child.type === 'link_open') {
          const href = child.attrGet('href')!
          const [path] = href.split('#')
          const target = relative(root, resolve(dirname(page), path))
          isDropped = !/^\w+:/.test(href) && path !== '' && !isServed(target)
          if (target === 'README.md') child.attrSet('href', href.replace('README.md', 'index.md'))
        }
        return !(isDropped && child.type.startsWith('link_'))
      }) ?? null
  }
}

function isServed(path: string): boolean {
  return path.endsWith('.md') || files.includes(relative('docs', path))
}
