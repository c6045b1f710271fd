import { NotPlannable, planOperation } from '../../../federation/planner/planOperation'
import { checkedSupergraph, composeGraph } from '../checkGraph'
import { plannedGraph } from './plannedGraph'

/** Each wave is sent when the one before is there; what stands in one wave is sent at once. */
type Expected = readonly (readonly [sentence: string, operation: string, waves: string[][]])[]

const shop = plannedGraph({
  catalog: `
    type Query { book(id: ID!): Book books: [Book!] things: [Thing] node: Node top: Author }
    type Mutation { rename(id: ID!, name: String): Book }
    union Thing = Book | Author
    interface Node { id: ID! }
    type Book implements Node @key(fields: "id") {
      id: ID! name(in: String): String pages: Int author: Author size: Size similar: [Book!]
    }
    type Size @shareable { width: Int height: Int }
    type Author implements Node @key(fields: "id org { code }") { id: ID! org: Org! name: String }
    type Org @shareable { code: String! }`,
  reviews: `
    type Query { latest: Review }
    type Book @key(fields: "id") {
      id: ID! pages: Int @external name(in: String): String @external size: Size @external
      reviews(first: Int): [Review!]
      density: Float @requires(fields: "pages")
      label: String @requires(fields: "name(in: \\"en\\")")
      area: Int @requires(fields: "size { width height }")
    }
    type Size @shareable { width: Int height: Int }
    type Author @key(fields: "id org { code }") { id: ID! org: Org! rating: Float }
    type Org @shareable { code: String! }
    type Review { stars: Int book: Book other: Book @provides(fields: "pages") by: Author }`,
})

describe('entities of other subgraphs', () => {
  test.each<Expected[number]>([
    [
      'what the subgraph of the root has is asked there alone',
      '{ book(id: 1) { id name author { name } } }',
      [['catalog: query($v0:ID!){book(id:$v0){author{name} id name}}']],
    ],
    [
      'roots of two subgraphs are asked at once',
      '{ latest { stars } top { name } }',
      [['reviews: query{latest{stars}}', 'catalog: query{top{name}}']],
    ],
    [
      'an entity is found by its key, with each use of a field under a key of its own',
      '{ book(id: 1) { reviews(first: 2) { stars } a: reviews(first: 3) { stars } } }',
      [
        ['catalog: query($v0:ID!){book(id:$v0){id}}'],
        [
          'reviews at book by Book{id}: {...on Book{reviews(first:$v1){stars} reviews_2:reviews(first:$v2){stars}}}',
        ],
      ],
    ],
    [
      'a key of several fields is sent as a whole, and entities of several places that are asked for the same are one list',
      '{ books { author { rating } } top { rating } }',
      [
        ['catalog: query{books{author{id org{code}}} top{id org{code}}}'],
        ['reviews at books.author and top by Author{id org{code}}: {...on Author{rating}}'],
      ],
    ],
    [
      'entities that are asked for different things are several lists of one request',
      '{ books { reviews { stars } } top { rating } }',
      [
        ['catalog: query{books{id} top{id org{code}}}'],
        [
          'reviews at books by Book{id}: {...on Book{reviews{stars}}} & at top by Author{id org{code}}: {...on Author{rating}}',
        ],
      ],
    ],
    [
      'entities of a union are told apart by their type, and asked in one list',
      '{ things { ... on Book { density } ... on Author { rating } } }',
      [
        ['catalog: query{things{__typename ...on Book{pages id} ...on Author{id org{code}}}}'],
        [
          'reviews at things by Book{id pages} or Author{id org{code}}: {...on Book{density} ...on Author{rating}}',
        ],
      ],
    ],
    [
      'of an interface, only objects of the type that has the field are asked for it',
      '{ node { id ... on Author { rating } } }',
      [
        ['catalog: query{node{__typename id ...on Author{org{code}}}}'],
        ['reviews at node by Author{id org{code}}: {...on Author{rating}}'],
      ],
    ],
    [
      'what is provided is asked for on the way, and the rest of its owner',
      '{ latest { other { pages name } book { pages } } }',
      [
        ['reviews: query{latest{book{id} other{pages id}}}'],
        [
          'catalog at latest.book by Book{id}: {...on Book{pages}} & at latest.other by Book{id}: {...on Book{name}}',
        ],
      ],
    ],
    [
      'a field of a mutation is fetched like any other, once',
      'mutation { rename(id: 1, name: "x") { name density } }',
      [
        ['catalog: mutation($v0:ID!,$v1:String){rename(id:$v0,name:$v1){name pages id}}'],
        ['reviews at rename by Book{id pages}: {...on Book{density}}'],
      ],
    ],
  ])('%s', (_, text, waves) => {
    expect(shop.waves(text)).toEqual(waves)
  })
})

