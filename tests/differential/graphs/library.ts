import type { GraphSource, Thing, Values } from './graph'
import { json, long, mark, scalarLiterals, scalarValues } from './scalars'
import { entity, lookup, part, show } from './things'

/**
 * Interfaces and unions across subgraphs: unions of which each subgraph knows other members, fields that are stricter on a type than on
 * its interface, interfaces with types in several subgraphs, entities reached through them; mutations in two subgraphs.
 */
const inputs = `
  scalar Long
  scalar Mark
  scalar Json
  enum Kind { BOOK FILM PERSON }
  input Range { from: Int! = 1 to: Int }
  input BookFilter {
    text: String = "a" minPages: Int = 0 kinds: [Kind!] tags: [[String]] and: BookFilter range: Range = { from: 2 } mark: Mark any: Json
  }
  input NewBook { title: String! pages: Int = 10 by: [ID!] range: Range! = { to: 3 } mark: Mark }
  input Pick @oneOf { id: ID index: Int range: Range list: [Int!] }
`
const catalogQueries = `
    book(id: ID!): Book
    books(first: Int = 3, filter: BookFilter): [Book!]!
    person(id: ID!): Person
    people(ids: [ID!] = ["p1", "p2"]): [Person]
    media(id: ID = "f1"): Media
    anything(kinds: [Kind!] = [BOOK, FILM]): [Thing]
    node(id: ID!): Node
    nodes(ids: [ID]!): [Node!]
    echo(
      text: String n: Int x: Float flag: Boolean id: ID kind: Kind filter: BookFilter pick: Pick many: [[Int]] xs: [Float!] big: Long
      mark: Mark any: Json
    ): String
    strict(n: Int! = 7, kinds: [Kind!]! = [PERSON], texts: [String]! = ["x", null]): String!`
const reviewQueries = `
    search(text: String = "e", limit: Int = 4): [Hit]
    latest: Review`
const shopQueries = `
    priced(max: Float): [Priced!]!
    stuff: [Stuff]
    pets: [Node]`
const catalogMutations = `
    rename(id: ID!, title: String = "untitled"): Book
    publish(book: NewBook!): Publication!`
const shopMutations = `
    buy(id: ID!, count: Int = 1): Sale
    refund(id: ID!): Sale!`

const people = [
  entity('Person', 'p1', {
    name: 'Ann',
    favorite: 'f1',
    works: ['b1', 'f2'],
    born: 1950,
    rating: 4.5,
    friends: ['p2', null, 'p1'],
    pet: 'd1',
    stuff: ['d1', 'b2', 'p2'],
    credit: 3,
  }),
  entity('Person', 'p2', {
    name: 'Bob',
    favorite: 'b2',
    works: [],
    born: null,
    rating: -0.5,
    friends: ['p1'],
    pet: null,
    stuff: null,
    credit: null,
  }),
  entity('Person', 'p3', {
    name: 'Cle"o\u0010\\',
    favorite: null,
    works: ['f1', 'b3'],
    born: 1999,
    rating: 1e21,
    friends: null,
    pet: 'd2',
    stuff: [null],
    credit: 0,
  }),
]
const books = [
  entity('Book', 'b1', {
    title: 'Dune',
    pages: 412,
    author: 'p1',
    sequel: 'b2',
    related: ['f1', 'b2'],
    reviewers: ['p2', 'p1'],
    price: 10,
    stock: 3,
    size: '9007199254740993',
  }),
  entity('Book', 'b2', {
    title: null,
    pages: 0,
    author: 'p2',
    sequel: null,
    related: null,
    reviewers: [],
    price: 0.1,
    stock: 0,
    size: '7',
  }),
  entity('Book', 'b3', {
    title: 'Émile 😀',
    pages: 70,
    author: null,
    sequel: 'b1',
    related: ['b1', 'b3', 'f2'],
    reviewers: ['p3'],
    price: null,
    stock: 12,
    size: null,
  }),
]
const films = [
  entity('Film', 'f1', {
    title: 'Alien',
    length: 117,
    director: 'p1',
    related: ['b1'],
    reviewers: ['p1'],
    price: 4.25,
    stock: null,
    size: '-12345678901234567890',
  }),
  entity('Film', 'f2', {
    title: '',
    length: 0.5,
    director: null,
    related: [],
    reviewers: ['p2', 'p3'],
    price: 1e-7,
    stock: 1,
    size: '0',
  }),
]
const pets = [
  entity('Pet', 'd1', { name: 'Rex', owner: 'p1', price: 99, stock: 1, kind: 'dog' }),
  entity('Pet', 'd2', { name: null, owner: null, price: null, stock: null, kind: null }),
]
const things = [...people, ...books, ...films, ...pets]
const { one, all } = lookup(things)
const catalogued = [...books, ...films, ...people]

