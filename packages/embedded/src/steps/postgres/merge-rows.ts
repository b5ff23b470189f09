import type pg from "pg";
import { quoteName } from "../duckdb/quote.ts";
import { StepRefusal } from "../step-trouble.ts";

/** The table beside the target. Temporary: whatever ends this process, the server forgets it. */
export const STAGE = "pg_temp.airfleet_stage";

const checkKeys = async (client: pg.Client, keys: readonly string[]): Promise<void> => {
  const listed = keys.map(quoteName).join(", ");
  const isMissing = keys.map((key) => `${quoteName(key)} is null`).join(" or ");
  const missing = await client.query<{ count: string }>(`select count(*) as count from ${STAGE} where ${isMissing}`);
  const without = missing.rows[0]?.count ?? "0";
  if (without !== "0") throw new StepRefusal(`${without} rows have no value in the key (${keys.join(", ")}).`);
  const twice = await client.query<{ count: string; first: string }>(
    `select count(*) as count, min(first::text) as first from (select row(${listed}) as first from ${STAGE} group by ${listed} having count(*) > 1) as twice`,
  );
  const { count = "0", first = "" } = twice.rows[0] ?? {};
  if (count !== "0") {
    throw new StepRefusal(
      `${count} keys (${keys.join(", ")}) are in several rows, such as ${first}. Deduplicate the rows first.`,
    );
  }
};

/** Puts staged rows in the place of those with the same key, and the others behind them. */
export const mergeRows = async (
  client: pg.Client,
  table: string,
  names: readonly string[],
  keys: readonly string[],
): Promise<void> => {
  await checkKeys(client, keys);
  await client.query(`analyze ${STAGE}`);
  const same = keys.map((key) => `old.${quoteName(key)} = new.${quoteName(key)}`).join(" and ");
  const others = names.filter((name) => !keys.includes(name));
  if (others.length > 0) {
    const changes = others.map((name) => `${quoteName(name)} = new.${quoteName(name)}`).join(", ");
    await client.query(`update ${table} as old set ${changes} from ${STAGE} as new where ${same}`);
  }
  const list = names.map(quoteName).join(", ");
  await client.query(
    `insert into ${table} (${list}) select ${list} from ${STAGE} as new where not exists (select from ${table} as old where ${same})`,
  );
};