describe('what a field requires', () => {
  test.each<Expected[number]>([
    [
      'is fetched where the key is, as deep as it goes, and sent with the key',
      '{ book(id: 1) { density area } }',
      [
        ['catalog: query($v0:ID!){book(id:$v0){size{width height} id pages}}'],
        ['reviews at book by Book{id size{width height} pages}: {...on Book{area density}}'],
      ],
    ],
    [
      'with arguments has a key of its own, which no client field has, and is sent under its name',
      '{ books { label name other: name(in: "no") } }',
      [
        ['catalog: query($v0:String){books{name name_2:name(in:$v0) name_r2:name(in: "en") id}}'],
        ['reviews at books by Book{id name=name_r2}: {...on Book{label}}'],
      ],
    ],
  ])('%s', (_, text, waves) => {
    expect(shop.waves(text)).toEqual(waves)
  })

  const mutual = plannedGraph({
    a: `type Query { item: Item items: [Item] }
      type Item @key(fields: "id") { id: ID! one: Int two: Int @external three: Int @requires(fields: "two") }`,
    b: `type Item @key(fields: "id") {
        id: ID! one: Int @external two: Int @requires(fields: "one") three: Int @external four: Int @requires(fields: "three")
      }`,
  })

  test('of each other, in two subgraphs, makes two fetches of each, at all places at once', () => {
    expect(mutual.waves('{ item { four } items { four } }')).toEqual([
      ['a: query{item{one id} items{one id}}'],
      ['b at item and items by Item{id one}: {...on Item{two}}'],
      ['a at item and items by Item{id two}: {...on Item{three}}'],
      ['b at item and items by Item{id three}: {...on Item{four}}'],
    ])
  })

  test('may stand in an entity below, which is fetched first', () => {
    const team = plannedGraph({
      a: `type Query { team: Team } type Team @key(fields: "id") { id: ID! lead: Person }
        type Person @key(fields: "id") { id: ID! }`,
      b: 'type Person @key(fields: "id") { id: ID! age: Int }',
      c: `type Team @key(fields: "id") { id: ID! lead: Person @external score: Int @requires(fields: "lead { age }") }
        type Person @key(fields: "id") { id: ID! age: Int @external }`,
    })
    expect(team.waves('{ team { score } }')).toEqual([
      ['a: query{team{lead{id} id}}'],
      ['b at team.lead by Person{id}: {...on Person{age}}'],
      ['c at team by Team{id lead{age}}: {...on Team{score}}'],
    ])
  })

  const carried = plannedGraph({
    a: `type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! size: Size carrier: Carrier }
      type Size @shareable { width: Int height: Int }
      interface Carrier { code: String } type Van implements Carrier @shareable { code: String seats: Int }
      type Ship implements Carrier @shareable { code: String decks: Int }`,
    b: `type Parcel @key(fields: "id") {
        id: ID! size: Size @external carrier: Carrier @external
        slot: Int @requires(fields: "size { width }") shelf: Int @requires(fields: "size { height }")
        freight: Int @requires(fields: "carrier { code ... on Van { seats } }")
        toll: Int @requires(fields: "carrier { ... on Ship { decks } }")
        stamp: Int @requires(fields: "carrier { code }")
      }
      type Size @shareable { width: Int height: Int }
      interface Carrier { code: String } type Van implements Carrier @shareable { code: String seats: Int }
      type Ship implements Carrier @shareable { code: String decks: Int }`,
  })

  test.each<Expected[number]>([
    [
      'of one object is sent together, where several fields require different parts of it',
      '{ parcel { slot shelf } }',
      [
        ['a: query{parcel{size{height width} id}}'],
        ['b at parcel by Parcel{id size{height width}}: {...on Parcel{shelf slot}}'],
      ],
    ],
    [
      'of an interface is sent as each type has it',
      '{ parcel { freight toll stamp } }',
      [
        ['a: query{parcel{carrier{__typename code ...on Van{seats} ...on Ship{decks}} id}}'],
        [
          'b at parcel by Parcel{id carrier{Van{code seats} Ship{code decks}}}: {...on Parcel{freight stamp toll}}',
        ],
      ],
    ],
  ])('%s', (_, text, waves) => {
    expect(carried.waves(text)).toEqual(waves)
  })

  test('is fetched for a field that is reached through an interface of the same subgraph', () => {
    const graph = plannedGraph({
      a: `type Query { reviews: [Review] } type Review { subject: Subject } interface Subject { id: ID! }
        type Book implements Subject @key(fields: "id") {
          id: ID! pages: Int @external avg: Float @requires(fields: "pages")
        }
        type Film implements Subject @key(fields: "id") { id: ID! }`,
      b: 'type Book @key(fields: "id") { id: ID! pages: Int }',
    })
    expect(graph.waves('{ reviews { subject { ... on Book { avg } } } }')).toEqual([
      ['a: query{reviews{subject{__typename ...on Book{id}}}}'],
      ['b at reviews.subject by Book{id}: {...on Book{pages}}'],
      ['a at reviews.subject by Book{id pages}: {...on Book{avg}}'],
    ])
  })
})

