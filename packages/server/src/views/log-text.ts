import type { LogLine } from "@airfleet/model";

/** A line as a downloaded file shows it. Control sequences stay: what shows the file decides about them. */
export const toLogText = ({ at, level, source, text }: LogLine): string =>
  [at, level === null ? null : level.toUpperCase(), source === null ? null : `{${source}}`, text]
    .filter((part) => part !== null)
    .join(" ");
