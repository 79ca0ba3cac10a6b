// Stands in for the capture process where a test needs microphones without a sound card: speaks its
// protocol, with devices and sound out of a "room" (see scripted-room.ts), in real time.
import { readFileSync } from 'node:fs'

const task = JSON.parse(process.argv[2])
const roomFile = process.env.SCRIPTED_ROOM
const FRAME_BYTES = 640
const FRAME_MS = 20
const SILENCE_DBFS = -100

const room = () => JSON.parse(readFileSync(roomFile, 'utf8'))
const devicesNow = () => room().devices.map((device, index) => Object.assign(device, { index }))
const tellDevices = () =>
  process.send({
    type: 'devices',
    devices: devicesNow(),
    plugged: room().devices.map((one) => one.name),
    cpuMs: 0,
  })

process.on('disconnect', () => process.exit(0))
if (task.do === 'list') {
  tellDevices()
} else if (task.do === 'list-when-asked') {
  process.on('message', (control) => control.do === 'list' && tellDevices())
  // Alive until its owner lets go.
  setInterval(() => undefined, 60_000)
} else {
  record()
}

function record() {
  const device = devicesNow().find(
    ({ name, index, isDefault }) =>
      task.device === name || task.device === index || (task.device === undefined && isDefault),
  )
  if (!device) {
    const sentence = 'There is no microphone: plug one in, and allow this program to use it.'
    process.send({ type: 'failed', code: 'no_microphone', sentence, cause: 'not in the room' })
    return
  }
  const sound = readFileSync(room().pcmFile)
  let muted = task.muted === true
  let at = 0
  let frames = 0
  let audioBytes = 0
  process.on('message', (control) => {
    if (control.do !== 'mute') return
    muted = control.muted
    process.send({ type: 'mute', muted, seq: control.seq, audioBytes })
  })
  process.send({ type: 'opened', deviceName: device.name })
  const beganMs = performance.now()
  const timer = setInterval(() => {
    if (frames % 10 === 0 && !devicesNow().some(({ name }) => name === device.name)) {
      clearInterval(timer)
      const sentence = 'The microphone is gone.'
      process.send({ type: 'failed', code: 'no_microphone', sentence, cause: 'unplugged' })
      return
    }
    for (; frames * FRAME_MS < performance.now() - beganMs; frames++) say()
  }, FRAME_MS)

  function say() {
    const pcm = new Uint8Array(sound.subarray(at, at + FRAME_BYTES))
    at = at + FRAME_BYTES * 2 > sound.byteLength ? 0 : at + FRAME_BYTES
    if (task.do !== 'meter') {
      if (muted) process.send({ type: 'muted', durationMs: FRAME_MS })
      else process.send({ type: 'audio', pcm })
      if (!muted) audioBytes += FRAME_BYTES
    }
    if (frames % 3 === 0) {
      const dbfs = muted ? SILENCE_DBFS : -20
      process.send({ type: 'level', rmsDbfs: dbfs, peakDbfs: dbfs })
    }
  }
}
