import { z } from "zod";

/** A path below one of the server's data roots; or an address of an object store. Checked when the step runs, after parameters were filled in. */
export const dataPath = (title = "File") =>
  z
    .string()
    .min(1)
    .max(4_000)
    .meta({ title, format: "path", examples: ["orders/{{ params.day }}.csv"] });

export const ENCODINGS = ["utf-8", "utf-16", "latin-1", "windows-1252"] as const;

/** The settings of files of separated values, for reading and writing. */
export const delimiter = z
  .string()
  .length(1)
  .default(",")
  .meta({ title: "Separator", examples: [",", ";", "\t", "|"] });
