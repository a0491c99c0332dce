// Keys of otr.js and `otr keys`, both ways: `node keys.js OTR`, where OTR is the program. Exit code 0 if both programs
// mean the same key by the same text.
'use strict'

const { execFileSync } = require('node:child_process')
const assert = require('node:assert')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { DSA } = require('otr')

const program = process.argv[2]
if (!program) throw new Error('usage: node keys.js OTR')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'otr-keys-'))
const file = (name) => path.join(folder, name)
const otr = (...words) =>
  execFileSync(program, ['keys', '--profile', file('profile'), ...words], { encoding: 'utf8' })
const digits = (fingerprint) => fingerprint.replace(/[^0-9A-Fa-f]/g, '').toLowerCase()
const fingerprint = (account) => digits(otr('fingerprint', '--account', account))

try {
  // From otr.js to us.
  const theirs = new DSA()
  fs.writeFileSync(file('theirs'), theirs.packPrivate())
  otr('import', file('theirs'), '--account', 'theirs')
  assert.strictEqual(fingerprint('theirs'), digits(theirs.fingerprint()))

  // From us to otr.js, which signs with it what otr.js verifies.
  otr('generate', '--account', 'ours')
  otr('export', '--account', 'ours', '--format', 'otrjs', '--out', file('ours'))
  const ours = DSA.parsePrivate(fs.readFileSync(file('ours'), 'utf8').trim())
  assert.strictEqual(digits(ours.fingerprint()), fingerprint('ours'))
  const message = '\x01'.repeat(32)
  const [r, s] = ours.sign(message)
  assert(DSA.verify(ours, message, r, s))

  // And once more round: nothing is lost on the way.
  otr('export', '--account', 'theirs', '--format', 'otrjs', '--out', file('again'))
  assert.strictEqual(fs.readFileSync(file('again'), 'utf8').trim(), theirs.packPrivate())
  console.log('otr.js and otr keys agree')
} finally {
  fs.rmSync(folder, { recursive: true })
}
