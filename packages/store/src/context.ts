import type { Kysely, RawBuilder } from "kysely";
import type { BackendProfile } from "./backend/profile.ts";
import type { Clock } from "./clock.ts";
import type { StoreLogger } from "./logger.ts";
import type { Database } from "./schema.ts";
import type { SecretBox } from "./secrets/secret-box.ts";

/** What every repository works with. */
export interface StoreContext {
  readonly db: Kysely<Database>;
  readonly profile: BackendProfile;
  /** Times that are only shown. */
  readonly clock: Clock;
  /** Times that two processes compare: the database's clock where it has one. */
  readonly now: () => RawBuilder<number>;
  readonly box: SecretBox;
  /** A new id with this prefix, ordered by time. */
  readonly newId: (prefix: string) => string;
  readonly logger: StoreLogger;
}
