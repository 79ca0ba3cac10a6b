import { expect, test, vi } from 'vitest'
import { connectToFake, SOON } from './testing/connect-to-fake.ts'

test('captions start and stop with the stream', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { follow: 'stream' } })
  await reach('connected')
  obs.setOutput('record', 'STARTED')
  obs.setOutput('stream', 'STARTING')
  obs.setOutput('stream', 'STARTED')
  obs.setOutput('stream', 'STOPPING')
  obs.setOutput('stream', 'STOPPED')
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }, { type: 'stop' }])
})

test('a stream that loses its server and finds it again goes on', async () => {
  const { obs, connection, events, reach } = await connectToFake({ settings: { follow: 'stream' } })
  await reach('connected')
  obs.setOutput('stream', 'STARTED')
  obs.setOutput('stream', 'RECONNECTING')
  obs.setOutput('stream', 'RECONNECTED')
  obs.setOutput('record', 'STARTED')
  await expect.poll(() => connection.state(), SOON).toMatchObject({ isRecording: true })
  expect(connection.state()).toMatchObject({ isStreaming: true })
  expect(events).toEqual([{ type: 'start' }])
})

test('a recording that is paused goes on', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { follow: 'recording' } })
  await reach('connected')
  obs.setOutput('record', 'STARTED')
  obs.setOutput('record', 'PAUSED')
  obs.setOutput('record', 'RESUMED')
  obs.setOutput('record', 'STOPPED')
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }, { type: 'stop' }])
})

test('with either, captions stop when the last of both stops', async () => {
  const { obs, connection, events, reach } = await connectToFake({ settings: { follow: 'either' } })
  await reach('connected')
  obs.setOutput('record', 'STARTED')
  obs.setOutput('stream', 'STARTED')
  obs.setOutput('record', 'STOPPED')
  await expect
    .poll(() => connection.state(), SOON)
    .toMatchObject({ isStreaming: true, isRecording: false })
  expect(events).toEqual([{ type: 'start' }])
  obs.setOutput('stream', 'STOPPED')
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }, { type: 'stop' }])
})

test('a stream that already runs starts captions on connecting', async () => {
  const { events } = await connectToFake({
    settings: { follow: 'stream' },
    prepare: (obs) => obs.setOutput('stream', 'STARTED'),
  })
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }])
})

test('following is switched on and off without a restart', async () => {
  const { obs, events, reach, update } = await connectToFake()
  await reach('connected')
  obs.setOutput('stream', 'STARTED')
  update({ follow: 'stream' })
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }])
  update({ follow: 'none' })
  obs.setOutput('stream', 'STOPPED')
  obs.setMuted('Mic/Aux', true)
  update({ muteInput: 'Mic/Aux' })
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }, { type: 'mute' }])
})

test('an OBS that goes away stops nothing, and one that came back without its stream does', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { follow: 'stream' } })
  await reach('connected')
  obs.setOutput('stream', 'STARTED')
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }])
  await obs.stop()
  await reach('unreachable')
  expect(events).toEqual([{ type: 'start' }])
  obs.setOutput('stream', 'STOPPED')
  await obs.start()
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }, { type: 'stop' }])
})

test('a stream event that was missed is made up for', async () => {
  const { obs, events, reach } = await connectToFake({
    settings: { follow: 'stream' },
    timing: { heartbeatMs: 100 },
  })
  await reach('connected')
  obs.world.stream.isActive = true
  await expect.poll(() => events, SOON).toEqual([{ type: 'start' }])
})

test('the mute of the chosen input is followed, and of no other', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { muteInput: 'Mic/Aux' } })
  await reach('connected')
  obs.setMuted('Desktop Audio', true)
  obs.setMuted('Mic/Aux', true)
  obs.setMuted('Mic/Aux', true)
  obs.setMuted('Mic/Aux', false)
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }, { type: 'unmute' }])
})

test('an input that is muted already mutes on connecting', async () => {
  const { events } = await connectToFake({
    settings: { muteInput: 'Mic/Aux' },
    prepare: (obs) => obs.setMuted('Mic/Aux', true),
  })
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }])
})

test('an OBS that goes away leaves the mute, and one that came back unmuted ends it', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { muteInput: 'Mic/Aux' } })
  await reach('connected')
  obs.setMuted('Mic/Aux', true)
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }])
  await obs.stop()
  await reach('unreachable')
  obs.setMuted('Mic/Aux', false)
  expect(events).toEqual([{ type: 'mute' }])
  await obs.start()
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }, { type: 'unmute' }])
})

