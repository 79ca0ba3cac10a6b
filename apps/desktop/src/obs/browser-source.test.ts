import { expect, test } from 'vitest'
import { connectToFake } from './testing/connect-to-fake.ts'
import type { TestConnectionOptions } from './testing/connect-to-fake.ts'

const OVERLAY_URL = 'http://127.0.0.1:8080/'
const ORDER = { name: 'Saywire captions', overlayUrl: OVERLAY_URL }
const SETTINGS = {
  is_local_file: false,
  url: OVERLAY_URL,
  width: 1920,
  height: 1080,
  shutdown: false,
  restart_when_active: false,
  css: '',
}

async function connected(options: TestConnectionOptions = {}) {
  const fake = await connectToFake(options)
  await fake.reach('connected')
  const items = (scene: string) => fake.obs.world.scenes.get(scene)?.map((item) => item.sourceName)
  return { ...fake, items, add: fake.connection.addBrowserSource }
}

test('creates a source of the size of the canvas on top of the scene on air', async () => {
  const { obs, add, items } = await connected()
  expect(await add(ORDER)).toMatchObject({ outcome: 'created' })
  expect(items('Game')).toEqual(['Camera', ORDER.name])
  expect(items('Break')).toEqual([])
  expect(obs.world.inputs.get(ORDER.name)).toMatchObject({
    kind: 'browser_source',
    settings: SETTINGS,
  })
})

test('creates it in the scene that was asked for', async () => {
  const { add, items } = await connected()
  expect(await add({ ...ORDER, scene: 'Break' })).toMatchObject({ outcome: 'created' })
  expect(items('Break')).toEqual([ORDER.name])
})

test('doing it twice changes nothing', async () => {
  const { add, items } = await connected()
  await add(ORDER)
  expect(await add(ORDER)).toMatchObject({ outcome: 'updated' })
  expect(items('Game')).toEqual(['Camera', ORDER.name])
})

test('finds the source that shows our page under any name, and mends its settings', async () => {
  const { obs, add, items } = await connected({
    prepare: ({ world }) => {
      const settings = { url: 'http://localhost:8080', width: 300, css: 'body{}', fps: 60 }
      world.inputs.set('Subs', { kind: 'browser_source', settings, isMuted: undefined })
      world.scenes.get('Game')?.unshift({ id: 9, sourceName: 'Subs' })
    },
  })
  expect(await add(ORDER)).toMatchObject({ outcome: 'updated' })
  expect(obs.world.inputs.get('Subs')?.settings).toEqual({ ...SETTINGS, fps: 60 })
  expect(items('Game')).toEqual(['Subs', 'Camera'])
})

test('a source of ours moves to the new address of the overlay', async () => {
  const { obs, add } = await connected()
  await add(ORDER)
  const overlayUrl = 'http://127.0.0.1:9090/'
  expect(await add({ ...ORDER, overlayUrl })).toMatchObject({ outcome: 'updated' })
  expect(obs.world.inputs.get(ORDER.name)?.settings['url']).toBe(overlayUrl)
})

test('a source that only other scenes have is added to this one', async () => {
  const { add, items } = await connected()
  await add({ ...ORDER, scene: 'Break' })
  expect(await add(ORDER)).toMatchObject({ outcome: 'added_to_scene' })
  expect(items('Game')).toEqual(['Camera', ORDER.name])
})

test('a browser source of our name that shows another page is left alone', async () => {
  const settings = { url: 'https://alerts.example/' }
  const { obs, add } = await connected({
    prepare: ({ world }) => {
      world.inputs.set(ORDER.name, { kind: 'browser_source', settings, isMuted: undefined })
    },
  })
  expect(await add(ORDER)).toMatchObject({ outcome: 'name_taken' })
  expect(obs.world.inputs.get(ORDER.name)?.settings).toBe(settings)
  expect(obs.requests).not.toContain('SetInputSettings')
})

test.each([ORDER.name, 'Lower third'])(
  'a browser source that shows a file is left alone: %s',
  async (name) => {
    const settings = { is_local_file: true, local_file: '/home/me/a.html', url: OVERLAY_URL }
    const { obs, add } = await connected({
      prepare: ({ world }) => {
        world.inputs.set(name, { kind: 'browser_source', settings, isMuted: undefined })
      },
    })
    const outcome = name === ORDER.name ? 'name_taken' : 'created'
    expect(await add(ORDER)).toMatchObject({ outcome })
    expect(obs.world.inputs.get(name)?.settings).toBe(settings)
  },
)

test('another kind of source of our name is left alone', async () => {
  const { obs, add } = await connected({
    prepare: ({ world }) => {
      world.inputs.set(ORDER.name, { kind: 'v4l2_input', settings: {}, isMuted: undefined })
    },
  })
  expect(await add(ORDER)).toMatchObject({ outcome: 'name_taken' })
  expect(obs.requests).not.toContain('SetInputSettings')
})

test('an OBS without browser sources is said to have none', async () => {
  const { add } = await connected({
    prepare: ({ world }) => void world.inputKinds.delete('browser_source'),
  })
  expect(await add(ORDER)).toMatchObject({ outcome: 'no_browser_sources' })
})

test('a scene that is gone is said to be gone', async () => {
  const { add } = await connected()
  expect(await add({ ...ORDER, scene: 'Intro' })).toMatchObject({ outcome: 'scene_missing' })
})

test('another refusal of OBS rejects with what to do', async () => {
  const { obs, add } = await connected()
  obs.refuse('CreateInput', 700)
  await expect(add(ORDER)).rejects.toMatchObject({ code: 'refused', requestStatus: 700 })
})
