import { z } from "zod";
import { columns } from "../config-fields.ts";

/** What happens to what is there already. In every mode all rows arrive or none. */
export const writeMode = z
  .enum(["append", "replace", "upsert"])
  .default("append")
  .meta({ title: "Rows that are there" })
  .describe("append keeps them, replace drops them, upsert replaces those with the same key.");

export const keyColumns = columns("Key").default([]).describe("Columns that identify a row; needed for upsert.");

/** An upsert without a key could not tell which rows to replace. */
export const hasKey = ({ mode, keys }: { readonly mode: string; readonly keys: readonly string[] }): boolean =>
  mode !== "upsert" || keys.length > 0;
export const KEY_NEEDED = { path: ["keys"], message: "name the columns that identify a row, or choose another mode" };
