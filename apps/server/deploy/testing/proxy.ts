import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The shipped configuration of a proxy, for certificates and ports of this machine and moment. */
export interface ProxySetup {
  readonly program: 'nginx' | 'haproxy'
  readonly httpPort: number
  readonly httpsPort: number
  /** Of the servers behind it, first and second. */
  readonly serverPorts: readonly [number, number]
}

export interface Proxy {
  /** Of its self-signed certificate. */
  readonly ca: Buffer
  readonly folder: string
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 20_000

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['-v']).error === undefined
}

/**
 * Runs the proxy in the foreground, in a folder of its own, until stop().
 * @throws Error with the proxy's own words where it refuses the configuration
 */
export async function startProxy(setup: ProxySetup): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-proxy-'))
  makeCertificate(folder)
  const isNginx = setup.program === 'nginx'
  const config = join(folder, isNginx ? 'nginx.conf' : 'haproxy.cfg')
  writeFileSync(config, isNginx ? nginxConfig(setup, folder) : haproxyConfig(setup, folder))
  const args = isNginx ? ['-p', folder, '-c', config] : ['-f', config]
  // What an operator does before a reload; it finds what a start would only say in a log.
  const checked = spawnSync(setup.program, [...args, isNginx ? '-t' : '-c'], { encoding: 'utf8' })
  if (checked.status !== 0) throw new Error(`${checked.stdout}${checked.stderr}`)

  const child = spawn(setup.program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => (said += data.toString()))
  }
  const ended = once(child, 'exit')
  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await listens(setup.httpsPort))) {
    if (Date.now() < deadline && child.exitCode === null) await sleep(50)
    else {
      await stop()
      throw new Error(`${setup.program} did not start: ${said}`)
    }
  }
  return { ca: readFileSync(join(folder, 'cert.pem')), folder, stop }
}

function makeCertificate(folder: string): void {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' ')
  const names = 'subjectAltName=DNS:localhost,DNS:captions.example.org'
  const args = [...request, '-addext', names, '-keyout', key, '-out', cert]
  execFileSync('openssl', args, { stdio: 'ignore' })
  writeFileSync(join(folder, 'both.pem'), readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'))
}

function nginxConfig({ httpPort, httpsPort, serverPorts }: ProxySetup, folder: string): string {
  const site = replaceEach(shipped('nginx.conf'), [
    ['listen 443', `listen 127.0.0.1:${httpsPort}`],
    ['listen 80', `listen 127.0.0.1:${httpPort}`],
    ['127.0.0.1:3001', `127.0.0.1:${serverPorts[0]}`],
    ['127.0.0.1:3002', `127.0.0.1:${serverPorts[1]}`],
    ['/etc/letsencrypt/live/captions.example.org/fullchain.pem', join(folder, 'cert.pem')],
    ['/etc/letsencrypt/live/captions.example.org/privkey.pem', join(folder, 'key.pem')],
  ])
  writeFileSync(join(folder, 'saywire.conf'), site.replaceAll(/^\s*listen \[::\].*$/gm, ''))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return [
    'daemon off;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr;',
    'events {}',
    'http {',
    'access_log off;',
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    `include ${folder}/saywire.conf;`,
    '}',
  ].join('\n')
}

function haproxyConfig({ httpPort, httpsPort, serverPorts }: ProxySetup, folder: string): string {
  return replaceEach(shipped('haproxy.cfg'), [
    ['bind :80', `bind 127.0.0.1:${httpPort}`],
    ['bind :443', `bind 127.0.0.1:${httpsPort}`],
    ['127.0.0.1:3001', `127.0.0.1:${serverPorts[0]}`],
    ['127.0.0.1:3002', `127.0.0.1:${serverPorts[1]}`],
    ['/etc/haproxy/captions.example.org.pem', join(folder, 'both.pem')],
  ])
}

function shipped(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8')
}

/** @throws Error where the file does not have what is to be replaced: it was edited, the test was not */
function replaceEach(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`The configuration no longer has \`${from}\`.`)
    return changed.replaceAll(from, to)
  }, text)
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
