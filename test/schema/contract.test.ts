// The public contract, element by element, against the schema as it is: everything that stands in the contract and is
// not on the list below is there, with the same type. The schema may have more.

import { readFileSync } from 'node:fs'
import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  visit,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { schema } from '../../src/schema/schema.ts'

/** What later versions build, and what is absent until then: types, fields, values of enums. */
const absent: readonly string[] = [
  // Keys, links, erasing, the audit log.
  'ApiKey',
  'ApiKeyConnection',
  'ApiKeyEdge',
  'ApiKeyPayload',
  'AuditEntry',
  'AuditEntryConnection',
  'AuditEntryEdge',
  'AuditWhere',
  'CreateApiKeyInput',
  'CreateApiKeyPayload',
  'CreateApiKeyResult',
  'CreateLoginLinkInput',
  'CreateLoginLinkResult',
  'EraseAccountResult',
  'ErasedAccountPayload',
  'LinkViewer',
  'LoginLink',
  'LoginLinkPayload',
  'OpenLoginLinkResult',
  'OpenedLoginLinkPayload',
  'RevokeApiKeyResult',
  'RevokeLoginLinkResult',
  'RevokedLoginLinkPayload',
  'Query.apiKeys',
  'Query.auditLog',
  'Mutation.createApiKey',
  'Mutation.revokeApiKey',
  'Mutation.createLoginLink',
  'Mutation.revokeLoginLink',
  'Mutation.openLoginLink',
  'Mutation.eraseAccount',
]

const contractText = readFileSync(new URL('./contract.graphql', import.meta.url), 'utf8')

/** `extend type` folded into the type, so that one walk sees everything. */
const folded = (document: DocumentNode): DocumentNode =>
  visit(document, {
    Document: ({ definitions }) => ({
      kind: document.kind,
      definitions: definitions.flatMap((definition): readonly DefinitionNode[] => {
        if (definition.kind === 'ObjectTypeExtension') return []
        if (definition.kind !== 'ObjectTypeDefinition') return [definition]
        const more = definitions.flatMap(other =>
          other.kind === 'ObjectTypeExtension' && other.name.value === definition.name.value
            ? (other.fields ?? [])
            : [],
        )
        return [{ ...definition, fields: [...(definition.fields ?? []), ...more] }]
      }),
    }),
  })

const contract = buildASTSchema(folded(parse(contractText)), { assumeValidSDL: true })

/** Every element by its coordinate, with all that must be equal about it. */
const elementsOf = (of: GraphQLSchema): ReadonlyMap<string, string> => {
  const elements = new Map<string, string>()
  const addArguments = (place: string, args: readonly (GraphQLArgument | GraphQLInputField)[]) => {
    for (const { name, type, defaultValue } of args)
      elements.set(`${place}${name}`, `${type} = ${JSON.stringify(defaultValue)}`)
  }
  for (const type of Object.values(of.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    elements.set(type.name, kindOf(type))
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const one of type.getInterfaces()) elements.set(`${type.name} implements ${one.name}`, '')
      for (const field of Object.values(type.getFields())) {
        elements.set(`${type.name}.${field.name}`, String(field.type))
        addArguments(`${type.name}.${field.name}.`, field.args)
      }
    }
    if (isInputObjectType(type)) addArguments(`${type.name}.`, Object.values(type.getFields()))
    if (isEnumType(type))
      for (const { name } of type.getValues()) elements.set(`${type.name}.${name}`, 'value')
    if (isUnionType(type))
      for (const { name } of type.getTypes()) elements.set(`${type.name} holds ${name}`, '')
  }
  return elements
}

const kindOf = (type: GraphQLNamedType): string => type.astNode?.kind ?? type.constructor.name

const named = elementsOf(contract)
const built = elementsOf(schema)
const isAbsent = (element: string): boolean =>
  absent.some(one => element === one || element.startsWith(`${one}.`) || element.startsWith(`${one} `))

describe('the contract', () => {
  it('is built, but for what the list says, with equal types, arguments and defaults', () => {
    const differing = [...named]
      .filter(([element]) => !isAbsent(element))
      .filter(
        ([element, what]) =>
          (built.get(element) ?? 'missing') !== what && !sameKind(what, built.get(element)),
      )
      .map(
        ([element, what]) => `${element}: ${what} in the contract, ${built.get(element) ?? 'missing'} here`,
      )
    expect(differing).toEqual([])
  })

  it('is not built where the list says so', () => {
    expect([...built.keys()].filter(isAbsent)).toEqual([])
  })

  it('has everything on the list', () => {
    expect(absent.filter(one => !named.has(one))).toEqual([])
  })

  it('is exceeded by little, and knowingly', () => {
    const more = [...built.keys()].filter(element => !named.has(element))
    expect(more).toEqual(['Provider.phonesUrl'])
  })
})

/** A scalar, an object or an enum, however it came to be. */
const sameKind = (one: string, other: string | undefined): boolean =>
  other !== undefined &&
  one.endsWith('Definition') &&
  one.startsWith(other.replace('GraphQL', '').replace('Type', ''))
