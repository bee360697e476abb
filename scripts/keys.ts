// npm run keys -- show | new: the admin key of the embedded gateway, or a new random one for GATEHOUSE_ADMIN_KEY. The
// only place that ever prints a key, to whoever may read its file anyway.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { adminKeyFile } from '../src/server/key-files.ts'

const usage = `Usage:
  npm run keys -- show   prints the admin key of the gateway whose data folder is DATA_DIR (.data)
  npm run keys -- new    prints a new key for GATEHOUSE_ADMIN_KEY; nothing is saved`

const show = async (): Promise<void> => {
  const file = adminKeyFile(process.env.DATA_DIR?.trim() || '.data')
  try {
    console.log((await readFile(file, 'utf8')).trim())
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    console.error(
      missing
        ? `There is no ${file} yet: it is made at the first start, unless GATEHOUSE_ADMIN_KEY is set.`
        : `${file} cannot be read: run this as the user that runs the gateway.`,
    )
    process.exitCode = 1
  }
}

const [command] = process.argv.slice(2)
if (command === 'show') await show()
else if (command === 'new') console.log(`gh_${randomBytes(32).toString('base64url')}`)
else {
  console.error(usage)
  process.exitCode = 1
}
