import { giveWay } from './giveWay'

/** About a tenth of the weight of a serving thread where cores are scarce: nobody waits for this one. */
const niceness = 10

// Import it first in a thread that reads files, because loading modules is most of the thread's work.
giveWay(niceness)
