import { type RunKey, toRunKey } from "@airfleet/model";
import { type Kysely, type Selectable, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { objectFromJson } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import type { ArchivedLog, LogArchiveRepository, LogChunk } from "./log-archive-repository.ts";
import type { ArchivedLogTable } from "./log-tables.ts";

const CURSOR = "log_archive";
/** Logs that one transaction drops: with their chunks a few hundred rows. */
const EVICT_BATCH = 50;

const fromRow = (row: Selectable<ArchivedLogTable>): ArchivedLog => ({
  id: row.id,
  run: toRunKey(row.run_key),
  taskId: row.task_id,
  mapIndex: row.map_index,
  tryNumber: row.try_number,
  lines: row.lines,
  sizeBytes: row.size_bytes,
  omittedLines: row.omitted_lines,
  archivedAt: row.archived_at,
});

type Connection = Pick<Kysely<Database>, "selectFrom" | "deleteFrom">;

const dropLogs = async (trx: Connection, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return;
  await trx.deleteFrom("archived_log_chunks").where("log_id", "in", ids).execute();
  await trx.deleteFrom("archived_logs").where("id", "in", ids).execute();
};

const dropRun = async (trx: Connection, run: RunKey): Promise<void> => {
  const logs = await trx.selectFrom("archived_logs").select("id").where("run_key", "=", run).execute();
  await dropLogs(
    trx,
    logs.map(({ id }) => id),
  );
  await trx.deleteFrom("log_archive_queue").where("run_key", "=", run).execute();
};

export const createLogArchiveRepository = ({ db, profile, clock, newId }: StoreContext): LogArchiveRepository => ({
  follow: (judge, limit) =>
    db.transaction().execute(async (trx) => {
      const place = await trx
        .selectFrom("event_cursors")
        .select("seq")
        .where("name", "=", CURSOR)
        .modifyEnd(profile.forUpdate)
        .executeTakeFirst();
      const events = await trx
        .selectFrom("events")
        .select(["seq", "at", "kind", "payload"])
        .where("seq", ">", place?.seq ?? 0)
        .orderBy("seq")
        .limit(limit)
        .execute();
      const last = events.at(-1);
      if (last === undefined) return 0;
      for (const event of events) {
        const verdict = judge({ ...event, payload: objectFromJson(event.payload) });
        if (verdict?.kind === "forget") await dropRun(trx, verdict.run);
        if (verdict?.kind !== "queue") continue;
        const fresh = { queued_at: event.seq, not_before: verdict.notBefore, attempts: 0 };
        await trx
          .insertInto("log_archive_queue")
          .values({ run_key: verdict.run, ...fresh })
          .onConflict((conflict) => conflict.column("run_key").doUpdateSet(fresh))
          .execute();
      }
      const reached = { seq: last.seq, updated_at: clock() };
      await trx
        .insertInto("event_cursors")
        .values({ name: CURSOR, ...reached })
        .onConflict((conflict) => conflict.column("name").doUpdateSet(reached))
        .execute();
      return events.length;
    }),

  async listDue(now, limit) {
    const rows = await db
      .selectFrom("log_archive_queue")
      .selectAll()
      .where("not_before", "<=", now)
      .orderBy("not_before")
      .orderBy("run_key")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ run: toRunKey(row.run_key), queuedAt: row.queued_at, attempts: row.attempts }));
  },

  async done({ run, queuedAt }) {
    await db.deleteFrom("log_archive_queue").where("run_key", "=", run).where("queued_at", "=", queuedAt).execute();
  },

  async retryLater({ run, queuedAt, attempts }, notBefore) {
    await db
      .updateTable("log_archive_queue")
      .set({ not_before: notBefore, attempts: attempts + 1 })
      .where("run_key", "=", run)
      .where("queued_at", "=", queuedAt)
      .execute();
  },

  async list(run) {
    const rows = await db
      .selectFrom("archived_logs")
      .selectAll()
      .where("run_key", "=", run)
      .orderBy("task_id")
      .orderBy("map_index")
      .orderBy("try_number")
      .execute();
    return rows.map(fromRow);
  },

  async find({ run, taskId, mapIndex, tryNumber }) {
    const tries = db
      .selectFrom("archived_logs")
      .selectAll()
      .where("run_key", "=", run)
      .where("task_id", "=", toStorableText(taskId))
      .where("map_index", "=", mapIndex);
    const row = await (tryNumber === undefined ? tries : tries.where("try_number", "=", tryNumber))
      .orderBy("try_number", "desc")
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  },

  put: ({ run, taskId, mapIndex, tryNumber, sizeBytes, omittedLines }, chunks) => {
    const id = newId("log");
    const place = {
      run_key: run,
      task_id: toStorableText(taskId),
      map_index: mapIndex,
      try_number: tryNumber,
    };
    const bodies = chunks.map((chunk: LogChunk, number) => ({
      log_id: id,
      number,
      first_line: chunk.firstLine,
      lines: chunk.lines,
      body: Buffer.from(chunk.body).toString("base64"),
    }));
    const row = {
      id,
      ...place,
      lines: chunks.reduce((sum, chunk) => sum + chunk.lines, 0),
      size_bytes: sizeBytes,
      stored_bytes: bodies.reduce((sum, { body }) => sum + body.length, 0),
      omitted_lines: omittedLines,
      archived_at: clock(),
    };
    return db.transaction().execute(async (trx) => {
      const before = await trx
        .selectFrom("archived_logs")
        .select("id")
        .where("run_key", "=", run)
        .where("task_id", "=", place.task_id)
        .where("map_index", "=", mapIndex)
        .where("try_number", "=", tryNumber)
        .execute();
      await dropLogs(
        trx,
        before.map((old) => old.id),
      );
      await trx.insertInto("archived_logs").values(row).execute();
      for (const body of bodies) await trx.insertInto("archived_log_chunks").values(body).execute();
      return fromRow(row);
    });
  },

  async readChunk(id, line) {
    const row = await db
      .selectFrom("archived_log_chunks")
      .selectAll()
      .where("log_id", "=", id)
      .where(sql<number>`first_line + lines`, ">", line)
      .orderBy("number")
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { firstLine: row.first_line, lines: row.lines, body: Buffer.from(row.body, "base64") };
  },

  async evict(maxBytes) {
    let { bytes } = await this.size();
    let dropped = 0;
    while (bytes > maxBytes) {
      const oldest = await db
        .selectFrom("archived_logs")
        .select(["id", "stored_bytes"])
        .orderBy("archived_at")
        .orderBy("id")
        .limit(EVICT_BATCH)
        .execute();
      if (oldest.length === 0) break;
      const ids: string[] = [];
      for (const log of oldest) {
        if (bytes <= maxBytes) break;
        ids.push(log.id);
        bytes -= log.stored_bytes;
      }
      await db.transaction().execute((trx) => dropLogs(trx, ids));
      dropped += ids.length;
    }
    return dropped;
  },

  async size() {
    const row = await db
      .selectFrom("archived_logs")
      .select((eb) => [
        eb.fn.coalesce(eb.fn.sum<number | string>("stored_bytes"), sql<number>`0`).as("bytes"),
        eb.fn.countAll<number | string>().as("logs"),
      ])
      .executeTakeFirstOrThrow();
    return { bytes: Number(row.bytes), logs: Number(row.logs) };
  },
});
