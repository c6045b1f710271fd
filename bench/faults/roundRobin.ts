/** Loaded before a gateway, has it give batches to its servers in turn. */
import { usePolicy } from './policy'

let turn = 0
usePolicy((idle) => idle[turn++ % idle.length])
