// `presage start` with two processes, whose console has steps that a test need not wait for.
const { member } = require('../../dist/cli/processes/member')
const { startProcesses } = require('../../dist/cli/processes/processGroup')

if (member !== undefined) require('../../dist/cli/presage')
else startProcesses({ count: 2, graceMs: 10_000, log: console.error, consoleStepMs: 200 })
