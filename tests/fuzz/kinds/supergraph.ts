import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { defaultLimits } from '../../../gateway/limits/limits'
import { createSwappingGateway } from '../../../gateway/supergraph/swappingGateway'
import { LoadError } from '../../../lib/errors'
import { packageRoot } from '../../../lib/packagePaths'
import { editedText } from '../arbitraries'
import { editedBytes } from '../inputs/editedBytes'
import { type Kind, kindOf, type Outcome } from './kind'

/** A small supergraph that uses most of what a composed one may. */
const small = `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION) { query: Query }
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://127.0.0.1:1/graphql") B @join__graph(name: "b", url: "") }
interface Node @join__type(graph: A) { id: ID! }
type Thing implements Node @join__implements(graph: A, interface: "Node") @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", extension: true) {
  id: ID! size: Int @join__field(graph: A) @join__field(graph: B, external: true)
  label(of: Kind = ONE, by: [By!]): String @join__field(graph: B, requires: "size") secret: String @inaccessible @join__field(graph: A) }
union Any @join__type(graph: A) @join__unionMember(graph: A, member: "Thing") = Thing
enum Kind @join__type(graph: B) { ONE @join__enumValue(graph: B) TWO @join__enumValue(graph: B) }
input By @join__type(graph: B) { kind: Kind = ONE more: [By!] }
directive @inaccessible on FIELD_DEFINITION | OBJECT
type Query @join__type(graph: A) @join__type(graph: B) { things(first: Int = 3): [Thing!]! @join__field(graph: A) any: Any @join__field(graph: A) node: Node @join__field(graph: A) }
`

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\bThing\b/, 'Query'],
  [/\bThing\b/, '__proto__'],
  [/\bNode\b/, 'Thing'],
  [/\bThing\b/, 'Node'],
  [/"id"/, '"id { id }"'],
  [/"id"/, '""'],
  [/"id"/, '"{"'],
  [/"size"/, '"... on Thing { size }"'],
  [/"size"/, '"label(of: ONE) size"'],
  [/graph: A/, 'graph: C'],
  [/graph: A/, 'graph: "A"'],
  [/graph: A/, 'graph: null'],
  [/key: "id"/, 'key: 3'],
  [/Int/, 'Missing'],
  [/Int/, 'By'],
  [/String/, '[[String!]!]!'],
  [/= ONE/, '= THREE'],
  [/= ONE/, '= {a: [1]}'],
  [/= 3/, '= "3"'],
  [/type/, 'extend type'],
  [/url: "[^"]*"/, 'url: "file:///etc/passwd"'],
  [/url: "[^"]*"/, 'url: "http://[::1"'],
  [/name: "a"/, 'name: "__proto__"'],
  [/name: "a"/, 'name: "b"'],
  [/\{/, '@deprecated(reason: 3) {'],
  [/\[By!\]/, 'By!'],
  [/join\/v0\.[0-9]/, 'join/v9.9'],
  [/ID/, '__Type'],
  [/@join__type/, '@join__type @join__type'],
  [/first/, '__first'],
]

/** Supergraphs as a file may hold them: an edited one is served, or refused with lines for people. */
export async function startSupergraph(): Promise<Kind> {
  const sources = [small, readFileSync(join(packageRoot, 'schema/supergraph.graphql'), 'utf8')]
  const source = fc.oneof(
    { weight: 9, arbitrary: fc.constant(sources[0]) },
    { weight: 1, arbitrary: fc.constant(sources[1]) },
  )
  const replaced = fc
    .tuple(
      source,
      fc.array(fc.tuple(fc.constantFrom(...replacements), fc.nat(30)), { minLength: 1, maxLength: 3 }),
    )
    .map(([text, all]) => all.reduce((result, [[what, by], nth]) => replaceNth(result, what, by, nth), text))
  const inputs = fc.oneof(
    { weight: 3, arbitrary: source.chain((text) => editedText([text])) },
    { weight: 4, arbitrary: replaced },
    {
      weight: 1,
      arbitrary: editedBytes(source.map((text) => Buffer.from(text))).map((bytes) => bytes.toString()),
    },
    { weight: 1, arbitrary: fc.tuple(replaced, replaced).map(([one, two]) => one + two) },
  )
  const feed = (supergraphSdl: string): Outcome => {
    try {
      createSwappingGateway({ supergraphSdl, executorFor: () => executor, limits: defaultLimits })
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      if (error.problems.length === 0 || error.problems.some((problem) => problem === '')) throw error
      const bug = error.problems.find((problem) => isOurSlip.test(problem))
      if (bug !== undefined) throw new Error(`a slip of the reader is told as one of the file: ${bug}`)
      return 'refused'
    }
    return 'taken'
  }
  return kindOf({ inputs, feed, limitMs: 5000, show: (text) => text.slice(0, 6000) })
}

/** What the engine says where code did not expect what came. */
const isOurSlip =
  /Cannot read properties|is not a function|is not iterable|undefined \(reading|Maximum call stack|Invariant|must never/i

const executor = {
  execute: async () => ({ data: null }),
}

function replaceNth(text: string, what: RegExp, by: string, nth: number): string {
  const places = [...text.matchAll(new RegExp(what, 'g'))]
  if (places.length === 0) return text
  const { index, 0: found } = places[nth % places.length]
  return text.slice(0, index) + by + text.slice(index + found.length)
}
