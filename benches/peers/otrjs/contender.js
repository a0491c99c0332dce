// otr.js as a contender: both sides of a conversation in one process. ../README.md describes what it is asked and what it
// prints. otr.js sends by timers, so that everything here waits for what is to come.
'use strict'

const fs = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const peers = path.join(__dirname, '../../../conformance/peers/otrjs/peer.js')
const { DSA, OTR } = createRequire(peers)('otr')

const SECRET = 'the same on both sides'
const PAIRS_FOR_HEAP = 20
const FRAGMENT_HEADER = 36 // otr.js counts only what is between the headers

class Failed extends Error {}

class Pair {
  constructor(keys, fragment) {
    this.sides = keys.map((priv) => new OTR({ priv, fragment_size: fragment }))
    this.sides.forEach((side, at) => {
      side.ALLOW_V2 = false
      side.on('io', (text) => this.sides[1 - at].receiveMsg(text))
      for (const event of ['ui', 'smp', 'status', 'error']) side.on(event, (...detail) => this.on(event, at, ...detail))
    })
    this.writer = 0
  }

  /** Waits until `done` says true of an event; `begin` brings it about. Fails if a side reports an error. */
  until(done, begin) {
    return new Promise((resolve, reject) => {
      this.on = (event, at, ...detail) => {
        if (event === 'error') reject(new Failed(detail[0]))
        else if (done(event, at, ...detail)) resolve()
      }
      begin()
    })
  }

  async connect() {
    let secured = 0
    await this.until(
      (event, at, status) => event === 'status' && status === OTR.CONST.STATUS_AKE_SUCCESS && ++secured === 2,
      () => this.sides[0].sendQueryMsg(),
    )
    return this
  }

  async write(text) {
    await this.until(
      (event, at, read, encrypted) => event === 'ui' && encrypted && read === text,
      () => this.sides[this.writer].sendMsg(text),
    )
  }

  async compare() {
    let equal = 0
    await this.until(
      (event, at, kind, same) => {
        if (event === 'smp' && kind === 'question') this.sides[at].smpSecret(SECRET)
        return event === 'smp' && kind === 'trust' && same && ++equal === 2
      },
      () => this.sides[0].smpSecret(SECRET),
    )
  }
}

/** The process's CPU time in microseconds. */
function now() {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function measure(milliseconds, run) {
  const batch = async (times) => {
    const start = now()
    for (let i = 0; i < times; i++) await run()
    return now() - start
  }
  let times = 1
  while ((await attempt(() => batch(times))) < 1000) times *= 2
  const end = now() + milliseconds * 1000
  do console.log(Math.round((await attempt(() => batch(times))) * 1000 / times))
  while (now() < end)
}

/** What does not come to its end does not count, and is done again. */
async function attempt(run) {
  for (let left = 20; ; left--) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof Failed) || left === 0) throw error
    }
  }
}

async function heap(connected) {
  const live = () => {
    global.gc()
    return process.memoryUsage().heapUsed
  }
  const pairs = [await connected()]
  const before = live()
  while (pairs.length <= PAIRS_FOR_HEAP) pairs.push(await connected())
  console.log(Math.round((live() - before) / (2 * PAIRS_FOR_HEAP)))
  return pairs
}

async function main(file, operation, milliseconds) {
  if (operation === 'keygen') return measure(milliseconds, () => new DSA(null, { nocache: true }))
  const keys = JSON.parse(fs.readFileSync(file)).map((key) => DSA.parsePrivate(key))
  const fragment = operation === 'fragments' ? 140 - FRAGMENT_HEADER : 0
  const connected = () => attempt(() => new Pair(keys, fragment).connect())
  if (operation === 'heap') return heap(connected)
  if (operation === 'ake') return measure(milliseconds, () => new Pair(keys, fragment).connect())
  const pair = await connected()
  if (operation === 'smp') return measure(milliseconds, () => pair.compare())
  const lengths = { 'ping-pong-100': 100, 'one-way-100': 100, 'one-way-1k': 1024, 'one-way-64k': 65536, fragments: 65536 }
  const text = 'a'.repeat(lengths[operation])
  return measure(milliseconds, async () => {
    await pair.write(text)
    if (operation === 'ping-pong-100') pair.writer = 1 - pair.writer
  })
}

// Whatever waits for something that never comes has failed: nothing is left to be done then.
process.exitCode = 1
const [what, ...rest] = process.argv.slice(2)
if (what === 'make-keys') {
  fs.writeFileSync(rest[0], JSON.stringify([new DSA(), new DSA()].map((key) => key.packPrivate())))
  process.exitCode = 0
} else {
  main(what, rest[0], Number(rest[1])).then(() => {
    process.exitCode = 0
  })
}
