import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const TIMEOUT_MS = 5000

/**
 * Whether the machine has what Vulkan is built with: its shader compiler, which comes with the SDK. What
 * else is missing CMake finds, and goes on without.
 * @param glslc Default `glslc`, found through PATH
 */
export async function hasVulkanSdk(glslc = 'glslc'): Promise<boolean> {
  return promisify(execFile)(glslc, ['--version'], { timeout: TIMEOUT_MS }).then(
    () => true,
    () => false,
  )
}
