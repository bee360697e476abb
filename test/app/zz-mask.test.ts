import { expect, it } from 'vitest'
import { given } from '../resolvers/given.ts'
import { schema } from '../../src/schema/schema.ts'
import { served, servedKey } from '../server/served.ts'
import { RawSocket, ways } from './watching.ts'
it.each(ways)('mask %s', async way => {
    await using one = await given()
    const server = await served({ schema, services: one.services, livePlans: way === 'plans' })
    const socket = await RawSocket.open(`${server.url.replace('http', 'ws')}/graphql`, { key: servedKey })
    const l = await one.login(await one.device('one'))
    const { readProgress } = one.store
    Object.assign(one.store, {
      readProgress: async (...asked: Parameters<typeof readProgress>) => {
        const found = await readProgress(...asked)
        return found && { ...found, login: { ...found.login, confirmedBy: 'secret-word', sequence: 'secret-too' as never } }
      },
    })
    socket.subscribe('it', 'subscription ($id: ID!) { loginProgress(loginId: $id, after: 0) { login { id sequence confirmedBy } } }', { id: l.id })
    await socket.came('it', 1)
    console.log(way, JSON.stringify(socket.frames('it')), JSON.stringify(server.logged))
    await socket.leave(); await server[Symbol.asyncDispose]()
})
