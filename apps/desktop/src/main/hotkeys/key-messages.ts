/** What the app tells the key process. */
export type KeyRequest = {
  readonly type: 'watch'
  /** Rises with each; comes back in the answer. */
  readonly seq: number
}

/** What the key process tells the app: when a key went up, never which. */
export type KeyReply =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly reason: string }
  /** `blind`: no key was seen, so that its release cannot be either. */
  | { readonly type: 'released'; readonly seq: number; readonly how: 'seen' | 'blind' }
