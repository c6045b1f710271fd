import { createHmac, generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import {
  createTokenVerifier,
  type TokenSettings,
  type VerifyToken,
} from '../../../gateway/identity/tokenVerifier'
import { LoadError } from '../../../lib/errors'
import { until } from '../../support/until'
import { audience, createSigner, issuer } from '../tokens'

const signer = createSigner()
const settings = { issuer, audience, algorithms: ['ES256'] }
const seconds = () => Math.floor(Date.now() / 1000)

const refusal = async (verify: VerifyToken, token: string) => {
  try {
    await verify(token)
    return undefined
  } catch (error) {
    return [(error as { code: string }).code, (error as Error).message]
  }
}

it('says which setting names a file that has no key', () => {
  const own = { ...settings, publicKey: signer.jwksFile, place: 'presage.yaml:3' }
  expect(() => createTokenVerifier(own)).toThrow(
    /^presage\.yaml:3: trust\.jwt\.publicKey: .*: must be one public key as PEM, got: /,
  )
})

describe.each<[string, TokenSettings]>([
  ['a JWK set', { ...settings, jwks: signer.jwksFile }],
  ['a public key', { ...settings, publicKey: signer.pemFile }],
])('with %s', (_, own) => {
  const verify = createTokenVerifier(own)

  it('a token that is right gives its claims', async () => {
    expect(await verify(await signer.sign({ member: '12' }))).toMatchObject({ iss: issuer, member: '12' })
  })

  it.each([
    ['that has expired', { exp: seconds() - 60 }, 'authorization: the token has expired'],
    [
      'without an end',
      { exp: undefined },
      "authorization: the token's claim exp does not have the required value",
    ],
    [
      'that counts later',
      { nbf: seconds() + 60 },
      "authorization: the token's claim nbf does not have the required value",
    ],
    [
      'of another issuer',
      { iss: 'https://evil.example.com' },
      "authorization: the token's claim iss does not have the required value",
    ],
    [
      'for another audience',
      { aud: 'billing' },
      "authorization: the token's claim aud does not have the required value",
    ],
  ])('one %s is refused', async (__, claims, message) => {
    expect(await refusal(verify, await signer.sign(claims))).toEqual(['UNAUTHENTICATED', message])
  })

  it('one that somebody else has signed is refused', async () => {
    expect(await refusal(verify, await createSigner().sign())).toEqual([
      'UNAUTHENTICATED',
      'authorization: must be a valid token',
    ])
  })

  it('one without signature, or signed with the public key as a secret, is refused', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = encode({ iss: issuer, aud: audience, exp: seconds() + 60 })
    const none = `${encode({ alg: 'none' })}.${claims}.`
    const head = `${encode({ alg: 'HS256', kid: 'key-1' })}.${claims}`
    const secret = readFileSync(signer.pemFile)
    const confused = `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
    for (const token of [none, confused, 'a.b.c', 'x', `${head}.`]) {
      expect((await refusal(verify, token))?.[0]).toBe('UNAUTHENTICATED')
    }
  })
})

it('a token that was right is refused once its time is up, though it is known', async () => {
  let now = Date.now()
  const verify = createTokenVerifier({ ...settings, jwks: signer.jwksFile }, () => now)
  const token = await signer.sign({ exp: seconds() + 60 })
  const claims = await verify(token)
  expect(verify(token)).toBe(claims) // at once: nothing is computed again
  now += 70_000
  expect((await refusal(verify, token))?.[1]).toBe('authorization: the token has expired')
  now -= 70_000
  expect(verify(token)).toBe(claims)
})

it('a token that is refused and sent again is refused at once, and looked at again after a while', async () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
  try {
    const verify = createTokenVerifier({ ...settings, jwks: signer.jwksFile })
    const strange = await createSigner().sign()
    for (const token of [strange, await signer.sign({ exp: seconds() - 60 }), 'a.b.c']) {
      const first = await refusal(verify, token)
      expect(() => verify(token)).toThrow(first![1])
    }
    clock.mockReturnValue(10_000)
    await expect(verify(strange)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  } finally {
    clock.mockRestore()
  }
})

it('a token whose time comes is taken then, though it was refused before', async () => {
  let now = Date.now()
  const verify = createTokenVerifier({ ...settings, jwks: signer.jwksFile }, () => now)
  const token = await signer.sign({ nbf: seconds() + 60, exp: seconds() + 600 })
  expect((await refusal(verify, token))?.[0]).toBe('UNAUTHENTICATED')
  now += 70_000
  expect(await verify(token)).toMatchObject({ iss: issuer })
})

describe('keys at a URL', () => {
  let server: Server
  let fetched = 0
  let authorization: string | undefined
  let status = 200
  let hangs = false
  let keys: readonly object[] = signer.jwks.keys
  let verify: VerifyToken
  let url: string

  beforeAll(async () => {
    server = createServer(({ headers }, response) => {
      fetched++
      authorization = headers.authorization
      if (hangs) return
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    url = `http://127.0.0.1:${port}/jwks.json`
    verify = createTokenVerifier({ ...settings, jwks: url })
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })

  it('that cannot be had are no fault of the client, are not fetched for each request, and the log says why', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
    const told: string[] = []
    const secret = `${url.replace('//', '//ada:secret@')}?key=secret`
    const patient = createTokenVerifier({ ...settings, jwks: secret }, Date.now, (line) => told.push(line))
    const unavailable = ['UPSTREAM_FAILED', 'authorization: the keys for verifying tokens are not available']
    const ask = async (token: Promise<string>) => refusal(patient, await token)
    fetched = 0
    try {
      status = 500
      expect(await Promise.all([1, 2, 3].map(() => ask(signer.sign())))).toEqual(Array(3).fill(unavailable))
      clock.mockReturnValue(1_999)
      expect(await ask(createSigner().sign())).toEqual(unavailable)
      expect(fetched).toBe(1)
      clock.mockReturnValue(2_000)
      expect(await ask(signer.sign())).toEqual(unavailable)
      expect(fetched).toBe(2)
      status = 404
      clock.mockReturnValue(4_000)
      expect(await ask(signer.sign())).toEqual(unavailable)
      const said = `no keys for verifying tokens: ${url}: must be answered with a JWK set, got status`
      expect(told).toEqual([`${said} 500`, `${said} 404`])
      status = 200
      clock.mockReturnValue(6_000)
      expect(await ask(signer.sign())).toBeUndefined()
      expect(authorization).toBe(`Basic ${Buffer.from('ada:secret').toString('base64')}`)
      expect(fetched).toBe(4)
    } finally {
      clock.mockRestore()
      status = 200
    }
  })

  it('that are known verify tokens while a token of an unknown key has them fetched in vain', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
    try {
      const own = createTokenVerifier({ ...settings, jwks: url })
      await own(await signer.sign())
      fetched = 0
      const stranger = createSigner('key-2')
      expect((await refusal(own, await stranger.sign()))?.[0]).toBe('UNAUTHENTICATED')
      expect(fetched).toBe(0)
      status = 500
      clock.mockReturnValue(30_000)
      for (let i = 0; i < 3; i++)
        expect((await refusal(own, await stranger.sign({ i })))?.[0]).toBe('UPSTREAM_FAILED')
      for (const kid of [undefined, 'key-1'])
        expect((await refusal(own, await stranger.sign({}, { kid })))?.[0]).toBe('UNAUTHENTICATED')
      expect(await own(await signer.sign({ member: '4' }))).toMatchObject({ member: '4' })
      expect(fetched).toBe(1)
    } finally {
      clock.mockRestore()
      status = 200
    }
  })

  it('are fetched over a new connection, since one that was kept may have ended meanwhile', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
    let connections = 0
    const count = () => void connections++
    server.on('connection', count)
    try {
      const own = createTokenVerifier({ ...settings, jwks: url })
      for (const minutes of [0, 11, 22]) {
        clock.mockReturnValue(minutes * 60_000)
        expect(await refusal(own, await signer.sign({ minutes }))).toBeUndefined()
      }
      expect(connections).toBe(3)
    } finally {
      clock.mockRestore()
      server.off('connection', count)
    }
  })

  it('are fetched once', async () => {
    fetched = 0
    await verify(await signer.sign({ member: '1' }))
    await verify(await signer.sign({ member: '2' }))
    expect(fetched).toBe(1)
  })

  it('that are taken back verify no token any more, but may be away for a while', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
    const began = Date.now()
    const date = jest.spyOn(Date, 'now').mockReturnValue(began)
    try {
      const later = createTokenVerifier({ ...settings, jwks: url })
      const token = await signer.sign({ exp: seconds() + 7_200 })
      const claims = await later(token)
      const minutesLater = (minutes: number) => {
        clock.mockReturnValue(minutes * 60_000)
        date.mockReturnValue(began + minutes * 60_000)
      }
      status = 500
      minutesLater(11)
      expect(await later(token)).toEqual(claims)
      status = 200
      keys = createSigner().jwks.keys
      minutesLater(22)
      expect(await refusal(later, token)).toEqual(['UNAUTHENTICATED', 'authorization: must be a valid token'])
      status = 500
      minutesLater(33)
      expect((await refusal(later, token))?.[0]).toBe('UPSTREAM_FAILED')
    } finally {
      clock.mockRestore()
      date.mockRestore()
      status = 200
      keys = signer.jwks.keys
    }
  })

  it('that cannot be had for long hold up no token that was right, though their URL hangs', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
    try {
      const own = createTokenVerifier({ ...settings, jwks: url })
      const tokens = await Promise.all([1, 2].map((n) => signer.sign({ n, exp: seconds() + 7_200 })))
      const claims = await Promise.all(tokens.map(own))
      status = 500
      clock.mockReturnValue(660_000)
      expect(await own(tokens[0])).toBe(claims[0])
      hangs = true
      fetched = 0
      clock.mockReturnValue(662_000)
      expect(tokens.map(own)).toEqual(claims) // at once: nobody waits for the fetch
      await until(() => fetched === 1)
    } finally {
      clock.mockRestore()
      status = 200
      hangs = false
      server.closeAllConnections()
    }
  })

  it('that are known to lack the key of a token do not verify it because newer ones cannot be had', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
    const next = createSigner('key-2')
    try {
      const own = createTokenVerifier({ ...settings, jwks: url })
      const token = await signer.sign()
      await own(token)
      keys = next.jwks.keys
      clock.mockReturnValue(40_000)
      await own(await next.sign())
      status = 500
      for (const ms of [80_000, 90_000]) {
        clock.mockReturnValue(ms)
        expect((await refusal(own, token))?.[0]).toBe('UPSTREAM_FAILED')
      }
    } finally {
      clock.mockRestore()
      status = 200
      keys = signer.jwks.keys
    }
  })

  it('are fetched anew for a token that names no key and that none of them has signed', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
    try {
      const own = createTokenVerifier({ ...settings, jwks: url })
      await own(await signer.sign())
      const next = createSigner()
      const unnamed = () => next.sign({ member: '5' }, { kid: undefined })
      keys = next.jwks.keys
      fetched = 0
      clock.mockReturnValue(29_999)
      expect((await refusal(own, await unnamed()))?.[0]).toBe('UNAUTHENTICATED')
      expect(fetched).toBe(0)
      clock.mockReturnValue(40_000)
      expect(await own(await unnamed())).toMatchObject({ member: '5' })
      for (const kid of [undefined, 'key-1'])
        expect((await refusal(own, await createSigner().sign({}, { kid })))?.[0]).toBe('UNAUTHENTICATED')
      expect(fetched).toBe(1)
    } finally {
      clock.mockRestore()
      keys = signer.jwks.keys
    }
  })

  it('are each tried for a token that names none of them', async () => {
    const others = createSigner()
    keys = [others, signer].flatMap(({ jwks }) => jwks.keys)
    try {
      const either = createTokenVerifier({ ...settings, jwks: url })
      for (const one of [signer, others])
        expect(await either(await one.sign({ member: '3' }, { kid: undefined }))).toMatchObject({
          member: '3',
        })
      expect((await refusal(either, await createSigner().sign({}, { kid: undefined })))?.[0]).toBe(
        'UNAUTHENTICATED',
      )
    } finally {
      keys = signer.jwks.keys
    }
  })
})