describe('several keys', () => {
  const users = plannedGraph({
    a: 'type Query { user: User } type User @key(fields: "email") { email: String! name: String }',
    b: `type User @key(fields: "email") @key(fields: "number") { email: String! number: Int! age: Int }`,
    c: 'type User @key(fields: "number") { number: Int! visits: Int }',
    d: 'type User @key(fields: "number", resolvable: false) { number: Int! } type Query { seen: User }',
  })

  test('a subgraph that knows two of them is asked for the one that the next needs, in the fetch that it gets anyway', () => {
    expect(users.waves('{ user { name age visits } }')).toEqual([
      ['a: query{user{name email}}'],
      ['b at user by User{email}: {...on User{age number}}'],
      ['c at user by User{number}: {...on User{visits}}'],
    ])
  })

  test('a subgraph that does not find by its key only gives it away', () => {
    expect(users.waves('{ seen { name visits } }')).toEqual([
      ['d: query{seen{number}}'],
      [
        'b at seen by User{number}: {...on User{email}} then a at seen by User{email}: {...on User{name}}',
        'c at seen by User{number}: {...on User{visits}}',
      ],
    ])
  })
})

describe('what does not depend on a subgraph does not wait for it', () => {
  const graph = plannedGraph({
    fast: 'type Query { book: Book } type Book @key(fields: "id") { id: ID! title: String }',
    slow: 'type Query { pen: Pen } type Pen @key(fields: "id") { id: ID! colour: String }',
    prices: `type Book @key(fields: "id") { id: ID! price: Int }
      type Pen @key(fields: "id") { id: ID! price: Int }`,
    taxes: `type Book @key(fields: "id") { id: ID! price: Int @external tax: Int @requires(fields: "price") stock: Int }`,
  })

  test('nor is it sent together with what does', () => {
    expect(graph.waves('{ book { price } pen { price } }')).toEqual([
      [
        'fast: query{book{id}} then prices at book by Book{id}: {...on Book{price}}',
        'slow: query{pen{id}} then prices at pen by Pen{id}: {...on Pen{price}}',
      ],
    ])
  })

  test('and what depends on the same is sent together', () => {
    expect(graph.waves('{ book { tax } pen { colour } again: book { price } }')).toEqual([
      [
        'fast: query{book{id} book_2:book{id}} then prices at book and book_2 by Book{id}: {...on Book{price}} then taxes at book by Book{id price}: {...on Book{tax}}',
        'slow: query{pen{colour}}',
      ],
    ])
  })
})

