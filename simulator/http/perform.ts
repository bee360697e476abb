/**
 * Plays an answer, or a fault in its place, on the socket.
 * Refuses to know what an answer means; which fault is met was decided by `faults.ts`.
 */
import type { ServerResponse } from 'node:http'
import type { LoggedCall } from '../call-log.ts'
import type { Fault } from '../faults.ts'

/** What a call is answered with. */
export type Answer = {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
}

export const JSON_TYPE = 'application/json;charset=UTF-8'

export const jsonAnswer = (body: string, status = 200): Answer => ({ status, type: JSON_TYPE, body })

const BAD_GATEWAY =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n'

export const send = (response: ServerResponse, answer: Answer, call: LoggedCall | null): void => {
  const { body, status, type } = answer
  if (call !== null) {
    call.status = status
    call.answered = typeof body === 'string' ? body : null
    call.end = 'answered'
  }
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** Answers as the fault has it. `answer` is what would have been said; null where the fault kept the call from having an effect. */
export const sendFaulty = (
  response: ServerResponse,
  fault: Fault,
  answer: Answer | null,
  call: LoggedCall,
): void => {
  const whole = answer ?? jsonAnswer(JSON.stringify({ message: '成功', code: '1000', data: null }))
  if (fault.kind === 'hang') return
  if (fault.kind === 'reset' || fault.kind === 'answerLost') {
    call.end = 'reset'
    response.socket?.resetAndDestroy()
  } else if (fault.kind === 'cutBody') {
    call.status = whole.status
    call.end = 'reset'
    const { head, size } = firstHalf(whole)
    response.writeHead(whole.status, { 'content-type': whole.type, 'content-length': size })
    response.write(head, () => response.socket?.destroy())
  } else send(response, instead(fault.kind, fault, whole), call)
}

const firstHalf = (answer: Answer): { readonly head: Buffer; readonly size: number } => {
  const bytes = Buffer.from(answer.body)
  return { head: bytes.subarray(0, bytes.length >> 1), size: bytes.length }
}

type Garbled = Exclude<Fault['kind'], 'hang' | 'reset' | 'answerLost' | 'cutBody'>

const instead = (kind: Garbled, fault: Fault, whole: Answer): Answer => {
  switch (kind) {
    case 'delay':
      return whole
    case 'html502':
      return { status: 502, type: 'text/html', body: BAD_GATEWAY }
    case 'cutJson':
      return { ...whole, body: firstHalf(whole).head }
    case 'wrongTypes':
      return jsonAnswer('{"message":{"zh":42},"code":["1000"],"data":[true,{"wcId":{}}]}')
    case 'unexpectedCode':
      return envelope(fault, '9999', '系统繁忙')
    case 'answer':
      return envelope(fault, '1000', '成功')
    case 'status':
      return {
        status: fault.status ?? 500,
        type: 'text/plain',
        body: fault.body ?? 'Internal Server Error',
      }
  }
}

const envelope = (fault: Fault, code: string, message: string): Answer =>
  jsonAnswer(
    JSON.stringify({
      message: fault.message ?? message,
      code: fault.code ?? code,
      data: fault.data ?? null,
    }),
    fault.status ?? 200,
  )
