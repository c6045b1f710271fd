import type { GraphSource, Thing, Values } from './graph'
import { json, long, mark, scalarLiterals, scalarValues } from './scalars'
import { entity, lookup, part, show } from './things'

/**
 * Fields that require fields of other subgraphs, to and fro and over several hops; several keys, of several fields and of fields below
 * others; @provides, @shareable, @override, @interfaceObject; a field with @requires that is reached through an interface; fields that
 * require different parts of the same object, and of an interface.
 */
const productQueries = `
    product(sku: ID!, region: ID! = "eu"): Product
    products(first: Int = 3): [Product!]!
    byCode(org: ID!, code: Int!): Product
    assets: [Asset]
    asset(id: ID! = "t1"): Asset
    labels(input: LabelInput, inputs: [LabelInput!] = [{ text: "x" }]): String`
const pricingQueries = `
    offers(max: Float): [Offer!]
    cheapest: Product!`
const stockQueries = `
    shelves: [Shelf!]!
    stocked(min: Int = 0): [Stocked]
    bin(id: ID!): Bin`
const auditQueries = `
    audited(first: Int): [Asset!]
    inspectors: [Org]`
const productMutations = `
    relabel(sku: ID!, region: ID = "eu", label: LabelInput!): Product
    scrap(id: ID!): Asset`
const stockMutations = `
    move(upc: ID!, by: Int! = 1): Move
    reset: Int`
const inputs = `
  scalar Long
  scalar Mark
  scalar Json
  enum Style { SHORT LONG }
  input LabelInput { text: String! style: Style = SHORT parts: [LabelPart!] = [{ at: 1 }] meta: Json mark: Mark }
  input LabelPart { at: Int! text: String = "t" big: Long inner: LabelPart }`

const orgs = [
  entity('Org', 'o1', { name: 'Acme', debt: 1.5, auditsDone: 3 }),
  entity('Org', 'o2', { name: 'Umb\\rella', debt: null, auditsDone: null }),
]
const product = (sku: string, region: string, upc: string, org: string, data: Values): Thing => ({
  __typename: 'Product',
  key: upc,
  sku,
  region,
  upc,
  org,
  ...data,
})
const products = [
  product('s1', 'eu', 'u1', 'o1', {
    code: 1,
    name: 'Nut',
    weight: 2.5,
    dims: [1, 2, 3],
    seats: 7,
    category: 'c1',
    basePrice: 10,
    currency: 'EUR',
    amount: 4,
    similar: ['u2', 'u1'],
    serial: '99999999999999999999',
  }),
  product('s1', 'us', 'u2', 'o1', {
    code: 2,
    name: 'Nut US',
    weight: null,
    dims: [4, null, 6],
    decks: 3,
    category: 'c2',
    basePrice: 12,
    currency: 'USD',
    amount: null,
    similar: null,
    serial: '1',
  }),
  product('s2', 'eu', 'u3', 'o2', {
    code: 1,
    name: '',
    weight: 0,
    dims: null,
    category: null,
    basePrice: 0,
    currency: null,
    amount: 0,
    similar: [],
    serial: null,
  }),
]
const assets = [
  entity('Truck', 't1', { name: 'Tatra', wheels: 6, load: ['u1', null], risk: 0.25, audits: 2 }),
  entity('Truck', 't2', { name: null, wheels: null, load: null, risk: null, audits: 0 }),
  entity('Crane', 'k1', { name: 'Karl', height: 30.5, risk: 1, audits: 3 }),
]
const bins = [
  entity('Bin', 'n1', { amount: 7, urgency: 'low' }),
  entity('Bin', 'n2', { amount: null, urgency: null }),
]
const things = [...orgs, ...products, ...assets, ...bins]
const { one, all } = lookup(things)
const categories: Readonly<Record<string, string>> = { c1: 'Small parts', c2: 'Parts' }

