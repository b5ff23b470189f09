import { AirfleetError, isAirfleetError, type TokenId, toTokenId } from "@airfleet/model";
import type { Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import type { TokenTable } from "../schema.ts";
import type { SealedPlace } from "../secrets/secret-box.ts";
import { textsFromJson } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import { createTokenText, isSameHash, parseTokenText } from "./token-text.ts";

/** Roles, each holding all that the one before it holds. */
export const TOKEN_ROLES = ["viewer", "operator", "deployer", "admin"] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** An API token without its secret. Times are epoch milliseconds. */
export interface StoredToken {
  readonly id: TokenId;
  readonly name: string;
  readonly role: TokenRole;
  /** Instances it may touch, as globs with `*`. */
  readonly instances: readonly string[];
  /** Null: every tenant. */
  readonly tenant: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** Right to the minute. */
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

export type NewToken = Pick<StoredToken, "name" | "role" | "instances" | "createdBy"> &
  Partial<Pick<StoredToken, "expiresAt" | "tenant">>;

export interface TokenRepository {
  /** Makes a token. `plain` is all there will ever be of its secret; the store keeps a hash. */
  create(token: NewToken): Promise<{ readonly token: StoredToken; readonly plain: string }>;
  /** Oldest first, revoked and expired ones included. */
  list(): Promise<readonly StoredToken[]>;
  /** @throws {AirfleetError} TOKEN_UNKNOWN (revoked ones too), TOKEN_EXPIRED */
  verify(plain: string): Promise<StoredToken>;
  /** What a browser keeps of a token: encrypted, and of no use after `expiresAt`. */
  sealSession(session: TokenSession): string;
  /** Undefined for what is no session of ours, and for one that is over. */
  openSession(sealed: string): TokenSession | undefined;
  /** Takes effect with the next request. Again is no error. @throws {AirfleetError} TOKEN_UNKNOWN */
  revoke(id: TokenId): Promise<StoredToken>;
}

/** A token in the hands of a browser. */
export interface TokenSession {
  readonly plain: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

const SESSION_PLACE: SealedPlace = { table: "tokens", row: "session", field: "cookie" };

/** How often the last use is written at most. */
const USE_NOTED_EVERY_MS = 60_000;

/** Compared with when there is no such token, so that this takes as long as a wrong secret. */
const NO_HASH = Buffer.alloc(32);

const fromRow = (row: Selectable<TokenTable>): StoredToken => ({
  id: toTokenId(row.id),
  name: row.name,
  role: row.role as TokenRole,
  instances: textsFromJson(row.instances),
  tenant: row.tenant,
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});

export const createTokenRepository = ({ db, clock, box }: StoreContext): TokenRepository => {
  const noteUse = async (id: string, now: number): Promise<void> => {
    await db
      .updateTable("tokens")
      .set({ last_used_at: now })
      .where("id", "=", id)
      .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<=", now - USE_NOTED_EVERY_MS)]))
      .execute();
  };

  return {
    async create({ name, role, instances, createdBy, expiresAt, tenant }) {
      const { id, secretHash, plain } = createTokenText();
      const row = await db
        .insertInto("tokens")
        .values({
          id,
          name: toStorableText(name),
          role,
          instances: JSON.stringify(instances),
          tenant: tenant ?? null,
          secret_hash: secretHash.toString("hex"),
          created_by: toStorableText(createdBy),
          created_at: clock(),
          expires_at: expiresAt ?? null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return { token: fromRow(row), plain };
    },

    async list() {
      return (await db.selectFrom("tokens").selectAll().orderBy("created_at").orderBy("id").execute()).map(fromRow);
    },

    async verify(plain) {
      const parts = parseTokenText(plain);
      if (parts === undefined) throw new AirfleetError("TOKEN_UNKNOWN");
      const row = await db.selectFrom("tokens").selectAll().where("id", "=", parts.id).executeTakeFirst();
      const isRight = isSameHash(parts.secretHash, row === undefined ? NO_HASH : Buffer.from(row.secret_hash, "hex"));
      if (row === undefined || !isRight || row.revoked_at !== null) throw new AirfleetError("TOKEN_UNKNOWN");
      const now = clock();
      if (row.expires_at !== null && row.expires_at <= now) {
        const expiredAt = new Date(row.expires_at).toISOString();
        throw new AirfleetError("TOKEN_EXPIRED", { token: row.name, expired_at: expiredAt });
      }
      if (row.last_used_at === null || row.last_used_at <= now - USE_NOTED_EVERY_MS) await noteUse(row.id, now);
      return fromRow(row);
    },

    sealSession: (session) => box.seal(SESSION_PLACE, session),

    openSession(sealed) {
      try {
        const session = box.open(SESSION_PLACE, sealed) as TokenSession;
        return session.expiresAt > clock() ? session : undefined;
      } catch (error) {
        // Anybody can send anything as a cookie, also one from before the key was changed.
        if (isAirfleetError(error)) return undefined;
        throw error;
      }
    },

    async revoke(id) {
      const row = await db
        .updateTable("tokens")
        .set((eb) => ({ revoked_at: eb.fn.coalesce("revoked_at", eb.val(clock())) }))
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new AirfleetError("TOKEN_UNKNOWN");
      return fromRow(row);
    },
  };
};
