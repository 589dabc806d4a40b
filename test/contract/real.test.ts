import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { engineContract } from './engine-contract.ts'
import { openReal } from './engine-under-test.ts'

describeWithEngine('a real engine', () => engineContract(openReal))
