// Every sentence that is claimed of the machine.

import type { Case } from '../case.ts'
import { challengeCases } from './challenge.ts'
import { hangingCases } from './hanging.ts'
import { promptCases } from './prompt.ts'
import { startingCases } from './starting.ts'

export const cases: readonly Case[] = [...startingCases, ...promptCases, ...challengeCases, ...hangingCases]
