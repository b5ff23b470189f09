import type { RunReport } from "@airfleet/model";

type Kept = Pick<RunReport, "message" | "isCut">;

/**
 * What is kept of a report as it came. Its conf is kept with the run, without secrets, and not a second time here with
 * them.
 */
export const withoutConf = ({ format, conf, message, isCut }: RunReport): Kept => {
  if (conf === null || format !== "native") return { message, isCut };
  // Of a text that was cut nobody can tell where its conf is.
  if (isCut) return { message: "", isCut };
  const report = JSON.parse(message) as { run?: Record<string, unknown> };
  const { conf: _conf, ...run } = report.run ?? {};
  return { message: JSON.stringify({ ...report, run }), isCut };
};
