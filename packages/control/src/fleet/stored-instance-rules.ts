import { AirfleetError, type ErrorFinding, type InstanceConfig } from "@airfleet/model";
import { urlMistake } from "../configuration/configured-instance.ts";

const escapePointer = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** Where a value refers to this server's environment or files, as JSON pointers. */
const findReferences = (value: unknown, pointer: string): readonly string[] => {
  if (typeof value !== "object" || value === null) return [];
  const keys = Object.keys(value);
  if (keys.length === 1 && (keys[0] === "env" || keys[0] === "file")) return [pointer];
  return Object.entries(value).flatMap(([name, inner]) => findReferences(inner, `${pointer}/${escapePointer(name)}`));
};

/** PEM text itself; anything else in its place would be a path on this server. */
const isPem = (text: string | undefined): boolean => text === undefined || text.trimStart().startsWith("-----BEGIN ");

/**
 * Refuses wrong base URLs, as files do, and what only somebody with access to this server may configure. An instance that is made through the API could
 * otherwise send the server's environment and files to a URL of its choice, or run programs here.
 *
 * @throws {AirfleetError} REQUEST_INVALID with a finding for each place.
 */
export const checkStoredConfig = (config: InstanceConfig): void => {
  const references = (["auth", "headers", "tls", "deploy"] as const).flatMap((field) => {
    // A command's `env` is refused with the command, and would look like a reference.
    if (field === "auth" && config.auth.type === "exec") return [];
    return findReferences(config[field], `/${field}`);
  });
  const findings: ErrorFinding[] = references.map((pointer) => ({
    pointer,
    message:
      "{env} and {file} would read this server's environment or files: give the text itself, or use airfleet.yaml",
  }));
  const mistake = config.url === "" ? undefined : urlMistake(config.url);
  if (mistake !== undefined) findings.push({ pointer: "/url", message: `"url" ${mistake}` });
  if (config.auth.type === "exec") {
    findings.push({
      pointer: "/auth/type",
      message: "exec would run a program on this server: use airfleet.yaml for it",
    });
  }
  if (config.engine === "embedded") {
    findings.push({
      pointer: "/engine",
      message: "embedded would run steps on this server: it is there as local unless embedded.enabled is false",
    });
  }
  if (config.deploy !== undefined && config.deploy.type !== "s3") {
    findings.push({
      pointer: "/deploy/type",
      message: `${config.deploy.type} would write files of this server or run programs on it: use airfleet.yaml for it`,
    });
  }
  for (const field of ["ca", "cert", "key"] as const) {
    const value = config.tls[field];
    if (typeof value === "string" && !isPem(value)) {
      findings.push({
        pointer: `/tls/${field}`,
        message: "a path would read a file of this server: give the PEM text itself",
      });
    }
  }
  const [first] = findings;
  if (first === undefined) return;
  const more = findings.length === 1 ? "" : `, and ${findings.length - 1} more`;
  throw new AirfleetError("REQUEST_INVALID", { summary: `${first.pointer}: ${first.message}${more}` }, { findings });
};
