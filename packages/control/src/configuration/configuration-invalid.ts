import { AirfleetError, type ErrorFinding } from "@airfleet/model";

const MAX_FINDINGS = 100;

/** Refuses configuration for all its mistakes at once; the message shows the first. */
export const configurationInvalid = (files: readonly string[], findings: readonly ErrorFinding[]): AirfleetError => {
  const [first] = findings;
  const rest = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  return new AirfleetError(
    "CONFIG_FILE_INVALID",
    { file: files.join(" and "), summary: `${first?.pointer ?? ""}: ${first?.message ?? ""}${rest}` },
    { findings: findings.slice(0, MAX_FINDINGS) },
  );
};
