import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createTestAdministration } from '../../testing/test-administration.ts'
import type { TestDatabase } from '../../testing/test-database.ts'
import { createTestDatabase } from '../../testing/test-database.ts'
import type { TestServices } from '../../testing/test-services.ts'
import { createTestServices } from '../../testing/test-services.ts'
import { unbalancedUsers } from '../../testing/unbalanced-users.ts'
import type { Administration } from '../administration.ts'

/** A database without a server, in which the books balance after every test. */
export function setServicesStage() {
  let database: TestDatabase
  let administration: Administration
  let services: TestServices
  beforeAll(async () => {
    database = await createTestDatabase()
    administration = createTestAdministration(database)
    services = createTestServices(database)
  })
  afterAll(async () => database.drop())
  afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))
  return {
    get database(): TestDatabase {
      return database
    },
    get administration(): Administration {
      return administration
    },
    get services(): TestServices {
      return services
    },
  }
}
