// One version of an account's profile.

import { maskPhone } from '../resolvers/account-view.ts'
import type { ProfileView } from '../resolvers/list-versions.ts'
import { may } from '../resolvers/viewer.ts'
import { builder } from './builder.ts'
import { connectionType } from './connection.ts'

const text = (description: string, read: (view: ProfileView) => string | null) =>
  ({ nullable: true, description, resolve: read }) as const

const AccountProfile = builder.objectRef<ProfileView>('AccountProfile').implement({
  description: 'What an account told of itself from one sign-in at which that was new to the next.',
  fields: t => ({
    wAccount: t.string(text('The visible number; null: not told.', ({ profile }) => profile.wAccount)),
    nickName: t.string(text('Its nickname; null: not told.', ({ profile }) => profile.nickName)),
    avatarUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'Its picture, served by this gateway through a signed link that lives an hour; null: none.',
      resolve: ({ tenant, profile }, _, { services }) =>
        profile.pictureId === null ? null : services.pictureUrl(tenant, profile.pictureId),
    }),
    country: t.string(text('Country; null: not told.', ({ profile }) => profile.country)),
    city: t.string(text('City; null: not told.', ({ profile }) => profile.city)),
    signature: t.string(text('What it said of itself; null: not told.', ({ profile }) => profile.signature)),
    sex: t.int({
      nullable: true,
      description: "The upstream's number: 1 male, 2 female, 0 not said. Null: not told.",
      resolve: ({ profile }) => profile.sex,
    }),
    mobilePhone: t.string({
      nullable: true,
      description: 'Phone number, masked without the scope PERSONAL_READ; null: not told.',
      resolve: ({ profile: { mobilePhone } }, _, { viewer }) =>
        mobilePhone === null || may(viewer, 'PERSONAL_READ') ? mobilePhone : maskPhone(mobilePhone),
    }),
    validFrom: t.field({
      type: 'DateTime',
      description: 'The sign-in at which it was learnt.',
      resolve: ({ profile }) => profile.validFrom,
    }),
    validTo: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next version was learnt; null: it is the newest.',
      resolve: ({ profile }) => profile.validTo,
    }),
  }),
})

export const AccountProfileConnection = connectionType('AccountProfile', AccountProfile, {
  one: 'version',
  many: 'versions',
  counted: false,
})
