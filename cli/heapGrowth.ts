import { setFlagsFromString } from 'node:v8'

/**
 * Imported before anything is served. Left alone, V8 lets a heap of little live data and much garbage grow to four times what
 * lives before it collects the old part: most of a server's memory would be garbage of requests long answered. Twice is
 * what it may grow to here, which costs a collection more often.
 */
setFlagsFromString('--heap-growing-percent=100')
