import { createHash, randomUUID } from "node:crypto";
import { AirfleetError } from "@airfleet/model";
import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { SealedPlace } from "../secrets/secret-box.ts";

/** A request that carries an Idempotency-Key. The key counts for this caller, method and route only. */
export interface KeyedRequest {
  readonly actor: string;
  readonly method: string;
  readonly route: string;
  readonly key: string;
  /** Hash of what was asked: the same key with another one is refused. */
  readonly requestHash: string;
}

/** The answer that a repeated request gets again. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Proves that this caller is the one that was let through. */
export interface IdempotencyClaim {
  readonly scope: string;
  readonly holder: string;
}

/** What to do with a keyed request. */
export type IdempotencyVerdict =
  /** Carry it out, then `finish` with the claim, or `abandon` it when it was refused before anything happened. */
  | { readonly kind: "fresh"; readonly claim: IdempotencyClaim }
  /** The first one is being carried out: 409. */
  | { readonly kind: "outstanding" }
  | { readonly kind: "replay"; readonly answer: StoredAnswer };

export interface IdempotencyRepository {
  /** @throws {AirfleetError} IDEMPOTENCY_KEY_REUSED when the key came before with another request. */
  begin(request: KeyedRequest): Promise<IdempotencyVerdict>;
  /** Keeps the answer for whoever repeats the request. */
  finish(claim: IdempotencyClaim, answer: StoredAnswer): Promise<void>;
  /** Forgets the key, so that the request may come again. */
  abandon(claim: IdempotencyClaim): Promise<void>;
  /** Drops expired keys, a batch at a time. @returns How many; call again until 0. */
  sweep(batch?: number): Promise<number>;
}

/** How long a key is kept; the HTTP draft asks servers to say it, the docs do. */
export const IDEMPOTENCY_TTL_MS = 86_400_000;

/** After this a request that was never finished counts as dead with its server, and may be made again. */
const OUTSTANDING_MS = 60_000;

/** The place that a kept answer is encrypted for: the answer to making a token holds the token. */
export const answerPlace = (scope: string): SealedPlace => ({
  table: "idempotency_keys",
  row: scope,
  field: "sealed_body",
});

const scopeOf = ({ actor, method, route, key }: KeyedRequest): string =>
  createHash("sha256")
    .update(JSON.stringify([actor, method, route, key]))
    .digest("base64url");

export const createIdempotencyRepository = ({ db, box, now }: StoreContext): IdempotencyRepository => {
  /** Takes the key if it is new, has expired, or was left by a dead server. */
  const claim = async (request: KeyedRequest, scope: string): Promise<IdempotencyClaim | undefined> => {
    const holder = randomUUID();
    const { actor, method, route, requestHash } = request;
    const row = await db
      .insertInto("idempotency_keys")
      .values({
        scope,
        actor,
        method,
        route,
        request_hash: requestHash,
        holder,
        outstanding_until: sql<number>`${now()} + ${OUTSTANDING_MS}`,
        created_at: now(),
        expires_at: sql<number>`${now()} + ${IDEMPOTENCY_TTL_MS}`,
      })
      .onConflict((conflict) =>
        conflict
          .column("scope")
          .doUpdateSet({
            request_hash: sql`excluded.request_hash`,
            holder: sql`excluded.holder`,
            outstanding_until: sql`excluded.outstanding_until`,
            status: null,
            sealed_body: null,
            created_at: sql`excluded.created_at`,
            expires_at: sql`excluded.expires_at`,
          })
          .where((eb) =>
            eb.or([
              sql<boolean>`idempotency_keys.expires_at <= ${now()}`,
              sql<boolean>`idempotency_keys.outstanding_until <= ${now()} and idempotency_keys.request_hash = excluded.request_hash`,
            ]),
          ),
      )
      .returning("holder")
      .executeTakeFirst();
    return row === undefined ? undefined : { scope, holder };
  };

  return {
    async begin(request) {
      const scope = scopeOf(request);
      const claimed = await claim(request, scope);
      if (claimed !== undefined) return { kind: "fresh", claim: claimed };
      const row = await db
        .selectFrom("idempotency_keys")
        .select(["request_hash", "status", "sealed_body"])
        .where("scope", "=", scope)
        .executeTakeFirst();
      // Abandoned or swept in between: whoever asks again gets it.
      if (row === undefined) return { kind: "outstanding" };
      if (row.request_hash !== request.requestHash)
        throw new AirfleetError("IDEMPOTENCY_KEY_REUSED", { key: request.key });
      if (row.status === null || row.sealed_body === null) return { kind: "outstanding" };
      const body = box.open(answerPlace(scope), row.sealed_body);
      return { kind: "replay", answer: { status: row.status, body } };
    },

    async finish({ scope, holder }, { status, body }) {
      await db
        .updateTable("idempotency_keys")
        .set({ status, sealed_body: box.seal(answerPlace(scope), body ?? null), outstanding_until: null })
        .where("scope", "=", scope)
        .where("holder", "=", holder)
        .execute();
    },

    async abandon({ scope, holder }) {
      await db.deleteFrom("idempotency_keys").where("scope", "=", scope).where("holder", "=", holder).execute();
    },

    async sweep(batch = 500) {
      const rows = await db
        .selectFrom("idempotency_keys")
        .select("scope")
        .where("expires_at", "<=", now())
        .limit(batch)
        .execute();
      if (rows.length === 0) return 0;
      const scopes = rows.map(({ scope }) => scope);
      const removed = await db
        .deleteFrom("idempotency_keys")
        .where("scope", "in", scopes)
        .where("expires_at", "<=", now())
        .returning("scope")
        .execute();
      return removed.length;
    },
  };
};
