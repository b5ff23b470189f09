import { InstanceConfig } from "@airfleet/model";
import { type ConfiguredInstance, trimSlashes } from "./configured-instance.ts";
import type { Environment } from "./overrides.ts";
import { configurationInvalid } from "./configuration-invalid.ts";
import { toIssueTexts } from "./issue-text.ts";

const VARIABLES = ["AIRFLOW_URL", "AIRFLOW_API_URL", "AIRFLOW_USERNAME", "AIRFLOW_PASSWORD"] as const;

/**
 * The `default` instance of the single-client days, out of AIRFLOW_URL, AIRFLOW_USERNAME and AIRFLOW_PASSWORD.
 * Servers of pipelines called the address AIRFLOW_API_URL, with the path of the API behind it; AIRFLOW_URL goes before.
 *
 * Only when one of them is set: the original fell back to http://localhost:8080 and airflow/airflow in any case,
 * which would send a well-known password to whatever listens there. What is not set takes those defaults.
 *
 * @throws {AirfleetError} CONFIG_FILE_INVALID naming the variable
 */
export const legacyInstance = (env: Environment): ConfiguredInstance | undefined => {
  const given = VARIABLES.filter((name) => env[name] !== undefined && env[name] !== "");
  const [first] = given;
  if (first === undefined) return undefined;
  const or = (name: (typeof VARIABLES)[number], fallback: string): string => {
    const value = env[name];
    return value === undefined || value === "" ? fallback : value;
  };
  const isApi = (env["AIRFLOW_URL"] ?? "") === "" && (env["AIRFLOW_API_URL"] ?? "") !== "";
  const variable = isApi ? "AIRFLOW_API_URL" : "AIRFLOW_URL";
  const address = trimSlashes(or(variable, "http://localhost:8080"));
  const result = InstanceConfig.safeParse({
    id: "default",
    name: "Default Airflow",
    url: isApi ? address.replace(/\/api\/v[12]$/, "") : address,
    auth: { type: "basic", username: or("AIRFLOW_USERNAME", "airflow"), password: or("AIRFLOW_PASSWORD", "airflow") },
  });
  if (!result.success) {
    const findings = result.error.issues.flatMap((issue) =>
      toIssueTexts(issue, InstanceConfig, false).map(({ message }) => ({ pointer: variable, message })),
    );
    throw configurationInvalid(["The environment"], findings);
  }
  return { config: result.data, source: "environment", place: first };
};
