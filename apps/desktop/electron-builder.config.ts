import type { Configuration } from 'electron-builder'

/**
 * What is made of `dist-package/app`, which scripts/package.mjs puts together: bundled code and the
 * native modules, without the workspace's node_modules.
 */
export default {
  appId: 'app.saywire.desktop',
  productName: 'Saywire',
  artifactName: '${productName}-${version}-${os}-${arch}.${ext}',
  directories: { output: '../out', buildResources: '../../build' },
  files: ['dist/**', 'package.json', { from: 'node_modules', to: 'node_modules' }],
  asar: true,
  // Native libraries are loaded by the system, which cannot look into an archive.
  asarUnpack: ['node_modules/**'],
  npmRebuild: false,
  extraResources: [
    { from: '../whisper', to: 'whisper' },
    { from: '../licences', to: 'licences' },
  ],
  icon: '../../assets/icons/icon.png',
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  win: {
    target: ['nsis', 'portable', 'zip'],
    executableName: 'Saywire',
  },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  mac: {
    target: [{ target: 'dmg', arch: ['arm64', 'x64'] }],
    category: 'public.app-category.video',
    hardenedRuntime: true,
    entitlements: '../../build/entitlements.mac.plist',
    entitlementsInherit: '../../build/entitlements.mac.plist',
    extendInfo: {
      NSMicrophoneUsageDescription: 'Saywire turns what you say into captions.',
    },
  },
  linux: {
    target: ['AppImage', 'deb', 'dir'],
    executableName: 'saywire',
    category: 'AudioVideo',
    synopsis: 'Live captions for streamers',
    maintainer: 'Saywire',
  },
} satisfies Configuration
