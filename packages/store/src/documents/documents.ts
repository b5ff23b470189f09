import { AirfleetError } from "@airfleet/model";
import { type Selectable, sql, type Transaction } from "kysely";
import type { AuditNote } from "../audit/audit-entry.ts";
import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import type { SealedPlace } from "../secrets/secret-box.ts";
import { type JsonObject, objectFromJson } from "../text/stored-json.ts";
import type {
  DocumentAuthor,
  DocumentKind,
  DocumentRepository,
  DocumentWrite,
  JudgeDocuments,
  StoredDocument,
} from "./document-repository.ts";
import type { DocumentTable } from "./document-table.ts";

/** The place that a document's secret is encrypted for. */
export const documentSecretPlace = (kind: string, id: string): SealedPlace => ({
  table: "documents",
  row: `${kind}/${id}`,
  field: "sealed",
});

type Verb = "create" | "update" | "remove";

/** What the audit trail says: whole bodies before and after, of secrets only that they changed. */
const toNote = (
  verb: Verb,
  { kind, id }: Pick<DocumentWrite, "kind" | "id">,
  author: DocumentAuthor,
  details: JsonObject,
): AuditNote => ({
  actor: author.actor,
  verb: `${kind}:${verb}`,
  outcome: "done",
  details: { id, ...details },
  sourceIp: author.sourceIp ?? null,
  requestId: author.requestId ?? null,
});

/** First in each transaction: until that ends, nobody else writes a document of the kind, on any server. */
const raiseRevision = async (trx: Transaction<Database>, kind: DocumentKind): Promise<void> => {
  await trx
    .insertInto("document_revisions")
    .values({ kind, revision: 1 })
    .onConflict((conflict) =>
      conflict.column("kind").doUpdateSet({ revision: sql<number>`document_revisions.revision + 1` }),
    )
    .execute();
};

/** Definitions in one table; each change raises its kind's revision and is audited in the same transaction. */
export const createDocumentRepository = (context: StoreContext): DocumentRepository => {
  const { db, box, clock } = context;

  const fromRow = (row: Selectable<DocumentTable>): StoredDocument => {
    const kind = row.kind as DocumentKind;
    return {
      kind,
      id: row.id,
      body: objectFromJson(row.body),
      secret: row.sealed === null ? null : (box.open(documentSecretPlace(kind, row.id), row.sealed) as JsonObject),
      version: row.version,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    };
  };

  const sealed = ({ kind, id, secret }: DocumentWrite): { sealed?: string | null } => {
    if (secret === undefined) return {};
    return { sealed: secret === null ? null : box.seal(documentSecretPlace(kind, id), secret) };
  };

  const judgeOthers = async (
    trx: Transaction<Database>,
    { kind, id }: Pick<DocumentWrite, "kind" | "id">,
    judge: JudgeDocuments | undefined,
  ): Promise<void> => {
    if (judge === undefined) return;
    const rows = await trx.selectFrom("documents").selectAll().where("kind", "=", kind).where("id", "!=", id).execute();
    judge(rows.map(fromRow));
  };

  /** The row to change, held until the transaction ends. */
  const findToChange = async (
    trx: Transaction<Database>,
    { kind, id }: Pick<DocumentWrite, "kind" | "id">,
    version: number,
  ): Promise<Selectable<DocumentTable>> => {
    const row = await trx
      .selectFrom("documents")
      .selectAll()
      .where("kind", "=", kind)
      .where("id", "=", id)
      .modifyEnd(context.profile.forUpdate)
      .executeTakeFirst();
    if (row === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: kind.replaceAll("_", " "), id });
    if (row.version === version) return row;
    const resource = `The ${kind.replaceAll("_", " ")} "${id}"`;
    throw new AirfleetError("VERSION_CONFLICT", { resource, given: version, current: row.version });
  };

  return {
    async list(kind) {
      const rows = await db.selectFrom("documents").selectAll().where("kind", "=", kind).orderBy("id").execute();
      return rows.map(fromRow);
    },

    async find(kind, id) {
      const row = await db
        .selectFrom("documents")
        .selectAll()
        .where("kind", "=", kind)
        .where("id", "=", id)
        .executeTakeFirst();
      return row === undefined ? undefined : fromRow(row);
    },

    create: (write, author, judge) =>
      db.transaction().execute(async (trx) => {
        const { kind, id, body } = write;
        await raiseRevision(trx, kind);
        await judgeOthers(trx, write, judge);
        const now = clock();
        const values = { kind, id, body: JSON.stringify(body), version: 1, created_at: now, updated_at: now };
        const row = await trx
          .insertInto("documents")
          .values({ ...values, ...sealed(write) })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw new AirfleetError("DOCUMENT_EXISTS", { kind: kind.replaceAll("_", " "), id });
        await appendAudit(trx, context, [toNote("create", write, author, { after: body })]);
        return fromRow(row);
      }),

    update: (write, version, author, judge) =>
      db.transaction().execute(async (trx) => {
        await raiseRevision(trx, write.kind);
        const before = await findToChange(trx, write, version);
        await judgeOthers(trx, write, judge);
        const row = await trx
          .updateTable("documents")
          .set({ body: JSON.stringify(write.body), version: version + 1, updated_at: clock(), ...sealed(write) })
          .where("kind", "=", write.kind)
          .where("id", "=", write.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        const changes = { before: objectFromJson(before.body), after: write.body };
        const details = write.secret === undefined ? changes : { ...changes, secret_changed: true };
        await appendAudit(trx, context, [toNote("update", write, author, details)]);
        return fromRow(row);
      }),

    remove: (kind, id, version, author) =>
      db.transaction().execute(async (trx) => {
        await raiseRevision(trx, kind);
        const before = await findToChange(trx, { kind, id }, version);
        await trx.deleteFrom("documents").where("kind", "=", kind).where("id", "=", id).execute();
        const details = { before: objectFromJson(before.body) };
        await appendAudit(trx, context, [toNote("remove", { kind, id }, author, details)]);
      }),

    async revision(kind) {
      const row = await db
        .selectFrom("document_revisions")
        .select("revision")
        .where("kind", "=", kind)
        .executeTakeFirst();
      return row?.revision ?? 0;
    },
  };
};
