/** The name with its sign: a voice on a wire. */
export function Wordmark() {
  return (
    <span className="brand">
      <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" />
        <path d="M5 16h4l2.5-7 4 14 4-11 2 4H27" />
      </svg>
      <span>Saywire</span>
    </span>
  )
}
