import type { ServerResponse } from 'node:http'

/** Features of browsers that no page of this server uses, and none that it was put into may. */
const NO_FEATURES = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'usb',
  'xr-spatial-tracking',
]

/** A year. Of this very host alone: what its neighbours speak is not ours to say. */
const HSTS = 'max-age=31536000'

/**
 * Headers of every answer. Pages replace the Content-Security-Policy by their own, and what may be
 * kept its `cache-control`.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'permissions-policy': NO_FEATURES.map((name) => `${name}=()`).join(', '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** @param publicUrl where browsers reach this server; only over TLS they are told to stay there */
export function createSecurityHeaders(
  publicUrl: string | undefined,
): (res: ServerResponse) => void {
  const isTls = publicUrl !== undefined && new URL(publicUrl).protocol === 'https:'
  const hsts = isTls ? { 'strict-transport-security': HSTS } : {}
  const headers = Object.entries({ ...SECURITY_HEADERS, ...hsts })
  return (res) => {
    for (const [name, value] of headers) res.setHeader(name, value)
  }
}
