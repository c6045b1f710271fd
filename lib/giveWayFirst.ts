import { giveWay } from './giveWay'

// To be imported before all else by what runs in a thread: to load its modules is most of what many a thread does.
giveWay()
