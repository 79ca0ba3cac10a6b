/** An account of its own at a running server, as its user makes it. */
export async function registerUser(
  serverUrl: string,
  email = `${crypto.randomUUID()}@example.org`,
): Promise<{ userId: string; token: string }> {
  const answer = await fetch(`${serverUrl}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'correct horse' }),
  })
  const login = (await answer.json()) as { access_token: string; user: { id: string } }
  return { userId: login.user.id, token: login.access_token }
}
