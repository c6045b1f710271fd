import { setFlagsFromString } from 'node:v8'

// Imported before anything is served.

/**
 * Left alone, V8 lets a heap of little live data and much garbage grow to four times what
 * lives before it collects the old part: most of a server's memory would be garbage of requests long answered. Twice is
 * what it may grow to here, which costs a collection more often.
 */
setFlagsFromString('--heap-growing-percent=100')

/**
 * V8 makes objects old at birth where those made at the same place of the code were found alive by some collections of the young. Of
 * many large requests at once all is alive when the young are collected, and dead soon after: their rows and columns would
 * then be garbage of the old part, which takes a collection of the whole heap several times a second. Whether that
 * comes about is decided once in a process's life, so one process would take a fifth more time and memory than another.
 */
setFlagsFromString('--no-allocation-site-pretenuring')

/**
 * Of what is young when it is collected less than a hundredth lives in a server of requests, so there is nothing to share: to wake the helper threads
 * and to wait for them took a seventh of each pause.
 */
setFlagsFromString('--no-parallel-scavenge')
