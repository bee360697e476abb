// What an analyst can reach in the database: the views, and nothing else of ours. Everything that stands there is tried,
// by a connection of their own and as the catalogs list it, so that a table made tomorrow is tried too.

import { type SQL, sql } from 'drizzle-orm'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Analyst, anAnalyst } from '../support/analyst.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { aDevice, aLogin, signedIn, withQrCode } from './given.ts'

interface Relation {
  readonly name: string
  readonly schema: string
  readonly kind: string
}

const relations = sql`
  select format('%I.%I', n.nspname, c.relname) as name, n.nspname as schema, c.relkind as kind
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  order by 1`

/** Those of extensions read no table. */
const routines = sql`
  select p.oid::regprocedure::text as signature, p.prokind = 'p' as procedure,
    format('%I.%I(%s)', n.nspname, p.proname,
      (select string_agg('null::' || format_type(t, null), ', ' order by n) from unnest(p.proargtypes) with ordinality as t(t, n)))
      as call
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  order by 1`

/** SQLSTATE of the refusal; DONE: it was let through. */
const tried = async (analyst: Sql, statement: string): Promise<string> => {
  try {
    await analyst.unsafe(statement)
    return 'DONE'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}

const refused = '42501'

describe('an analyst', () => {
  let database: TestDatabase
  let analyst: Analyst
  let all: readonly Relation[]
  const ask = <Row>(statement: SQL) => database.rows<Row>(statement)
  const relation = (matches: (one: Relation) => boolean) => all.filter(matches)

  beforeAll(async () => {
    database = await freshDatabase('postgres')
    const store = await database.open()
    const { loginId } = await aLogin(store, await aDevice(store))
    await withQrCode(store, loginId)
    await signedIn(store, loginId)
    analyst = await anAnalyst(database, ['default'])
    all = await ask<Relation>(relations)
  })

  afterAll(async () => {
    await analyst[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  test('reads every view, and no table, view or sequence besides', async () => {
    expect(all.length).toBeGreaterThan(25)
    const readable: string[] = []
    for (const { name } of all)
      if ((await tried(analyst.sql, `select * from ${name} limit 1`)) === 'DONE') readable.push(name)
    expect(readable).toEqual(
      [
        'accounts',
        'daily_funnel',
        'device_versions',
        'devices',
        'login_events',
        'logins',
        'presence_changes',
        'sign_ins',
      ].map(view => `analytics.${view}`),
    )
    for (const { name, schema } of relation(one => one.schema !== 'analytics'))
      expect([name, schema, await tried(analyst.sql, `select * from ${name}`)]).toEqual([
        name,
        schema,
        refused,
      ])
    for (const { name } of relation(one => one.kind === 'S'))
      expect([name, await tried(analyst.sql, `select nextval('${name}')`)]).toEqual([name, refused])
  })

  test('is asked by every view whose rows it may see, before anything else', async () => {
    const careless = await ask(sql`
      with recursive used as (
        select c.oid as view, d.refobjid as relation from pg_class c join pg_rewrite r on r.ev_class = c.oid
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
          where c.relnamespace in ('analytics'::regnamespace, 'analytics_private'::regnamespace)
        union select u.view, d.refobjid from used u join pg_rewrite r on r.ev_class = u.relation
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass)
      select c.relname as name from pg_class c where c.relnamespace = 'analytics'::regnamespace
        and (c.relkind <> 'v' or not coalesce('security_barrier=true' = any (c.reloptions), false)
          or not exists (select from used u where u.view = c.oid and u.relation = 'analytics_private.granted'::regclass))`)
    expect(careless).toEqual([])
  })

  test('copies no table, locks none, and reads none through a view or a function of their own', async () => {
    for (const { name } of relation(one => one.schema !== 'analytics' && one.kind !== 'S')) {
      for (const statement of [
        `copy ${name} to stdout`,
        `do $$ begin lock table ${name}; end $$`,
        `select count(*) from ${name}`,
        `table ${name} limit 0`,
        `create temp view seen as select * from ${name}; select * from seen`,
        `explain select * from ${name}`,
      ])
        expect([statement, await tried(analyst.sql, statement)]).toEqual([statement, refused])
    }
  })

  test('writes nowhere', async () => {
    for (const { name, kind } of all) {
      const [rights] = await ask<{ any: boolean }>(
        kind === 'S'
          ? sql`select has_sequence_privilege(${analyst.role}, ${name}, 'select, usage, update') as any`
          : sql`select has_table_privilege(${analyst.role}, ${name}, 'insert, update, delete, truncate, references, trigger')
              or has_any_column_privilege(${analyst.role}, ${name}, 'insert, update, references') as any`,
      )
      expect([name, rights?.any]).toEqual([name, false])
      if (kind === 'S') continue
      // Some views cannot be written to by anybody, which is said first; TRUNCATE knows no views.
      for (const statement of [
        `insert into ${name} default values`,
        `delete from ${name}`,
        `truncate ${name}`,
        `drop ${kind === 'v' ? 'view' : 'table'} ${name}`,
        `alter table ${name} owner to ${analyst.role}`,
        `comment on ${kind === 'v' ? 'view' : 'table'} ${name} is 'mine'`,
      ])
        expect([statement, await tried(analyst.sql, statement)]).toEqual([
          statement,
          expect.stringMatching(/^(42501|55000|42809)$/),
        ])
    }
  })

  test('calls no function of ours', async () => {
    const found = await ask<{ signature: string; procedure: boolean; call: string }>(routines)
    expect(found.map(one => one.signature)).toEqual(
      expect.arrayContaining([
        'ensure_login_event_partitions(integer)',
        'analytics_private.add_analyst(text,text,text)',
        'analytics_private.pseudonym(text,text,bytea,bytea)',
      ]),
    )
    for (const { procedure, call } of found)
      expect([call, await tried(analyst.sql, `${procedure ? 'call' : 'select'} ${call}`)]).toEqual([
        call,
        refused,
      ])
  })

  test('reads no more of the system than anybody who may log in', async () => {
    const plain = `plain_${analyst.role}`
    await ask(sql.raw(`create role ${plain}`))
    try {
      const more = await ask(sql`
        select c.oid::regclass::text as name from pg_class c
        where c.relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          and has_table_privilege(${analyst.role}, c.oid, 'select') and not has_table_privilege(${plain}, c.oid, 'select')
        union all
        select p.oid::regprocedure::text from pg_proc p
        where has_function_privilege(${analyst.role}, p.oid, 'execute') and not has_function_privilege(${plain}, p.oid, 'execute')`)
      expect(more).toEqual([])
    } finally {
      await ask(sql.raw(`drop role ${plain}`))
    }
  })

  test.each([
    ['become the gateway', 'set role GATEWAY', refused],
    ['become the gateway', 'set session authorization GATEWAY', refused],
    ['become another analyst', 'set session authorization gatehouse_analyst', refused],
    ['enter where the keys are', 'set search_path = analytics_private; select * from tenant_key', '42P01'],
    ['make a table', 'create table mine (a int)', refused],
    ['make a table beside the views', 'create table analytics.mine (a int)', refused],
    [
      'make a function beside the views',
      "create function analytics.mine() returns int language sql as 'select 1'",
      refused,
    ],
    ['make a schema', 'create schema mine', refused],
    ['make a role', 'create role mine', refused],
    ['let somebody else in', 'grant gatehouse_analyst to GATEWAY', refused],
    ['change a view', 'create or replace view analytics.logins as select 1 as tenant', refused],
    ['put a policy or a trigger on a table', 'alter table public.login enable row level security', refused],
    ['read a file', "select pg_read_file('PG_VERSION')", refused],
    ['list a folder', "select pg_ls_dir('.')", refused],
    ['copy from a file', "create temp table t (a text); copy t from '/etc/passwd'", refused],
    ['copy to a program', "copy (select 1) to program 'true'", refused],
    ['import a file', "select lo_import('/etc/passwd')", refused],
    ['export a file', "select lo_export(1, '/tmp/x')", refused],
    ['read what the server keeps of passwords', 'select * from pg_authid', refused],
    ['read statistics of columns', 'select * from pg_statistic', refused],
    ['load code', "load 'plpgsql_check'", '42501|58P01'],
    ['make a language or an extension', 'create extension file_fdw', '42501|0A000|58P01'],
    [
      'end the gateway’s connections',
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'GATEWAY'",
      refused,
    ],
    ['set what only a superuser may', 'set session_replication_role = replica', refused],
  ])('cannot %s: %s', async (_what, statement, code) => {
    const [gateway] = await ask<{ name: string }>(sql`select current_user::text as name`)
    expect(await tried(analyst.sql, statement.replace('GATEWAY', gateway?.name ?? ''))).toMatch(
      new RegExp(`^(${code})$`),
    )
    await analyst.sql.unsafe('reset search_path; reset role')
  })

  test('reads nobody’s large object', async () => {
    const [made] = await ask<{ id: number }>(sql`select lo_from_bytea(0, 'secret')::int as id`)
    expect(await tried(analyst.sql, `select lo_get(${made?.id})`)).toBe(refused)
    await ask(sql`select lo_unlink(${made?.id}::int)`)
  })

  test('sees of the statistics of columns nothing', async () => {
    await ask(sql`analyze`)
    expect(
      await analyst.sql`select tablename from pg_stats where schemaname in ('public', 'analytics_private')`,
    ).toEqual([])
  })

  test('changes nothing of what the views mean by what stands before them in a search path', async () => {
    const count = async () => [
      ...(await analyst.sql`select tenant, count(*)::int from analytics.logins group by tenant`),
    ]
    const before = await count()
    expect(before).toEqual([{ tenant: 'default', count: 1 }])
    await analyst.sql.unsafe(`
      create temp table login (id uuid, tenant text);
      create temp table granted (tenant text);
      create temp table analyst (role name, tenant text);
      insert into analyst values (session_user, 'other');
      create function pg_temp.sha256(bytea) returns bytea language sql as 'select $1';
      create function pg_temp.word(text) returns text language sql as 'select $1';
      create function pg_temp.equal(text, text) returns boolean language sql as 'select true';
      create operator pg_temp.= (leftarg = text, rightarg = text, function = pg_temp.equal);
      set search_path = pg_temp, analytics, public, pg_catalog;`)
    expect(await count()).toEqual(before)
    await analyst.sql.unsafe('discard all')
  })

  test('learns nothing of hidden rows by a condition that tells what it is asked about', async () => {
    await ask(sql`insert into device (id, tenant, provider, device_key, upstream_id, device_type, input_hash, created, version, settings_version)
      values (gen_random_uuid(), 'other', 'demo', 'hidden', 'hidden', 'hidden-type', '', now(), 1, 1)`)
    await analyst.sql.unsafe(`create function pg_temp.tell(text) returns boolean language plpgsql cost 0.0000001
      as 'begin raise exception using message = $1; end'`)
    const conditions = [
      "device_type <> 'IPAD' and pg_temp.tell(device_type)",
      "tenant = 'other' and pg_temp.tell(device_type)",
      "tenant = 'other' and device_type::int = 1",
    ]
    const heard = async () =>
      await Promise.all(
        conditions.map(condition => tried(analyst.sql, `select 1 from analytics.devices where ${condition}`)),
      )
    expect(await heard()).toEqual(conditions.map(() => 'DONE'))
    await ask(sql`alter view analytics.devices reset (security_barrier)`)
    expect(await heard()).not.toEqual(conditions.map(() => 'DONE'))
    await ask(sql`alter view analytics.devices set (security_barrier)`)
  })

  test('who is granted a table too many is found out', async () => {
    await ask(sql`grant select on scanner to gatehouse_analyst`)
    expect(await tried(analyst.sql, 'select * from scanner')).toBe('DONE')
    await ask(sql`revoke select on scanner from gatehouse_analyst`)
    expect(await tried(analyst.sql, 'select * from scanner')).toBe(refused)
  })
})
