import { z } from "zod";

/** What is at the other end. Airflow's own words, so that one definition serves every engine. */
export const CONNECTION_KINDS = ["postgres", "mysql", "http", "s3", "aws"] as const;
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** Where a database or service is, and how one signs in there. `password` and `extra` are secret. */
export const Connection = z.strictObject({
  kind: z.enum(CONNECTION_KINDS),
  host: z.string().max(500).nullable().default(null),
  port: z.int().min(1).max(65_535).nullable().default(null),
  login: z.string().max(500).nullable().default(null),
  password: z.string().max(10_000).nullable().default(null),
  /** The database's name; of an http connection `http` or `https`. */
  schema: z.string().max(500).nullable().default(null),
  extra: z.record(z.string(), z.json()).default({}),
});
export type Connection = z.infer<typeof Connection>;
