/** No server of a shard elsewhere can be reached now. The version may be as it should, so one that comes may serve it. */
export class NoServer extends Error {
  override readonly name = 'NoServer'
}
