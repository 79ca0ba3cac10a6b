// `node scripts/release-notes.mjs v1.2.3`: prints what CHANGELOG.md says of that version. Fails where
// it says nothing, or where a package names another version: the tag is wrong, or comes too early.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

const tag = process.argv[2] ?? ''
const version = tag.replace(/^v/, '')
const others = manifests().filter(({ manifest }) => manifest.version !== version)
if (others.length > 0) {
  fail(`These are not of ${tag}: ${others.map(({ path }) => path).join(', ')}`)
}
const sections = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').split(/^(?=## )/m)
const section = sections.find((each) => each.startsWith(`## [${version}]`))
const notes = section?.split('\n').slice(1).join('\n').trim()
if (!notes) fail(`CHANGELOG.md says nothing of ${version}.`)
console.log(notes)

function manifests() {
  const folders = ['apps', 'packages'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  )
  return ['.', ...folders].map((folder) => {
    const path = join(folder, 'package.json')
    return { path, manifest: JSON.parse(readFileSync(join(root, path), 'utf8')) }
  })
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
