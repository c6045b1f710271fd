#!/usr/bin/env node
// A build bundles this file, and all that it imports, into one: see bundle.js.
import './command'
