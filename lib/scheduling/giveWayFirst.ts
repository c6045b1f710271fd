import { giveWay } from './giveWay'

/** Nobody waits for it: a tenth of the weight of what serves, where cores are short. */
const niceness = 10

// To be imported before all else by a thread that reads files: to load its modules is most of what it does.
giveWay(niceness)
