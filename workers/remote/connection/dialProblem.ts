/** Why a server could not be asked at all, for operators; where another protocol is likely, with what to look at. */
export function dialProblem(reason: string, protocol: 'grpc' | 'http', hasTls: boolean): string {
  if (protocol === 'grpc') {
    return reason === 'Protocol error' ? 'it does not speak gRPC; is this its port for HTTP?' : reason
  }
  if (/^Parse Error: Expected HTTP\//.test(reason))
    return 'it does not speak HTTP; is this its port for gRPC?'
  return reason === 'socket hang up' && !hasTls
    ? 'it ended the connection without an answer; does it speak TLS?'
    : reason
}
