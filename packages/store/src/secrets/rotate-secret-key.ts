import type { Transaction } from "kysely";
import { actionSecretPlace } from "../actions/action.ts";
import type { StoreContext } from "../context.ts";
import { documentSecretPlace } from "../documents/documents.ts";
import { executionParamsPlace } from "../executions/execution-row.ts";
import { answerPlace } from "../idempotency/idempotency.ts";
import { instanceSecretsPlace } from "../instances/instances.ts";
import { replaceKeyId } from "../key-check.ts";
import type { Database } from "../schema.ts";
import { scheduleParamsPlace } from "../schedules/schedule-row.ts";
import type { SecretBox } from "./secret-box.ts";

/** Every place where the store keeps something encrypted. */
const rotations = (
  trx: Transaction<Database>,
  anew: (place: ReturnType<typeof answerPlace>, sealed: string) => string,
) => [
  async () => {
    for (const { id, sealed } of await trx.selectFrom("instances").select(["id", "sealed"]).execute()) {
      const next = anew(instanceSecretsPlace(id), sealed);
      await trx.updateTable("instances").set({ sealed: next }).where("id", "=", id).execute();
    }
  },
  async () => {
    const rows = await trx.selectFrom("actions").select(["id", "sealed"]).where("sealed", "is not", null).execute();
    for (const { id, sealed } of rows) {
      const next = anew(actionSecretPlace(id), sealed ?? "");
      await trx.updateTable("actions").set({ sealed: next }).where("id", "=", id).execute();
    }
  },
  async () => {
    const rows = await trx
      .selectFrom("documents")
      .select(["kind", "id", "sealed"])
      .where("sealed", "is not", null)
      .execute();
    for (const { kind, id, sealed } of rows) {
      const next = anew(documentSecretPlace(kind, id), sealed ?? "");
      await trx.updateTable("documents").set({ sealed: next }).where("kind", "=", kind).where("id", "=", id).execute();
    }
  },
  async () => {
    const rows = await trx
      .selectFrom("idempotency_keys")
      .select(["scope", "sealed_body"])
      .where("sealed_body", "is not", null)
      .execute();
    for (const { scope, sealed_body } of rows) {
      const next = anew(answerPlace(scope), sealed_body ?? "");
      await trx.updateTable("idempotency_keys").set({ sealed_body: next }).where("scope", "=", scope).execute();
    }
  },
  async () => {
    for (const [table, place] of [
      ["executions", executionParamsPlace],
      ["schedules", scheduleParamsPlace],
    ] as const) {
      const rows = await trx
        .selectFrom(table)
        .select(["id", "sealed_params"])
        .where("sealed_params", "is not", null)
        .execute();
      for (const { id, sealed_params } of rows) {
        const next = anew(place(id), sealed_params ?? "");
        await trx.updateTable(table).set({ sealed_params: next }).where("id", "=", id).execute();
      }
    }
  },
];

/** Opens everything with the store's key and seals it with another, in one transaction. */
export const rotateSecrets = ({ db, box }: StoreContext, next: SecretBox): Promise<void> =>
  db.transaction().execute(async (trx) => {
    for (const rotate of rotations(trx, (place, sealed) => next.seal(place, box.open(place, sealed)))) {
      await rotate();
    }
    await replaceKeyId(trx, next.keyId);
  });
