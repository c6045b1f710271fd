/** Loaded before a gateway, has it give a batch to the server that has the fewest of its own; among equals, to any. */
import { usePolicy } from './policy'

usePolicy((idle) => {
  const least = Math.min(...idle.map(({ calls }) => calls))
  const free = idle.filter(({ calls }) => calls === least)
  return free[Math.floor(Math.random() * free.length)]
})
