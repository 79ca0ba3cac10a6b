import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BenchRun } from '../report.ts'
import type { Cores } from './cores.ts'
import type { Dialect } from './talker.ts'

/** Something between the clients and the fake Deepgram. */
export interface Target {
  readonly name: string
  readonly url: string
  readonly dialect: Dialect
  /** Of all that belongs to it; undefined where nothing stands between. */
  readonly pid: number | undefined
  end(): Promise<void>
}

const BARE_PROXY = fileURLToPath(new URL('bare-proxy.ts', import.meta.url))
const START_TIMEOUT_MS = 15_000
const NGINX_PLACES = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx']

/**
 * A bare proxy on `ws` that hands results on as they are, or parses and reshapes them. It masks in
 * JavaScript, as `ws` does where it is installed alone; `native`: in C, as the server does.
 */
export async function startBareProxy(
  run: BenchRun,
  cores: Cores,
  upstreamUrl: string,
  mode: 'pipe' | 'reshape' | 'native',
  flags: readonly string[],
): Promise<Target> {
  const node = [process.execPath, ...flags, '--import', 'tsx', BARE_PROXY]
  const command = [...cores.measured, ...node]
  const isNative = mode === 'native'
  const [program, ...args] = [...command, upstreamUrl, isNative ? 'reshape' : mode]
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...(isNative ? {} : { WS_NO_BUFFER_UTIL: '1' }) },
  })
  const end = endOf(run, child)
  const [message] = (await once(child, 'message')) as [{ url: string }]
  return { name: `ws ${mode}`, url: message.url, dialect: 'deepgram', pid: child.pid, end }
}

/** Undefined where there is no nginx on this machine. */
export async function startNginx(
  run: BenchRun,
  cores: Cores,
  upstreamUrl: string,
): Promise<Target | undefined> {
  const binary = await findNginx()
  if (binary === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'saywire-nginx-'))
  run.atEnd(async () => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const config = join(folder, 'nginx.conf')
  await writeFile(config, nginxConfig(folder, port, new URL(upstreamUrl).host))
  const [program, ...args] = [...cores.measured, binary, '-p', folder, '-c', config]
  const child = spawn(program, args, { stdio: 'ignore' })
  const end = endOf(run, child)
  const byMs = performance.now() + START_TIMEOUT_MS
  const url = `http://127.0.0.1:${port}`
  // Whatever it answers, it listens.
  while (
    !(await fetch(url).then(
      () => true,
      () => false,
    ))
  ) {
    if (performance.now() > byMs) return undefined
    await sleep(50)
  }
  return { name: 'nginx', url, dialect: 'deepgram', pid: child.pid, end }
}

function endOf(run: BenchRun, child: ChildProcess): () => Promise<void> {
  const exited = once(child, 'exit')
  const end = async (): Promise<void> => {
    // nginx takes SIGTERM as the wish to end with its workers.
    child.kill('SIGTERM')
    await exited
  }
  run.atEnd(end)
  return end
}

async function findNginx(): Promise<string | undefined> {
  for (const place of NGINX_PLACES) {
    const isThere = await access(place).then(
      () => true,
      () => false,
    )
    if (isThere) return place
  }
  return undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function nginxConfig(folder: string, port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${folder}/${name};`)
    .join('\n')
  return `worker_processes 1;
worker_rlimit_nofile 20000;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log error;
events { worker_connections 9000; }
http {
  access_log off;
${temporary}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://${upstream};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_read_timeout 3600s;
      proxy_buffering off;
    }
  }
}
`
}