test('an unmuted input does not undo a mute of the user', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { muteInput: 'Mic/Aux' } })
  await reach('connected')
  await vi.waitUntil(() => obs.requests.includes('GetInputMute'), SOON)
  await obs.stop()
  await reach('unreachable')
  await obs.start()
  await reach('connected')
  obs.setMuted('Mic/Aux', true)
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }])
})

test('a renamed input is followed under its new name', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { muteInput: 'Mic/Aux' } })
  await reach('connected')
  obs.renameInput('Mic/Aux', 'Headset')
  obs.setMuted('Headset', true)
  await expect
    .poll(() => events, SOON)
    .toEqual([{ type: 'mute_input_renamed', inputName: 'Headset' }, { type: 'mute' }])
})

test('a removed input leaves the mute, is told, and is followed when it is back', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { muteInput: 'Mic/Aux' } })
  await reach('connected')
  obs.setMuted('Mic/Aux', true)
  obs.removeInput('Mic/Aux')
  obs.createInput('Mic/Aux', { kind: 'pulse_input_capture', settings: {}, isMuted: false })
  const notice = {
    type: 'notice',
    level: 'warning',
    sentence: expect.stringContaining('no input "Mic/Aux"'),
  }
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }, notice, { type: 'unmute' }])
})

test('after a change of the scene collection, the input of the same name is followed', async () => {
  const { obs, events, reach } = await connectToFake({ settings: { muteInput: 'Mic/Aux' } })
  await reach('connected')
  await vi.waitUntil(() => obs.requests.includes('GetInputMute'), SOON)
  obs.beginCollectionChange()
  obs.endCollectionChange([
    ['Mic/Aux', { kind: 'pulse_input_capture', settings: {}, isMuted: true }],
  ])
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }])
})

test.each([
  ['Nothing', 'no input "Nothing"'],
  ['Camera', 'no sound'],
])('an input that cannot be followed is told: %s', async (muteInput, words) => {
  const { events } = await connectToFake({ settings: { muteInput } })
  await expect.poll(() => events, SOON).toHaveLength(1)
  expect(events[0]).toMatchObject({ type: 'notice', sentence: expect.stringContaining(words) })
})

test('changing over from a muted input to another takes its state', async () => {
  const { obs, events, reach, update } = await connectToFake({ settings: { muteInput: 'Mic/Aux' } })
  await reach('connected')
  obs.setMuted('Mic/Aux', true)
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }])
  update({ muteInput: 'Desktop Audio' })
  await expect.poll(() => events, SOON).toEqual([{ type: 'mute' }, { type: 'unmute' }])
})

test('a recording that already runs is placed on our clock by its duration', async () => {
  const { connection } = await connectToFake({
    prepare: (obs) => {
      obs.setOutput('record', 'STARTED')
      obs.world.record.durationMs = 90_000
    },
  })
  await expect.poll(() => connection.state(), SOON).toMatchObject({ isRecording: true })
  const state = connection.state()
  const startedAtMs = state.status === 'connected' ? state.recordingStartedAtMs : undefined
  expect(startedAtMs).toBeLessThanOrEqual(performance.now() - 90_000)
  expect(startedAtMs).toBeGreaterThan(performance.now() - 90_000 - SOON.timeout)
})

test('a recording that starts, pauses and goes on is placed by its events and its duration', async () => {
  const { obs, connection, reach } = await connectToFake()
  const startedAtMs = () => {
    const state = connection.state()
    return state.status === 'connected' ? state.recordingStartedAtMs : undefined
  }
  await reach('connected')
  const beforeMs = performance.now()
  obs.setOutput('record', 'STARTED')
  await expect.poll(startedAtMs, SOON).toBeGreaterThanOrEqual(beforeMs)
  expect(startedAtMs()).toBeLessThanOrEqual(performance.now())

  obs.setOutput('record', 'PAUSED')
  // A pause of an hour is not in the file.
  obs.world.record.durationMs = 1_000
  const resumedAtMs = performance.now()
  obs.setOutput('record', 'RESUMED')
  await expect.poll(startedAtMs, SOON).toBeLessThan(beforeMs)
  expect(startedAtMs()).toBeGreaterThanOrEqual(resumedAtMs - 1_000)
  obs.setOutput('record', 'STOPPED')
  await expect.poll(startedAtMs, SOON).toBeUndefined()
})
