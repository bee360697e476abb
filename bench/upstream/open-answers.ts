// What the `open` dialect says, made once (P 3.2, P 3.3): the bytes that a load answers with.

import { reply } from './bytes.ts'

const fields = [
  'wcId',
  'wAccount',
  'country',
  'city',
  'signature',
  'nickName',
  'sex',
  'headUrl',
  'smallHeadImgUrl',
  'status',
  'type',
] as const

const envelope = (code: string, message: string, data: unknown): Buffer =>
  reply(JSON.stringify({ message, code, data }))

const nothing = Object.fromEntries(fields.map(field => [field, null]))

export const created = envelope('1000', '成功', null)
export const offline = envelope('1001', '已离线', null)
/** P 3.3: nobody has scanned. */
export const notScanned = envelope('1000', '成功', nothing)

export const scannedBy = (avatar: string): Buffer =>
  envelope('1000', '成功', { ...nothing, smallHeadImgUrl: avatar })

export const signedIn = (wcId: string): Buffer =>
  envelope('1000', '成功', { ...nothing, wcId, wAccount: wcId, nickName: '阿明', sex: 1, status: 3, type: 1 })

export const qrCode = (url: string): Buffer => envelope('1000', '成功', { qrCodeUrl: url })
