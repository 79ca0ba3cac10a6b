/** A style sheet that the bundler adds to the page. */
declare module '*.css'

/** A style sheet as text: Vite's `?inline`. */
declare module '*.css?inline' {
  const css: string
  export default css
}
