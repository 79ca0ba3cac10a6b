// Makes a Debian package of the unpacked app by Debian's own dpkg-deb. (electron-builder's way needs
// fpm, which it downloads.)
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What Electron, naudiodon and the speech library are linked with. */
const DEPENDS = [
  'libasound2 | libasound2t64',
  'libatspi2.0-0 | libatspi2.0-0t64',
  'libc6',
  'libgbm1',
  'libgomp1',
  'libgtk-3-0 | libgtk-3-0t64',
  'libnotify4',
  'libnss3',
  'libsecret-1-0',
  'libxtst6',
  'xdg-utils',
]
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }

export function canMakeDeb() {
  return process.platform === 'linux' && spawnSync('dpkg-deb', ['--version']).status === 0
}

/**
 * @param {{ unpacked: string, icon: string, folder: string, version: string, description: string }} app
 *   `unpacked` is electron-builder's folder; the package goes into `folder`
 * @returns {string} its path
 */
export function makeDeb({ unpacked, icon, folder, version, description }) {
  const architecture = ARCHITECTURES[process.arch]
  const path = join(folder, `Saywire-${version}-linux-${architecture}.deb`)
  const tree = mkdtempSync(join(tmpdir(), 'saywire-deb-'))
  try {
    chmodSync(tree, 0o755)
    cpSync(unpacked, join(tree, 'opt', 'Saywire'), { recursive: true })
    // Chromium's sandbox where the system gives user namespaces to nobody.
    chmodSync(join(tree, 'opt', 'Saywire', 'chrome-sandbox'), 0o4755)
    put(tree, 'usr/share/applications/saywire.desktop', desktopEntry(description))
    const icons = join(tree, 'usr', 'share', 'icons', 'hicolor', '512x512', 'apps')
    mkdirSync(icons, { recursive: true })
    cpSync(icon, join(icons, 'saywire.png'))
    mkdirSync(join(tree, 'usr', 'bin'), { recursive: true })
    symlinkSync('/opt/Saywire/saywire', join(tree, 'usr', 'bin', 'saywire-app'))
    put(tree, 'DEBIAN/control', control({ version, architecture, description }))
    const args = ['--root-owner-group', '-Zxz', '-z3', '--build', tree, path]
    const { status, stderr } = spawnSync('dpkg-deb', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`dpkg-deb: ${stderr.trim()}`)
    return path
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

function put(tree, name, text) {
  const path = join(tree, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: 0o644 })
}

function control({ version, architecture, description }) {
  return `Package: saywire
Version: ${version}
Architecture: ${architecture}
Maintainer: Saywire
Section: video
Priority: optional
Depends: ${DEPENDS.join(', ')}
Description: ${description}
`
}

function desktopEntry(description) {
  return `[Desktop Entry]
Type=Application
Name=Saywire
Comment=${description}
Exec=/opt/Saywire/saywire %U
Icon=saywire
Terminal=false
StartupWMClass=Saywire
Categories=AudioVideo;
`
}
