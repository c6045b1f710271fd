// What tests run in a TaskThread: does as it is told.
const { answerTasks } = require('../../dist/lib/scheduling/answerTasks')
const { LoadError } = require('../../dist/lib/errors')

answerTasks((task, { at, part }) => {
  at(task.at)
  if (task.does === 'refuse') throw new LoadError(['a: must be b', 'c: must be d'])
  if (task.does === 'hang') for (;;);
  if (task.does === 'grow') for (const all = []; ; ) all.push(new Array(1000).fill(all.length))
  if (task.does === 'say')
    for (let step = 0, end = Date.now() + task.ms; Date.now() < end; step++) at(`step ${step}`)
  for (const one of task.parts ?? []) part(one)
  return task.reply
})
