// A process that holds a data folder, for tests that start a second one or kill this one. With `write` it starts and
// walks logins without end and says what it was told was recorded.

import { openStore } from '../../src/db/open-store.ts'
import { aDevice, aLogin, aName, aProfile, scanned, signedIn, withQrCode } from './given.ts'

const [folder = '', mode] = process.argv.slice(2)
try {
  const store = await openStore({
    engine: { kind: 'pglite', dataDir: folder },
    secret: new Uint8Array(32).fill(7),
  })
  console.log('ready')
  if (mode === 'write') {
    for (;;) {
      const { loginId } = await aLogin(store, await aDevice(store))
      const say = (sequence: number) => console.log(`${loginId} ${sequence}`)
      say(1)
      say((await withQrCode(store, loginId)).state.sequence)
      await scanned(store, loginId)
      say(3)
      await signedIn(store, loginId, aProfile({ wcId: aName('wxid') }))
      say(4)
    }
  }
  setInterval(() => {}, 60_000)
  process.once('SIGTERM', () => void store.close().then(() => process.exit(0)))
} catch (error) {
  console.log(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  process.exitCode = 1
}
