#!/usr/bin/env node
// `saywire-server …` is `npm run server -- …`, from any folder.
process.argv.splice(2, 0, 'apps/server/src/main.ts')
await import('../../../scripts/run.mjs')
