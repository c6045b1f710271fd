import type { ServerResponse } from 'node:http'
import { sendErrors } from './sendAnswer'

/** Longer ones are cut, so that no answer grows with its request. */
const shownLength = 200

/** Answers a request to a path that nothing is served at; `hint` says where else to look. */
export function sendNoSuchPath(response: ServerResponse, path: string, hint = ''): void {
  const shown = path.length > shownLength ? `${path.slice(0, shownLength - 3)}...` : path
  sendErrors(response, 404, [
    { message: `no such path: ${shown}${hint}`, extensions: { code: 'BAD_REQUEST' } },
  ])
}
