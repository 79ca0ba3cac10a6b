/** The one IPC channel between the page and the main process. */
export const RPC_CHANNEL = 'saywire:rpc'
