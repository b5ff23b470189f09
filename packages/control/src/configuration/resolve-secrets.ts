import { readFileSync, statSync } from "node:fs";
import {
  AirfleetError,
  type InstanceConfig,
  type ReadSecret,
  type ResolvedInstanceConfig,
  resolveInstanceConfig,
  type SecretReference,
} from "@airfleet/model";
import type { Environment } from "./overrides.ts";

/** A token or key; what is larger is another file by mistake. */
const MAX_SECRET_BYTES = 65_536;

type Reference = Exclude<SecretReference, string>;

const describe = (reference: Reference): string =>
  "env" in reference ? `{env: ${reference.env}}` : `{file: ${reference.file}}`;

const unavailable = (reference: Reference, owner: string, reason: string, cause?: unknown): AirfleetError =>
  new AirfleetError("SECRET_UNAVAILABLE", { reference: `${describe(reference)} of ${owner}`, reason }, { cause });

const readFromFile = (reference: Extract<Reference, { file: string }>, owner: string): string => {
  try {
    const stats = statSync(reference.file);
    if (!stats.isFile() && !stats.isFIFO()) throw unavailable(reference, owner, "it is no file");
    if (stats.size > MAX_SECRET_BYTES)
      throw unavailable(reference, owner, `it is larger than ${MAX_SECRET_BYTES} bytes`);
    return readFileSync(reference.file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    if (error instanceof AirfleetError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const reason = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "this user may not read it" : code;
    throw unavailable(reference, owner, reason, error);
  }
};

/** Reads `{env}` and `{file}` on behalf of somebody who is named when it fails; the secret itself is never named. */
export const createSecretReader =
  (env: Environment, owner: string): ReadSecret =>
  (reference) => {
    const text = "env" in reference ? env[reference.env] : readFromFile(reference, owner);
    if (text === undefined) throw unavailable(reference, owner, "the variable is not set");
    if (text === "") throw unavailable(reference, owner, "it is empty");
    return text;
  };

/**
 * Replaces an instance's secret references by the secrets.
 *
 * @throws {AirfleetError} SECRET_UNAVAILABLE naming the reference and the instance, never the value
 */
export const resolveSecrets = (config: InstanceConfig, env: Environment = process.env): ResolvedInstanceConfig =>
  resolveInstanceConfig(config, createSecretReader(env, `instance "${config.id}"`));

/** Reads one reference of the settings, such as `store.url`. @throws {AirfleetError} SECRET_UNAVAILABLE */
export const resolveSetting = (key: string, value: SecretReference, env: Environment = process.env): string =>
  typeof value === "string" ? value : createSecretReader(env, key)(value);

/** Files that an instance's secrets and certificates are read from. */
export const secretFiles = ({ auth, headers, tls }: InstanceConfig): readonly string[] => {
  const credentials = auth.type === "exec" ? Object.values(auth.env) : Object.values(auth);
  const references: readonly unknown[] = [...credentials, ...Object.values(headers), tls.key];
  return references.flatMap((reference) =>
    typeof reference === "object" && reference !== null && "file" in reference && typeof reference.file === "string"
      ? [reference.file]
      : [],
  );
};
