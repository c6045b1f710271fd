/** node:http reads a body and writes one text, that of the file which is named as argument. Run as a process of its own. */
import { readFileSync } from 'node:fs'
import { serveBodies } from './serveBodies'

const text = readFileSync(process.argv[2], 'utf8')
serveBodies(() => text)
