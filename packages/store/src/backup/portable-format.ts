import { z } from "zod";

/**
 * The portable backup: gzipped lines of JSON.
 *
 * First a header. Then for each table its name and columns, its rows as arrays in that order, and a footer with their
 * number and the sha256 of their lines. Last a line that says the file is complete: one that was cut off has none.
 */
export const FORMAT_VERSION = 1;

export const Header = z.object({
  airfleet_backup: z.literal(FORMAT_VERSION),
  /** Last migration of the store. */
  schema: z.string(),
  /** The key that its secrets are encrypted with. */
  key_id: z.string(),
  created_at: z.number(),
});
export type Header = z.infer<typeof Header>;

export const TableHead = z.object({ table: z.string(), columns: z.array(z.string()) });
export const TableFoot = z.object({ end: z.string(), rows: z.number().int(), sha256: z.string() });
export const Complete = z.object({ complete: z.literal(true) });

/** A line that is no row. */
export const Mark = z.union([TableHead, TableFoot, Complete]);
export type Mark = z.infer<typeof Mark>;

export const RowLine = z.array(z.union([z.string(), z.number(), z.null()]));
