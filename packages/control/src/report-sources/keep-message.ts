import { createHash } from "node:crypto";
import type { RunReport } from "@airfleet/model";

/** Enough for a traceback and the names of some hundred files; the parts that matter are kept apart from it. */
const KEPT_CHARACTERS = 65_536;

/** What is kept of a report as it came, and what tells it from others. */
export const keepMessage = (report: unknown): Pick<RunReport, "message" | "isCut" | "contentHash"> => {
  const text = JSON.stringify(report);
  return {
    message: text.slice(0, KEPT_CHARACTERS),
    isCut: text.length > KEPT_CHARACTERS,
    contentHash: createHash("sha256").update(text).digest("base64url"),
  };
};
