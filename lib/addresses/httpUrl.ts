import { addressOf } from './addressOf'

/** The URL of a server without a path, such as `http://127.0.0.1:4000` or `http://[::1]:4000`. */
export function httpUrl(host: string, port: number): string {
  return `http://${addressOf(host, port)}`
}
