import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { listen } from './listen.ts'

it('says what to do whatever is wrong with a port', async () => {
  const server = createServer()
  const { close } = await listen(() => server, 0)
  // The same server once more is an error that no system gives for a port.
  await expect(listen(() => server, 8090)).rejects.toMatchObject({
    code: 'port_refused',
    message: expect.stringMatching(/^Port 8090 cannot be had: choose another/),
  })
  await close()
})
