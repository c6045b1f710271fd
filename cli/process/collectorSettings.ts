import { setFlagsFromString } from 'node:v8'

// Import this before anything is served.

/**
 * By default, V8 lets a heap with little live data grow to four times its live size before it collects the old
 * generation, so most of a server's memory would be garbage of finished requests. Here the limit is twice the live
 * size, at the cost of more frequent collections.
 */
setFlagsFromString('--heap-growing-percent=100')

/**
 * V8 allocates objects directly in the old generation if those from the same code survived earlier young collections.
 * With many large requests at once everything survives, but dies soon after, so rows and columns would become garbage
 * in the old generation and force frequent full collections. V8 decides this once in a process's life, so processes
 * would differ in time and memory.
 */
setFlagsFromString('--no-allocation-site-pretenuring')

/**
 * In a server, very little of the young generation survives, so there is no work to share, and waking and awaiting the
 * helper threads would only lengthen the pauses.
 */
setFlagsFromString('--no-parallel-scavenge')