it.each([0, 1])('a key of a set that cannot verify anything, at place %i, harms no token', async (place) => {
  const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
  const { publicKey, privateKey } = rsa(2048)
  const keys: object[] = [publicKey.export({ format: 'jwk' })]
  keys.splice(place, 0, rsa(1024).publicKey.export({ format: 'jwk' }))
  const { jwksFile } = createSigner()
  writeFileSync(jwksFile, JSON.stringify({ keys }))
  const verify = createTokenVerifier({ ...settings, algorithms: ['RS256'], jwks: jwksFile })
  const token = new SignJWT({ iss: issuer, aud: audience, exp: seconds() + 60 })
  expect(await verify(await token.setProtectedHeader({ alg: 'RS256' }).sign(privateKey))).toMatchObject({
    iss: issuer,
  })
})

it('a PEM file with two keys is refused, since the second would not count', () => {
  const { pemFile } = createSigner()
  writeFileSync(pemFile, readFileSync(pemFile, 'utf8') + readFileSync(signer.pemFile, 'utf8'))
  expect(() => createTokenVerifier({ ...settings, publicKey: pemFile })).toThrow(
    /must be one public key as PEM, got: 2 of them; trust\.jwt\.jwks takes several$/,
  )
})

it('a JWK set may begin with a byte order mark, and a URL with a scheme in capitals', async () => {
  const { jwksFile, sign } = createSigner()
  writeFileSync(jwksFile, `\ufeff${readFileSync(jwksFile, 'utf8')}`)
  const verify = createTokenVerifier({ ...settings, jwks: jwksFile })
  expect(await verify(await sign())).toMatchObject({ iss: issuer })
  expect(() => createTokenVerifier({ ...settings, jwks: 'HTTPS://id.example.com' })).not.toThrow()
})

it.each(['jwks', 'publicKey'] as const)(
  'a file that holds no %s is a mistake of the configuration',
  (key) => {
    const file = createSigner().pemFile
    writeFileSync(file, 'nothing')
    expect(() => createTokenVerifier({ ...settings, [key]: file })).toThrow(LoadError)
    expect(() => createTokenVerifier({ ...settings, [key]: '/nowhere' })).toThrow(
      new LoadError([`trust.jwt.${key}: /nowhere: must be a readable file, got no such file`]),
    )
  },
)
