import { join } from 'node:path'
import { shortPath } from '../../lib/packagePaths'

describe('a path for people', () => {
  it('is relative to the working directory if it is inside it', () => {
    expect(shortPath(join(process.cwd(), 'models', 'a.yaml'))).toBe('models/a.yaml')
    expect(shortPath('/elsewhere/a.yaml')).toBe('/elsewhere/a.yaml')
    expect(shortPath(process.cwd())).toBe(process.cwd())
  })

  it('has control characters escaped', () => {
    expect(shortPath('/elsewhere/a\n\u001b[31m\u0085.yaml')).toBe('/elsewhere/a\\x0a\\x1b[31m\\x85.yaml')
  })
})
