import { connectTranscribe } from '../../stream/testing/transcribe-client.ts'

const SECOND = 32_000
/** Its own: nobody else's attempts to log in count against it. */
const HOME = '203.0.113.7'

/**
 * Does what an honest user does: registers, asks who it is, speaks a second and ends the session.
 * @returns the milliseconds of audio that it was billed for that second
 * @throws Error where the server does not serve it
 */
export async function serveGoodClient(url: string): Promise<number> {
  const email = `good-${crypto.randomUUID()}@example.org`
  const login = await fetch(`${url}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': HOME },
    body: JSON.stringify({ email, password: 'correct horse' }),
  })
  const { access_token: token } = (await login.json()) as { access_token?: string }
  if (!token) throw new Error(`An honest user cannot register: ${login.status}.`)
  const me = await fetch(`${url}/account/me`, { headers: { authorization: `Bearer ${token}` } })
  const account = (await me.json()) as { email?: string }
  if (account.email !== email) throw new Error(`An honest user is somebody else: ${me.status}.`)
  const client = await connectTranscribe(url, { token })
  client.sendAudio(new Uint8Array(SECOND))
  client.send({ type: 'stop' })
  const { used_ms: usedMs } = await client.next('session_end')
  await client.closed
  return usedMs
}