describe('what several subgraphs have', () => {
  const graph = plannedGraph({
    a: `type Query { both: Int @shareable mine: Int me: User @shareable item: Item }
      type User @key(fields: "id") { id: ID! name: String @shareable a: Int }
      type Item @key(fields: "id") { id: ID! moved: Int stays: Int same: Int @shareable }`,
    b: `type Query { both: Int @shareable yours: Int me: User @shareable }
      type User @key(fields: "id") { id: ID! name: String @shareable b: Int }
      type Item @key(fields: "id") { id: ID! moved: Int @override(from: "a") same: Int @shareable other: Int }`,
  })

  test.each<Expected[number]>([
    ['is asked of one', '{ both me { name } }', [['a: query{both me{name}}']]],
    ['is asked of the one that is asked anyway', '{ both yours }', [['b: query{yours both}']]],
    ['is asked of the one that has most below it', '{ me { name b } }', [['b: query{me{b name}}']]],
    [
      'is asked of the first where each has a part, and the second for its part',
      '{ me { name a b } }',
      [['a: query{me{a name id}}'], ['b at me by User{id}: {...on User{b}}']],
    ],
    [
      'but was moved, is asked where it is now',
      '{ item { moved stays same } }',
      [['a: query{item{same stays id}}'], ['b at item by Item{id}: {...on Item{moved}}']],
    ],
  ])('%s', (_, text, waves) => {
    expect(graph.waves(text)).toEqual(waves)
  })

  test('is put together where an object without a key is split over two', () => {
    const places = plannedGraph({
      a: `type Query { place: Place } type Place @key(fields: "id") { id: ID! address: Address @shareable }
        type Address @shareable { street: String city: String }`,
      b: `type Place @key(fields: "id") { id: ID! address: Address @shareable }
        type Address { zip: String country: Country @shareable } type Country { code: String }`,
    })
    expect(places.waves('{ place { address { city zip country { code } } } }')).toEqual([
      ['a: query{place{address{city} id}}'],
      ['b at place by Place{id}: {...on Place{address{country{code} zip}}}'],
    ])
  })
})

describe('objects whose key a subgraph only knows as an external field', () => {
  const zoo = plannedGraph({
    a: `type Query { book: Book @provides(fields: "animals { ... on Dog { name } }") }
      type Book @key(fields: "id") { id: ID! animals: [Animal] @shareable } interface Animal { id: ID! }
      type Dog implements Animal @key(fields: "id") { id: ID! @external name: String @external }
      type Cat implements Animal @key(fields: "id") { id: ID! @external }`,
    b: `type Book @key(fields: "id") { id: ID! animals: [Animal] @shareable } interface Animal { id: ID! name: String }
      type Dog implements Animal @key(fields: "id") { id: ID! name: String }
      type Cat implements Animal @key(fields: "id") { id: ID! name: String }`,
  })

  test.each<Expected[number]>([
    [
      'are asked of it if it provides all that is wanted',
      '{ book { animals { ... on Dog { name } } } }',
      [['a: query{book{animals{__typename ...on Dog{name}}}}']],
    ],
    [
      'are all asked of another subgraph if not: nothing says which of its objects are the same',
      '{ book { animals { id ... on Dog { name } } } }',
      [
        ['a: query{book{id}}'],
        ['b at book by Book{id}: {...on Book{animals{__typename id ...on Dog{name}}}}'],
      ],
    ],
  ])('%s', (_, text, waves) => {
    expect(zoo.waves(text)).toEqual(waves)
  })
})

