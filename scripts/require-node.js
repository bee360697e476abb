// Loaded before every entry point. Plain JavaScript, so that a Node too old to read TypeScript can still say why.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `Gatehouse needs Node 24.15 or newer, and this is ${process.versions.node}: run "npm ci" and start it through "npm start", which brings its own on Linux, or install Node 24 from nodejs.org.`,
  )
  process.exit(1)
}
