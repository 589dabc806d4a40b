import { z } from 'zod'
import { conditions } from '../../component/conditions.ts'

export const options = z.strictObject(conditions)