describe('interface objects', () => {
  const graph = plannedGraph({
    media: `
      type Query { media: [Media!] film: Film }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Film implements Media @key(fields: "id") { id: ID! title: String length: Int }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }`,
    stars: `
      type Query { best: Media }
      type Media @key(fields: "id") @interfaceObject {
        id: ID! title: String @external stars: Int similar: Media slogan: String @requires(fields: "title")
      }`,
    awards: 'type Film @key(fields: "id") { id: ID! award: String }',
    shop: `
      interface Media @key(fields: "id") { id: ID! }
      type Film implements Media @key(fields: "id") {
        id: ID! length: Int @external price: Int @requires(fields: "length")
      }
      type Book implements Media @key(fields: "id") { id: ID! }`,
  })

  test.each<Expected[number]>([
    [
      'objects of all types are asked of the subgraph that has the interface as an object',
      '{ media { stars } }',
      [['media: query{media{id}}'], ['stars at media by Media{id}: {...on Media{stars}}']],
    ],
    [
      'objects of one type likewise, with what its field requires',
      '{ film { stars slogan } }',
      [['media: query{film{title id}}'], ['stars at film by Film{id title}: {...on Media{slogan stars}}']],
    ],
    [
      'who needs no type of what comes from there does not ask for it',
      '{ best { title } }',
      [['stars: query{best{id}}'], ['media at best by Media{id}: {...on Media{title}}']],
    ],
    [
      'the type is asked of the subgraph that knows it',
      '{ best { __typename stars } }',
      [['stars: query{best{id stars}}'], ['media at best by Media{id}: {...on Media{__typename}}']],
    ],
    [
      'and so is who asks for a field of one type only',
      '{ best { ... on Film { award } } }',
      [
        ['stars: query{best{id}}'],
        ['media at best by Media{id}: {...on Media{__typename}}'],
        ['awards at best by Film{id}: {...on Film{award}}'],
      ],
    ],
    [
      'who has the interface too is asked by the type for a field that requires something',
      '{ best { ... on Film { price } } }',
      [
        ['stars: query{best{id}}'],
        ['media at best by Media{id}: {...on Media{__typename ...on Film{length}}}'],
        ['shop at best by Film{id length}: {...on Film{price}}'],
      ],
    ],
    [
      'what a field requires is fetched by the interface, and sent back',
      '{ best { slogan } }',
      [
        ['stars: query{best{id}}'],
        ['media at best by Media{id}: {...on Media{title}}'],
        ['stars at best by Media{id title}: {...on Media{slogan}}'],
      ],
    ],
    [
      'a field of one type is not asked of others behind the same interface object',
      '{ media { ... on Film { stars } } }',
      [
        ['media: query{media{__typename ...on Film{id}}}'],
        ['stars at media by Film{id}: {...on Media{stars}}'],
      ],
    ],
  ])('%s', (_, text, waves) => {
    expect(graph.waves(text)).toEqual(waves)
  })
})

test('a field that nobody can be asked for is named', () => {
  const composed = composeGraph({
    a: 'type Query { item: Item } type Item @key(fields: "id") { id: ID! name: String }',
    b: 'type Item @key(fields: "id") { id: ID! size: Int }',
  })
  const graph = checkedSupergraph(
    composed.replace('@join__type(graph: B, key: "id")', '@join__type(graph: B)'),
  )
  const plan = () => planOperation(graph.operation('{ item { name size } }'), graph.supergraph)
  expect(plan).toThrow(new NotPlannable('Item.size'))
})
