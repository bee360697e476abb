import { describe, expect, test } from 'vitest'
import { Screen } from '../../client/terminal/screen.ts'

const line = (text: string) => ({ text, tone: 'plain' as const })

/** What a terminal shows after all that was written; knows only what the screen uses. */
class Glass {
  readonly columns = 20
  readonly rows = 6
  lines: string[] = ['']
  cursor = true

  write(text: string): void {
    for (const [part] of text.matchAll(/\p{Cc}\[\??\d*[A-Zhl]|\r|\n|\P{Cc}+/gu)) {
      if (part === '\n') this.lines.push('')
      else if (part === '\u001b[?25l') this.cursor = false
      else if (part === '\u001b[?25h') this.cursor = true
      else if (part.endsWith('A')) this.lines = this.lines.slice(0, -Number.parseInt(part.slice(2), 10))
      else if (part !== '\r' && part !== '\u001b[J') this.lines[this.lines.length - 1] += part
      if (part.endsWith('A')) this.lines[this.lines.length - 1] = ''
    }
  }

  get text(): string {
    return this.lines.join('\n')
  }
}

describe('The screen', () => {
  test('keeps what was said above what is drawn anew', () => {
    const glass = new Glass()
    const screen = new Screen(glass, false)
    screen.say(line('first'))
    screen.draw([line('a'), line('b')])
    screen.say(line('second'))
    expect(glass.text).toBe('first\nsecond\na\nb\n')
    screen.draw([line('c')])
    expect(glass.text).toBe('first\nsecond\nc\n')
    expect(glass.cursor).toBe(false)
    screen.close()
    expect(glass.text).toBe('first\nsecond\n')
    expect(glass.cursor).toBe(true)
  })

  test('cuts what does not fit, in both directions', () => {
    const glass = new Glass()
    new Screen(glass, false).draw(Array.from({ length: 9 }, () => line('x'.repeat(30))))
    expect(glass.lines).toHaveLength(6)
    expect(glass.lines[0]).toBe(`${'x'.repeat(18)}…`)
  })

  test('writes nothing where nothing changed, and nothing after its end', () => {
    const glass = new Glass()
    const screen = new Screen(glass, false)
    screen.draw([line('a')])
    const before = glass.text
    screen.draw([line('a')])
    expect(glass.text).toBe(before)
    screen.close()
    screen.close()
    screen.draw([line('b')])
    expect(glass.text).toBe('')
  })
})
