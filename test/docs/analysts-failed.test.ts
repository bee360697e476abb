// The tenth question of docs/analysts.md: what happened to an account includes what failed.

import { readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '../../src/db/ids.ts'
import { ask } from '../support/api-client.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const page = readFileSync(new URL('../../docs/analysts.md', import.meta.url), 'utf8')
const tenth = page.slice(page.indexOf('## 10. '))
/** The last one of a language: what is before it finds something to ask it with. */
const block = (language: string): string =>
  [...tenth.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].at(-1)?.[1] ?? ''

let gateway: TestGateway
const now = Date.now()
const [signedIn, failed] = [newId(now - 7_200_000), newId(now - 3_600_000)]

beforeAll(async () => {
  gateway = await startTestGateway({
    engine: 'postgres',
    upstream: { url: 'http://127.0.0.1:9', token: 'nobody-listens' },
  })
  const { rows } = gateway.database
  const [device, account, elsewhere] = [newId(now), newId(now), newId(now)]
  await rows(sql`
    insert into device (id, tenant, provider, device_key, upstream_id, device_type, input_hash, created, version, settings_version)
    values (${device}::uuid, 'default', 'demo', 'key', 'upstream', 'IPAD', '', now(), 1, 1)`)
  for (const [id, provider] of [
    [account, 'demo'],
    [elsewhere, 'second'],
  ])
    await rows(sql`
      insert into account (id, tenant, provider, wc_id, profile_number, presence, presence_before, presence_number, presence_since,
        presence_as_of, created)
      values (${id}::uuid, 'default', ${provider}::text, 'wxid_lin', 0, 'ONLINE', 'OFFLINE', 1, now(), now(), now())`)
  for (const [login, state, reason, of] of [
    [signedIn, 'CONFIRMED', 'SIGNED_IN', account],
    [failed, 'EXPIRED', 'QR_CODE_EXPIRED', null],
  ] as const) {
    await rows(sql`
      insert into login (id, tenant, device_id, provider, account_id, expected_wc_id, strategy, method, device_type, proxied,
        first_on_device, started_by, state, sequence, version, reason, advisories, qr_codes_asked, started, updated, ended)
      select ${login}::uuid, 'default', ${device}::uuid, 'demo', ${of}::uuid, 'wxid_lin', 'AUTO', 'QR_CODE', 'IPAD', false, false,
        'test', ${state}::text, 1, 2, ${reason}::text, '[]', '[]', at, at, at
      from to_timestamp(${Number.parseInt(login.replaceAll('-', '').slice(0, 12), 16)}::float8 / 1000) at`)
    await rows(sql`
      insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
      select date_trunc('month', started at time zone 'UTC')::date, id, 1, tenant, 'LoginEnded', state, '{}', started
      from login where id = ${login}::uuid`)
  }
})

afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]()
})

const asked = async () => JSON.stringify(await ask(gateway.address, block('graphql'), { wcId: 'wxid_lin' }))
const globalId = (id: string) => Buffer.from(`Login:${id}`).toString('base64')

it('10, in GraphQL: what happened to an account includes the attempts that did not get there', async () => {
  const told = await asked()
  expect(told).toContain(globalId(signedIn))
  expect(told).toContain(globalId(failed))
})