const ordersOf = (it: Thing) =>
  it.__typename === 'Product' && it['amount'] === null
    ? null
    : [1, 2].map((n) =>
        part('Order', it, n, {
          id: `${it.key}-${n}`,
          product: it.__typename === 'Product' ? it.key : 'u3',
          buyer: 'o2',
          quantity: n * 5,
        }),
      )

export const warehouse: GraphSource = {
  name: 'warehouse',
  whole: `
    type Query {${productQueries}${pricingQueries}${stockQueries}${auditQueries} }
    type Mutation {${productMutations}${stockMutations} }
    ${inputs}
    interface Stocked { amount: Int urgency: String }
    type Product implements Stocked {
      sku: ID! region: ID! upc: ID! org: Org! code: Int! name: String! weight: Float dims: Dims currency: String
      label(style: Style = LONG): String category: Category similar: [Product!] serial: Long
      shipping: Float basePrice: Int! tax: Float sticker: String rating: Float
      volume: Float freight: String toll: String carrier: Carrier
      amount: Int urgency: String orders: [Order!] moves: Int!
    }
    type Dims { w: Int h: Int d: Int }
    interface Carrier { code: String }
    type Van implements Carrier { code: String seats: Int }
    type Ship implements Carrier { code: String decks: Int }
    type Category { code: String title: String }
    type Org { id: ID! name: String! products: [Product!]! debt: Float orders: [Order] auditsDone: Int }
    type Bin implements Stocked { id: ID! amount: Int urgency: String }
    interface Asset { id: ID! name: String audits(first: Int = 1): [Audit!]! risk(level: Level = LOW): Float }
    type Truck implements Asset { id: ID! name: String wheels: Int load: [Product] audits(first: Int = 1): [Audit!]! risk(level: Level = LOW): Float }
    type Crane implements Asset { id: ID! name: String height: Float! audits(first: Int = 1): [Audit!]! risk(level: Level = LOW): Float }
    enum Level { LOW HIGH }
    type Audit { at: Int asset: Asset inspector: Org }
    type Offer { product: Product discount: Float note(style: Style): String }
    type Shelf { id: ID! product: Product items: [Stocked!] }
    type Order { id: ID! product: Product buyer: Org quantity: Int! }
    type Move { product: Product! step: Int! }`,
  subgraphs: {
    products: `
      type Query {${productQueries} }
      type Mutation {${productMutations} }
      ${inputs}
      type Product @key(fields: "sku region") @key(fields: "upc") @key(fields: "org { id } code") {
        sku: ID! region: ID! upc: ID! org: Org! code: Int! name: String! weight: Float dims: Dims currency: String @shareable
        shipping: Float @external
        label(style: Style = LONG): String @requires(fields: "shipping")
        category: Category similar: [Product!] serial: Long carrier: Carrier
      }
      type Dims @shareable { w: Int h: Int d: Int }
      interface Carrier { code: String }
      type Van implements Carrier @shareable { code: String seats: Int }
      type Ship implements Carrier @shareable { code: String decks: Int }
      type Category @shareable { code: String title: String }
      type Org @key(fields: "id") { id: ID! name: String! products: [Product!]! }
      interface Asset @key(fields: "id") { id: ID! name: String }
      type Truck implements Asset @key(fields: "id") { id: ID! name: String wheels: Int load: [Product] }
      type Crane implements Asset @key(fields: "id") { id: ID! name: String height: Float! }`,
    pricing: `
      type Query {${pricingQueries} }
      enum Style { SHORT LONG }
      type Product @key(fields: "sku region") {
        sku: ID! region: ID!
        weight: Float @external dims: Dims @external category: Category @external label(style: Style = LONG): String @external
        currency: String @shareable carrier: Carrier @external
        shipping: Float @requires(fields: "weight dims { w h }")
        basePrice: Int! @shareable
        tax: Float @requires(fields: "category { code }")
        sticker: String @requires(fields: "label")
        volume: Float @requires(fields: "dims { d w }")
        freight: String @requires(fields: "carrier { code ... on Van { seats } }")
        toll: String @requires(fields: "carrier { ... on Ship { decks } }")
        rating: Float @override(from: "stock")
      }
      type Dims @shareable { w: Int h: Int d: Int }
      interface Carrier { code: String }
      type Van implements Carrier @shareable { code: String seats: Int }
      type Ship implements Carrier @shareable { code: String decks: Int }
      type Category @shareable { code: String title: String }
      type Offer { product: Product discount: Float note(style: Style): String }`,
    stock: `
      type Query {${stockQueries} }
      type Mutation {${stockMutations} }
      interface Stocked { amount: Int urgency: String }
      type Product implements Stocked @key(fields: "upc") {
        upc: ID! amount: Int shipping: Float @external name: String! @external basePrice: Int! @external
        urgency: String @requires(fields: "shipping name")
        rating: Float orders: [Order!] moves: Int!
      }
      type Bin implements Stocked @key(fields: "id") { id: ID! amount: Int urgency: String }
      type Shelf { id: ID! product: Product @provides(fields: "basePrice") items: [Stocked!] }
      type Order { id: ID! product: Product buyer: Org quantity: Int! }
      type Move { product: Product! step: Int! }
      type Org @key(fields: "id") { id: ID! debt: Float orders: [Order] }`,
    audit: `
      type Query {${auditQueries} }
      enum Level { LOW HIGH }
      type Asset @key(fields: "id") @interfaceObject { id: ID! audits(first: Int = 1): [Audit!]! risk(level: Level = LOW): Float }
      type Audit { at: Int asset: Asset inspector: Org }
      type Org @key(fields: "id") { id: ID! auditsDone: Int }`,
  },
  things,
  fields: {
    Query: {
      product: (_, { sku, region }) =>
        products.find((it) => it['sku'] === sku && it['region'] === region) ?? null,
      products: (_, { first }) => products.slice(0, Math.max(0, Number(first ?? 1))),
      byCode: (_, { org, code }) => products.find((it) => it['org'] === org && it['code'] === code) ?? null,
      assets: () => [assets[0], assets[2], null, assets[1]],
      asset: (_, { id }) => assets.find(({ key }) => key === id) ?? null,
      labels: (_, args) => show(args),
      offers: (_, { max }) =>
        [products[2], products[0]]
          .filter((it) => max === undefined || max === null || Number(it['basePrice']) <= Number(max))
          .map((it) => ({
            __typename: 'Offer',
            key: `offer ${it.key}`,
            product: it.key,
            discount: Number(it['basePrice']) / 4,
          })),
      cheapest: () => products[2],
      shelves: () =>
        ['u1', 'u3', null].map((of, i) => ({
          __typename: 'Shelf',
          key: `shelf ${i}`,
          id: `h${i}`,
          product: of,
          items: of === null ? null : ['n1', of, 'u2'],
        })),
      stocked: (_, { min }) =>
        [products[0], bins[0], null, products[2], bins[1]].filter(
          (it) => it === null || Number(it['amount']) >= Number(min ?? 1),
        ),
      bin: (_, { id }) => bins.find(({ key }) => key === id) ?? null,
      audited: (_, { first }) => assets.slice(0, Math.max(0, Number(first ?? 2))),
      inspectors: () => [orgs[1], null, orgs[0]],
    },
    Mutation: {
      relabel: (_, { sku }) => products.find((it) => it['sku'] === sku) ?? null,
      scrap: (_, { id }) => assets.find(({ key }) => key === id) ?? null,
      move: (_, { upc }, { log }) => {
        const it = products.find(({ key }) => key === upc)
        return it
          ? { __typename: 'Move', key: `move ${log.length}`, product: it.key, step: log.length }
          : null
      },
      reset: (_, __, { log }) => log.length,
    },
    Product: {
      org: (it) => one(it['org']),
      dims: (it) => {
        const dims = it['dims'] as readonly (number | null)[] | null
        return dims && part('Dims', it, 'dims', { w: dims[0], h: dims[1], d: dims[2] })
      },
      category: (it) =>
        it['category'] === null
          ? null
          : part('Category', it, 'category', {
              code: it['category'],
              title: categories[String(it['category'])],
            }),
      similar: (it) => all(it['similar']),
      carrier: (it) => {
        const { seats, decks } = it
        if (seats !== undefined) return part('Van', it, 'carrier', { code: `van of ${it.key}`, seats })
        return decks === undefined ? null : part('Ship', it, 'carrier', { code: null, decks })
      },
      label: (it, { style }, _, { shipping }) => `${it.key} ships for ${show(shipping)} ${style ?? 'so'}`,
      shipping: (_, __, ___, { weight, dims }) => {
        const { w, h } = (dims ?? {}) as Values
        return weight === null || weight === undefined
          ? null
          : Number(weight) + Number(w ?? 0) * 10 + Number(h ?? 0) * 100
      },
      tax: (_, __, ___, { category }) =>
        category ? ((category as Values)['code'] === 'c1' ? 0.1 : 0.2) : category === null ? -1 : -2,
      volume: (_, __, ___, { dims }) => {
        const { d, w } = (dims ?? {}) as Values
        return d === undefined || d === null ? null : Number(d) * Number(w ?? 0)
      },
      freight: (_, __, ___, { carrier }) => `freight ${show(carrier)}`,
      toll: (_, __, ___, { carrier }) => `toll ${show(carrier)}`,
      sticker: (_, __, ___, { label }) => `sticker: ${show(label)}`,
      rating: (it) => Number(it['basePrice']) / 3,
      urgency: (it, _, __, { shipping, name }) => `${show(name)} ${show(shipping)} ${show(it['amount'])}`,
      orders: ordersOf,
      moves: (_, __, { log }) => log.filter((entry) => entry.startsWith('move')).length,
    },
    Org: {
      products: (it) => products.filter(({ org }) => org === it.key),
      orders: (it) => (it['debt'] === null ? [null] : ordersOf(it)),
    },
    Asset: {
      audits: (it, { first }) =>
        Array.from({ length: Math.max(0, Math.min(Number(it['audits']), Number(first ?? 5))) }, (_, i) =>
          part('Audit', it, i, { at: i, of: it.key, inspector: i === 1 ? null : 'o1' }),
        ),
      risk: (it, { level }) => (it['risk'] === null ? null : Number(it['risk']) * (level === 'HIGH' ? 2 : 1)),
    },
    Truck: { load: (it) => all(it['load']) },
    Audit: { asset: (it) => one(it['of']), inspector: (it) => one(it['inspector']) },
    Offer: { product: (it) => one(it['product']), note: (it, args) => `${it.key} ${show(args)}` },
    Shelf: { product: (it) => one(it['product']), items: (it) => all(it['items']) },
    Order: { product: (it) => one(it['product']), buyer: (it) => one(it['buyer']) },
    Move: { product: (it) => one(it['product']) },
  },
  scalars: { Long: long, Mark: mark, Json: json },
  literals: scalarLiterals,
  variableValues: scalarValues,
  samples: {
    sku: ['s1', 's2'],
    region: ['eu', 'us'],
    upc: ['u1', 'u2', 'u3'],
    org: ['o1', 'o2'],
    code: [1, 2],
    id: ['t1', 't2', 'k1', 'n1', 'n2'],
    'asset.id': ['t1', 't2', 'k1'],
    'scrap.id': ['t1', 't2', 'k1'],
    'bin.id': ['n1', 'n2'],
    min: [0, 0, 1],
    max: [5, 10, 100],
    first: [0, 1, 2, 3, 3],
  },
}
