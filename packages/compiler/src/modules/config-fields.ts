import { z } from "zod";

/** Fields that several modules have, so that they are called and explained alike. */

export const column = (title = "Column"): z.ZodString => z.string().min(1).max(500).meta({ title, format: "column" });

export const columns = (title = "Columns") =>
  z.array(z.string().min(1).max(500)).max(1_000).meta({ title, format: "columns" });

export const sqlExpression = (title: string, example: string) =>
  z
    .string()
    .min(1)
    .max(20_000)
    .meta({ title, format: "sql", examples: [example] });
