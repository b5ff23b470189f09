import { describe, expect, it } from "vitest";
import { backends, PATIENT, type Place } from "./backends.ts";

const HEAD = "-- Generated: vitest run --update packages/store/test/schema-dump.test.ts";

const of = (rows: readonly Readonly<Record<string, unknown>>[], table: unknown) =>
  rows.filter(({ table_name }) => table_name === table);

const text = (value: unknown): string => String(value);

const dumpSqlite = async (place: Place): Promise<string> => {
  const rows = await place.sql(
    `select sql from sqlite_schema where sql is not null and name not like 'sqlite_%' and name not like 'airfleet_migrations%'
     order by tbl_name, type desc, name`,
  );
  return rows.map(({ sql }) => `${text(sql)};`).join("\n\n");
};

const dumpPostgres = async (place: Place): Promise<string> => {
  const columns = await place.sql(
    `select c.table_name, string_agg(format('  %s %s%s%s', column_name, data_type, case when collation_name is null then '' else
       format(' collate "%s"', collation_name) end, case when is_nullable = 'NO' then ' not null' else '' end), E',\\n'
       order by ordinal_position) as columns
     from information_schema.columns c where table_schema = 'public' and table_name not like 'airfleet_migrations%'
     group by c.table_name order by c.table_name collate "C"`,
  );
  const constraints = await place.sql(
    `select conrelid::regclass::text as table_name, conname, pg_get_constraintdef(oid) as definition from pg_constraint
     where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f', 'c') order by conname collate "C"`,
  );
  const indexes = await place.sql(
    `select tablename as table_name, indexdef from pg_indexes where schemaname = 'public' and indexname not in
     (select conname from pg_constraint) order by indexname collate "C"`,
  );
  return columns
    .map(({ table_name, columns: lines }) =>
      [
        `create table ${text(table_name)} (`,
        [
          text(lines),
          ...of(constraints, table_name).map(
            ({ conname, definition }) => `  constraint ${text(conname)} ${text(definition)}`,
          ),
        ].join(",\n"),
        ");",
        ...of(indexes, table_name).map(({ indexdef }) => `${text(indexdef)};`),
      ].join("\n"),
    )
    .join("\n\n");
};

const DUMPS = { sqlite: dumpSqlite, postgres: dumpPostgres };

describe("schema", PATIENT, () => {
  for (const backend of backends) {
    it(`is on ${backend.name} what the migrations make of an empty place, as committed`, async () => {
      await using place = await backend.freshPlace();
      await (await place.open()).close();
      const dump = await DUMPS[backend.name](place);
      await expect(`${HEAD}\n\n${dump}\n`).toMatchFileSnapshot(`../schema.${backend.name}.sql`);
    });
  }
});