const kinds: Readonly<Record<string, string>> = { Book: 'BOOK', Film: 'FILM', Person: 'PERSON' }
const reviewsOf = (it: Thing, first: unknown) =>
  (it['reviewers'] as string[])
    .slice(0, Math.max(0, Number(first)))
    .map((by, i) => part('Review', it, i, { stars: i + 3, by, about: it.key, words: `good ${i}` }))
const priceOf = (it: Thing, { in: currency, discount }: Values) => {
  if (it['price'] === null) return null
  return (
    Number(it['price']) * (currency === 'EUR' ? 1 : currency === 'USD' ? 1.25 : 10) - Number(discount ?? 0)
  )
}

export const library: GraphSource = {
  name: 'library',
  whole: `
    type Query {${catalogQueries}${reviewQueries}${shopQueries} }
    type Mutation {${catalogMutations} review(about: ID!, stars: Int = 5, text: String): Review ${shopMutations} }
    ${inputs}
    enum Style { PLAIN LOUD }
    enum Currency { EUR USD NOK }
    interface Node { id: ID! }
    interface Media implements Node { id: ID! title: String related: [Media!] size: Long }
    interface Titled { title: String }
    interface Priced { price(in: Currency = EUR, discount: Float): Float stock: Int }
    type Book implements Node & Media & Titled & Priced {
      id: ID! title: String pages: Int! author: Person sequel: Book related: [Media!] size: Long blurb(style: Style = PLAIN, to: String): String
      reviews(first: Int = 2): [Review!]! verdict(of: String): String
      price(in: Currency = EUR, discount: Float): Float stock: Int! sold: Int!
    }
    type Film implements Node & Media & Titled & Priced {
      id: ID! title: String! length: Float director: Person related: [Media!] size: Long
      reviews(first: Int = 1): [Review!] verdict: Float
      price(in: Currency = EUR, discount: Float): Float stock: Int sold: Int
    }
    type Person implements Node {
      id: ID! name: String! favorite: Media works: [Media!]
      born: Int rating: Float friends: [Person] reviewed: [Titled!]
      pet: Pet stuff: [Stuff!] credit: Int
    }
    type Pet implements Node & Priced { id: ID! name: String owner: Person price(in: Currency = EUR, discount: Float): Float stock: Int kind: String }
    type Review { stars: Int! text(style: Style = PLAIN): String by: Person about: Titled on: Reviewed }
    type Publication { book: Book text: String! at: Int! }
    type Sale { item: Priced buyer: Person step: Int! }
    union Thing = Book | Film | Person
    union Reviewed = Book | Film
    union Hit = Review | Person | Film
    union Stuff = Person | Pet | Book`,
  subgraphs: {
    catalog: `
      type Query {${catalogQueries} }
      type Mutation {${catalogMutations} }
      ${inputs}
      enum Style { PLAIN LOUD }
      interface Node { id: ID! }
      interface Media implements Node { id: ID! title: String related: [Media!] size: Long }
      type Book implements Node & Media @key(fields: "id") {
        id: ID! title: String pages: Int! author: Person sequel: Book related: [Media!] size: Long blurb(style: Style = PLAIN, to: String): String
      }
      type Film implements Node & Media @key(fields: "id") {
        id: ID! title: String! length: Float director: Person related: [Media!] size: Long
      }
      type Person implements Node @key(fields: "id") { id: ID! name: String! favorite: Media works: [Media!] }
      union Thing = Book | Film | Person
      type Publication { book: Book text: String! at: Int! }`,
    reviews: `
      type Query {${reviewQueries} }
      type Mutation { review(about: ID!, stars: Int = 5, text: String): Review }
      enum Style { PLAIN LOUD }
      interface Titled { title: String }
      type Book implements Titled @key(fields: "id") {
        id: ID! title: String @external reviews(first: Int = 2): [Review!]! verdict(of: String): String
      }
      type Film implements Titled @key(fields: "id") { id: ID! title: String! @external reviews(first: Int = 1): [Review!] verdict: Float }
      type Person @key(fields: "id") { id: ID! born: Int rating: Float friends: [Person] reviewed: [Titled!] }
      type Review { stars: Int! text(style: Style = PLAIN): String by: Person about: Titled on: Reviewed }
      union Reviewed = Book | Film
      union Hit = Review | Person | Film`,
    shop: `
      type Query {${shopQueries} }
      type Mutation {${shopMutations} }
      enum Currency { EUR USD NOK }
      interface Node { id: ID! }
      interface Priced { price(in: Currency = EUR, discount: Float): Float stock: Int }
      type Book implements Priced @key(fields: "id") { id: ID! price(in: Currency = EUR, discount: Float): Float stock: Int! sold: Int! }
      type Film implements Priced @key(fields: "id") { id: ID! price(in: Currency = EUR, discount: Float): Float stock: Int sold: Int }
      type Pet implements Node & Priced @key(fields: "id") {
        id: ID! name: String owner: Person price(in: Currency = EUR, discount: Float): Float stock: Int kind: String
      }
      type Person @key(fields: "id") { id: ID! pet: Pet stuff: [Stuff!] credit: Int }
      union Stuff = Person | Pet | Book
      type Sale { item: Priced buyer: Person step: Int! }`,
  },
  things,
  fields: {
    Query: {
      book: (_, { id }) => only('Book', one(id)),
      books: (_, { first, filter }) =>
        books
          .slice(0, Math.max(0, Number(first ?? 2)))
          .filter((it) => Number(it['pages']) >= Number((filter as Values | null)?.['minPages'] ?? 0)),
      person: (_, { id }) => only('Person', one(id)),
      people: (_, { ids }) => (all(ids) ?? people).map((it) => only('Person', it)),
      media: (_, { id }) => onlyMedia(one(id)),
      anything: (_, { kinds: wanted }) =>
        wanted
          ? catalogued.filter((it) => (wanted as string[]).includes(kinds[it.__typename]))
          : [null, books[0], films[1]],
      node: (_, { id }) => catalogued.find((it) => it.key === id) ?? null,
      nodes: (_, { ids }) => (ids as unknown[]).flatMap((id) => catalogued.filter((it) => it.key === id)),
      echo: (_, args) => show(args),
      strict: (_, args) => show(args),
      search: (_, { text, limit }) =>
        [reviewsOf(books[0], 1)[0], people[0], null, films[0], people[2], films[1]]
          .slice(0, Number(limit ?? 6))
          .filter((it) => it === null || text !== '' || it.__typename !== 'Film'),
      latest: () => reviewsOf(books[2], 1)[0],
      priced: (_, { max }) =>
        [books[1], pets[0], films[0], books[0], pets[1]].filter(
          (it) => max === null || max === undefined || Number(it['price']) <= Number(max),
        ),
      stuff: () => [people[1], pets[0], null, books[2]],
      pets: () => [pets[0], null, pets[1]],
    },
    Mutation: {
      rename: (_, { id }) => only('Book', one(id)),
      publish: (_, { book }, { log }) => ({
        __typename: 'Publication',
        key: `publication ${log.length}`,
        book: 'b1',
        text: show(book),
        at: log.length,
      }),
      review: (_, { about, stars, text }, { log }) => {
        const it = onlyMedia(one(about))
        return (
          it && {
            __typename: 'Review',
            key: `review ${log.length}`,
            stars: Number(stars ?? 1),
            by: 'p2',
            about: it.key,
            words: `${text} ${log.length}`,
          }
        )
      },
      buy: (_, { id }, { log }) => ({
        __typename: 'Sale',
        key: `sale ${log.length}`,
        item: id,
        buyer: 'p1',
        step: log.length,
      }),
      refund: (_, { id }, { log }) => ({
        __typename: 'Sale',
        key: `refund ${log.length}`,
        item: id,
        buyer: null,
        step: log.length,
      }),
    },
    Media: { related: (it) => all(it['related']) },
    Priced: { price: priceOf },
    Book: {
      title: (it, _, { log }) => renamed(it, log),
      author: (it) => one(it['author']),
      sequel: (it) => one(it['sequel']),
      blurb: (it, args) => `${it.key} ${show(args)}`,
      reviews: (it, { first }) => reviewsOf(it, first),
      verdict: (it, { of }) =>
        of === undefined ? `verdict ${it.key}` : of === null ? null : `${of} ${it.key}`,
      sold: (_, __, { log }) => log.filter((entry) => entry.startsWith('buy')).length,
    },
    Film: {
      director: (it) => one(it['director']),
      reviews: (it, { first }) => reviewsOf(it, first),
      verdict: (it) => Number(it['length']) / 2,
      sold: (_, __, { log }) => log.length,
    },
    Person: {
      favorite: (it) => one(it['favorite']),
      works: (it) => all(it['works']),
      friends: (it) => all(it['friends']),
      reviewed: (it) =>
        [...books, ...films].filter(({ reviewers }) => (reviewers as string[]).includes(it.key)),
      pet: (it) => one(it['pet']),
      stuff: (it) => all(it['stuff']),
    },
    Pet: { owner: (it) => one(it['owner']) },
    Review: {
      text: (it, { style }) => (style === 'LOUD' ? String(it['words']).toUpperCase() : it['words']),
      by: (it) => one(it['by']),
      about: (it) => one(it['about']),
      on: (it) => one(it['about']),
    },
    Publication: { book: (it) => one(it['book']) },
    Sale: { item: (it) => onlyPriced(one(it['item'])), buyer: (it) => one(it['buyer']) },
  },
  scalars: { Long: long, Mark: mark, Json: json },
  literals: scalarLiterals,
  variableValues: scalarValues,
  samples: {
    ID: ['b1', 'b2', 'b3', 'f1', 'f2', 'p1', 'p2', 'p3', 'd1', 'd2'],
    'book.id': ['b1', 'b2', 'b3'],
    'person.id': ['p1', 'p2', 'p3'],
    'people.ids': ['p1', 'p2', 'p3'],
    'media.id': ['b1', 'b3', 'f1', 'f2'],
    'rename.id': ['b1', 'b2', 'b3'],
    'review.about': ['b1', 'f1', 'f2'],
    'buy.id': ['b1', 'b2', 'f1', 'd1', 'p1'],
    'refund.id': ['b3', 'f2', 'd2'],
    first: [0, 1, 2, 2, 3],
    limit: [0, 3, 6, 6, 99],
    minPages: [0, 0, 1, 100],
    max: [0.5, 10, 100],
  },
}

function only(type: string, thing: Thing | null): Thing | null {
  return thing?.__typename === type ? thing : null
}

function onlyMedia(thing: Thing | null): Thing | null {
  return only('Book', thing) ?? only('Film', thing)
}

function onlyPriced(thing: Thing | null): Thing | null {
  return only('Pet', thing) ?? onlyMedia(thing)
}

/** The title that the last mutation gave it. */
function renamed(it: Thing, log: readonly string[]): unknown {
  const last = log.filter((entry) => entry.startsWith('rename ')).pop()
  const args = last === undefined ? undefined : (JSON.parse(last.slice('rename '.length)) as Values)
  return args?.['id'] === it.key ? (args?.['title'] ?? null) : it['title']
}
