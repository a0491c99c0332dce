// otr.js as a conversation partner on stdin and stdout; ../libotr/README.md describes the line protocol.
//
// The program adds nothing to otr.js: what it emits as `io` becomes a `wire` line, what it reports becomes an event
// line. otr.js sends by timers; `done` is printed when its queue is empty and nothing more can come.
'use strict'

const fs = require('node:fs')
const readline = require('node:readline')
const { parseArgs } = require('node:util')
const { DSA, OTR } = require('otr')

const { CONST } = OTR
const NO_TAG = '00000000' // version 2 has no instance tags
const FRAGMENT_HEADER = 36 // `?OTR|HEX8|HEX8,65535,65535,` and `,`; otr.js counts only what is between them

// libotr's bits
const POLICY = {
  ALLOW_V2: 0x02,
  ALLOW_V3: 0x04,
  REQUIRE_ENCRYPTION: 0x08,
  SEND_WHITESPACE_TAG: 0x10,
  WHITESPACE_START_AKE: 0x20,
  ERROR_START_AKE: 0x40,
}

// libotr's names for what otr.js says; everything else it says is the other side's error text.
const EVENTS = {
  'equal keys - we have a problem.': 'SETUP_ERROR',
  'Illegal g^x.': 'SETUP_ERROR',
  'Illegal g^y.': 'SETUP_ERROR',
  'Hashed g^x does not match.': 'SETUP_ERROR',
  'Cannot verify signature of m.': 'SETUP_ERROR',
  'Message cannot be sent at this time.': 'CONNECTION_ENDED',
  'Received an unreadable encrypted message.': 'RCVDMSG_NOT_IN_PRIVATE',
  'Not of our latest keys.': 'RCVDMSG_UNREADABLE',
  'Not of your latest keys.': 'RCVDMSG_UNREADABLE',
  'Do not have that key.': 'RCVDMSG_UNREADABLE',
  'Counter in message is not larger.': 'RCVDMSG_UNREADABLE',
  'MACs do not match.': 'RCVDMSG_UNREADABLE',
  'Received a message intended for a different session.': 'RCVDMSG_FOR_OTHER_INSTANCE',
}
const UNENCRYPTED = 'Received an unencrypted message.' // the text follows as `ui`

/** Why a command could not be carried out. */
class Refused extends Error {}

const word = (text, encoding) => Buffer.from(text, encoding).toString('base64') || '-'
const hex = (bytes) => Buffer.from(bytes, 'latin1').toString('hex')

/** Returns nothing: otr.js drops a listener that returns true. */
function emit(...words) {
  process.stdout.write(`${words.join(' ')}\n`)
}

// ---- What otr.js reports ----

function listen(otr) {
  let encrypted = false
  otr.on('io', (text) => emit('wire', word(text)))
  otr.on('ui', (text, wasEncrypted) => {
    if (wasEncrypted) emit('message', 'encrypted', word(text))
    else if (otr.REQUIRE_ENCRYPTION || otr.msgstate !== CONST.MSGSTATE_PLAINTEXT)
      emit('event', 'RCVDMSG_UNENCRYPTED', word(text))
    else emit('message', 'plain', word(text))
  })
  otr.on('error', (text) => {
    if (text !== UNENCRYPTED) emit('event', EVENTS[text] ?? 'RCVDMSG_GENERAL_ERR', word(text))
  })
  otr.on('status', (status) => {
    if (status === CONST.STATUS_AKE_SUCCESS) secured(otr, encrypted ? 'refreshed' : 'new')
    if (status === CONST.STATUS_END_OTR && otr.msgstate === CONST.MSGSTATE_FINISHED) emit('ended')
    encrypted = otr.msgstate === CONST.MSGSTATE_ENCRYPTED
  })
  otr.on('smp', (kind, detail) => {
    if (kind === 'abort') emit('smp', 'ABORT', 0)
    else if (kind === 'trust') emit('smp', detail ? 'SUCCESS' : 'FAILURE', 100)
    else if (detail === undefined) emit('smp', 'ASK_FOR_SECRET', 25)
    else emit('smp', 'ASK_FOR_ANSWER', 25, word(detail))
  })
  otr.on('file', (way, key, name) => {
    emit('extra_key', way === 'send' ? 'sent' : 'received', 1, word(name), hex(key))
  })
}

function secured(otr, kind) {
  const version = otr.ake.otr_version.charCodeAt(1)
  const half = otr.transmittedRS ? 'first' : 'second'
  const tag = version === 3 ? hex(otr.their_instance_tag) : NO_TAG
  emit('secured', version, otr.their_priv_pk.fingerprint(), hex(otr.ssid), half, kind, tag)
}

// ---- The commands: the kinds of their arguments, how many of them are required, whether they need a session ----

