import type { ServerResponse } from 'node:http'
import { sendErrors } from './sendAnswer'

/** Longer paths are cut, so that the size of the response is bounded. */
const shownLength = 200

/** Answers 404 for a path that serves nothing. `hint` says where to look instead. */
export function sendNoSuchPath(response: ServerResponse, path: string, hint = ''): void {
  const shown = path.length > shownLength ? `${path.slice(0, shownLength - 3)}...` : path
  sendErrors(response, 404, [
    { message: `no such path: ${shown}${hint}`, extensions: { code: 'BAD_REQUEST' } },
  ])
}