const COMMANDS = {
  start: { kinds: '', required: 0, run: (otr) => otr.sendQueryMsg() },
  send: { kinds: 't', required: 1, run: (otr, text) => otr.sendMsg(text) },
  receive: { kinds: 't', required: 1, run: (otr, text) => otr.receiveMsg(text) },
  end: { kinds: '', required: 0, run: (otr) => otr.endOtr() },
  smp_start: {
    kinds: 'bt',
    required: 1,
    session: true,
    run(otr, secret, question) {
      // otr.js has one function for both, and the state decides; it takes no secret without a character.
      if (otr.sm?.smpstate === CONST.SMPSTATE_EXPECT0) throw new Refused('an SMP request waits for its answer')
      if (!secret) throw new Refused('the secret is empty')
      otr.smpSecret(secret, question)
    },
  },
  smp_answer: {
    kinds: 'b',
    required: 1,
    session: true,
    run(otr, secret) {
      if (otr.sm?.smpstate !== CONST.SMPSTATE_EXPECT0) throw new Refused('no SMP request to answer')
      if (!secret) throw new Refused('the secret is empty')
      otr.smpSecret(secret)
    },
  },
  smp_abort: {
    kinds: '',
    required: 0,
    session: true,
    run(otr) {
      if (!otr.sm) throw new Refused('otr.js cannot abort what has not begun')
      otr.sm.abort()
    },
  },
  extra_key: {
    kinds: 'nb',
    required: 2,
    session: true,
    run(otr, use, name) {
      if (use !== 1 || !name || otr.ake.otr_version !== CONST.OTR_VERSION_3)
        throw new Refused('otr.js has the extra key for files only: use 1, a name, version 3')
      otr.sendFile(name)
    },
  },
  state: {
    kinds: '',
    required: 0,
    run(otr) {
      const message = ['PLAINTEXT', 'ENCRYPTED', 'FINISHED'][otr.msgstate]
      const auth = ['NONE', 'AWAITING_DHKEY', 'AWAITING_REVEALSIG', 'AWAITING_SIG'][otr.authstate]
      emit('state', message, auth, otr.ake.otr_version?.charCodeAt(1) ?? 0)
    },
  },
}
const MISSING = { poll: 'otr.js has nothing to poll', time: 'otr.js has no clock' }

/** A decimal number of 32 bits ("n"), or base64 of UTF-8, in a text ("t") without NUL: otr.js takes strings. */
function argument(kind, text) {
  if (kind === 'n') {
    if (!/^-?[0-9]{1,10}$/.test(text) || text < -(2 ** 31) || text >= 2 ** 32) throw new Refused('not a number')
    return Number(text)
  }
  const bytes = Buffer.from(text === '-' ? '' : text, 'base64')
  const value = bytes.toString()
  if (word(bytes) !== text || !Buffer.from(value).equals(bytes) || (kind === 't' && value.includes('\0')))
    throw new Refused('malformed argument')
  return value
}

function run(otr, line) {
  const [name, ...words] = line.split(' ')
  if (!Object.hasOwn(COMMANDS, name)) throw new Refused(MISSING[name] ?? 'unknown command')
  const { kinds, required, session, run } = COMMANDS[name]
  if (words.length < required || words.length > kinds.length) throw new Refused('too few or too many arguments')
  const args = words.map((text, at) => argument(kinds[at], text))
  if (session && otr.msgstate !== CONST.MSGSTATE_ENCRYPTED) throw new Refused('no encrypted session')
  run(otr, ...args)
}

/** All that otr.js will ever send without another command is in its queue: each `io` takes one text out. */
async function drained(otr) {
  while (otr.outgoing.length) await new Promise((resolve) => otr.once('io', resolve))
}

// ---- The program ----

function options() {
  const names = ['key', 'account', 'protocol', 'instance-tag', 'policy', 'max-size', 'peer']
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) })
  for (const name of ['key', 'account', 'protocol']) if (!values[name]) throw new Error(`--${name} is missing`)
  const tag = values['instance-tag']
  if (tag && !/^[0-9a-f]{8}$/i.test(tag)) throw new Error('--instance-tag is not eight hexadecimal digits')
  const size = Number(values['max-size'] ?? 0)
  if (!(size === 0 || size > FRAGMENT_HEADER)) throw new Error('--max-size leaves no room for a fragment')
  return {
    key: values.key,
    tag: tag ? Buffer.from(tag, 'hex').toString('latin1') : OTR.makeInstanceTag(),
    policy: parseInt(values.policy ?? '06', 16),
    fragment: size && size - FRAGMENT_HEADER,
  }
}

function loadKey(file) {
  if (fs.existsSync(file)) return [DSA.parsePrivate(fs.readFileSync(file, 'latin1')), 'loaded']
  const key = new DSA()
  fs.writeFileSync(file, key.packPrivate(), { mode: 0o600, flag: 'wx' })
  return [key, 'generated']
}

async function main({ key: file, tag, policy, fragment }) {
  const [priv, origin] = loadKey(file)
  // In its debug mode otr.js says why it refuses a message, instead of that it does; and it logs.
  console.log = () => {}
  const otr = new OTR({ priv, instance_tag: tag, fragment_size: fragment, debug: true })
  for (const [name, bit] of Object.entries(POLICY)) otr[name] = (policy & bit) !== 0
  listen(otr)
  emit('ready', priv.fingerprint(), hex(tag), origin)
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      run(otr, line)
    } catch (error) {
      emit('error', word(error instanceof Refused ? error.message : String(error)))
    }
    await drained(otr)
    emit('done')
  }
}

let chosen
try {
  chosen = options()
} catch (error) {
  console.error(error.message)
  process.exit(2)
}
main(chosen)
